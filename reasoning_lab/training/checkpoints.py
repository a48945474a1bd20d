"""Checkpoints that are whole or absent.

The trainer writes a checkpoint file by file into its final folder, so a full disk or a SIGKILL
leaves a folder that looks like a checkpoint and is not one. `WholeCheckpoints` marks a folder
`COMPLETE` after its last byte, removes what a failed save left, and says what is still safe;
resuming only ever looks at marked folders.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers import Trainer

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.folder import COMPLETE

TIED = "lm_head.weight"
"""The output layer's weights: the embedding's, where a network ties the two."""
SAVE_ERRORS = (OSError, SafetensorError, RuntimeError)


class WholeCheckpoints(Trainer):
    """Mix into a `transformers.Trainer`, before it in the bases."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        with whole_or_absent(folder, folder):
            super()._save_checkpoint(model, trial)
            if self.args.should_save:
                (folder / COMPLETE).touch()

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Write none among the checkpoints: the manifest and the report say more than TRL's."""

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Pass on what `Trainer` would warn of, but for the output layer of a tied network.

        It is the embedding itself, saved once under that name; loading that has loaded both.
        """
        if self.model.config.get_text_config().tie_word_embeddings:
            missing = [key for key in load_result.missing_keys if key != TIED]
            load_result = load_result._replace(missing_keys=missing)
        super()._issue_warnings_after_load(load_result)


@contextmanager
def whole_or_absent(folder: Path, meant: Path) -> Iterator[None]:
    """Remove `folder` where there is no space to save it; the ArtifactError then names `meant`."""
    try:
        yield
    except SAVE_ERRORS as error:
        reason = out_of_space(error)
        if reason is None:
            raise
        shutil.rmtree(folder, ignore_errors=True)
        raise save_failed(meant, reason) from error


def out_of_space(error: BaseException) -> str | None:
    """Why `error` (or what caused it) means that bytes could not be written; None if it does not.

    torch and safetensors wrap the operating system's error in their own, keeping only its text.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _SPACE:
            return _SPACE[cause.errno]
        text = str(cause)
        for reason, marks in _MARKS.items():
            if any(mark in text for mark in marks):
                return reason
        cause = cause.__cause__ or cause.__context__
    return None


def save_failed(folder: Path, reason: str) -> ArtifactError:
    """The error for a save that failed, naming the checkpoints that are still whole."""
    whole = sorted(
        (path.parent for path in folder.parent.glob(f"checkpoint-*/{COMPLETE}")),
        key=lambda path: int(path.name.split("-")[-1]),
    )
    kept = f"{whole[-1].name} is intact" if whole else "no earlier checkpoint was written"
    return ArtifactError.one(
        str(folder),
        f"could not be saved: {reason}; {kept}",
        "free some space, then repeat the command with resume=auto",
    )


_SPACE = {
    errno.ENOSPC: "no space left on the device",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file-size limit is reached (ulimit -f)",
}
_MARKS = {
    "no space left on the device": ("No space left on device", "os error 28", "unexpected pos"),
    "the disk quota is used up": ("Disk quota exceeded", "os error 122"),
    "the file-size limit is reached (ulimit -f)": ("File too large", "os error 27"),
}

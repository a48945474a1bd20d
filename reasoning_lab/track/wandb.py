"""Weights & Biases, online or offline, and never a prompt.

A resumed run goes on under the same id. W&B keeps its own ever-growing step, so training steps
are logged as the metric `step` and drawn on the x axis: points that a resumed run measures again
are added, not refused.
"""

import logging
import netrc
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlparse

from reasoning_lab.errors import ConfigError
from reasoning_lab.records.atomic import write_text
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.runs.provenance import git_state
from reasoning_lab.schema.run import Run
from reasoning_lab.track.backend import Backend

Mode = Literal["online", "offline"]

_log = logging.getLogger(__name__)

# W&B's own default of 90 s makes a run without a network look stuck.
_INIT_SECONDS = 30


class Wandb(Backend):
    """An open W&B run."""

    def __init__(self, run: Run, folder: RunFolder, group: str) -> None:
        import wandb

        self._folder = folder
        self._mode = choose_mode(run.tracker.mode)
        folder.wandb.mkdir(exist_ok=True)
        try:
            self._run = _init(run, folder, group, self._mode)
        except (wandb.errors.CommError, wandb.errors.AuthenticationError) as error:
            if run.tracker.mode == "online":
                raise ConfigError.one(
                    "tracker.mode", f"cannot reach W&B: {error}", "use tracker.mode=offline"
                ) from error
            _log.warning("cannot reach W&B, tracking offline: %s", error)
            self._mode = "offline"
            self._run = _init(run, folder, group, self._mode)
        self._run.define_metric("step", hidden=True)
        self._run.define_metric("*", step_metric="step")
        self._files = Path(self._run.settings.sync_dir).resolve()
        self._url = self._run.url if self._mode == "online" else None

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of training step `step`."""
        self._run.log({**metrics, "step": step})

    def summary(self, values: Mapping[str, float]) -> None:
        """Record the run's final values."""
        self._run.summary.update(dict(values))

    def finish(self, failed: bool) -> None:
        """Close the run; W&B marks it crashed if `failed`."""
        self._run.finish(exit_code=int(failed))

    def paths(self) -> dict[str, str]:
        """The folder of W&B's own files."""
        return {"wandb": str(self._files.relative_to(self._folder.path.resolve()))}

    def notes(self) -> list[str]:
        """Where to look. Offline that is `paths()["wandb"]`, and the report says how to send it."""
        return [f"W&B: {self._url}"] if self._mode == "online" else []


def choose_mode(wanted: str) -> Mode:
    """`auto` is online where a key is at hand (or WANDB_MODE says so), else offline.

    Raises ConfigError for `online` without a key: W&B would ask for one and wait.
    """
    if wanted == "auto":
        wished_off = os.environ.get("WANDB_MODE") in ("offline", "dryrun", "disabled")
        return "online" if not wished_off and has_key() else "offline"
    if wanted == "online" and not has_key():
        raise ConfigError.one(
            "tracker.mode",
            "online needs a W&B key, and there is none",
            "set WANDB_API_KEY, run `wandb login`, or use tracker.mode=offline",
        )
    return "online" if wanted == "online" else "offline"


def has_key() -> bool:
    """Whether W&B finds a key by itself: in WANDB_API_KEY, or in netrc for its host."""
    if os.environ.get("WANDB_API_KEY"):
        return True
    host = urlparse(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).hostname or ""
    named = os.environ.get("NETRC")
    places = [Path(named)] if named else [Path.home() / ".netrc", Path.home() / "_netrc"]
    return any(_lists(place.expanduser(), host) for place in places)


def _lists(place: Path, host: str) -> bool:
    try:
        return host in netrc.netrc(str(place)).hosts
    except FileNotFoundError:
        return False
    except (OSError, netrc.NetrcParseError) as error:
        _log.warning("cannot read %s, so no W&B key from there: %s", place, error)
        return False


def _init(run: Run, folder: RunFolder, group: str, mode: Mode) -> Any:
    import wandb

    git = git_state()
    model = [] if run.model is None else [run.model.name]
    return wandb.init(
        project=run.tracker.project,
        entity=run.tracker.entity,
        name=f"{run.name} {folder.id}",
        group=group,
        job_type=run.stage.kind,
        tags=[run.stage.kind, *model, run.data.name, *run.tracker.tags],
        config={
            **run.model_dump(mode="json"),
            "config_hash": config_hash(run),
            "git": git.model_dump() if git else None,
            "folder": str(folder.path.resolve()),
        },
        dir=str(folder.path),
        id=_persistent_id(folder),
        resume="allow",
        mode=mode,
        settings=wandb.Settings(
            silent=True,
            console="off",
            init_timeout=_INIT_SECONDS,
            # The lab records its own commit; W&B would record that of the current folder.
            disable_git=True,
            disable_code=True,
        ),
    )


def _persistent_id(folder: RunFolder) -> str:
    if not folder.tracker_id.exists():
        write_text(folder.tracker_id, uuid.uuid4().hex[:12] + "\n")
    return folder.tracker_id.read_text(encoding="utf-8").strip()

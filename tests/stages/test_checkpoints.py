"""Which errors mean that the disk is full, and what the message says is still safe."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from safetensors import SafetensorError

from reasoning_lab.runs.folder import COMPLETE
from reasoning_lab.stages.checkpoints import out_of_space, save_failed


def _wrapped(inner: BaseException) -> BaseException:
    outer = RuntimeError("saving failed")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "quota"),
        (OSError(errno.EFBIG, "File too large"), "file-size limit"),
        (SafetensorError("I/O error: No space left on device (os error 28)"), "no space left"),
        (_wrapped(OSError(errno.ENOSPC, "No space left on device")), "no space left"),
        (OSError(errno.EACCES, "Permission denied"), None),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), None),
    ],
)
def test_a_full_disk_is_told_from_a_bug(error: BaseException, says: str | None) -> None:
    reason = out_of_space(error)
    assert (reason is None) if says is None else (reason is not None and says in reason)


def test_the_message_names_the_newest_whole_checkpoint(tmp_path: Path) -> None:
    for step in (5, 10, 20):
        (tmp_path / f"checkpoint-{step}").mkdir()
    for step in (5, 10):
        (tmp_path / f"checkpoint-{step}" / COMPLETE).touch()
    problem = save_failed(tmp_path / "checkpoint-20", "no space left on the device").problems[0]
    assert "checkpoint-10 is intact" in problem.what
    assert "resume=auto" in problem.cure


def test_without_an_earlier_checkpoint_it_says_so(tmp_path: Path) -> None:
    problem = save_failed(tmp_path / "checkpoint-5", "no space left on the device").problems[0]
    assert "no earlier checkpoint" in problem.what

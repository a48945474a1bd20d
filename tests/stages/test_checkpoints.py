"""Which errors mean that the disk is full, and what the message says is still safe."""

import errno
import logging
from pathlib import Path

import pytest
from safetensors import SafetensorError
from torch.nn.modules.module import _IncompatibleKeys
from transformers import Qwen2Config, Qwen2ForCausalLM

from reasoning_lab.runs.folder import COMPLETE
from reasoning_lab.training.checkpoints import WholeCheckpoints, out_of_space, save_failed

SMALL = {
    "vocab_size": 32,
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
}


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


def test_a_tied_output_layer_is_not_missing(caplog: pytest.LogCaptureFixture) -> None:
    trainer = object.__new__(WholeCheckpoints)
    trainer.model = Qwen2ForCausalLM(Qwen2Config(**SMALL, tie_word_embeddings=True))
    logger = logging.getLogger("transformers.trainer")
    logger.addHandler(caplog.handler)
    try:
        for missing, said in ((["lm_head.weight"], False), (["lm_head.weight", "other"], True)):
            caplog.clear()
            trainer._issue_warnings_after_load(_IncompatibleKeys(missing, []))
            assert ("missing keys" in caplog.text) is said
            assert "lm_head" not in caplog.text
        trainer.model = Qwen2ForCausalLM(Qwen2Config(**SMALL, tie_word_embeddings=False))
        trainer._issue_warnings_after_load(_IncompatibleKeys(["lm_head.weight"], []))
        assert "lm_head" in caplog.text
    finally:
        logger.removeHandler(caplog.handler)

import pytest
import torch

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model import device
from reasoning_lab.schema.hardware import Hardware


@pytest.mark.parametrize(
    ("precision", "dtype", "expected"),
    [
        ("auto", "auto", torch.float32),
        ("bf16", "auto", torch.bfloat16),
        ("fp16", "auto", torch.float16),
        ("bf16", "float32", torch.float32),
        ("auto", "bfloat16", torch.bfloat16),
    ],
)
def test_precision_on_the_cpu(
    hardware: Hardware, precision: str, dtype: str, expected: torch.dtype
) -> None:
    chosen = hardware.model_copy(update={"precision": precision})
    assert device.pick(chosen) == torch.device("cpu")
    assert device.dtype(chosen, dtype) == expected


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is missing without CUDA")
def test_an_absent_device_is_an_error(hardware: Hardware) -> None:
    with pytest.raises(ArtifactError, match="no cuda device is here"):
        device.pick(hardware.model_copy(update={"device": "cuda"}))

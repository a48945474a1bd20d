"""How far training has moved weights: the length of the change over the length of the start.

Read from `*.safetensors` with numpy alone, one tensor at a time.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
ADAPTER = "adapter_config.json"


def relative_distance(start: Path, model: Path) -> float | None:
    """The L2 distance of two models over the L2 norm of the first, over all of its tensors.

    None where the two have no tensors of the same names and shapes, as an adapter and a model.
    0.01 is a light fine-tuning; 1 is as far as from nothing.
    """
    if (model / ADAPTER).exists():
        return None
    old, new = _tensors(start), _tensors(model)
    shapes = {name: (place.shape, name in new and new[name].shape) for name, place in old.items()}
    if not old or any(one != other for one, other in shapes.values()):
        return None
    moved = norm = 0.0
    for name, place in old.items():
        before, after = place.read(), new[name].read()
        moved += float(((after - before) ** 2).sum())
        norm += float((before**2).sum())
    return math.sqrt(moved / norm) if norm else None


class _Tensor:
    """A tensor in a file of safetensors: where its bytes are, and what they mean."""

    def __init__(self, path: Path, start: int, said: dict[str, Any]) -> None:
        self.path, self.kind = path, str(said["dtype"])
        self.shape: tuple[int, ...] = tuple(said["shape"])
        self.first, self.last = (start + at for at in said["data_offsets"])

    def read(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """Its values as float64."""
        import numpy as np

        with self.path.open("rb") as file:
            file.seek(self.first)
            raw = np.frombuffer(file.read(self.last - self.first), dtype=_TYPES[self.kind])
        if self.kind == "BF16":  # the upper half of a float32
            raw = (raw.astype("<u4") << 16).view("<f4")
        return raw.astype(np.float64)


def _tensors(folder: Path) -> dict[str, _Tensor]:
    found: dict[str, _Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        found |= {one: tensor for one, tensor in _in_file(path) if tensor.kind in _TYPES}
    return found


def _in_file(path: Path) -> Iterator[tuple[str, _Tensor]]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    for name, said in header.items():
        if name != "__metadata__":
            yield name, _Tensor(path, 8 + length, said)

"""Keys and values of a number of rows, each with a place of its own to write at."""

from typing import Any

import torch
from torch.nn.functional import pad
from transformers.cache_utils import Cache, CacheLayerMixin


class Places:
    """Where each row writes its next key and value: `place[row]`, counted from 0.

    No row has anything at or beyond `seen`, so that attention need not look there.
    """

    def __init__(self, place: torch.Tensor, seen: int) -> None:
        self.row = torch.arange(len(place), device=place.device)
        self.place, self.seen = place, seen
        self._lines: dict[tuple[int, int], torch.Tensor] = {}

    def put(self, rows: torch.Tensor, place: torch.Tensor | int) -> None:
        """Let these rows write at `place`."""
        self.place[rows] = place
        self._lines.clear()

    def advance(self, by: torch.Tensor) -> None:
        """Let each row write so much further on."""
        self.place += by
        self._lines.clear()

    def lines(self, heads: int, width: int) -> torch.Tensor:
        """The places in (rows * heads * width) lines, row by row and head by head."""
        if (heads, width) not in self._lines:
            head = torch.arange(heads, device=self.place.device)
            first = (self.row[:, None] * heads + head) * width
            self._lines[heads, width] = (first + self.place[:, None]).view(-1)
        return self._lines[heads, width]


class SlotLayer(CacheLayerMixin):
    """One layer's keys and values, shape (rows, heads, width, head size).

    What lies beyond a row's own place is left over from an earlier row and has to be masked.
    """

    def __init__(self, places: Places, width: int) -> None:
        super().__init__()
        self.places, self.width = places, width

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Make room for keys and values like these; the first two and the last size count."""
        rows = len(self.places.row)
        for name, like in (("keys", key_states), ("values", value_states)):
            shape = (rows, like.shape[1], self.width, like.shape[3])
            setattr(self, name, torch.zeros(shape, dtype=like.dtype, device=like.device))
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write one token's keys and values of all rows, each at its place; give all before
        `seen`."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        lines = self.places.lines(self.keys.shape[1], self.width)
        for kept, new in ((self.keys, key_states), (self.values, value_states)):
            size = new.shape[-1]
            kept.view(-1, size).index_copy_(0, lines, new.reshape(-1, size))
        seen = self.places.seen
        return self.keys[:, :, :seen], self.values[:, :, :seen]

    def fill(
        self, rows: torch.Tensor, source: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> None:
        """Copy what prompts left behind: row `source[i]` of `keys` and `values` to `rows[i]`."""
        if not self.is_initialized:
            self.lazy_initialization(keys, values)
        self.keys[rows, :, : keys.shape[2]] = keys[source]
        self.values[rows, :, : values.shape[2]] = values[source]

    def resize(self, rows: torch.Tensor, places: Places, width: int) -> None:
        """Keep these rows as the first ones of as many as `places` has, `width` tokens wide."""
        more = len(places.row) - len(rows), width - self.width
        for name in ("keys", "values") if self.is_initialized else ():
            kept = getattr(self, name)[rows, :, : min(width, self.width)]
            setattr(self, name, pad(kept, (0, 0, 0, max(0, more[1]), 0, 0, 0, more[0])))
        self.places, self.width = places, width

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Length and offset of what a mask covers."""
        return self.places.seen, 0

    def get_seq_length(self) -> int:
        """Rows are of different lengths; positions are always given."""
        return 0

    def get_max_length(self) -> int:
        """The most tokens that a row can hold."""
        return self.width


class SlotCache(Cache):
    """The keys and values of all layers of a model with `layers` layers."""

    def __init__(self, layers: int, places: Places, width: int) -> None:
        super().__init__(layers=[SlotLayer(places, width) for _ in range(layers)])

    @property
    def places(self) -> Places:
        """Where all layers write."""
        places: Places = self.layers[0].places
        return places

    def resize(self, rows: torch.Tensor, places: Places, width: int) -> None:
        """The same for every layer, one after the other, so that memory holds one twice at most."""
        for layer in self.layers:
            layer.resize(rows, places, width)

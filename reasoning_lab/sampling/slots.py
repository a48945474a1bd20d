"""Decoding many rows at once, each in a slot of its own; rows come and go."""

from collections.abc import Callable, Sequence

import torch
from torch.nn.functional import pad
from transformers import DynamicCache, PreTrainedModel

from reasoning_lab.errors import ArtifactError
from reasoning_lab.sampling.cache import Places, SlotCache
from reasoning_lab.sampling.draw import choose, noise
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.row import Row

FULL, SLIDING = "full_attention", "sliding_attention"
SEEN_STEP = 16
"""Tokens: attention looks at a multiple of it."""

Forward = Callable[[torch.Tensor, SlotCache, torch.Tensor], torch.Tensor]
"""Ids (slots,), the cache and a mask (slots, 1, 1, seen) to logits (slots, vocabulary)."""


def up_to(step: int, tokens: int) -> int:
    """The least multiple of `step` that holds so many tokens.

    >>> up_to(64, 65), up_to(64, 64), up_to(32, 0)
    (128, 64, 0)
    """
    return -(-tokens // step) * step


def attention_kinds(model: PreTrainedModel) -> set[str]:
    """The kinds of attention that the model's layers have.

    Raises ArtifactError for one that does not keep a key and a value for every token.
    """
    config = model.config.get_text_config()
    window = getattr(config, "sliding_window", None)
    kinds = set(getattr(config, "layer_types", None) or [SLIDING if window else FULL])
    if strange := sorted(kinds - {FULL, SLIDING}):
        raise ArtifactError.one(
            "model.path",
            f"a {config.model_type} network has layers that this engine cannot sample from:"
            f" {', '.join(strange)}",
            "choose a model with full or sliding attention, or engine=server",
        )
    return kinds


class TransformersStep:
    """One token of every slot, through the model's own forward pass."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model, self._kinds = model, attention_kinds(model)
        self._window = getattr(model.config.get_text_config(), "sliding_window", None)

    def __call__(self, ids: torch.Tensor, cache: SlotCache, mask: torch.Tensor) -> torch.Tensor:
        """Logits of the next token; writes to the cache."""
        logits: torch.Tensor = self._model(
            input_ids=ids[:, None],
            attention_mask=self._by_kind(mask, cache.places),
            position_ids=cache.places.place[:, None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        return logits

    def _by_kind(
        self, mask: torch.Tensor, places: Places
    ) -> torch.Tensor | dict[str, torch.Tensor]:
        """The mask as the model takes it, narrowed for layers that see only a window."""
        if self._kinds == {FULL}:
            return mask
        token = torch.arange(mask.shape[-1], device=mask.device)
        near = (token > places.place[:, None] - self._window)[:, None, None]
        sliding = mask.masked_fill(~near, False if mask.dtype == torch.bool else -torch.inf)
        return sliding if self._kinds == {SLIDING} else {FULL: mask, SLIDING: sliding}


class Slots:
    """`count` slots of at most `width` tokens each, prompt and completion together.

    A slot's row begins at position 0 of its slot, whatever the others do, so that it is computed
    alike wherever and whenever it is placed.
    """

    def __init__(
        self, model: PreTrainedModel, step: Forward, count: int, width: int, params: Params
    ) -> None:
        self._model, self._step, self._params, self._device = model, step, params, model.device
        layers = model.config.get_text_config().num_hidden_layers
        self._cache = SlotCache(layers, Places(self._zeros(count), 0), width)
        self._open, self._closed, self._kind = _mask_values(model)
        self._mask = torch.full(
            (count, 1, 1, width), self._closed, dtype=self._kind, device=self._device
        )
        self._ids, self._busy, self._written = (self._zeros(count) for _ in range(3))
        self._noise: torch.Tensor | None = None
        if not params.greedy:
            steps = params.max_completion_length
            self._noise = torch.zeros(count, steps, device=self._device)
        self.width = width
        self.rows: list[Row | None] = [None] * count

    def _zeros(self, count: int) -> torch.Tensor:
        return torch.zeros(count, dtype=torch.long, device=self._device)

    @property
    def busy(self) -> list[int]:
        """The slots that hold a row."""
        return [slot for slot, row in enumerate(self.rows) if row is not None]

    def place(self, rows: Sequence[Row], padded: int) -> None:
        """Give each row a free slot and compute its prompt; equal prompts are computed once.

        The prompts are padded on the right to `padded` tokens: what follows a token does not
        change it. The prompt's last token is left for the first `step`.
        """
        free = [slot for slot, row in enumerate(self.rows) if row is None][: len(rows)]
        slots = torch.tensor(free, device=self._device)
        if padded:
            self._prefill(rows, padded, slots)
        lengths = torch.tensor([len(row.prompt) - 1 for row in rows], device=self._device)
        self._ids[slots] = torch.tensor([row.prompt[-1] for row in rows], device=self._device)
        self._cache.places.put(slots, lengths)
        self._busy[slots], self._written[slots] = 1, 0
        token = torch.arange(self.width, device=self._device)
        known = torch.where(token < lengths[:, None], self._open, self._closed)
        self._mask[slots] = known[:, None, None].to(self._kind)
        if self._noise is not None:
            drawn = torch.stack([noise(row.request.key, self._params) for row in rows])
            self._noise[slots] = drawn.to(self._device)
        for slot, row in zip(free, rows, strict=True):
            self.rows[slot] = row

    def _prefill(self, rows: Sequence[Row], padded: int, slots: torch.Tensor) -> None:
        prompts = list(dict.fromkeys(row.prompt for row in rows))
        order = {prompt: place for place, prompt in enumerate(prompts)}
        source = torch.tensor([order[row.prompt] for row in rows], device=self._device)
        ids = torch.tensor(
            [[*prompt[:-1], *[0] * (padded - len(prompt) + 1)] for prompt in prompts],
            device=self._device,
        )
        left = DynamicCache()
        self._model(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            position_ids=torch.arange(padded, device=self._device)[None].expand(len(ids), -1),
            past_key_values=left,
            use_cache=True,
            logits_to_keep=1,
        )
        for mine, theirs in zip(self._cache.layers, left.layers, strict=True):
            mine.fill(slots, source, theirs.keys, theirs.values)

    def step(self) -> list[tuple[int, int]]:
        """Write one more token of every row; the slots that hold a row, and their tokens."""
        places = self._cache.places
        longest = max(row.length for row in self.rows if row is not None)
        places.seen = min(self.width, up_to(SEEN_STEP, longest))
        self._mask[places.row, 0, 0, places.place] = self._open
        logits = self._step(self._ids, self._cache, self._mask[..., : places.seen])
        uniform = None if self._noise is None else self._noise[places.row, self._written]
        self._ids = choose(logits, uniform, self._params)
        places.advance(self._busy)
        self._written += self._busy
        tokens = self._ids.tolist()
        return [(slot, tokens[slot]) for slot, row in enumerate(self.rows) if row is not None]

    def force(self, slot: int, token: int) -> None:
        """Put another token into the place of the one that was just written."""
        self._ids[slot] = token

    def leave(self, slots: Sequence[int]) -> None:
        """Free these slots."""
        if slots:
            gone = torch.tensor(slots, device=self._device)
            self._busy[gone], self._written[gone] = 0, 0
            self._cache.places.put(gone, 0)
            for slot in slots:
                self.rows[slot] = None

    def resize(self, count: int, width: int) -> None:
        """Go on with `count` slots of `width` tokens; the rows that are there have to fit."""
        kept = self.busy
        rows = torch.tensor(kept, dtype=torch.long, device=self._device)
        more = count - len(kept)
        self._ids, self._busy, self._written, place = (
            pad(old[rows], (0, more))
            for old in (self._ids, self._busy, self._written, self._cache.places.place)
        )
        if self._noise is not None:
            self._noise = pad(self._noise[rows], (0, 0, 0, more))
        mask = torch.full((count, 1, 1, width), self._closed, dtype=self._kind, device=self._device)
        both = min(width, self.width)
        mask[: len(kept), ..., :both] = self._mask[rows][..., :both]
        self._mask = mask
        self._cache.resize(rows, Places(place, self._cache.places.seen), width)
        self.rows = [*(self.rows[slot] for slot in kept), *[None] * more]
        self.width = width


def _mask_values(model: PreTrainedModel) -> tuple[float | bool, float | bool, torch.dtype]:
    """What stands in a mask for what is seen and for what is not, and of which kind.

    Where attention adds the mask, its numbers have to be of the model's type.
    """
    if model.config._attn_implementation == "sdpa":
        return True, False, torch.bool
    return 0.0, -torch.inf, model.dtype

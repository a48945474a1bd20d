"""The default engine: a model that is loaded here writes in many slots at once.

Continuous batching: a row that finishes leaves at once, and a waiting one takes its slot. That the
batch leaves no trace is had on a CPU like this: each row begins at position 0 of its slot; what is
masked adds an exact zero; attention is plain matrix products, where torch's fused kernel gives
other bits on another thread; and slots are a multiple of `ALIKE`, since the products of other small
numbers of rows are summed in another order. Tests hold it to the bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from hashlib import blake2b

import torch
from transformers import PreTrainedModel

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.load import Loaded
from reasoning_lab.runs.stop import stop
from reasoning_lab.sampling.closing import stop_place
from reasoning_lab.sampling.engine import Source
from reasoning_lab.sampling.own_step import quickest_step
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Sampled
from reasoning_lab.sampling.row import Row
from reasoning_lab.sampling.slots import Forward, Slots, up_to
from reasoning_lab.sampling.waiting import Waiting, padded, written_text
from reasoning_lab.text.example import Completion

ALIKE = 4
"""Rows: products of a multiple of it give each row the same bits (MKL, AVX2, float32)."""


class TransformersEngine:
    """Completions of a model that is loaded here.

    `slots` rows are written at once, or fewer where `batch_tokens` (None: no limit) would be
    exceeded: slots times their width in tokens. Where memory runs out, the slots are halved and
    what was being written begins anew. On a CPU slots are rounded up to a multiple of `ALIKE`.
    """

    name = "transformers"

    def __init__(self, loaded: Loaded, *, slots: int, batch_tokens: int | None = None) -> None:
        self._loaded, self._slots, self._batch_tokens = loaded, slots, batch_tokens

    @property
    def invariant(self) -> bool:
        """Whether a completion is the same, bit for bit, whatever is written beside it."""
        return self._loaded.model.device.type == "cpu"

    @cached_property
    def identity(self) -> str:
        """A hash of the weights, the tokenizer, its template, and how a turn ends."""
        loaded, found = self._loaded, blake2b(digest_size=12)
        for name, weight in sorted(loaded.model.state_dict().items()):
            found.update(f"{name} {weight.dtype} {tuple(weight.shape)}\n".encode())
            found.update(weight.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
        words = loaded.tokenizer
        said = (words.backend_tokenizer.to_str(), words.chat_template, loaded.eos_ids)
        found.update(repr((*said, loaded.opening)).encode())
        return found.hexdigest()

    def stream(self, source: Source, params: Params) -> Iterator[Sampled]:
        """A completion for each request, as they are finished.

        A completion's `tokens` counts all that was written, its end-of-turn token and forced tokens
        included, as the trainer counts; its text leaves that token out, and begins with the
        `<think>` that the prompt's template opened, if it did. Until the stream ends or is closed
        the model is in evaluation mode. Raises `ArtifactError` when a prompt and its completion do
        not fit into the model, and `Stopped` between two steps when the run was told to stop.
        """
        waiting = Waiting(self._loaded, params)
        with _evaluating(self._loaded.model):
            while True:
                waiting.pull(source)
                if not waiting:
                    return
                yield from self._write(waiting, source, params)

    def _write(self, waiting: Waiting, source: Source, params: Params) -> Iterator[Sampled]:
        """Write all that waits, until nothing is left or memory runs out."""
        slots = None
        try:
            with torch.inference_mode():
                width = waiting.widest()
                count = min(self._count(width), up_to(self._unit, len(waiting)))
                slots = Slots(self._loaded.model, self._step, count, width, params)
            while (finished := self._advance(slots, waiting, params)) is not None:
                for row in finished:
                    yield self._sampled(row, params)
                waiting.pull(source)
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            self._halve()
            waiting.back(row for row in reversed(slots.rows if slots else []) if row is not None)

    def _advance(self, slots: Slots, waiting: Waiting, params: Params) -> list[Row] | None:
        """Fill free slots and write a token of each row: those it finished; None at the end."""
        with torch.inference_mode():
            self._fit(slots, waiting)
            _admit(slots, waiting)
            if not slots.busy:
                return None
            stop.check()
            finished: list[int] = []
            for slot, drawn in slots.step():
                row = slots.rows[slot]
                assert row is not None
                token = row.forcing()
                if token is None:
                    token = drawn
                else:
                    slots.force(slot, token)
                ended = token in self._loaded.eos_ids
                if row.take(token) or ended or len(row.written) == params.max_completion_length:
                    finished.append(slot)
            rows = [row for slot in finished if (row := slots.rows[slot]) is not None]
            slots.leave(finished)
            return rows

    def _fit(self, slots: Slots, waiting: Waiting) -> None:
        """As many slots, and as wide ones, as what is there and what waits can use."""
        rows = [row for row in slots.rows if row is not None]
        width = max([waiting.widest(), *map(waiting.room, rows)])
        if width == 0 or len(rows) > self._count(width):  # wider ones wait until there is room
            return
        now, wanted = len(slots.rows), up_to(self._unit, len(rows) + len(waiting))
        count = min(self._count(width), max(wanted, 2 * now) if wanted > now else wanted)
        if width != slots.width or count > now or 2 * count <= now:
            slots.resize(count, width)

    @cached_property
    def _step(self) -> Forward:
        return quickest_step(self._loaded.model)

    @property
    def _unit(self) -> int:
        return ALIKE if self.invariant else 1

    def _count(self, width: int) -> int:
        """The most slots of this width."""
        most = self._slots
        if self._batch_tokens is not None:
            most = min(most, self._batch_tokens // width)
        return max(self._unit, up_to(self._unit, most))

    def _halve(self) -> None:
        """Fewer slots from now on. Raises ArtifactError where there cannot be fewer."""
        if self._slots <= self._unit:
            what = f"not even {self._slots} completions at once fit into memory"
            cure = "choose a smaller model, or a shorter max_completion_length"
            raise ArtifactError.one("engine", what, cure)
        self._slots //= 2

    def _sampled(self, row: Row, params: Params) -> Sampled:
        ended = row.written[-1] in self._loaded.eos_ids
        ids = row.written[:-1] if ended else row.written
        text = self._loaded.opening + written_text(self._loaded, ids)
        place = stop_place(text, params.stop)
        stopped = ended or place is not None
        return Sampled(
            key=row.request.key,
            completion=Completion(
                text=text if place is None else text[: place[0]],
                tokens=len(row.written),
                finish="stop" if stopped else "length",
            ),
            prompt_tokens=len(row.prompt),
            forced=row.forced,
            stopped_by=None if place is None else place[1],
        )


def _admit(slots: Slots, waiting: Waiting) -> None:
    """Let waiting rows in once an eighth of the slots is free, or there is room for all.

    Each time, those that are padded alike are computed together.
    """
    free = len(slots.rows) - len(slots.busy)
    if free * 8 < len(slots.rows) and free < len(waiting):
        return
    groups: dict[int, list[Row]] = {}
    while free and 0 < waiting.widest() <= slots.width:
        row = waiting.pop()
        groups.setdefault(padded(row), []).append(row)
        free -= 1
    while groups:
        length = min(groups)
        try:
            slots.place(groups[length], length)
        except BaseException:
            waiting.back(row for rows in groups.values() for row in reversed(rows))
            raise
        del groups[length]


@contextmanager
def _evaluating(model: PreTrainedModel) -> Iterator[None]:
    """Switch dropout and gradient checkpointing off, attention to a kind that takes a mask for each
    row, and all back to how it was."""
    training, attention = model.training, model.config._attn_implementation
    masked = "eager" if model.device.type == "cpu" else "sdpa"
    model.eval()
    model.set_attn_implementation(masked)
    try:
        yield
    finally:
        model.set_attn_implementation(attention)
        model.train(training)


def _out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out; torch says so on a CPU with a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        "can't allocate memory" in str(error)
    )

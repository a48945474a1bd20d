"""Requests that wait for a slot, those first that need the most room."""

from collections import deque
from collections.abc import Iterable, Sequence

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.encode import encode
from reasoning_lab.model.load import Loaded
from reasoning_lab.sampling.closing import CLOSING, Watch
from reasoning_lab.sampling.engine import Source
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Request
from reasoning_lab.sampling.row import Row
from reasoning_lab.sampling.slots import up_to

CACHE_STEP = 64
"""Tokens: a slot's width is a multiple of it."""
PROMPT_STEP = 8
"""Tokens: prompts are padded to a multiple of it, and those of one length are computed together."""
_AT_ONCE = 4096
_REMEMBERED = 256
"""Prompts whose token ids are kept, since the samples of a problem mostly come together."""


def padded(row: Row) -> int:
    """To how many tokens the row's prompt, all but its last token, is padded."""
    return up_to(PROMPT_STEP, len(row.prompt) - 1)


class Waiting:
    """Rows that are to be written."""

    def __init__(self, loaded: Loaded, params: Params) -> None:
        self._loaded, self._params = loaded, params
        self._queues: dict[int, deque[Row]] = {}
        self._ids: dict[tuple[tuple[str, str], ...], tuple[int, ...]] = {}
        self._closing = loaded.tokenizer(CLOSING, add_special_tokens=False)["input_ids"]

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def room(self, row: Row) -> int:
        """The width of a slot that `row` needs, in tokens."""
        return up_to(CACHE_STEP, len(row.prompt) + self._params.max_completion_length)

    def widest(self) -> int:
        """The greatest width that a row waits for; 0 where none waits."""
        return max((width for width, queue in self._queues.items() if queue), default=0)

    def pop(self) -> Row:
        """A row that needs the most room, of these the first that came. Raises KeyError where none
        waits."""
        return self._queues[self.widest()].popleft()

    def pull(self, source: Source) -> None:
        """Take all that `source` has ready. Raises ArtifactError for what does not fit."""
        while requests := source.take(_AT_ONCE):
            for request in requests:
                self._add(Row(request, self._encoded(request), self._watch()))

    def back(self, rows: Iterable[Row]) -> None:
        """Put rows that were begun back to the front, to be written anew."""
        for row in rows:
            fresh = Row(row.request, row.prompt, self._watch())
            self._queue(fresh).appendleft(fresh)

    def _add(self, row: Row) -> None:
        room = getattr(self._loaded.model.config, "max_position_embeddings", None)
        most = self._params.max_completion_length
        if room is not None and len(row.prompt) + most > room:
            raise ArtifactError.one(
                f"prompt {row.request.key.label}",
                f"its {len(row.prompt)} tokens and {most} more do not fit into the model's {room}",
                "choose a model with a longer context, or data with prompts of at most"
                f" {max(room - most, 0)} tokens",
            )
        self._queue(row).append(row)

    def _queue(self, row: Row) -> deque[Row]:
        return self._queues.setdefault(self.room(row), deque())

    def _watch(self) -> Watch | None:
        if not self._params.stop and self._params.max_think_tokens is None:
            return None
        return Watch(self._decode, self._loaded.opening, self._params, self._closing)

    def _decode(self, ids: Sequence[int]) -> str:
        return written_text(self._loaded, ids)

    def _encoded(self, request: Request) -> tuple[int, ...]:
        key = tuple((turn["role"], turn["content"]) for turn in request.prompt)
        if key not in self._ids:
            if len(self._ids) >= _REMEMBERED:
                self._ids.clear()
            self._ids[key] = tuple(encode(self._loaded, [request.prompt])[0])
        return self._ids[key]


def written_text(loaded: Loaded, ids: Sequence[int]) -> str:
    """What the model wrote as text, without what the tokenizer takes for marks."""
    text: str = loaded.tokenizer.decode(
        list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return text

"""One completion while it is being written."""

from dataclasses import dataclass, field

from reasoning_lab.sampling.closing import Watch
from reasoning_lab.sampling.request import Request


@dataclass(slots=True)
class Row:
    """A request with its prompt's token ids and the ids written so far, `forced` of them by force.

    `watch` reads along where stop strings or a thinking budget are asked for.
    """

    request: Request
    prompt: tuple[int, ...]
    watch: Watch | None = None
    written: list[int] = field(default_factory=list)
    forced: int = 0

    @property
    def length(self) -> int:
        """Tokens so far, those of the prompt included."""
        return len(self.prompt) + len(self.written)

    def take(self, token: int) -> bool:
        """Take the next token; whether a stop string is complete with it."""
        self.written.append(token)
        return self.watch is not None and self.watch.told(token)

    def forcing(self) -> int | None:
        """The token that has to come next, if one has to."""
        if self.watch is None or not self.watch.forced:
            return None
        self.forced += 1
        return self.watch.forced.pop(0)

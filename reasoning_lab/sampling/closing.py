r"""What may end or close a completion early: stop strings, and a budget for thinking.

A stop string counts only outside of a think block: one that fires while the model thinks
(a blank line, the word "Question") cuts off answers that were never given.
"""

import re
from collections.abc import Callable, Sequence

from reasoning_lab.sampling.params import Params

CLOSING = "\n</think>\n"
"""What is put into a think block that exceeds its budget: it is closed, the answer comes next."""
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_HALF = "\N{REPLACEMENT CHARACTER}"


def stop_place(text: str, stops: Sequence[str]) -> tuple[int, str] | None:
    r"""Where the stop string begins that ends `text`, and which it is; None where none does.

    It is the one that was complete first, outside of any think block.

    >>> stop_place("<think>a\n\nb</think>c\n\nd", ["\n\n"])
    (20, '\n\n')
    >>> stop_place("<think>a\n\nb", ["\n\n"]) is None
    True
    """
    thought = [match.span() for match in _THOUGHT.finditer(text)]
    found: list[tuple[int, int, str]] = []
    for stop in stops:
        begin = text.find(stop)
        while begin >= 0:
            end = begin + len(stop)
            over = next((last for first, last in thought if first < end and begin < last), None)
            if over is None:
                found.append((end, begin, stop))
                break
            begin = text.find(stop, max(over, begin + 1))
    if not found:
        return None
    _, begin, stop = min(found)
    return begin, stop


def thinking_open(text: str) -> bool:
    """Whether `text` ends within a think block.

    >>> thinking_open("<think>so"), thinking_open("<think>so</think>"), thinking_open("so")
    (True, False, False)
    """
    return text.rfind("<think>") > text.rfind("</think>")


class Watch:
    """Reads along while one completion is written, token by token.

    `decode` gives the text of token ids, `opening` is what the prompt already opened of it, and
    `closing` are the ids that close a think block. `forced` are the ids that come next, whatever
    the model would write.
    """

    def __init__(
        self,
        decode: Callable[[Sequence[int]], str],
        opening: str,
        params: Params,
        closing: Sequence[int],
    ) -> None:
        self._decode, self._params, self._closing = decode, params, closing
        self._ids: list[int] = []
        self._begin = self._read = 0
        self.text = opening
        self._thought = 0
        self.forced: list[int] = []
        self._look_at_budget()

    def told(self, token: int) -> bool:
        """Take the next token; whether a stop string has just been completed by it."""
        budget = self._params.max_think_tokens is not None
        self._thought += budget and thinking_open(self.text)
        before = len(self.text)
        self.text += self._piece(token)
        if not self.forced:
            self._look_at_budget()
        stops = self._params.stop
        if not stops:
            return False
        recent = self.text[max(0, before - max(map(len, stops)) + 1) :]
        return any(stop in recent for stop in stops) and stop_place(self.text, stops) is not None

    def _look_at_budget(self) -> None:
        budget = self._params.max_think_tokens
        if budget is not None and self._thought >= budget and thinking_open(self.text):
            self.forced = list(self._closing)

    def _piece(self, token: int) -> str:
        """The text that a token adds; empty while it ends within a character.

        Only the last few tokens are decoded: enough for tokenizers that join across tokens.
        """
        self._ids.append(token)
        before = self._decode(self._ids[self._begin : self._read])
        now = self._decode(self._ids[self._begin :])
        if len(now) <= len(before) or now.endswith(_HALF):
            return ""
        self._begin, self._read = self._read, len(self._ids)
        return now[len(before) :]

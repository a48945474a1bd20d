"""The nouns that cross every layer: Example, Completion, Score, Verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypedDict


class Message(TypedDict):
    """One chat turn."""

    role: str
    content: str


class Verdict(StrEnum):
    """What a verifier says of a (completion, gold) pair; only `CORRECT` is paid.

    `WRONG`: another answer. `UNPARSABLE`: no answer, or several. `TIMEOUT`: not decided in time.
    `BAD_GOLD`: the gold answer cannot be read, which says nothing of the completion.

    True in a condition only for `CORRECT`: `if verify_math(text, gold):`. To ask whether there is
    a verdict at all, compare with None.

    >>> bool(Verdict.CORRECT), bool(Verdict.WRONG), bool(Verdict.BAD_GOLD)
    (True, False, False)
    """

    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSABLE = "unparsable"
    TIMEOUT = "timeout"
    BAD_GOLD = "bad_gold"

    def __bool__(self) -> bool:
        return self is Verdict.CORRECT


UNNAMED_TASK = "math"
"""What `Example.task` is where nobody names one."""


@dataclass(frozen=True, slots=True)
class Example:
    """One problem.

    `prompt` is a chat (system and user turns), `answer` the gold answer, `task` routes rewards
    (`math`, `code`, `logic`, `chat`), `trace` a teacher's worked steps without think tags,
    `tests` code tests, `meta` whatever the source knows (it must be JSON). `response` is what the
    assistant should write, byte for byte, where that is known as a whole.
    """

    id: str
    prompt: tuple[Message, ...]
    answer: str
    task: str = UNNAMED_TASK
    trace: str | None = None
    tests: tuple[dict[str, Any], ...] = ()
    meta: dict[str, Any] = field(default_factory=dict)
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered: its text, its length, and why it ended.

    `text` is the whole assistant turn as a reader would see it: tags kept, end marks removed, and
    beginning with `<think>` where the chat template had already opened the think block in the
    prompt. `tokens` counts what was generated only. `finish` is `stop` at an end-of-turn token,
    `length` at the limit.
    """

    text: str
    tokens: int
    finish: Literal["stop", "length"] = "stop"


@dataclass(frozen=True, slots=True)
class Score:
    """A completion's reward: the total and each term's value before weighing.

    `None` means "does not apply", never zero. `verdict` and `reason` are those of the first term
    that judged the answer; `reason` is in words, and may be empty. `seen` are numbers that terms
    saw besides, by `TERM/what`; `seconds` is what those took that judge a whole batch at once.
    """

    total: float | None
    parts: dict[str, float | None]
    verdict: Verdict | None = None
    reason: str = ""
    seen: Mapping[str, float] = field(default_factory=dict)
    seconds: float = field(default=0.0, compare=False)

"""The table of (answer, gold) pairs, `math_pairs.tsv`, and the completions made of its rows.

Columns: kind, completion, gold, verdict (several allowed ones joined by `|`), reason. A row of the
kinds in `WHOLE` holds a completion as it stands; any other holds a bare answer, which is judged
inside `<answer>` and, where its braces balance, inside `\\boxed`. Marks, which no answer holds
otherwise: `⏎` is a line break, `␀` a null byte, `⟪1000×ab⟫` is `ab` a thousand times.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("math_pairs.tsv")
WHOLE = ("extraction", "hashes", "phrase", "hostile text")
COLUMNS = ["kind", "completion", "gold", "verdict", "reason"]
_REPEAT = re.compile(r"⟪(\d+)×([^⟪⟫]*)⟫")
_THINK = "<think>\nLet me see.\n</think>\n"


@dataclass(frozen=True)
class Pair:
    """One row; `line` is its number in the file, `verdicts` those that are right."""

    line: int
    kind: str
    completion: str
    gold: str
    verdicts: tuple[str, ...]
    reason: str

    @property
    def whole(self) -> bool:
        """Whether the row holds a completion rather than a bare answer."""
        return self.kind in WHOLE

    @property
    def marks(self) -> tuple[str, ...]:
        """The further places of an answer that the row allows."""
        return (self.kind,) if self.kind in ("hashes", "phrase") else ()

    def completions(self) -> list[str]:
        """The completions that stand for this row."""
        if self.whole:
            return [self.completion]
        texts = [f"{_THINK}<answer>{self.completion}</answer>"]
        if _balanced(self.completion):
            texts.append(f"{_THINK}So it is \\boxed{{{self.completion}}}.")
        return texts


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """Every row of the table, in order."""
    head, *lines = TABLE.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if head.split("\t") != COLUMNS:
        raise ValueError(f"the columns of {TABLE.name} are not {COLUMNS}")
    found = []
    for number, line in enumerate(lines, start=2):
        kind, completion, gold, verdict, reason = line.split("\t")
        expanded = (expand(completion), expand(gold))
        found.append(Pair(number, kind, *expanded, tuple(verdict.split("|")), reason))
    return tuple(found)


def expand(text: str) -> str:
    """Write out line breaks, null bytes and repetitions, the innermost first."""
    while match := _REPEAT.search(text):
        text = text[: match.start()] + match[2] * int(match[1]) + text[match.end() :]
    return text.replace("⏎", "\n").replace("␀", "\x00")


def _balanced(text: str) -> bool:
    depth = 0
    for token in re.findall(r"\\.|[{}]", text, re.DOTALL):
        depth += (token == "{") - (token == "}")
        if depth < 0:
            return False
    return depth == 0 and not text.endswith("\\")

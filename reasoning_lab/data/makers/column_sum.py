"""`data=column_sum`: two numbers added column by column, with the steps in English or German."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from reasoning_lab.data.maker import Maker, ranges, whole_numbers
from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import COLUMN_SUM
from reasoning_lab.schema.suggest import did_you_mean

MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Wording:
    """How a language asks, and how it says what stands at the end and what the sum is."""

    question: str
    end: str
    total: str


WORDINGS = {
    "en": Wording("Add {} and {}.", "the end is", "the sum is"),
    "de": Wording("Addiere {} und {}.", "das Ende ist", "die Summe ist"),
}
"""By language; the words `the`, `das` and `die` are what `rewards.language` tells them by."""


class ColumnSums(Maker):
    """The stream of sums. Both numbers have as many digits; both languages draw the same ones."""

    task = COLUMN_SUM

    def take(self, params: Mapping[str, Any]) -> list[Problem]:
        """See `conf/data/column_sum.yaml`."""
        self.low, self.high = params["min_digits"], params["max_digits"]
        bounds = dict.fromkeys(("min_digits", "max_digits"), (1, MOST_DIGITS))
        language = str(params["language"])
        problems = [*whole_numbers(self, params, bounds), *ranges(self, params, ["digits"])]
        if language in WORDINGS:
            self.wording = WORDINGS[language]
        else:
            what = f"no steps are written in {language!r}"
            problems.append(self.problem("language", what, did_you_mean(language, WORDINGS)))
        return problems

    def make(self, rng: Random) -> dict[str, Any]:
        """One sum."""
        digits = rng.randint(self.low, self.high)
        first, second = (rng.randint(10 ** (digits - 1), 10**digits - 1) for _ in range(2))
        return {
            "question": self.wording.question.format(first, second),
            "answer": str(first + second),
            "trace": "\n".join(self._steps(str(first), str(second))),
        }

    def _steps(self, first: str, second: str) -> list[str]:
        """One line a column, from the right: `7+5=12 the end is 2`, `4+8+1=13 the end is 32`."""
        steps = []
        carry, end = 0, ""
        for column, (a, b) in enumerate(zip(reversed(first), reversed(second), strict=True), 1):
            found = int(a) + int(b) + carry
            carried = f"+{carry}" if carry else ""
            last = column == len(first)
            end = f"{found if last else found % 10}{end}"
            said = self.wording.total if last else self.wording.end
            steps.append(f"{a}+{b}{carried}={found} {said} {end}")
            carry = found // 10
        return steps

"""What one measurement found: every completion with its verdict, and the figures over problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reasoning_lab.errors import SandboxError
from reasoning_lab.measure.values import (
    CUT_OFF,
    FORMAT,
    THINKING,
    PerProblem,
    scores,
    shares,
)
from reasoning_lab.measure.vote import vote
from reasoning_lab.records.answer import Answer, Attempt, Problem
from reasoning_lab.statistics.interval import Estimate, exactly, mean_interval, paired_difference
from reasoning_lab.statistics.rates import share_of
from reasoning_lab.text.example import Completion, Example, Verdict

TOKENS, FINISH = "tokens", "finish"
"""What may be unsaid of a completion that the lab did not write itself."""


@dataclass(frozen=True)
class Measured:
    """Every completion of one measurement, by way of measuring and by problem.

    `completions[way][i]` are the completions of problem i; `verdicts` has the same shape, with
    None where the sandbox failed. A problem that has such a completion is left out of accuracy.
    `limits` are the longest completions of each way in tokens, where they are known; `took` the
    seconds that each way's answers took; `unsaid` what nobody said of a way's completions.
    """

    examples: Sequence[Example]
    completions: Mapping[str, list[list[Completion]]]
    verdicts: Mapping[str, list[list[Verdict | None]]]
    limits: Mapping[str, int]
    seconds: float
    took: Mapping[str, float] = field(default_factory=dict)
    unsaid: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def per_problem(self, way: str) -> PerProblem:
        """Share of correct completions of each problem, in [0, 1]; None where it was not judged."""
        return self.scores(way).get("pass@1", [])

    def scores(self, way: str) -> dict[str, PerProblem]:
        """pass@k and maj@k of each problem; see `measure.values`."""
        return scores(self.examples, self.completions[way], self.verdicts[way])

    def shares(self, way: str) -> dict[str, PerProblem]:
        """What shares of each problem's completions do; see `measure.values`."""
        found = shares(self.examples, self.completions[way])
        if self._is_unsaid(way, FINISH):
            del found[CUT_OFF]
        return found

    def judged(self) -> "Measured":
        """Itself; raises SandboxError where there is no accuracy, as no problem was judged."""
        for way, rows in self.verdicts.items():
            if rows and all(None in row for row in rows):
                raise none_judged(
                    f"of {len(rows):,} held-out problems none could be judged ({way})"
                )
        return self

    def estimates(self) -> dict[str, Estimate]:
        """For each way: pass@k and maj@k (where any problem was judged), the shares of
        completions, and their mean length in tokens."""
        metrics: dict[str, Estimate] = {}
        for way in self.completions:
            metrics |= {f"{way}/{name}": share_of(row) for name, row in self._said(way).items()}
            if lengths := self._lengths(way):
                limit = self.limits.get(way)
                bounds = None if limit is None else (0.0, float(limit))
                metrics[f"{way}/{TOKENS}"] = mean_interval(lengths, bounds=bounds)
        return metrics

    def means(self) -> dict[str, float]:
        """The values of `estimates`, without the work that their intervals take."""
        return {
            f"{way}/{name}": sum(row) / len(row)
            for way in self.completions
            for name, row in {**self._said(way), TOKENS: self._lengths(way)}.items()
            if row
        }

    def _said(self, way: str) -> dict[str, list[float]]:
        """The scores and shares of the problems of which there are any."""
        found = {**self.scores(way), **self.shares(way)}
        kept = {name: [one for one in row if one is not None] for name, row in found.items()}
        return {name: row for name, row in kept.items() if row}

    def _lengths(self, way: str) -> list[float]:
        """The mean length of each problem's completions; empty where lengths are not known."""
        if self._is_unsaid(way, TOKENS):
            return []
        return [sum(c.tokens for c in row) / len(row) for row in self.completions[way]]

    def speeds(self) -> dict[str, Estimate]:
        """For each way: the seconds that its answers took, and the tokens written in a second."""
        found: dict[str, Estimate] = {}
        for way, seconds in self.took.items():
            found[f"{way}/seconds"] = exactly(seconds)
            if seconds > 0:
                found[f"{way}/tokens_per_second"] = exactly(self._tokens(way) / seconds)
        return found

    def tokens(self) -> int:
        """Tokens generated in all."""
        return sum(map(self._tokens, self.completions))

    def _tokens(self, way: str) -> int:
        return sum(c.tokens for row in self.completions[way] for c in row)

    def _is_unsaid(self, way: str, what: str) -> bool:
        return what in self.unsaid.get(way, ())

    def attempts(self) -> list[Attempt]:
        """Every answer to each problem."""
        return [
            Attempt(
                {
                    way: [
                        self._answer(way, place, completion, verdict)
                        for completion, verdict in zip(
                            rows[place], self.verdicts[way][place], strict=True
                        )
                    ]
                    for way, rows in self.completions.items()
                }
            )
            for place in range(len(self.examples))
        ]

    def _answer(
        self, way: str, place: int, completion: Completion, verdict: Verdict | None
    ) -> Answer:
        return Answer(
            text=completion.text,
            correct=None if verdict is None else verdict is Verdict.CORRECT,
            verdict=None if verdict is None else verdict.value,
            tokens=None if self._is_unsaid(way, TOKENS) else completion.tokens,
            finish=None if self._is_unsaid(way, FINISH) else completion.finish,
            vote=vote(completion, self.examples[place]),
        )


def problems_of(after: Measured, before: Measured | None = None) -> list[Problem]:
    """The problems with every answer; both measurements are of the same problems."""
    earlier = [None] * len(after.examples) if before is None else before.attempts()
    return [
        Problem(
            id=example.id,
            question=example.prompt[-1]["content"],
            answer=example.answer,
            after=new,
            before=old,
        )
        for example, new, old in zip(after.examples, after.attempts(), earlier, strict=True)
    ]


def gains(before: Measured, after: Measured) -> dict[str, Estimate]:
    """The paired differences, problem by problem, of scores, format and thinking in each way.

    Raises SandboxError where no problem was judged both times.
    """
    found: dict[str, Estimate] = {}
    for way in before.verdicts:
        old, new = ({**one.scores(way), **one.shares(way)} for one in (before, after))
        kept = [name for name in old if name in new and ("@" in name or name in (FORMAT, THINKING))]
        for name in kept:
            both = zip(old[name], new[name], strict=True)
            pairs = [(one, other) for one, other in both if one is not None and other is not None]
            if not pairs:
                raise none_judged(f"no held-out problem was judged both times ({way})")
            first, second = zip(*pairs, strict=True)
            found[f"{way}/{name}"] = paired_difference(first, second, bounds=(-1.0, 1.0))
    return found


def held_out_values(measured: Measured) -> dict[str, float]:
    """The values of a measurement as the tracker's metrics."""
    return {f"heldout/{name}": value for name, value in measured.means().items()}


def prefixed(prefix: str, metrics: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The same metrics under `prefix/`."""
    return {f"{prefix}/{name}": value for name, value in metrics.items()}


def none_judged(what: str) -> SandboxError:
    """The error where there is no figure, as the sandbox failed on every completion."""
    return SandboxError.one(
        "sandbox", what, "see the run's log for what fails; resume=auto goes on"
    )

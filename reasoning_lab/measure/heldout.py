"""Held-out measurement: greedy and sampled pass@1 with intervals, by a metric no loss ever sees.

Correctness is `judges.strict`: the right answer, given once, after thinking, in a finished turn.
It asks no term of the reward, so a reward that is gamed shows as a gap between the training reward
and these figures. How held-out programs are run is `stage.evaluation`'s to say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from reasoning_lab.errors import SandboxError
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.model.load import Loaded
from reasoning_lab.records.answer import GREEDY, Answer, Attempt, Problem
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.stream import sample_prompts
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.statistics.interval import Estimate, mean_interval, paired_difference, proportion
from reasoning_lab.text.example import Completion, Example, Verdict
from reasoning_lab.text.grammar import thinks


@dataclass(frozen=True)
class Measured:
    """Every completion of one measurement, by way of decoding and by problem.

    `completions[way][i]` are the completions of problem i; `verdicts` has the same shape, with
    None where the sandbox failed. A problem that has such a completion is left out of accuracy.
    """

    examples: Sequence[Example]
    completions: dict[str, list[list[Completion]]]
    verdicts: dict[str, list[list[Verdict | None]]]
    limit: int  # longest completion, in tokens
    seconds: float

    def correct(self, way: str) -> list[list[bool]]:
        """Whether each completion of each problem that was judged is correct."""
        rows = [row for row in self.verdicts[way] if None not in row]
        return [[one is Verdict.CORRECT for one in row] for row in rows]

    def per_problem(self, way: str) -> list[float | None]:
        """Share of correct completions of each problem, in [0, 1]; None where it was not judged."""
        rows = self.verdicts[way]
        return [
            None if None in row else sum(one is Verdict.CORRECT for one in row) / len(row)
            for row in rows
        ]

    def judged(self) -> "Measured":
        """Itself; raises SandboxError where there is no accuracy, as no problem was judged."""
        for way, rows in self.verdicts.items():
            if rows and not self.correct(way):
                raise _nothing(f"of {len(rows):,} held-out problems none could be judged ({way})")
        return self

    def thinking(self, way: str) -> list[float]:
        """Share of completions of each problem that think, in [0, 1]."""
        return [sum(thinks(c.text) for c in row) / len(row) for row in self.completions[way]]

    def estimates(self) -> dict[str, Estimate]:
        """pass@1 (where any problem was judged), shares of thinking and of cut-off completions, and
        mean length (tokens) for each way of decoding."""
        metrics: dict[str, Estimate] = {}
        for way, rows in self.completions.items():
            if correct := self.correct(way):
                metrics[f"{way}/pass@1"] = _rate(correct)
            metrics[f"{way}/thinking"] = _rate([[thinks(c.text) for c in row] for row in rows])
            cut = [[c.finish == "length" for c in row] for row in rows]
            metrics[f"{way}/cut_off"] = _rate(cut)
            lengths = [sum(c.tokens for c in row) / len(row) for row in rows]
            metrics[f"{way}/tokens"] = mean_interval(lengths, bounds=(0.0, self.limit))
        return metrics

    def tokens(self) -> int:
        """Tokens generated in all."""
        return sum(c.tokens for rows in self.completions.values() for row in rows for c in row)

    def attempts(self) -> list[Attempt]:
        """Every answer to each problem."""
        return [
            Attempt(
                {
                    way: [*map(_answer, rows[place], self.verdicts[way][place])]
                    for way, rows in self.completions.items()
                }
            )
            for place in range(len(self.examples))
        ]


def _answer(completion: Completion, verdict: Verdict | None) -> Answer:
    return Answer(
        text=completion.text,
        correct=None if verdict is None else verdict is Verdict.CORRECT,
        verdict=None if verdict is None else verdict.value,
        tokens=completion.tokens,
        finish=completion.finish,
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


def measure(
    loaded: Loaded,
    examples: Sequence[Example],
    evaluation: Evaluation,
    sandboxes: Sandboxes,
    *,
    ways: Sequence[str],
    on_batch: Callable[[int], None] | None = None,
) -> Measured:
    """Decode every example in each of `ways` (see `records.answer.WAYS`) and judge the completions.

    The same problems, seed and batch order are used before and after training, so the two
    measurements are paired. Programs are judged in `sandboxes`. The global random state is left as
    it was. `on_batch` is told
    after each batch how many completions it wrote.
    """
    started = perf_counter()
    prompts = [example.prompt for example in examples]
    engine = TransformersEngine(loaded, slots=evaluation.batch_size)
    completions: dict[str, list[list[Completion]]] = {}
    for way in ways:
        params = Params(
            temperature=0.0 if way == GREEDY else evaluation.temperature,
            top_p=1.0,
            top_k=0,
            max_completion_length=evaluation.max_completion_length,
            seed=evaluation.seed,
            stop=(),
            max_think_tokens=None,
        )
        samples = 1 if way == GREEDY else evaluation.samples
        completions[way] = sample_prompts(
            prompts, engine, params, samples=samples, on_done=on_batch
        )
    verdicts: dict[str, list[list[Verdict | None]]] = {}
    for way, rows in completions.items():
        batch = [(one, example) for row, example in zip(rows, examples, strict=True) for one in row]
        judged = iter(strict_verdicts(batch, sandboxes, room_of_measurement(evaluation)))
        verdicts[way] = [[next(judged) for _ in row] for row in rows]
    limit, seconds = evaluation.max_completion_length, perf_counter() - started
    return Measured(examples, completions, verdicts, limit, seconds)


def room_of_measurement(evaluation: Evaluation) -> Room:
    """How held-out programs are run: with the limits of the lab, whatever the reward's are."""
    return Room(evaluation.isolation, evaluation.modules)


def gains(before: Measured, after: Measured) -> dict[str, Estimate]:
    """The paired differences of pass@1 and of thinking, problem by problem, for each way of
    decoding. Raises SandboxError where no problem was judged both times."""
    found: dict[str, Estimate] = {}
    for way in before.verdicts:
        both = zip(before.per_problem(way), after.per_problem(way), strict=True)
        judged = [(old, new) for old, new in both if old is not None and new is not None]
        if not judged:
            raise _nothing(f"no held-out problem was judged both times ({way})")
        old, new = zip(*judged, strict=True)
        pairs = {"pass@1": (old, new), "thinking": (before.thinking(way), after.thinking(way))}
        for what, (first, second) in pairs.items():
            found[f"{way}/{what}"] = paired_difference(first, second, bounds=(-1.0, 1.0))
    return found


def _nothing(what: str) -> SandboxError:
    return SandboxError.one(
        "sandbox", what, "see the run's log for what fails; resume=auto goes on"
    )


def prefixed(prefix: str, metrics: dict[str, Estimate]) -> dict[str, Estimate]:
    """The same metrics under `prefix/`."""
    return {f"{prefix}/{name}": value for name, value in metrics.items()}


def _rate(rows: Sequence[Sequence[bool]]) -> Estimate:
    """Wilson where each problem has one completion; else a mean over problems, which are the
    independent units."""
    if all(len(row) == 1 for row in rows):
        return proportion(sum(row[0] for row in rows), len(rows))
    means = [sum(row) / len(row) for row in rows]
    if len(set(means)) == 1 and means[0] in (0.0, 1.0):
        # A t-interval would have no width; the problems are still only a sample.
        return proportion(int(means[0]) * len(means), len(means))
    return mean_interval(means, bounds=(0.0, 1.0))

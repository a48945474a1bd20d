"""The way through a pipeline: step by step, what is made already is skipped, the rest is run.

Nothing is remembered but what the runs leave: where the way has come to is seen from their
manifests, so a pipeline that was killed goes on by the same command.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.pipelines.rounds import Made, Model, base_round, round_of, weights_of
from reasoning_lab.pipelines.same import Decision, decide
from reasoning_lab.report.rounds.round import Round, best_of, why_stopped
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.schema.pipeline import Lines, Pipeline, Rounds, step_of
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.schema.run import Run

FAILED = 1
SEEDS_APART = 100
"""A round's runs have the seed `100 * seed + round`: each draws other answers, also from the same
model; none has the seed of another round or repetition."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is run: its name, its round (None: outside of rounds), and its overrides."""

    name: str
    seed: int
    round: int | None
    lines: Lines

    @property
    def called(self) -> str:
        """`round 2, learn`."""
        return self.name if self.round is None else f"round {self.round}, {self.name}"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A step's run with each reference pinned, and the overrides that compose it by hand."""

    run: Run
    lines: Lines


@dataclass(frozen=True, slots=True)
class Visit:
    """A step that the way came by; `decision` is None where a run that it needs is not made yet."""

    step: Step
    pinned: Pinned | None
    decision: Decision | None

    @property
    def is_skipped(self) -> bool:
        """Whether it was made already."""
        return self.decision is not None and self.decision.state == "finished"


class Halted(Exception):
    """A step ended otherwise than well: with this exit status."""

    def __init__(self, step: Step, status: int) -> None:
        self.step, self.status = step, status
        super().__init__(f"{step.called}: {status}")


@dataclass
class Way:
    """One way through a pipeline, for one seed.

    `pin` composes, checks and pins a step; `make` runs what is not made, and gives its exit status;
    None: nothing is run, the plan alone is wanted. `seen` is told of each step, `judged` of each
    round once it is done, the base included.
    """

    pipeline: Pipeline
    seed: int
    output: Path
    pin: Callable[[Step], Pinned]
    make: Callable[[Pinned], int] | None
    seen: Callable[[Visit], object]
    judged: Callable[[Sequence[Round]], object]
    rounds: list[Round] = field(default_factory=list)
    stopped: str | None = None
    _made: dict[str, RunFolder | None] = field(default_factory=dict)

    def go(self) -> None:
        """Go as far as it leads. Raises Halted where a step did not end well."""
        for name, lines in self.pipeline.steps.items():
            self._made[name] = self._step(Step(name, self.seed, None, lines), {})
        if self.pipeline.rounds is not None:
            self._go_round(self.pipeline.rounds)

    def _go_round(self, rounds: Rounds) -> None:
        measured, to = self._made[rounds.before], step_of(f"base={rounds.base}")
        trained = None if to is None else self._made[to]
        path = rounds.base if to is None else reference_to(trained) if trained else None
        if measured is None or path is None:
            self._look_at_first(rounds)
            return
        base = Model(0, path, weights_of(path, self.output), measured)
        models = {0: base}
        self._judged(base_round(rounds, self.seed, base))
        for number in range(1, rounds.most + 1):
            best = models[best_of(self.rounds).number]
            model = self._round(rounds, number, base, best, models[number - 1])
            if model is None:
                return
            models[number] = model
            self.stopped = why_stopped(self.rounds, rounds.most)
            if self.stopped:
                return

    def _look_at_first(self, rounds: Rounds) -> None:
        """The first round in a plan, of which nothing can be made yet."""
        for name, lines in rounds.steps.items():
            self.seen(Visit(Step(name, self.seed, 1, lines), None, None))

    def _round(
        self, rounds: Rounds, number: int, base: Model, best: Model, previous: Model
    ) -> Model | None:
        """The model of a round that is made by now; None in a plan where it is not."""
        start = base if rounds.from_ == "base" else best
        named = {"base": base, "best": best, "previous": previous, "from": start}
        words = {word: model.path for word, model in named.items()}
        for name, lines in rounds.steps.items():
            seed = SEEDS_APART * self.seed + number
            self._made[name] = self._step(Step(name, seed, number, lines), words)
        made = {name: folder for name in rounds.steps if (folder := self._made[name]) is not None}
        if len(made) < len(rounds.steps):
            return None
        path = reference_to(made[rounds.model])
        model = Model(number, path, weights_of(path, self.output), made[rounds.measured])
        found = Made(number, self.seed, made, start.number)
        self._judged(round_of(rounds, found, model, base, best))
        return model

    def _judged(self, one: Round) -> None:
        self.rounds.append(one)
        self.judged(self.rounds)

    def _step(self, step: Step, words: Mapping[str, str]) -> RunFolder | None:
        """The folder of a step that is made by now; None in a plan where it is not."""
        lines = self._filled(step, words)
        if lines is None:
            self.seen(Visit(step, None, None))
            return None
        pinned = self.pin(Step(step.name, step.seed, step.round, lines))
        decision = decide(pinned.run)
        self.seen(Visit(step, pinned, decision))
        if decision.state != "finished":
            if self.make is None:
                return None
            if status := self.make(pinned):
                raise Halted(step, status)
        return _finished(step, pinned.run)

    def _filled(self, step: Step, words: Mapping[str, str]) -> Lines | None:
        """The overrides with each run of a step by its id; None where one is not made yet."""
        found = []
        for line in step.lines:
            to, value = step_of(line), None
            if to is not None:
                folder = self._made.get(to)
                value = words.get(to) or (reference_to(folder) if folder else None)
                if value is None:
                    return None
            found.append(_filled_line(line, value, step))
        return tuple(found)


def _filled_line(line: str, value: str | None, step: Step) -> str:
    if value is not None:
        return f"{line.partition('=')[0]}={value}"
    return numbered(line, step)


def numbered(line: str, step: Step) -> str:
    """An override with the step's round and seed in the place of `{round}` and `{seed}`."""
    return line.replace("{round}", str(step.round)).replace("{seed}", str(step.seed))


def reference_to(folder: RunFolder) -> str:
    """The run in a folder, named for good: `run:NAME@ID`."""
    return f"{PREFIX}{folder.path.resolve().parents[1].name}@{folder.id}"


def _finished(step: Step, run: Run) -> RunFolder:
    """The finished run of a step. Raises Halted where it examined something that did not pass."""
    folder = decide(run).folder
    if folder is None or not folder.finished:
        what = f"has ended, and no finished run of it is found in {run.output}/{run.name}"
        raise ArtifactError.one(step.called, what, "give the same command again")
    if read(folder).passed is False:
        raise Halted(step, FAILED)
    return folder


def steps_of(pipeline: Pipeline) -> Iterator[Step]:
    """Each step once, those of a round as in the first one: to be checked before anything runs."""
    seed = pipeline.seeds[0]
    for name, lines in pipeline.steps.items():
        yield Step(name, seed, None, lines)
    if pipeline.rounds is not None:
        for name, lines in pipeline.rounds.steps.items():
            yield Step(name, SEEDS_APART * seed + 1, 1, lines)

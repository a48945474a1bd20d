"""`pipeline=NAME`: several ordinary runs by one command; what is made already is skipped.

    python -m reasoning_lab pipeline=NAME [pipeline.KEY=VALUE …] [STEP.KEY=VALUE …] [KEY=VALUE …]

`pipeline.KEY` changes the pipeline, `STEP.KEY` one step, any other override all steps.
"""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from omegaconf import OmegaConf
from rich.console import Console

from reasoning_lab.cli.begin import begin, say
from reasoning_lab.cli.compose import attempt
from reasoning_lab.cli.network import out_of_reach
from reasoning_lab.cli.pipeline_steps import (
    check_steps,
    folded,
    outside_pins,
    pin_step,
    pinned_pipeline,
)
from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.pipelines import screen
from reasoning_lab.pipelines.place import folder_of, note, noted, taken
from reasoning_lab.pipelines.signals import heard
from reasoning_lab.pipelines.walk import Halted, Pinned, Step, Visit, Way
from reasoning_lab.report.pages import rounds_page
from reasoning_lab.report.rounds import table
from reasoning_lab.report.rounds.outcome import outcome
from reasoning_lab.report.rounds.round import Round
from reasoning_lab.report.text.words import counted
from reasoning_lab.runs.discard import absent, remove_empty
from reasoning_lab.runs.spawn import WORKER
from reasoning_lab.schema.pipeline import GROUP_OF_PIPELINES, Pipeline, own_settings, pipeline_of
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.vocabulary import choices

INTERRUPTED = 130
STOPPED = (130, 143)
_SHOW = ("--cfg", "-c")


def run_pipeline(arguments: Sequence[str]) -> int:
    """Go through a pipeline, or show it; return the exit status of the step that ended it, or 0.

    Raises LabError when refused: with every problem of the pipeline and of its steps.
    """
    shows, overrides = _flags(arguments)
    pipeline, problems = _composed(overrides)
    runs = check_steps(pipeline, problems)
    if shows:
        shown = pipeline.model_dump(mode="json", by_alias=True)
        sys.stdout.write(OmegaConf.to_yaml(OmegaConf.create({GROUP_OF_PIPELINES: shown})))
        return 0
    return go_through(pipeline, runs, f"{screen.PROGRAM} {shlex.join(arguments)}")


def go_through(
    pipeline: Pipeline, runs: Sequence[Run], command: str, program: Sequence[str] = WORKER
) -> int:
    """Run what is not made of a pipeline, or show the plan; `runs` are its steps, checked.

    `command` is what would go on with it; `program` what Python is given to run on a run's folder.
    """
    output = runs[0].output
    if pipeline.plan:
        return _Journey(pipeline, _as_begun(pipeline, runs), output).show_plan()
    if missing := [one for run in runs for one in out_of_reach(run)]:
        raise ConfigError(*dict.fromkeys(missing))
    pinned, absent_yet = _as_begun(pipeline, runs), absent(Path(output))
    claim = taken(pipeline, output, say)
    try:
        return _Journey(pipeline, pinned, output, program).go(command)
    finally:
        claim.release()
        remove_empty(absent_yet)


def _flags(arguments: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether `--cfg job` stands there, and the overrides."""
    rest, shows = list(arguments), False
    for flag in _SHOW:
        if flag in rest and rest[rest.index(flag) + 1 :][:1] == ["job"]:
            place = rest.index(flag)
            shows, rest = True, rest[:place] + rest[place + 2 :]
    if flags := [one for one in rest if one.startswith("-")]:
        what = "is not for a pipeline, which is several runs by itself"
        cure = "several seeds: pipeline.seeds=[0,1,2]; what it would do: pipeline.plan=true"
        raise ConfigError(*(Problem(one, what, cure) for one in flags))
    return shows, rest


def _composed(overrides: Sequence[str]) -> tuple[Pipeline, list[Problem]]:
    """The pipeline that the command asks for, with what it says of its steps in them; and what is
    wrong with the command all the same.

    Raises ConfigError where no pipeline can be made of it.
    """
    mine = [one for one in overrides if _head(one) == GROUP_OF_PIPELINES]
    given = [one for one in overrides if one not in mine]
    if not any(one.startswith(f"{GROUP_OF_PIPELINES}=") for one in mine):
        known = " or ".join(f"{GROUP_OF_PIPELINES}={name}" for name in choices(GROUP_OF_PIPELINES))
        raise ConfigError.one(mine[0], "is of a pipeline, and none is chosen", f"add {known}")
    composed, problems = attempt(mine)
    problems += own_settings("", given)
    given = [one for one in given if not [*own_settings("", [one])]]
    try:
        return folded(pipeline_of(composed.get(GROUP_OF_PIPELINES) or {}), given), problems
    except ConfigError as error:
        found = [*problems, *error.problems] if composed.get(GROUP_OF_PIPELINES) else problems
        raise ConfigError(*found) from None


def _head(override: str) -> str:
    return override.lstrip("+~").partition("=")[0].partition(".")[0]


def _as_begun(pipeline: Pipeline, runs: Sequence[Run]) -> Pipeline:
    """The pipeline with runs from outside pinned: as they were when it was begun, if it was."""
    before = noted(folder_of(pipeline, runs[0].output))
    if before is None:
        return pinned_pipeline(pipeline, outside_pins(runs))
    begun = pipeline_of({**before["pinned"], "plan": pipeline.plan})
    for name, lines in pipeline.every_step().items():
        for asked, there in zip(lines, begun.every_step()[name], strict=True):
            if asked != there:
                say(f"{name}: {asked} is still {there.partition('=')[2]}")
    return begun


@dataclass
class _Journey:
    """All seeds of a pipeline, one after the other; `pinned` is what is run of what was asked."""

    asked: Pipeline
    pinned: Pipeline
    output: str
    program: Sequence[str] = WORKER
    console: Console = field(default_factory=Console)
    rounds: list[Round] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    shown: int = 0  # of the rounds, in the newest table on the screen

    @property
    def place(self) -> Path:
        return folder_of(self.asked, self.output)

    def show_plan(self) -> int:
        """Say what there is of each step, and run nothing."""
        for seed in self.asked.seeds:
            self._way(seed, dry=True).go()
        screen.show(self.pinned, self.visits, self.console)
        return 0

    def go(self, command: str) -> int:
        """Run what is not made yet; return the exit status."""
        try:
            for seed in self.asked.seeds:
                self._way(seed, dry=False).go()
        except Halted as halted:
            if halted.status in STOPPED:
                why = f"stopped in step {halted.step.called}"
            else:
                why = f"step {halted.step.called} ended with status {halted.status}"
            say(f"{self.asked.name}: {why}. The same command goes on there:\n  {command}")
            return halted.status
        except KeyboardInterrupt:
            say(f"{self.asked.name}: stopped. The same command goes on there:\n  {command}")
            return INTERRUPTED
        finally:
            self._keep()
        if self.shown < len(self.rounds):
            self._show()
        if self.pinned.rounds is not None:
            for seed, mine in table.by_seed(self.rounds).items():
                say(outcome(seed, mine, self.pinned.rounds.most))
        skipped = sum(one.is_skipped for one in self.visits)
        say(f"{self.asked.name}: {counted(len(self.visits), 'step')}, {skipped} of them skipped")
        return 0

    def _way(self, seed: int, *, dry: bool) -> Way:
        earlier = list(self.rounds)

        def judged(found: Sequence[Round]) -> None:
            self.rounds = [*earlier, *found]
            if not dry:
                self._report()

        return Way(
            pipeline=self.pinned,
            seed=seed,
            output=Path(self.output),
            pin=self._pin,
            make=None if dry else self._make,
            seen=self.visits.append if dry else self._seen,
            judged=judged,
        )

    def _pin(self, step: Step) -> Pinned:
        return pin_step(self.pinned, step)

    def _seen(self, visit: Visit) -> None:
        self.visits.append(visit)
        screen.announce(visit, self.asked, self.console)
        self._keep()

    def _make(self, pinned: Pinned) -> int:
        group = f"{self.asked.name}-{self.place.name}"
        with heard() as stopped:
            status = begin(pinned.run.model_copy(update={"group": group}), program=self.program)
            return status or stopped()

    def _report(self) -> None:
        table.write_csv(self.place, self.rounds)
        rounds_page.write(self.place, self.asked, self.rounds, self._steps())
        # Of rounds that were made before, one table at the end is enough.
        if self.rounds[-1].number and not self.visits[-1].is_skipped:
            self._show()

    def _show(self) -> None:
        table.show(self.rounds, self.place, self.console)
        self.shown = len(self.rounds)

    def _steps(self) -> list[Mapping[str, object]]:
        return [screen.row(one) for one in self.visits]

    def _keep(self) -> None:
        note(self.place, self.asked, self.pinned, self._steps())

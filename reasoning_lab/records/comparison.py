"""`comparison.json`: what a comparison of runs on the same problems found."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_json
from reasoning_lab.schema.base import Strict
from reasoning_lab.statistics.interval import Estimate
from reasoning_lab.statistics.paired import TestName

COMPARISON = "comparison.json"
PROBLEM_SET = "problems"
"""The part of the settings that says which problems were measured."""
Verdicted = Literal["better", "worse", "not distinguishable", "budget-limited"]
Program = Literal["lab", "lm-eval", "inspect"]


class ComparedRun(Strict):
    """One run of a comparison, and of how many problems it holds answers.

    `label` is its letter, `name` what it is called, `place` its id or file. `side`: of the lab's
    own answers, those after a training or before it. `alone`: problems that not all runs have.
    `measured_by`: the hash of all settings that can change a score, None where nobody says;
    `measured_with`: that of each part of them.
    """

    label: str
    name: str
    place: str
    program: Program
    side: Literal["after", "before"] | None
    problems: int
    alone: int
    measured_by: str | None
    measured_with: dict[str, str]


class RunRates(Strict):
    """A run's figures in one way, over the problems that are compared.

    `score`: mean of how right the answers are; `cut_off` and `empty`: shares of its completions
    that ended at the limit, and in which nothing is answered; `tokens`: mean length. None where the
    log does not say. `alike`: the sets it belongs to, as places in `ComparedWay.alike`.
    """

    label: str
    way: str
    score: Estimate
    cut_off: Estimate | None
    empty: Estimate
    tokens: Estimate | None
    alike: tuple[int, ...]


class RunPair(Strict):
    """Two runs of one way: `difference` is the second's score above the first's, in [-1, 1].

    `lost` and `gained`: problems that only the first has right, and only the second; None where
    answers may be partly right, or there are several. `p` is that of the test, `adjusted` after
    Holm over all pairs of the way, which decides the verdict on the second. `more`: how many more
    problems would tell them apart, four times of five, if they differ as they seem to; None where
    no number says it.
    """

    first: str
    second: str
    difference: Estimate
    lost: int | None
    gained: int | None
    test: TestName
    p: float
    adjusted: float
    verdict: Verdicted
    more: int | None

    @property
    def name(self) -> str:
        """`b-a`, as metrics call it."""
        return f"{self.second}-{self.first}"


class ComparedWay(Strict):
    """All runs in one way of answering, on `problems` problems; `changed` of them changed sides.

    `unjudged`: common problems that are left out, since an answer to them was not judged. `alike`:
    the largest sets of runs that were not told apart.
    """

    name: str
    problems: int
    unjudged: int
    changed: int
    runs: tuple[RunRates, ...]
    pairs: tuple[RunPair, ...]
    alike: tuple[tuple[str, ...], ...]


class ComparedRuns(Strict):
    """A whole comparison; `common` problems are those that all runs have.

    `left_out`: ways that not all runs have, by the labels of those that have them.
    """

    runs: tuple[ComparedRun, ...]
    common: int
    ways: tuple[ComparedWay, ...]
    left_out: dict[str, tuple[str, ...]]

    @property
    def settings_apart(self) -> list[str]:
        """Parts of the settings in which two of the runs are known to differ, but for the problems,
        of which only common ones are compared; `other settings` where no part is named. A way that
        one run alone has is not compared, so it is no difference.
        """
        known = [run for run in self.runs if run.measured_by is not None]
        if len({run.measured_by for run in known}) < 2:
            return []
        parts: dict[str, set[str]] = {}
        for run in known:
            for part, digest in run.measured_with.items():
                parts.setdefault(part, set()).add(digest)
        apart = [part for part, digests in parts.items() if len(digests) > 1]
        return [part for part in apart if part != PROBLEM_SET] if parts else ["other settings"]

    @property
    def settings_unknown(self) -> list[str]:
        """The labels of the runs that do not say with which settings they were measured."""
        return [run.label for run in self.runs if run.measured_by is None]

    def write(self, folder: Path) -> None:
        """Write `comparison.json` in `folder`."""
        write_json(folder / COMPARISON, self.model_dump(mode="json"))


def read_comparison(folder: Path) -> ComparedRuns:
    """The comparison that lies in `folder`. Raises ArtifactError where it is none."""
    try:
        return ComparedRuns.model_validate_json((folder / COMPARISON).read_bytes())
    except (OSError, ValidationError) as error:
        what = f"is not a comparison of this version of the lab: {error}"
        raise ArtifactError.one(str(folder / COMPARISON), what, "compare the runs again") from error

"""Which ways of answering are compared: those of one name, or those that are named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasoning_lab.comparing.entrants import Entrant
from reasoning_lab.errors import ArtifactError


@dataclass(frozen=True, slots=True)
class Chosen:
    """A way that is compared: its heading, and what each run calls it, by the run's label."""

    name: str
    called: Mapping[str, str]


def choose_ways(runs: Sequence[Entrant], wanted: Sequence[str] | None) -> list[Chosen]:
    """The ways to compare: every one of one name; or the one `wanted` of all runs, or of each.

    Where none is wanted and none has one name everywhere, but each run has only one, it is these.
    Raises ArtifactError where a run has no such way, or they have none in common.
    """
    if wanted is not None:
        names = [*wanted] * (len(runs) if len(wanted) == 1 else 1)
        called = {run.label: name for run, name in zip(runs, names, strict=True)}
        for run in runs:
            if called[run.label] not in run.ways:
                what = f"{run.label} has no answers called {called[run.label]!r}"
                raise ArtifactError.one("stage.answers", what, _ways(runs))
        return [Chosen(" vs ".join(dict.fromkeys(names)), called)]
    shared = [way for way in runs[0].ways if all(way in run.ways for run in runs)]
    if shared:
        return [Chosen(way, {run.label: way for run in runs}) for way in shared]
    if all(len(run.ways) == 1 for run in runs):
        return choose_ways(runs, [run.ways[0] for run in runs])
    what = "no way of answering has one name in all runs"
    cure = f"say one for each: answers=[{','.join(run.ways[0] for run in runs)}]; {_ways(runs)}"
    raise ArtifactError.one("stage.answers", what, cure)


def left_out(runs: Sequence[Entrant], chosen: Sequence[Chosen]) -> dict[str, tuple[str, ...]]:
    """The ways that are not compared, by the labels of the runs that have them."""
    taken = {(label, way) for one in chosen for label, way in one.called.items()}
    found: dict[str, tuple[str, ...]] = {}
    for run in runs:
        for way in run.ways:
            if (run.label, way) not in taken:
                found[way] = (*found.get(way, ()), run.label)
    return found


def _ways(runs: Sequence[Entrant]) -> str:
    return "; ".join(f"{run.label} has {', '.join(run.ways) or 'none'}" for run in runs)

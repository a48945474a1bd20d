"""What a round came to, from the manifests and the held-out answers of its runs alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.errors import ArtifactError
from reasoning_lab.pipelines.distance import relative_distance
from reasoning_lab.records.answer import read_problems
from reasoning_lab.report.rounds.round import PASS, Round
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema.pipeline import Rounds
from reasoning_lab.schema.rules.places import EMBEDDED
from reasoning_lab.statistics.interval import Estimate, paired_difference


@dataclass(frozen=True, slots=True)
class Model:
    """The model of a round: what a setting calls it (`embedded:tiny`, `run:NAME@ID`), the folder of
    its weights where that is at hand, and the run that measured it.
    """

    number: int
    path: str
    weights: Path | None
    measured: RunFolder


@dataclass(frozen=True, slots=True)
class Made:
    """A round that has been made: its number, seed, the runs of its steps, what it built on."""

    number: int
    seed: int
    steps: Mapping[str, RunFolder]
    built_on: int


def base_round(rounds: Rounds, seed: int, base: Model) -> Round:
    """Round 0: the base as it was measured. Raises ArtifactError where `way` was not."""
    manifest = read(base.measured)
    return Round(
        seed=seed,
        number=0,
        run=manifest.id,
        folder=str(base.measured.path),
        way=rounds.way,
        scores=_scores(manifest, base.measured, rounds.way),
        over_base={},
        over_best={},
        best_before=None,
        built_on=None,
        logged=dict.fromkeys(rounds.log),
        distance=None,
        seconds=manifest.seconds,
    )


def round_of(rounds: Rounds, made: Made, model: Model, base: Model, best: Model) -> Round:
    """What the round came to.

    Raises ArtifactError where its model was measured on other problems than the base or the best,
    by another judge or with other settings, or not in the way that decides.
    """
    manifests = {name: read(folder) for name, folder in made.steps.items()}
    measured = made.steps[rounds.measured]
    manifest = manifests[rounds.measured]
    _require_like(manifest, read(base.measured))
    logged = {}
    for column, value in rounds.log.items():
        step, _, metric = value.partition(":")
        logged[column] = manifests[step].metrics.get(metric)
    return Round(
        seed=made.seed,
        number=made.number,
        run=manifest.id,
        folder=str(measured.path),
        way=rounds.way,
        scores=_scores(manifest, measured, rounds.way),
        over_base=_gains(measured, base.measured, rounds.way),
        over_best=_gains(measured, best.measured, rounds.way),
        best_before=best.number,
        built_on=made.built_on,
        logged=logged,
        distance=_distance(base, model),
        seconds=sum(one.seconds for one in manifests.values()),
    )


def _scores(manifest: Manifest, folder: RunFolder, way: str) -> dict[str, Estimate]:
    """pass@1 in each way, after training where there was any."""
    found = {
        key.removeprefix("after/").removesuffix(f"/{PASS}"): value
        for key, value in manifest.metrics.items()
        if key.endswith(f"/{PASS}") and not key.startswith(("before/", "gain/"))
    }
    if way not in found:
        known = ", ".join(found) or "nothing"
        raise ArtifactError.one(
            "pipeline.rounds.way",
            f"{folder.path} did not measure {way!r}; it measured {known}",
            "use one of these, or choose it in that step: way=[…]",
        )
    return found


def _gains(measured: RunFolder, other: RunFolder, way: str) -> dict[str, Estimate]:
    """The paired difference of each way that both were measured in; of no problems, none."""
    new, old = _answers(measured), _answers(other)
    found: dict[str, Estimate] = {}
    for name in new:
        if name not in old:
            continue
        if new[name].keys() != old[name].keys():
            raise _other_problems(measured, other)
        pairs = [(old[name][key], new[name][key]) for key in new[name]]
        judged = [(a, b) for a, b in pairs if a is not None and b is not None]
        if judged:
            before, after = zip(*judged, strict=True)
            found[name] = paired_difference(before, after, bounds=(-1.0, 1.0))
    if way not in found:
        what = f"no problem was judged in both {measured.path} and {other.path} ({way})"
        raise ArtifactError.one("pipeline.rounds.way", what, "measure both in that way")
    return found


def _require_like(manifest: Manifest, base: Manifest) -> None:
    """Raise ArtifactError where what can change a score was not the same in both measurements."""
    new, old = manifest.measured_with, base.measured_with
    other = [part for part in new if part in old and new[part] != old[part]]
    if other:
        raise ArtifactError.one(
            "pipeline.rounds.measured",
            f"{manifest.id} and {base.id} differ in {', '.join(other)}: no gain can be told",
            "say the same in both steps (data, reward, way, stage.evaluation)",
        )


def _other_problems(measured: RunFolder, other: RunFolder) -> ArtifactError:
    return ArtifactError.one(
        "pipeline.rounds.measured",
        f"{measured.path} measured other problems than {other.path}: nothing can be paired",
        "let both measure the same data, with the same data.seed and stage.evaluation.problems",
    )


def _answers(folder: RunFolder) -> dict[str, dict[str, float | None]]:
    """By way and problem the share of right answers; None where one was not judged."""
    found: dict[str, dict[str, float | None]] = {}
    for one in read_problems(folder.problems):
        for way, answers in one.after.answers.items():
            verdicts = [answer.correct for answer in answers]
            known = bool(verdicts) and None not in verdicts
            share = sum(map(bool, verdicts)) / len(verdicts) if known else None
            found.setdefault(way, {})[f"{one.id}\n{one.question}"] = share
    return found


def _distance(base: Model, model: Model) -> float | None:
    """None where the weights of one are not at hand, as those of a hub."""
    if base.weights is None or model.weights is None:
        return None
    return relative_distance(base.weights, model.weights)


def weights_of(path: str, output: Path) -> Path | None:
    """The folder of the weights that `model.path` names; None where they are not on this machine.

    Raises ArtifactError for a run that is not there.
    """
    if path.startswith("embedded:"):
        return EMBEDDED / path.removeprefix("embedded:")
    found = resolve(path, ("model", "adapter"), output).path
    return found if found.is_dir() else None

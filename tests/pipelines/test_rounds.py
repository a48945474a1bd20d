"""When rounds end, what they build on, and what is told of them: on constructed results."""

import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from made import ROUNDS, pipeline, plain, rounds, walk
from safetensors.numpy import save_file

from reasoning_lab.errors import ArtifactError
from reasoning_lab.pipelines.distance import relative_distance
from reasoning_lab.report.pages.rounds_page import render
from reasoning_lab.report.rounds.round import MOST, NO_GAIN, best_of
from reasoning_lab.report.rounds.table import write_csv
from reasoning_lab.schema.reference import references
from reasoning_lab.schema.run import Run

N = 200


def right_of(shares: Sequence[float]):
    """Answers of which so many are right in round 0, 1, 2, …: the first problems."""

    def right(run: Run) -> list[bool]:
        number = 0 if run.stage.kind == "evaluate" else int(run.name.rpartition("_")[2])
        return [place < shares[number] * N for place in range(N)]

    return right


# Shares of right answers; then the number of rounds, the best one, why they ended, and of each
# round from 1 on which model was sampled from.
CASES = [
    ((0.4, 0.7, 0.9, 0.9), 3, 2, NO_GAIN, [0, 1, 2]),
    ((0.4, 0.4), 1, 0, NO_GAIN, [0]),
    ((0.4, 0.41), 1, 0, NO_GAIN, [0]),  # higher, and not to be told from it
    ((0.4, 0.2, 0.6, 0.6), 3, 2, NO_GAIN, [0, 0, 2]),  # worse: kept, not built on
    ((0.4, 0.6, 0.3, 0.61), 3, 1, NO_GAIN, [0, 1, 1]),
    ((0.2, 0.4, 0.6, 0.8, 1.0), 4, 4, MOST, [0, 1, 2, 3]),
    ((0.4, 0.3, 0.2, 0.1, 0.0), 4, 0, MOST, [0, 0, 0, 0]),
]


@pytest.mark.parametrize(("shares", "made", "best", "why", "sampled"), CASES)
def test_rounds_go_on_while_they_gain(
    shares: Sequence[float], made: int, best: int, why: str, sampled: list[int], tmp_path: Path
) -> None:
    walked = walk(pipeline(plain(), tmp_path), right_of(shares))
    assert [one.number for one in walked.rounds] == [*range(made + 1)]
    assert (best_of(walked.rounds).number, walked.stopped) == (best, why)
    paths = [model_of(one.pinned.run) for one in walked.visits if one.step.name == "sample"]
    learned = {f"small_learn_{n}": n for n in range(1, made + 1)}
    named = [path.removeprefix("run:").partition("@")[0] for path in paths]
    assert [learned.get(name, 0) for name in named] == sampled
    starts = [model_of(one.pinned.run) for one in walked.visits if one.step.name == "learn"]
    assert starts == ["embedded:tiny"] * made


def test_training_may_go_on_from_the_best(tmp_path: Path) -> None:
    found = pipeline(rounds(most=3, **{"from": "best"}), tmp_path)
    walked = walk(found, right_of((0.4, 0.6, 0.3, 0.8)))
    assert [one.built_on for one in walked.rounds] == [None, 0, 1, 1]
    assert [one.best_before for one in walked.rounds] == [None, 0, 1, 1]
    assert [one.verdict for one in walked.rounds] == ["", "better", "worse", "better"]


def test_the_base_may_be_what_a_step_made(tmp_path: Path) -> None:
    steps = {
        "teach": ["stage=sft", "model=tiny"],
        "before": ["stage=evaluate", "model.path=run:teach"],
    }
    found = pipeline(rounds(base="run:teach", most=1) | {"steps": steps}, tmp_path)
    assert walk(found, dry=True).states() == {
        "teach": "new",
        "before": None,
        "round 1, sample": None,
        "round 1, learn": None,
    }
    walked = walk(found, lambda run: [run.name == "small_learn_1"] * N)
    assert [one.verdict for one in walked.rounds] == ["", "better"]
    sample, learn = (one.pinned.run for one in walked.visits[2:])
    assert model_of(sample) == model_of(learn)
    assert model_of(learn).startswith("run:small_teach@")


def test_previous_is_the_round_before_whatever_it_was_worth(tmp_path: Path) -> None:
    sample = ["stage=reject", "model=tiny", "model.path=run:previous"]
    found = pipeline(rounds(most=3, steps={**ROUNDS["steps"], "sample": sample}), tmp_path)
    walked = walk(found, right_of((0.4, 0.3, 0.6, 0.9)))
    paths = [model_of(one.pinned.run) for one in walked.visits if one.step.name == "sample"]
    assert paths[0] == "embedded:tiny"
    assert [path.partition("@")[0] for path in paths[1:]] == [
        "run:small_learn_1",
        "run:small_learn_2",
    ]


def test_each_round_draws_with_a_seed_of_its_own(tmp_path: Path) -> None:
    found = pipeline(plain(seeds=[3]), tmp_path)
    walked = walk(found, right_of((0.4, 0.2, 0.1, 0.3, 0.4)))
    seeds = [one.pinned.run.stage.seed for one in walked.visits if one.step.name == "sample"]
    assert seeds == [301, 302, 303, 304]


def test_the_gains_are_paired_over_the_same_problems(tmp_path: Path) -> None:
    def shuffled(run: Run) -> list[bool]:
        # As many right as before, on other problems: no gain, and not "unchanged".
        first = run.stage.kind == "evaluate"
        return [(place < N / 2) is first for place in range(N)]

    walked = walk(pipeline(rounds(most=1), tmp_path), shuffled)
    gain = walked.rounds[1].over_base["greedy"]
    assert (gain.value, gain.n, gain.unmoved) == (0.0, N, False)
    assert gain.low < -0.1
    assert gain.high > 0.1


def test_a_round_that_measured_other_problems_is_refused(tmp_path: Path) -> None:
    def fewer(run: Run) -> list[bool]:
        return [True] * (N if run.stage.kind == "evaluate" else N - 1)

    with pytest.raises(ArtifactError) as refused:
        walk(pipeline(plain(), tmp_path), fewer)
    assert refused.value.problems[0].where == "pipeline.rounds.measured"
    with pytest.raises(ArtifactError) as refused:
        walk(pipeline(rounds(way="sampled"), tmp_path), right_of((0.4, 0.5)))
    assert refused.value.problems[0].where == "pipeline.rounds.way"


def test_a_round_that_was_measured_otherwise_is_refused(tmp_path: Path) -> None:
    found = pipeline(plain(), tmp_path)
    walk(found, right_of((0.4, 0.6, 0.6)))
    for name, judge in (("before", "one"), ("learn_1", "another")):
        (path,) = tmp_path.glob(f"small_{name}/*/0/manifest.json")
        said = json.loads(path.read_text())
        said["measured_with"] = {"judge": judge}
        path.write_text(json.dumps(said))
    with pytest.raises(ArtifactError) as refused:
        walk(found)
    assert refused.value.problems[0].where == "pipeline.rounds.measured"
    assert "judge" in refused.value.problems[0].what


def test_the_csv_and_the_page_say_what_came_of_each_round(tmp_path: Path) -> None:
    found = pipeline(plain(), tmp_path)
    walked = walk(found, right_of((0.4, 0.2, 0.6, 0.6)))
    rows = list(csv.DictReader(write_csv(tmp_path, walked.rounds).open(encoding="utf-8")))
    assert [row["round"] for row in rows] == ["0", "1", "2", "3"]
    assert [row["verdict"] for row in rows] == ["", "worse", "better", "unchanged"]
    assert [float(row["greedy/pass@1"]) for row in rows] == [0.4, 0.2, 0.6, 0.6]
    assert rows[0]["over_best/greedy/pass@1"] == ""
    assert math.isclose(float(rows[2]["over_base/greedy/pass@1"]), 0.2)
    assert {row["yield"] for row in rows} == {""}  # the pen leaves none: not 0
    page = render(tmp_path, found, walked.rounds, [])
    assert page.count("<svg") >= 1
    assert "<script" not in page
    assert "the best is round 2, over the base greedy +20.0" in page


def model_of(run: Run) -> str:
    return next(one.value for one in references(run) if one.key == "model.path")


def test_the_distance_is_that_of_the_weights(tmp_path: Path) -> None:
    places = [tmp_path / name for name in "abc"]
    for place in places:
        place.mkdir()
    start = {"x": np.full((3, 4), 2.0, np.float32), "y": np.array([1.0, -1.0], np.float16)}
    save_file(start, places[0] / "model.safetensors")
    moved = {"x": start["x"] + np.float32(0.5), "y": start["y"]}
    save_file(moved, places[1] / "model.safetensors")
    save_file({"x": start["x"]}, places[2] / "model.safetensors")
    expected = math.sqrt(12 * 0.25 / (12 * 4 + 2))
    assert relative_distance(*places[:2]) == pytest.approx(expected)
    assert relative_distance(places[0], places[0]) == 0
    assert relative_distance(places[0], places[2]) is None
    (places[1] / "adapter_config.json").touch()
    assert relative_distance(*places[:2]) is None


def test_bfloat16_weights_are_read_as_what_they_are(tmp_path: Path) -> None:
    for name, values in (("a", [1.0, -2.5]), ("b", [1.0, -3.5])):
        upper = np.array(values, np.float32).view(np.uint32) >> 16
        raw = upper.astype("<u2").tobytes()
        header = b'{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
        (tmp_path / name).mkdir()
        content = len(header).to_bytes(8, "little") + header + raw
        (tmp_path / name / "model.safetensors").write_bytes(content)
    found = relative_distance(tmp_path / "a", tmp_path / "b")
    assert found == pytest.approx(1 / math.sqrt(1 + 6.25))

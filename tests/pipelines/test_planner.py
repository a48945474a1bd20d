"""Which steps run again: decided on hashes alone, nothing trains."""

import json
import os
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from made import ROUNDS, leaves, pen, pipeline, plain, rounds, walk, with_leaf

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.pipeline_steps import check_steps, outside_pins, pinned_pipeline
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.pipelines.same import decide, outcome_key
from reasoning_lab.pipelines.signals import heard
from reasoning_lab.runs.artifacts import split_content
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import IGNORED
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reference import references

# One step feeds two others, and one stands alone.
CHAIN = plain(
    rounds=None,
    steps={
        "draw": ["stage=reject", "model=tiny", "data.train_size=50"],
        "learn": ["stage=sft", "model=tiny", "data=from_run", "data.path=run:draw"],
        "again": ["stage=sft", "model.path=run:learn", "data=from_run", "data.path=run:draw"],
        "alone": ["stage=evaluate", "model=tiny"],
    },
)


def test_what_is_made_is_not_made_again(tmp_path: Path) -> None:
    found = pipeline(CHAIN, tmp_path)
    assert walk(found).made == ["small_draw", "small_learn", "small_again", "small_alone"]
    assert walk(found).made == []


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ("draw.stage.keep=2", {"small_draw", "small_learn", "small_again"}),
        ("learn.stage.max_steps=7", {"small_learn", "small_again"}),
        ("again.stage.learning_rate=1e-5", {"small_again"}),
        ("alone.stage.evaluation.problems=7", {"small_alone"}),
        ("tracker.kind=none", set()),
    ],
)
def test_a_change_runs_what_comes_after_it_again_and_nothing_else(
    given: str, again: set[str], tmp_path: Path
) -> None:
    walk(pipeline(CHAIN, tmp_path))
    assert {*walk(pipeline(CHAIN, tmp_path, given)).made} == again
    assert walk(pipeline(CHAIN, tmp_path)).made == []


def test_every_leaf_that_decides_the_outcome_is_in_the_hash(tmp_path: Path) -> None:
    walk(pipeline(CHAIN, tmp_path))
    for name in ("small_draw", "small_again", "small_alone"):
        (place,) = tmp_path.glob(f"{name}/*/0/run.json")
        config = json.loads(place.read_text(encoding="utf-8"))
        key = outcome_key(config)
        for leaf in leaves(config):
            changed = outcome_key(with_leaf(config, leaf, "another value"))
            ignored = leaf.partition(".")[0] in IGNORED or leaf == "model.parameters"
            assert (changed == key) is ignored, leaf


def test_a_step_whose_weights_were_changed_or_are_gone_runs_again(tmp_path: Path) -> None:
    found = pipeline(CHAIN, tmp_path)
    walk(found)
    (weights,) = tmp_path.glob("small_learn/*/0/model/bytes")
    weights.write_text("others")
    assert walk(found).made == ["small_learn"]  # made alike, so nothing after it
    for folder in tmp_path.glob("small_draw/*/0/dataset"):
        shutil.rmtree(folder)
    assert walk(found).made == ["small_draw"]


def test_a_run_json_that_was_changed_by_hand_is_not_taken_for_its_run(tmp_path: Path) -> None:
    found = pipeline(CHAIN, tmp_path)
    walk(found)
    (place,) = tmp_path.glob("small_alone/*/0/run.json")
    place.write_text(place.read_text().replace('"seed": 1234', '"seed": 1235'))
    changed = pipeline(CHAIN, tmp_path, "alone.stage.evaluation.seed=1235")
    assert walk(changed).made == ["small_alone"]


def test_a_reference_means_the_steps_own_run_and_never_the_latest_of_its_name(
    tmp_path: Path,
) -> None:
    found = pipeline(CHAIN, tmp_path)
    walked = walk(found)
    drawn = walked.visits[0].pinned
    assert drawn is not None
    # A newer run of the same name, of other settings.
    newer = drawn.run.model_copy(update={"seed": 99})
    pen(newer)
    second = walk(found)
    assert second.made == []
    learn = second.visits[1].pinned
    assert learn is not None
    (reference,) = [one for one in references(learn.run) if one.key == "data.path"]
    plain_reference, content = split_content(reference.value)
    assert content is not None
    folder = plain_reference.partition("@")[2]
    assert RunFolder(tmp_path / "small_draw" / folder).finished
    assert decide(drawn.run).folder == RunFolder(tmp_path / "small_draw" / folder)


def test_a_run_from_outside_stays_the_one_that_the_pipeline_was_begun_on(tmp_path: Path) -> None:
    first = pipeline(plain(rounds=None, steps={"draw": CHAIN["steps"]["draw"]}), tmp_path)
    walk(first)
    said = plain(
        name="other",
        rounds=None,
        steps={"learn": ["stage=sft", "data=from_run", "data.path=run:small_draw@latest"]},
    )
    asked = pipeline(said, tmp_path)
    begun = pinned_pipeline(asked, outside_pins(check_steps(asked)))
    assert walk(begun).made == ["other_learn"]
    pen(check(compose([*asked.shared, *first.steps["draw"], "name=small_draw", "seed=5"])))
    assert walk(begun).made == []
    assert walk(asked).made == ["other_learn"]


def test_the_printed_command_is_the_step(tmp_path: Path) -> None:
    for visit in walk(pipeline(rounds(most=2), tmp_path)).visits:
        assert visit.pinned is not None
        typed = shlex.split(shlex.join(visit.pinned.lines))
        assert preflight(check(compose(typed))) == visit.pinned.run


def test_the_plan_says_what_is_there_and_makes_nothing(tmp_path: Path) -> None:
    found = pipeline(CHAIN, tmp_path)
    waits = {"draw": "new", "learn": None, "again": None, "alone": "new"}
    assert walk(found, dry=True).states() == waits
    assert not list(tmp_path.iterdir())
    walk(found)
    changed = pipeline(CHAIN, tmp_path, "learn.stage.max_steps=7")
    said = {"draw": "finished", "learn": "new", "again": None, "alone": "finished"}
    assert walk(changed, dry=True).states() == said


def test_the_plan_follows_the_rounds_as_far_as_they_are_made(tmp_path: Path) -> None:
    found = pipeline(plain(), tmp_path)
    assert walk(found, dry=True).states() == {
        "before": "new",
        "round 1, sample": None,
        "round 1, learn": None,
    }
    walk(pipeline(rounds(most=1), tmp_path))
    more = pipeline(rounds(most=1, steps={**ROUNDS["steps"]}), tmp_path, "learn.stage.max_steps=7")
    assert walk(more, dry=True).states() == {
        "before": "finished",
        "round 1, sample": "finished",
        "round 1, learn": "new",
    }


def test_a_stop_that_another_part_of_the_program_took_is_heard() -> None:
    earlier = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        with heard() as stopped:
            assert stopped() == 0
            os.kill(os.getpid(), signal.SIGINT)
            assert stopped() == 130
            assert stopped() == 0
    finally:
        signal.signal(signal.SIGINT, earlier)

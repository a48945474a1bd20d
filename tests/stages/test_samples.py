"""The viewer shows completions of the wanted verdict, early and late ones, and says what it has."""

from collections import Counter
from pathlib import Path

import pytest
from stored_run import again, shown, store, stored, train

from reasoning_lab.errors import ConfigError
from reasoning_lab.records.rollout import read_rollouts
from reasoning_lab.stages import samples


@pytest.mark.parametrize("width", [80, 120])
def test_all_verdicts_are_shown_with_their_counts(tmp_path: Path, width: int) -> None:
    source = train(tmp_path, part=6_000)
    seen = Counter(one.verdict for one in read_rollouts(source.samples))
    view = again(samples, tmp_path)
    text = shown(width, *view)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.replace("│", " ").split())
    assert "72 completions of 6 steps (1 to 6)" in flat
    for verdict, number in seen.items():
        assert f"{verdict} {number} (" in flat
        assert f"· {verdict}" in flat
    assert "advantage" in flat
    assert "asked: " in flat
    assert [one.id for one in view[2].parents] == [source.id]


def test_one_verdict_from_the_first_step_to_the_last(tmp_path: Path) -> None:
    source = train(tmp_path)
    wrong = [one.step for one in read_rollouts(source.samples) if one.verdict == "wrong"]
    run, folder, manifest = again(samples, tmp_path, "samples.verdict=wrong", "samples.count=2")
    kept = list(read_rollouts(folder.samples))
    assert {one.verdict for one in kept} == {"wrong"}
    assert len(kept) == min(20, len(wrong))
    assert (kept[0].step, kept[-1].step) == (wrong[0], wrong[-1])
    assert shown(80, run, folder, manifest).count("asked:") == 2


def test_a_verdict_that_none_has_names_those_that_there_are(tmp_path: Path) -> None:
    train(tmp_path)
    with pytest.raises(ConfigError, match=r"none of the 72 .* is timeout \(there are: \w+ \d+,"):
        again(samples, tmp_path, "samples.verdict=timeout")


def test_a_stopped_run_is_read_by_its_folder(tmp_path: Path) -> None:
    source = train(tmp_path, finished=False)
    run, folder, manifest = again(samples, tmp_path, f"samples.path={source.path}")
    assert "did not finish" in shown(80, run, folder, manifest)


def test_records_of_an_earlier_version_can_still_be_looked_at(tmp_path: Path) -> None:
    source = train(tmp_path)
    gone = ("group", "advantage", "reason", "task")
    store(source, [{k: v for k, v in row.items() if k not in gone} for row in stored(source)])
    view = again(samples, tmp_path)
    assert "reward" in shown(80, *view)
    assert "advantage" not in view[1].report.read_text(encoding="utf-8")

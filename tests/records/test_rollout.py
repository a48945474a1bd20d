"""Stored rollouts survive a kill in mid-line, a resume, rotation and a size cap."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.rollout import (
    Rollout,
    RolloutFile,
    is_kept,
    newest_rollouts,
    part_files,
    read_rollouts,
    rollout_row,
    write_rollouts,
)

GROUP = 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the newest completions of a run are stored."""
    return tmp_path / "samples.jsonl"


def _records(step: int, text: str = "x", groups: int = 2) -> list[Rollout]:
    noise = random.Random(step)
    return [
        Rollout(
            step=step,
            id=f"row-{step}-{group}",
            task="math",
            question="1 + 1 =",
            gold="2",
            text=f"{text} {noise.random()}",
            tokens=3,
            finish="stop",
            parts={"accuracy": 1.0, "format": None},
            total=1.0,
            verdict="correct",
            group=group,
        )
        for group in range(groups)
        for _ in range(GROUP)
    ]


def _steps(path: Path) -> list[int]:
    """Every stored step once, with all of its completions."""
    steps = [one.step for one in read_rollouts(path)]
    assert all(steps.count(step) == 2 * GROUP for step in set(steps))
    return sorted(set(steps))


def _write(path: Path, last: int, *, first: int = 1, **sizes: int) -> RolloutFile:
    stored = RolloutFile(path, first - 1, **sizes)
    for step in range(first, last + 1):
        stored.append(_records(step))
    return stored


def _disk(path: Path) -> int:
    return path.stat().st_size + sum(part.stat().st_size for part in part_files(path))


def test_resume_forgets_what_lies_past_the_checkpoint_and_half_lines(path: Path) -> None:
    _write(path, 3)
    with path.open("a") as file:
        file.write('{"step": 4, "te')
    assert _steps(path) == [1, 2, 3]
    RolloutFile(path, 2)
    assert _steps(path) == [1, 2]


@pytest.mark.parametrize("last", [-1, 0, 1, 7, 19, 20, 33, 40])
def test_resume_forgets_in_all_parts(path: Path, last: int) -> None:
    _write(path, 40, part=10_000)
    assert len(part_files(path)) > 2
    RolloutFile(path, last, part=10_000)
    last = max(last, 0)
    assert _steps(path) == list(range(1, last + 1))
    assert last or not part_files(path)
    _write(path, 45, first=last + 1, part=10_000)
    assert _steps(path) == list(range(1, 46))


def test_a_resumed_run_stores_the_same_bytes(tmp_path: Path) -> None:
    whole, cut = tmp_path / "a" / "samples.jsonl", tmp_path / "b" / "samples.jsonl"
    for path in (whole, cut):
        path.parent.mkdir()
    _write(whole, 30, part=10_000)
    _write(cut, 30, part=10_000)
    _write(cut, 30, first=30, part=10_000)
    assert [p.read_bytes() for p in part_files(whole)] == [p.read_bytes() for p in part_files(cut)]
    assert whole.read_bytes() == cut.read_bytes()


def test_letters_that_end_lines_elsewhere_do_not_here(path: Path) -> None:
    text = "a\u2028b\x85c\x0bd\x1ce\r\nf"
    RolloutFile(path, -1).append(_records(1, text))
    RolloutFile(path, 1)
    assert all(one.text.startswith(text) for one in read_rollouts(path))
    assert _steps(path) == [1]


def test_a_long_run_keeps_whole_steps_from_all_of_it_under_the_cap(path: Path) -> None:
    sizes = {"part": 8_000, "cap": 30_000}
    stored = RolloutFile(path, -1, **sizes)
    for step in range(1, 601):
        stored.append(_records(step))
        assert _disk(path) <= sizes["cap"] + 3_000  # one step more
    steps = _steps(path)
    assert steps[0] == 1
    assert steps[-1] == 600
    starts = range(0, 500, 100)
    per_hundred = [sum(a < step <= a + 100 for step in steps) for a in starts]
    assert min(per_hundred) >= 4
    assert max(per_hundred) <= 2 * min(per_hundred)


def test_a_kill_between_part_and_file_stores_nothing_twice(path: Path) -> None:
    _write(path, 5)
    path.with_name("samples.1.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert _steps(path) == [1, 2, 3, 4, 5]
    RolloutFile(path, 4)
    assert _steps(path) == [1, 2, 3, 4]
    assert part_files(path) == []


def test_other_ranks_write_nothing(path: Path) -> None:
    RolloutFile(path, -1, write=False).append(_records(1))
    assert list(path.parent.iterdir()) == []


def test_the_first_rank_stores_what_all_ranks_wrote(path: Path) -> None:
    ranks = [_records(1)[:GROUP], _records(1)[GROUP:]]
    asked = []
    for rank, write in ((1, False), (0, True)):

        def gather(mine: list[Rollout], rank: int = rank) -> list[Rollout]:
            asked.append(rank)
            assert mine == ranks[rank]
            return [*ranks[0], *ranks[1]]

        RolloutFile(path, -1, write=write, gather=gather).append(ranks[rank])
    assert asked == [1, 0]
    assert [one.group for one in read_rollouts(path)] == [0] * GROUP + [1] * GROUP


@given(st.integers(1, 10**6), st.integers(0, 15))
def test_sparser_choices_lie_in_denser_ones(step: int, power: int) -> None:
    assert is_kept(1, 2**power)
    assert is_kept(step, 1)
    assert is_kept(step, 2**power) or not is_kept(step, 2 ** (power + 1))


@given(st.integers(1, 64), st.integers(1, 10**5), st.sampled_from([2, 4, 8]))
def test_any_rhythm_of_sampling_is_thinned_evenly(rhythm: int, first: int, every: int) -> None:
    steps = range(first, first + 1000 * rhythm, rhythm)
    kept = sum(is_kept(step, every) for step in steps)
    assert 0.7 * 1000 / every < kept < 1.4 * 1000 / every


@pytest.mark.parametrize("read", [read_rollouts, newest_rollouts])
@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        '["step"]',
        "3",
        "{}",
        '{"step": "x", "text": ""}',
        '{"step": 1, "text": "x"}',
        json.dumps(rollout_row(_records(1)[0]) | {"parts": [1]}),
    ],
)
def test_a_line_of_another_hand_is_named(
    path: Path, line: str, read: Callable[[Path], Iterator[Rollout]]
) -> None:
    good = json.dumps(rollout_row(_records(1)[0]))
    path.write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    with pytest.raises(ArtifactError) as caught:
        list(read(path))
    assert [problem.where for problem in caught.value.problems] == [f"{path}:2"]


@pytest.mark.parametrize("cut", [0, 1, 40, 10**6])
def test_what_is_written_is_read_whatever_is_torn(path: Path, cut: int) -> None:
    stored = _records(1)
    write_rollouts(path, stored)
    content = path.read_bytes()
    path.write_bytes(content + content[: min(cut, content.index(b"\n"))])
    assert list(read_rollouts(path)) == list(newest_rollouts(path)) == stored
    assert [one.where for one in newest_rollouts(path)][-1] == f"{path}:{len(stored)}"


@pytest.mark.parametrize("text", [None, "", "\n"])
def test_nothing_stored_is_nothing_read(path: Path, text: str | None) -> None:
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert list(newest_rollouts(path)) == list(read_rollouts(path)) == []


def test_the_newest_are_those_that_begin_in_the_last_bytes(path: Path) -> None:
    stored = [*_records(1), *_records(2, "long" * 99)]
    write_rollouts(path, stored)
    ends = [len(line) for line in path.read_bytes().splitlines(keepends=True)]
    for count in range(1, len(stored) + 1):
        for more in (0, 1, ends[-count - 1] - 1 if count < len(stored) else 99):
            found = list(newest_rollouts(path, sum(ends[-count:]) + more))
            assert found == stored[-count:]
            assert found[0].where == f"{path}:{len(stored) - count + 1}"


def test_a_damaged_part_is_named(path: Path) -> None:
    _write(path, 20, part=10_000)
    part = part_files(path)[0]
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(ArtifactError, match=r"samples\.1\.jsonl\.gz: is damaged"):
        list(read_rollouts(path))

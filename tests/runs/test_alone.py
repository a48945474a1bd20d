"""Which folder is resumed, what is waited for, and that a configuration has one worker."""

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.alone import (
    alone,
    let_end,
    rivals,
    sweep_folders,
    take,
    take_new,
    take_new_sweep,
)
from reasoning_lab.runs.create import create_group
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.lock import (
    Claim,
    Work,
    claim,
    held_by_rank,
    is_running,
    one_chooser,
    work_in,
)
from reasoning_lab.runs.resume import (
    earlier_job,
    furthest,
    furthest_sweep,
    unfinished,
    unfinished_sweeps,
)


@contextmanager
def worked_on(folder: RunFolder, work: Work) -> Iterator[Claim]:
    """The folder as a running or an ending run leaves its locks."""
    mine = claim(folder)
    if work is Work.ENDING:
        mine.leave()
    try:
        yield mine
    finally:
        mine.release()


def saved(folder: RunFolder, step: int, *, whole: bool = True) -> None:
    checkpoint = folder.checkpoints / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    if whole:
        (checkpoint / COMPLETE).touch()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    some.lists(
        some.tuples(
            some.lists(some.integers(1, 99), unique=True, max_size=3),  # whole checkpoints
            some.integers(100, 199) | some.none(),  # one cut off in writing
            some.booleans(),  # finished
        ),
        max_size=5,
    )
)
def test_the_furthest_unfinished_run_is_resumed(make_run, shapes):
    run = make_run()
    shutil.rmtree(Path(run.output), ignore_errors=True)
    folders = [RunFolder.create(run) for _ in shapes]
    for order, (folder, (steps, torn, finished)) in enumerate(zip(folders, shapes, strict=True)):
        for step in steps:
            saved(folder, step)
        if torn is not None:
            saved(folder, torn, whole=False)
        if finished:
            folder.manifest.write_text("{}")
        os.utime(folder.run_json, (order, order))
    open_ones = [
        (max(steps, default=-1), order)
        for order, (steps, _, finished) in enumerate(shapes)
        if not finished
    ]
    assert set(unfinished(run)) == {folders[order] for _, order in open_ones}
    expected = folders[max(open_ones)[1]] if open_ones else None
    assert furthest(unfinished(run)) == expected


def test_only_runs_of_this_configuration_are_looked_at(make_run):
    run = make_run()
    assert unfinished(run) == []
    mine = RunFolder.create(run)
    mine.repeat()
    RunFolder.create(make_run(seed=1))
    RunFolder.create(make_run(name="other"))
    RunFolder.create(run).run_json.write_text('{"name": ')  # torn
    assert unfinished(run) == [mine]
    gone = RunFolder.create(run)
    found = unfinished(run)
    shutil.rmtree(gone.path)
    assert furthest(found) == mine


def test_the_furthest_unfinished_sweep_is_resumed(make_run):
    runs = [make_run(seed=seed) for seed in range(3)]
    place = runs[0].output, runs[0].name, "sweep"
    groups = [create_group(*place) for _ in range(4)]
    other = create_group(runs[0].output, runs[0].name, "other")
    saves, ends, newest, finished = groups
    for group in groups:
        RunFolder.create(runs[0], parent=group, job=0)
    saved(RunFolder(saves / "0"), 90)
    for group, jobs in ((ends, 2), (finished, 3)):
        for job in range(jobs):
            folder = earlier_job(runs[job], group, job)
            folder = folder or RunFolder.create(runs[job], parent=group, job=job)
            folder.manifest.write_text("{}")
    assert set(unfinished_sweeps(*place, runs)) == {saves, ends, newest}
    assert furthest_sweep([saves, ends, newest], 3) == ends  # two jobs have finished
    assert furthest_sweep([saves, newest], 3) == saves  # its checkpoint is further
    assert furthest_sweep([], 3) is None
    # Other jobs, or the same in another order, are another sweep.
    assert unfinished_sweeps(*place, runs[::-1]) == []
    assert unfinished_sweeps(*place[:2], "other", runs) == [other]
    assert len(sweep_folders([saves, ends], 3)) == 8


def test_a_run_that_ends_is_waited_for_and_told_once(make_run):
    ending = RunFolder.create(make_run())
    told: list[str] = []
    with worked_on(ending, Work.ENDING) as mine:
        threading.Timer(0.5, mine.release).start()
        started = time.monotonic()
        let_end([ending], told.append, patience=60)
        assert time.monotonic() - started > 0.4
    assert len(told) == 1
    assert str(ending.path) in told[0]
    assert f"process {os.getpid()}" in told[0]
    assert work_in(ending) is Work.NONE


@pytest.mark.parametrize("work", [Work.RUNNING, Work.ENDING])
def test_a_wait_is_bounded_and_a_running_one_is_refused(make_run, work):
    folder = RunFolder.create(make_run())
    told: list[str] = []
    with worked_on(folder, work), pytest.raises(ArtifactError) as refused:
        let_end([RunFolder.create(make_run()), folder], told.append, patience=0.2)
    assert [problem.where for problem in refused.value.problems] == [str(folder.path)]
    assert f"process {os.getpid()}" in refused.value.problems[0].what
    assert ("resume=beside" in refused.value.problems[0].cure) is (work is Work.RUNNING)
    assert len(told) == (work is Work.ENDING)


def test_ranks_that_outlive_their_launcher_keep_the_folder(make_run):
    folder = RunFolder.create(make_run())
    with held_by_rank(folder):
        with held_by_rank(folder):
            assert work_in(folder) is Work.ENDING
            assert take(folder) is None
        assert is_running(folder)
    with worked_on(folder, Work.RUNNING), held_by_rank(folder):
        assert work_in(folder) is Work.RUNNING


@pytest.mark.parametrize(
    ("resume", "device", "refused"),
    [
        ("never", True, True),
        ("auto", True, True),
        ("beside", True, False),
        # No model computes: it ends in seconds, and may be run in two terminals.
        ("never", False, False),
        ("auto", False, True),
    ],
)
def test_one_configuration_has_one_worker_unless_asked(make_run, resume, device, refused):
    plain = make_run()
    stage = plain.stage if device else _deviceless(plain.stage)
    asked = plain.model_copy(update={"resume": resume, "stage": stage})
    running = RunFolder.create(asked)
    assert rivals(asked) == []
    with worked_on(running, Work.RUNNING):
        assert rivals(asked) == [running]
        assert rivals(asked, running.path.parent) == []  # a job of the same sweep
        assert alone(asked) is refused
        taken = take_new(asked, asked)
        assert (taken is None) is refused
        if taken is not None:
            assert taken.folder != running
            taken.release()


def _deviceless(stage):
    kind = type("Deviceless", (type(stage),), {"device": False, "__module__": __name__})
    return kind.model_construct(**dict(stage))


@pytest.mark.parametrize("resume", ["never", "auto", "beside"])
def test_one_sweep_has_one_command_unless_asked(make_run, resume):
    runs = [make_run(seed=seed).model_copy(update={"resume": resume}) for seed in (0, 1, 0)]
    place = runs[0].output, runs[0].name, "sweep"
    first = take_new_sweep(place, runs, 3, [])
    assert first is not None
    # The same job twice in one sweep was asked for.
    for job in (0, 2):
        taken = take_new(runs[job], runs[job], parent=first.folder.path, job=job)
        assert taken is not None
    second = take_new_sweep(place, runs, 3, [])
    assert (second is None) is (resume != "beside")
    assert (take_new(runs[0], runs[0]) is None) is (resume != "beside")


def test_a_folder_is_locked_before_another_command_can_choose_it(make_run):
    """Many choose at once: with `auto` one folder is made and one command has it."""
    run = make_run().model_copy(update={"resume": "auto"})
    taken: list[Claim | None] = []
    threads = [threading.Thread(target=lambda: taken.append(take_new(run, run))) for _ in range(8)]
    _all(threads)
    assert len(taken) == 8
    assert len([one for one in taken if one is not None]) == 1
    assert len(unfinished(run)) == 1
    assert not (Path(run.output) / run.name / ".choosing").exists()


def test_one_command_at_a_time_chooses(tmp_path):
    inside: list[int] = []
    most: list[int] = []

    def choose() -> None:
        for _ in range(20):
            with one_chooser(tmp_path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    _all([threading.Thread(target=choose) for _ in range(6)])
    assert len(most) == 120
    assert max(most) == 1
    assert list(tmp_path.iterdir()) == []


def _all(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

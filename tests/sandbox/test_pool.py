"""What a pool promises: outcomes in order, limits kept, one bad job at its own cost alone."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.pool.pool import Outcome, Pool
from sandbox import handlers

HANDLER = f"{handlers.__name__}:prepare"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with contextlib.closing(Pool(HANDLER, workers=2, memory_mb=512)) as pool:
        yield pool


def outcomes(pool: Pool, *jobs: str, seconds: float = 5.0) -> list[tuple[str, str]]:
    return [(each.status, each.value) for each in pool.map(jobs, seconds=seconds)]


CASES = [
    ("say hello", "ok", "hello"),
    ("say ", "ok", ""),
    ("say a\0b", "ok", "a\0b"),
    ("say \ud800 \udfff", "ok", "\ud800 \udfff"),
    ("say two\nlines π", "ok", "two\nlines π"),
    ("length " + "x" * 2**20, "ok", str(2**20)),
    ("flood 4", "ok", "x" * 2**22),
    ("eat 16", "ok", str(2**24)),
    ("eat 600", "memory", "more than 512 MB"),
    ("crash now", "died", "SIGSEGV"),
    ("leave 3", "died", "exit status 3"),
    ("stdin now", "ok", ""),
    ("flood 17", "died", "SIGKILL"),  # an answer beyond all measure is none
]


@pytest.mark.parametrize(("job", "status", "value"), CASES, ids=[job[:16] for job, _, _ in CASES])
def test_job(pool: Pool, job: str, status: str, value: str) -> None:
    assert outcomes(pool, job) == [(status, value)]


@pytest.mark.parametrize("job", ["raise it", "recurse on"])
def test_what_a_handler_raises_comes_with_its_traceback(pool: Pool, job: str) -> None:
    [(status, value)] = outcomes(pool, job)
    assert status == "error"
    assert handlers.__file__ in value
    assert value.rstrip().splitlines()[-1].startswith(("ZeroDivisionError: it", "RecursionError"))


def test_no_jobs_start_nothing() -> None:
    pool = Pool("no.such.module:prepare", workers=1, memory_mb=512)
    assert pool.map([], seconds=1.0) == []


@pytest.mark.parametrize("bad", ["spin now", "sleep 60", "crash now", "eat 600", "leave 1"])
def test_one_bad_job_among_64(pool: Pool, bad: str) -> None:
    jobs = [f"say {n}" for n in range(64)]
    jobs[20] = bad
    found = pool.map(jobs, seconds=1.0)
    assert [each.value for n, each in enumerate(found) if n != 20] == [
        str(n) for n in range(64) if n != 20
    ]
    assert found[20].status in ("timeout", "died", "memory")


def test_a_job_ends_at_its_limit(pool: Pool) -> None:
    """Not before; how soon after is measured elsewhere."""
    [outcome] = pool.map(["spin now"], seconds=0.3)
    assert outcome == Outcome("timeout", "", outcome.seconds)
    assert outcome.seconds >= 0.3


def test_killed_workers_are_replaced(pool: Pool) -> None:
    for _ in range(3):
        assert {status for status, _ in outcomes(pool, *["spin now"] * 4, seconds=0.05)} == {
            "timeout"
        }
    assert outcomes(pool, "say again") == [("ok", "again")]


def test_a_job_whose_worker_dies_has_a_second_try(pool: Pool, tmp_path: Path) -> None:
    assert outcomes(pool, f"once {tmp_path / 'mark'}") == [("ok", "the second time")]


def test_workers_stay_warm(pool: Pool) -> None:
    jobs = ["pids of"] * 40
    workers = {value for _, value in outcomes(pool, *jobs)}
    assert 1 <= len(workers) <= 2
    assert {value for _, value in outcomes(pool, *jobs)} <= workers | workers


def test_one_zygote_of_its_own_session(pool: Pool) -> None:
    [(_, pids), (_, session)] = outcomes(pool, "pids of", "session of")
    assert session == pids.split()[1]
    assert int(session) != os.getsid(0)


def test_nothing_of_the_parent_is_passed_on(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("A_SECRET_KEY", "hush")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        with contextlib.closing(Pool(HANDLER, workers=2, memory_mb=512)) as fresh:
            [(_, environment), (_, files)] = outcomes(fresh, "environment of", "files of")
    finally:
        os.close(reading)
        os.close(writing)
    assert "SECRET" not in environment
    assert set(environment.split()) <= {
        "LANG",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "PYTHONHASHSEED",
        "PYTHONNOUSERSITE",
    }
    # 0, 1, 2, the channel, and the folder being listed
    assert len(files.split()) == 5


def test_noise_is_not_heard(pool: Pool, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcomes(pool, "noise now") == [("ok", "done")]
    assert capfd.readouterr() == ("", "")


def test_descriptors_do_not_leak(pool: Pool) -> None:
    jobs = ["crash now", "spin now", "eat 600", "say on"] * 3
    pool.map(jobs, seconds=0.05)
    before = len(list(Path("/proc/self/fd").iterdir()))
    pool.map(jobs, seconds=0.05)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_threads_take_turns(pool: Pool) -> None:
    def ask(thread: int) -> list[tuple[str, str]]:
        return outcomes(pool, *[f"say {thread}.{n}" for n in range(50)], "spin on", seconds=0.2)

    with ThreadPoolExecutor(8) as threads:
        for thread, found in enumerate(threads.map(ask, range(8))):
            said = [("ok", f"{thread}.{n}") for n in range(50)]
            assert found == [*said, ("timeout", "")]


def test_the_thread_that_started_it_may_end() -> None:
    with contextlib.closing(Pool(HANDLER, workers=1, memory_mb=512)) as pool:
        starter = threading.Thread(target=lambda: pool.map(["say hi"], seconds=5))
        starter.start()
        starter.join()
        time.sleep(1.2)  # longer than the zygote's look at its parent
        assert outcomes(pool, "say still here") == [("ok", "still here")]


def test_closed_it_starts_again(pool: Pool) -> None:
    pool.close()
    pool.close()
    assert outcomes(pool, "say hello") == [("ok", "hello")]


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (f"{handlers.__name__}:broken", "no such luck"),
        (f"{handlers.__name__}:missing", "missing"),
        ("no.such.module:prepare", "No module named"),
    ],
)
def test_a_pool_that_cannot_start_says_why(handler: str, why: str) -> None:
    with pytest.raises(SandboxError, match="cannot start") as caught:
        Pool(handler, workers=1, memory_mb=512).map(["say hi"], seconds=1.0)
    assert why in str(caught.value)


@pytest.mark.parametrize(("workers", "memory_mb"), [(0, 512), (1, 0)])
def test_sizes_are_checked(workers: int, memory_mb: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Pool(HANDLER, workers=workers, memory_mb=memory_mb)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_limits_are_checked(pool: Pool, seconds: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        pool.map(["say hi"], seconds=seconds)

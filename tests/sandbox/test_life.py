"""How a pool's processes end, and what they do not end with."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reasoning_lab.pool.pool import Pool
from sandbox import handlers

HANDLER = f"{handlers.__name__}:prepare"
PATIENCE = 60.0  # seconds; what is waited for takes one to four, on an idle machine


@pytest.fixture
def pool() -> Iterator[Pool]:
    with contextlib.closing(Pool(HANDLER, workers=2, memory_mb=512)) as pool:
        yield pool


def pids(pool: Pool) -> set[int]:
    """The zygote and the worker that answers first."""
    return {int(pid) for pid in pool.map(["pids of"], seconds=5.0)[0].value.split()}


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def all_gone(numbers: set[int]) -> bool:
    return eventually(lambda: all(map(gone, numbers)))


def test_closing_ends_every_process(pool: Pool) -> None:
    started = pids(pool)
    pool.close()
    assert all(map(gone, started))


def test_forgetting_the_pool_ends_every_process() -> None:
    forgotten = Pool(HANDLER, workers=1, memory_mb=512)
    started = pids(forgotten)
    del forgotten
    assert all_gone(started)


PARENT = """
import os, signal, sys, threading, time
# A shell's background jobs ignore Ctrl-C; this one is to feel it.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:] = {path!r}
from reasoning_lab.pool.pool import Pool
pool = Pool({handler!r}, workers=2, memory_mb=512)
pids = pool.map(["pids of"] * 2, seconds=5.0)
{more}
busy = dict(target=pool.map, args=(["spin on"] * 2,), kwargs=dict(seconds={seconds}))
threading.Thread(**busy, daemon=True).start()
time.sleep(0.3)
sys.stdout.write(" ".join(each.value for each in pids) + "\\n")
sys.stdout.flush()
time.sleep(600)
"""


def start_parent(more: str = "", seconds: float = 600.0) -> tuple[subprocess.Popen[str], set[int]]:
    """A process with a pool whose two workers are busy, and the pool's process ids."""
    program = PARENT.format(path=sys.path, handler=HANDLER, more=more, seconds=seconds)
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    return parent, {int(pid) for pid in parent.stdout.readline().split()}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_parent_ends(number: int) -> None:
    parent, started = start_parent()
    with parent:
        assert len(started) >= 2
        assert not any(map(gone, started))
        parent.send_signal(number)
        try:
            parent.communicate(timeout=PATIENCE)
        finally:
            parent.kill()
    assert all_gone(started)


def test_nothing_is_left_when_a_forked_child_outlives_the_parent() -> None:
    """A data loader's worker must not keep the pool's sockets open."""
    more = "if not os.fork(): time.sleep(30); os._exit(0)"
    parent, started = start_parent(more)
    with parent:
        parent.kill()
        assert all_gone(started)
        parent.stdout.close()


def test_workers_do_not_outlive_the_zygote(pool: Pool) -> None:
    [worker, zygote] = pool.map(["pids of"], seconds=5.0)[0].value.split()
    os.kill(int(zygote), signal.SIGKILL)
    assert all_gone({int(worker)})


def test_a_lost_zygote_is_started_again(pool: Pool) -> None:
    before = pids(pool)
    os.kill(pool._zygote.process.pid, signal.SIGKILL)
    assert all_gone(before)
    assert not pids(pool) & before


def test_a_zygote_lost_under_way_costs_no_job(pool: Pool) -> None:
    pids(pool)
    zygote = pool._zygote.process.pid
    threading.Timer(0.5, os.kill, (zygote, signal.SIGKILL)).start()
    found = pool.map(["sleep 1", "sleep 1.1", "say hi"], seconds=10.0)
    assert [each.value for each in found] == ["1", "1.1", "hi"]


def test_a_worker_killed_while_idle_costs_no_job(pool: Pool) -> None:
    [worker, _] = pool.map(["pids of"], seconds=5.0)[0].value.split()
    os.kill(int(worker), signal.SIGKILL)
    assert [each.status for each in pool.map(["say hi"] * 4, seconds=5.0)] == ["ok"] * 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_of_the_group_leave_it_to_the_parent(pool: Pool, number: int) -> None:
    """Ctrl-C, a scheduler's SIGTERM, a closed terminal: there may be completions to score yet."""
    started = pids(pool)
    for pid in started:
        os.kill(pid, number)
    assert pids(pool) & started == started


def test_ctrl_c_during_map_leaves_the_pool_usable(pool: Pool) -> None:
    started = pids(pool)
    # A shell's background jobs ignore Ctrl-C; this process is to feel it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            pool.map(["spin on"] * 4, seconds=60.0)
    finally:
        signal.signal(signal.SIGINT, before)
    assert all_gone(started)
    assert pool.map(["say hello"], seconds=5.0)[0].value == "hello"


def test_a_forked_child_gets_processes_of_its_own(pool: Pool) -> None:
    parents = pids(pool)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        found = " ".join(map(str, pids(pool)))
        pool.close()
        os.write(writing, found.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        childs = {int(pid) for pid in said.read().split()}
    os.waitpid(child, 0)
    assert len(childs) == 2
    assert not childs & parents
    assert pids(pool) <= parents | pids(pool)
    assert not any(map(gone, parents)), "the child took the parent's pool with it"
    assert all_gone(childs)


# The very thing that Python 3.12 and later warn of is what must go well here.
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_fork_while_another_thread_uses_the_pool(pool: Pool) -> None:
    """The child must find no lock held by a thread it does not have."""
    busy = threading.Thread(target=pool.map, args=(["sleep 1"],), kwargs={"seconds": 5.0})
    busy.start()
    time.sleep(0.3)
    child = os.fork()
    if child == 0:
        os._exit(0 if pool.map(["say hi"], seconds=5.0)[0].value == "hi" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    busy.join()


def test_a_stopped_parent_does_not_let_a_job_run_for_ever() -> None:
    """Ctrl-Z: nobody keeps the wall clock, but the limit of CPU time stands."""
    parent, started = start_parent(seconds=1.5)
    with parent:
        parent.send_signal(signal.SIGSTOP)
        ended = eventually(lambda: sum(map(gone, started)) == len(started) - 1)
        parent.kill()
        parent.communicate(timeout=PATIENCE)
    assert ended
    assert all_gone(started)

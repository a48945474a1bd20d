"""Programs that sleep let others begin; those that compute never are more than there are cores."""

import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.judges.code import room as code_room
from reasoning_lab.judges.code.result import CodeResult
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.sandbox import levels, memory, places
from reasoning_lab.sandbox.contact import Cell
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.places import MOST, Places, affordable
from reasoning_lab.sandbox.sandbox import Sandbox
from sandbox.test_life import eventually

WHY = levels.detect()["namespaces"]
pytestmark = pytest.mark.skipif(bool(WHY), reason=f"NOT TESTED HERE: namespaces: {WHY}")
LITTLE = Limits(memory_mb=32, wall_seconds=60.0, cpu_seconds=60.0)
# Each tells when it ran, by a clock that all share.
SPAN = "import time\na = time.monotonic()\n{body}\nprint(a, time.monotonic(), {n})"
COMPUTE = "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("namespaces", workers=2) as sandbox:
        sandbox.run("print(1)")
        yield sandbox


def at_once(spans: list[tuple[float, float]]) -> int:
    """The most of them at any moment."""
    return max(sum(b <= moment < e for b, e in spans) for moment, _ in spans)


def spans(outcomes: list[Outcome]) -> list[tuple[float, float]]:
    printed = [one.stdout.split() for one in outcomes]
    return [(float(begin), float(end)) for begin, end, _ in printed]


def jobs_of(body: str, numbers: range) -> list[Job]:
    return [Job(SPAN.format(body=body, n=n), limits=LITTLE) for n in numbers]


def test_sleepers_of_a_batch_all_sleep_at_once(sandbox: Sandbox) -> None:
    """The first goes on when the last has begun; one after another none would end in time."""
    outcomes = sandbox.run_all(jobs_of("time.sleep(5)", range(24)))
    assert [one.status for one in outcomes] == ["ok"] * 24
    assert [int(one.stdout.split()[2]) for one in outcomes] == list(range(24))
    assert at_once(spans(outcomes)) == 24


NAP = "import time\ndef f(x):\n    time.sleep({seconds})\n    return 2 * x\n"
KINDS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "run": ("f(2)", []),
    "stdio": ("print(f(2))", [{"type": "stdio", "stdin": "", "stdout": "4"}]),
    "call": ("", [{"type": "call", "fn": "f", "args": [2], "expected": 4}]),
    "assert": ("", [{"type": "assert", "code": "assert f(2) == 4"}]),
    "test": ("", [{"type": "assert", "code": "import time\ntime.sleep(2)\nassert g(2) == 4"}]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_sleepers_are_judged_at_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line, tests = KINDS[kind]
    nap = "def g(x): return 2 * x  # {seconds}" if kind == "test" else NAP
    cases = [(nap.replace("{seconds}", f"{2 + n / 1000}") + line, tests) for n in range(12)]
    now, most = [0], [0]

    def judge(*words: Any, **settings: Any) -> CodeResult:
        now[0] += 1
        most[0] = max(most[0], now[0])
        try:
            return usual(*words, **settings)
        finally:
            now[0] -= 1

    usual = code_room.judge
    monkeypatch.setattr(code_room, "judge", judge)
    with Sandboxes(workers=1) as own:
        results = own.judge(cases, Room(limits=LITTLE, seconds=60.0))
    assert [result.share for result in results] == [1.0] * 12
    assert most == [12]


def test_those_that_compute_are_no_more_than_the_cores(sandbox: Sandbox) -> None:
    jobs = jobs_of(COMPUTE, range(8))
    assert at_once(spans(sandbox.run_all(jobs))) == 2


def test_a_sleeper_does_not_keep_others_from_computing(sandbox: Sandbox) -> None:
    asleep = jobs_of("time.sleep(8)", range(6))
    busy = jobs_of(COMPUTE, range(6, 12))
    outcomes = sandbox.run_all([*asleep, *busy])
    assert [one.status for one in outcomes] == ["ok"] * 12
    woke = min(end for _, end in spans(outcomes[:6]))
    last = max(end for _, end in spans(outcomes[6:]))
    assert last < woke
    assert at_once(spans(outcomes[6:])) == 2


def test_programs_that_are_kept_open_sleep_too(sandbox: Sandbox) -> None:
    """Three of them in three threads, and two cores."""
    together = threading.Barrier(3, timeout=30)
    found: list[Any] = []

    def use(number: int) -> None:
        code = f"import time\ndef f():\n    time.sleep(3)\n    return {number}"
        with sandbox.open(code, LITTLE) as program:
            found.append(program.call("f", seconds=20).value)
            together.wait()  # all three are open

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(use, range(3)))
    assert sorted(found) == [0, 1, 2]


def test_no_more_sleep_than_half_of_the_memory_holds(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_mb", lambda: 2 * 3 * LITTLE.memory_mb)
    jobs = jobs_of("time.sleep(1)", range(12))
    assert at_once(spans(sandbox.run_all(jobs))) == 2 + 3


@contextlib.contextmanager
def open_files(most: int) -> Iterator[None]:
    """This process may open so many."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_no_more_wait_ahead_than_there_are_files_for() -> None:
    with open_files(160):
        assert affordable() == 10
    assert affordable() <= MOST


def test_none_sleeps_where_few_files_can_still_be_opened(sandbox: Sandbox) -> None:
    jobs = jobs_of("time.sleep(0.3)", range(6))
    opened = len(list(Path("/proc/self/fd").iterdir()))  # those of processes ahead will be closed
    with open_files(opened + places._LEAST_FILES // 2):
        assert at_once(spans(sandbox.run_all(jobs))) == 2


def test_a_thread_holds_one_place_however_often_it_asks() -> None:
    mine = Places(1)
    with mine.held() as first, mine.held() as second:
        assert first is second is mine.mine
    assert mine.mine is None
    mine.take().end()  # it is free again


def test_what_fails_in_one_thread_is_raised_and_the_rest_not_begun(sandbox: Sandbox) -> None:
    begun: list[int] = []

    def do(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return 10 // (number - 3)

    with pytest.raises(ZeroDivisionError):
        sandbox.map(do, range(100))
    assert len(begun) < 10
    assert sandbox.map(do, [4, 5]) == [10, 5]


def test_a_sleeper_with_many_threads_leaves_others_their_own(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel counts the threads of all programs of a keeper together."""
    monkeypatch.setattr(memory, "available_mb", lambda: 2**20)
    stacks = Limits(memory_mb=4096)  # of address space, of which they touch next to nothing
    many = (
        "import threading, time\n"
        "for _ in range(28): threading.Thread(target=time.sleep, args=(3,)).start()\n"
        "print({n})"
    )
    outcomes = sandbox.run_all([Job(many.format(n=n), limits=stacks) for n in range(6)])
    assert [(one.status, one.reason) for one in outcomes] == [("ok", "")] * 6


@pytest.mark.parametrize("version", [1, 2])
def test_the_memory_of_a_container(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """60 MB of 100 are used, 20 of these for files that were read."""
    limit, used, cached, folder = {
        1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "memory"),
        2: ("memory.max", "memory.current", "inactive_file", "."),
    }[version]
    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    monkeypatch.setattr(memory, "_limited", memory._limited.__wrapped__)
    (tmp_path / folder).mkdir(exist_ok=True)
    if (tmp_path / folder) not in {place.resolve() for place, *_ in memory._groups()}:
        pytest.skip(f"NOT TESTED HERE: control groups of version {version}")
    (tmp_path / folder / limit).write_text(f"{100 << 20}\n")
    (tmp_path / folder / used).write_text(f"{60 << 20}\n")
    (tmp_path / folder / "memory.stat").write_text(f"anon 5\n{cached} {20 << 20}\n")
    assert memory.available_mb() == 60
    (tmp_path / folder / limit).write_text("max\n")
    assert memory.available_mb() > 60


def test_the_memory_that_is_free() -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    assert 0 < memory.available_mb() <= total


CHANGE = """
import ctypes, os, resource, struct
libc = ctypes.CDLL(None, use_errno=True)
kind = resource.RLIMIT_CPU
low, high = resource.getrlimit(kind)
for wanted in ((high, high), (low - 1, high), (low - 1, high - 1)):
    for pid in (0, os.getpid()):
        data = struct.pack("QQ", *wanted)
        if libc.syscall({prlimit}, pid, kind, data, None) == 0: print("changed", wanted)
    try: resource.setrlimit(kind, wanted)
    except (OSError, ValueError): continue
    print("changed", wanted)
resource.setrlimit(resource.RLIMIT_STACK, (2**22, 2**22))
print(low, *resource.getrlimit(resource.RLIMIT_STACK))
"""


@pytest.mark.parametrize("level", ["namespaces", "process"])
def test_a_limit_set_from_outside_stays_as_it_is(level: str) -> None:
    if why := levels.detect()[level]:
        pytest.skip(f"NOT TESTED HERE: {level}: {why}")
    number = {"x86_64": 302, "aarch64": 261}[os.uname().machine]
    with Sandbox(level, workers=1) as own:
        if not own.level.walls.outside:
            pytest.skip("NOT TESTED HERE: this process may not set limits of others")
        outcome = own.run(CHANGE.replace("{prlimit}", str(number)), limits=LITTLE)
    assert (outcome.stdout, outcome.stderr) == (f"60 {2**22} {2**22}\n", "")


CHILDREN = """
import os, time
for _ in range(30):
    if os.fork() == 0:
        time.sleep(1.5); os._exit(0)
{then}
print({n})
"""
# Its child forks only when the others have made as many processes as they may.
LATER = """
import os, time
child = os.fork()
if child == 0:
    time.sleep(0.7)
    for _ in range(20):
        if os.fork() == 0:
            time.sleep(0.1); os._exit(0)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print({n})
"""


@pytest.mark.parametrize("then", ["time.sleep(1.5)", ""], ids=["asleep", "over"])
def test_no_program_takes_the_processes_of_another(then: str) -> None:
    """They sleep beside it, or came before it and have left their children."""
    with Sandbox("namespaces", workers=1) as own:
        if not own.level.walls.apart:
            pytest.skip("NOT TESTED HERE: no user namespace, so all are counted together")
        codes = [CHILDREN.replace("{then}", then), LATER] * 4
        jobs = [Job(code.replace("{n}", str(n)), limits=LITTLE) for n, code in enumerate(codes)]
        outcomes = own.run_all(jobs)
    assert [(one.status, one.reason) for one in outcomes] == [("ok", "")] * 8


def test_who_wakes_others_takes_none_of_their_time() -> None:
    """All compute at once, each for an eighth of its limit of wall clock: together for 14 s."""
    code = "import time\ntime.sleep(2)\ndef f(x):\n    end = time.process_time() + 0.5\n"
    code += "    while time.process_time() < end: pass\n    return 2 * x\n# {n}"
    tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    limits = Limits(memory_mb=32, wall_seconds=4.0)
    with Sandboxes(workers=1) as own, pytest.MonkeyPatch.context() as patched:
        patched.setattr(code_room, "_again", lambda *_: {})  # at the first try
        cases = [(code.replace("{n}", str(n)), tests) for n in range(28)]
        results = own.judge(cases, Room(limits=limits, seconds=8.0))
    assert [result.reason for result in results] == ["passed"] * 28


def test_nobody_begins_while_more_compute_than_may(sandbox: Sandbox) -> None:
    asleep = jobs_of("time.sleep(0.5)", range(16))
    busy = jobs_of(COMPUTE, range(16, 26))
    outcomes = sandbox.run_all([*asleep, *busy])
    assert at_once(spans(outcomes[16:])) <= 3


def test_a_place_goes_to_who_waits_longest() -> None:
    mine = Places(1)
    order: list[int] = []

    def wait(number: int) -> None:
        with mine.held():
            order.append(number)

    first = mine.take()
    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        assert eventually(lambda count=count: len(mine._waiting) == count)
    first.end()
    for thread in threads:
        thread.join(20)
    assert order == list(range(5))


class Told(Exception):
    """As Ctrl-C, at the moment when a place is handed over."""


def test_a_place_handed_to_who_gives_up_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Places(1)
    first = mine.take()

    def give_up(self: threading.Event, timeout: float | None = None) -> bool:
        first.end()
        assert self.is_set()
        raise Told

    with monkeypatch.context() as patched:
        patched.setattr(threading.Event, "wait", give_up)
        with pytest.raises(Told):
            mine.take()
    assert mine.computing == 0
    mine.take().end()


def test_no_thread_to_be_had_is_no_failure(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3]

    def submit(*words: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        return usual(*words)

    usual = ThreadPoolExecutor.submit
    jobs = jobs_of("time.sleep(0.3)", range(8))
    with monkeypatch.context() as patched:
        patched.setattr(ThreadPoolExecutor, "submit", submit)
        assert [one.status for one in sandbox.run_all(jobs)] == ["ok"] * 8
        assert [one.status for one in sandbox.run_all(jobs[:2])] == ["ok"] * 2
    assert (sandbox._places.computing, sandbox._places._asleep) == (0, [])


def test_a_child_forked_while_a_thread_uses_a_keeper() -> None:
    with Sandbox("namespaces", workers=1) as own:
        own.run("print(1)")
        (door,) = own._keepers.doors
        with door._lock:
            thread = threading.Thread(target=_fork_and_wait)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()


def _fork_and_wait() -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(15)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


HIDDEN = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # what they used is counted with nobody's
for _ in range(12):
    if os.fork() == 0:
        end = time.process_time() + 0.3
        while time.process_time() < end: pass
        os._exit(0)
    time.sleep(0.4)
print("computed 3.6 s")
"""
JOINED = """
import threading, time
def compute():
    end = time.thread_time() + 0.5
    while time.thread_time() < end: pass
thread = threading.Thread(target=compute)
thread.start()
thread.join()
"""


def test_what_ended_children_used_stays_counted(sandbox: Sandbox) -> None:
    outcome = sandbox.run(HIDDEN, limits=Limits(cpu_seconds=1.0, wall_seconds=30.0))
    assert (outcome.status, outcome.reason) == ("timeout", "more than 1 s of computing")


def test_who_waits_for_an_own_thread_is_not_asleep(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    usual = Cell._fall_asleep
    monkeypatch.setattr(Cell, "_fall_asleep", lambda self: (seen.append(True), usual(self)))
    assert sandbox.run(JOINED, limits=LITTLE).status == "ok"
    assert not seen

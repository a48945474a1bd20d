"""Speed and cleanliness of the sandbox against the bars it must meet.

    make bench-sandbox                       # or: python experiments/bench_sandbox.py --repeat 5

The other side of every ratio is the naive reward, `subprocess.run([python, "-c", code])` with a
time limit of 10 s, one program after another. Each measurement is a fresh process on two cores;
the two sides of a ratio take turns, and the table gives the median and the span of the ratios of
neighbours. The sandbox runs at the strongest level of this machine with two workers, warmed by
one program each; no two programs are equal. Waiting time: the processes are forked ahead while
the model would still write, then the batch is handed over. REASONING_LAB_HUMANEVAL names
HumanEval.jsonl.gz, without which that row is not measured, and its bar not met.
"""

import argparse
import contextlib
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from bench_table import finish, in_a_process, row, unmeasured
from hostile_programs import HOSTILE, honest

from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.sandbox import Sandbox

HERE = Path(__file__).parent
HUMANEVAL = "REASONING_LAB_HUMANEVAL"
WORKERS = 2
NAIVE_LIMIT = 10.0  # seconds
# What models put above their answers, as the harnesses of code benchmarks do.
IMPORTS = """import bisect, collections, copy, datetime, functools, heapq, itertools, json, math
import operator, random, re, statistics, string, sys
from collections import Counter, defaultdict, deque
from typing import Any, Dict, List, Optional, Tuple
"""
BODY = """
def solve(values):
    best, seen = 0, defaultdict(list)
    for place, value in enumerate(values):
        seen[value % 7].append(place)
        best = max(best, len(seen[value % 7]))
    return best, sorted(values)[len(values) // 2]


for case in ([3, 1, 2], list(range({number}, {number} + 40)), [5] * 9):
    print(*solve(case))
"""
NUMPY = """import numpy as np
a = np.arange({number}, {number} + 12).reshape(3, 4)
for axis in (0, 1):
    print(a.sum(axis=axis), (a @ a.T)[axis], np.linalg.norm(a, axis=axis).round(3))
"""
KINDS = {"typical": IMPORTS + BODY, "numpy": NUMPY}
COUNTS = {"typical": (60, 800), "numpy": (20, 600)}  # programs of the naive side, of the sandbox
BATCH, LOOPS, HOSTILES = 64, 512, 1000
SLEEPERS = 16  # times faster than one by one: a bar of our own
SLEEP_LIMITS = Limits(wall_seconds=2.0, memory_mb=64)
HOSTILE_LIMITS = Limits(cpu_seconds=0.5, wall_seconds=1.0, memory_mb=64)
Side = Callable[[], dict[str, float]]


def programs(kind: str, count: int) -> list[str]:
    """So many programs of a kind, all different."""
    return [KINDS[kind].replace("{number}", str(number)) for number in range(count)]


def naive(codes: list[str]) -> float:
    """Seconds the naive reward takes."""
    start = perf_counter()
    for code in codes:
        command = [sys.executable, "-c", code]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=NAIVE_LIMIT, check=False)
    return perf_counter() - start


def warmed(kind: str) -> Sandbox:
    """A sandbox whose workers have run a program."""
    sandbox = Sandbox(workers=WORKERS, modules=("numpy",) if kind == "numpy" else ())
    sandbox.run_all([Job(f"{programs(kind, 1)[0]}\n# {n}") for n in range(4 * WORKERS)])
    return sandbox


def timed(sandbox: Sandbox, codes: list[str], limits: Limits | None = None) -> dict[str, float]:
    """Seconds for a batch, and how many ended well."""
    jobs = [Job(code, limits=limits or Limits()) for code in codes]
    start = perf_counter()
    outcomes = sandbox.run_all(jobs)
    seconds = perf_counter() - start
    return {"seconds": seconds, "ok": sum(one.status == "ok" for one in outcomes)}


def rate_naive(kind: str) -> dict[str, float]:
    """Programs a second of the naive reward."""
    codes = programs(kind, COUNTS[kind][0])
    return {"rate": len(codes) / naive(codes)}


def rate_lab(kind: str) -> dict[str, float]:
    """Programs a second of the sandbox."""
    codes = programs(kind, COUNTS[kind][1])
    with warmed(kind) as sandbox:
        found = timed(sandbox, codes)
    return {"rate": len(codes) / found["seconds"], "ok": found["ok"] / len(codes)}


def ahead() -> dict[str, float]:
    """Seconds until the last answer of a batch whose processes wait for it."""
    with warmed("typical") as sandbox:
        sandbox.prepare(BATCH)
        time.sleep(1.0)  # the model writes
        return timed(sandbox, programs("typical", BATCH))


def latency() -> dict[str, float]:
    """Median milliseconds of a trivial program."""
    with warmed("typical") as sandbox:
        times = []
        for number in range(400):
            start = perf_counter()
            sandbox.run(f"print({number})")
            times.append(1000 * (perf_counter() - start))
    return {"median": statistics.median(times), "p95": sorted(times)[380]}


def with_loops(count: int) -> list[str]:
    """Programs of which one in twenty never ends."""
    codes = programs("typical", count)
    return [f"while True: pass  # {n}" if n % 20 == 7 else code for n, code in enumerate(codes)]


def loops_lab() -> dict[str, float]:
    """Programs a second where some never end."""
    with warmed("typical") as sandbox:
        found = timed(sandbox, with_loops(LOOPS))
    return {"rate": LOOPS / found["seconds"], "ok": found["ok"]}


def loops_naive(count: int) -> dict[str, float]:
    """The same, of the naive reward."""
    return {"rate": count / naive(with_loops(count))}


def asleep() -> dict[str, float]:
    """Seconds for a batch whose programs all sleep until the wall clock ends them."""
    with warmed("typical") as sandbox:
        codes = [f"import time\ntime.sleep(60)  # {number}" for number in range(BATCH)]
        return timed(sandbox, codes, SLEEP_LIMITS)


def traces() -> dict[str, float]:
    """What a process and its sandbox hold: descriptors, children, temporary files, memory in MB."""
    import psutil

    me = psutil.Process()
    return {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "processes": len(me.children(recursive=True)),
        "files": len(list(Path(tempfile.gettempdir()).iterdir())),
        "memory": me.memory_info().rss / 2**20,
    }


def hostile() -> dict[str, float]:
    """A thousand hostile programs in a row, an honest one after every other."""
    codes, expected = [], {}
    for number in range(HOSTILES):
        codes.append(f"{list(HOSTILE.values())[number % len(HOSTILE)]}\n# {number}")
        if number % 2:
            code, expected[len(codes)] = honest(number)
            codes.append(code)
    jobs = [Job(code, limits=HOSTILE_LIMITS) for code in codes]
    outside = traces()
    with warmed("typical") as sandbox:
        sandbox.run_all(jobs[: 3 * len(HOSTILE)])
        sandbox.run("print(1)")
        time.sleep(0.5)  # until the processes that wait for a next program are there again
        before = traces()
        start = perf_counter()
        outcomes = sandbox.run_all(jobs)
        seconds = perf_counter() - start
        wrong = sum(outcomes[place].stdout != text for place, text in expected.items())
        breaches = sum("BREACH" in one.stdout for one in outcomes)
        del outcomes  # what the programs printed is no leak
        sandbox.run("print(1)")
        time.sleep(0.5)
        after = traces()
    ended = traces()
    left = sum(after[name] != before[name] for name in ("descriptors", "files"))
    left += after["processes"] > before["processes"]
    left += sum(ended[name] != outside[name] for name in ("descriptors", "files", "processes"))
    return {
        "seconds": seconds, "wrong": wrong, "honest": len(expected), "breaches": breaches,
        "left": left, "grown": after["memory"] - before["memory"],
    }  # fmt: skip


BROKEN = (
    "    return None\n",
    "    return 123456789\n",
    "    return ((\n",
    "    while True: pass\n",
)


def humaneval() -> dict[str, float]:
    """Every HumanEval problem twice: its own solution, and a broken one."""
    from reasoning_lab.data.code_readers import humaneval as read
    from reasoning_lab.judges.code.judging import judge_code_batch

    with gzip.open(os.environ[HUMANEVAL], "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    cases = []
    for number, problem in enumerate(rows):
        tests = read(problem, "humaneval").tests
        cases.append((problem["prompt"] + problem["canonical_solution"], tests))
        cases.append((problem["prompt"] + BROKEN[number % 4], tests))
    start = perf_counter()
    results = judge_code_batch(cases, limits=Limits(cpu_seconds=1.0, wall_seconds=3.0))
    seconds = perf_counter() - start
    for case, result in zip(cases[::2], results[::2], strict=True):
        if result.share != 1.0:
            print(case[0][-300:], result, file=sys.stderr)
    return {
        "seconds": seconds,
        "right": sum(result.share == 1.0 for result in results[::2]),
        "broken": sum(result.share == 0.0 for result in results[1::2]),
        "rows": len(rows),
    }


SIDES: dict[str, Side] = {
    "naive-typical": lambda: rate_naive("typical"),
    "lab-typical": lambda: rate_lab("typical"),
    "naive-numpy": lambda: rate_naive("numpy"),
    "lab-numpy": lambda: rate_lab("numpy"),
    "naive-batch": lambda: {"seconds": naive(programs("typical", BATCH))},
    "ahead": ahead,
    "latency": latency,
    "naive-loops": lambda: loops_naive(LOOPS // 4),
    "naive-loops-whole": lambda: loops_naive(LOOPS),
    "lab-loops": loops_lab,
    "asleep": asleep,
    "hostile": hostile,
    "humaneval": humaneval,
}


def measure(side: str) -> dict[str, float]:
    """One side in a fresh process."""
    with tempfile.TemporaryDirectory() as own:
        return in_a_process(__file__, side, TMPDIR=own)


def ratio(name: str, sides: tuple[str, str], bar: float, repeat: int) -> list[str]:
    """The lab's rate over the naive one's (or its seconds over the lab's), in turns."""
    turns = [(measure(sides[0]), measure(sides[1])) for _ in range(repeat)]
    if "rate" in turns[0][0]:
        ratios = [ours["rate"] / theirs["rate"] for ours, theirs in turns]
        words = [f"{statistics.median(t[place]['rate'] for t in turns):,.1f}/s" for place in (0, 1)]
    else:
        ratios = [theirs["seconds"] / ours["seconds"] for ours, theirs in turns]
        middles = [statistics.median(t[place]["seconds"] for t in turns) for place in (0, 1)]
        words = [f"{1000 * middle:,.0f} ms" for middle in middles]
    note = f"sandbox {words[0]}, naive {words[1]}"
    return row(name, f">= {bar:g} x naive", ratios, statistics.median(ratios) >= bar, note)


def results(repeat: int, whole: bool) -> list[list[str]]:
    """Every row of the table."""
    rows = [
        ratio("programs/s, imports", ("lab-typical", "naive-typical"), 12, repeat),
        ratio("programs/s, numpy", ("lab-numpy", "naive-numpy"), 30, repeat),
        ratio("waiting for 64, forked ahead", ("ahead", "naive-batch"), 25, repeat),
    ]
    found = [measure("latency") for _ in range(repeat)]
    times = [each["median"] for each in found]
    note = f"95 in 100 below {statistics.median(each['p95'] for each in found):.1f} ms"
    rows.append(row("a trivial program", "< 3 ms", times, statistics.median(times) < 3, note))
    other = "naive-loops-whole" if whole else "naive-loops"
    rows.append(ratio("512, one in 20 endless", ("lab-loops", other), 9, 1))
    rows[-1][-1] += "" if whole else ", of 128 programs"
    one_by_one = BATCH * SLEEP_LIMITS.wall_seconds
    slept = [one_by_one / measure("asleep")["seconds"] for _ in range(repeat)]
    note = f"sandbox {one_by_one / statistics.median(slept):.1f} s, one by one {one_by_one:.0f} s"
    enough = statistics.median(slept) >= SLEEPERS
    rows.append(row("64 that sleep", f">= {SLEEPERS} x one by one", slept, enough, note))
    found_h = measure("hostile")
    clean = not found_h["wrong"] and not found_h["left"] and not found_h["breaches"]
    note = (
        f"{found_h['wrong']:.0f} of {found_h['honest']:.0f} honest ones wrong, "
        f"{found_h['breaches']:.0f} breaches, {found_h['left']:.0f} things left behind, "
        f"{found_h['seconds']:.0f} s; MB grown by"
    )
    grown = found_h["grown"]
    rows.append(row("1,000 hostile", "+- 20 MB", [grown], clean and abs(grown) <= 20, note))
    if not os.environ.get(HUMANEVAL):
        why = f"{HUMANEVAL} is to name HumanEval.jsonl.gz"
        return [*rows, unmeasured("HumanEval, twice", "< 30 s", why)]
    found_e = measure("humaneval")
    right = found_e["right"] == found_e["broken"] == found_e["rows"]
    note = f"{found_e['right']:.0f} solutions 1.0, {found_e['broken']:.0f} broken ones 0.0"
    seconds = found_e["seconds"]
    return [*rows, row("HumanEval, twice", "< 30 s", [seconds], right and seconds < 30, note)]


def main() -> int:
    """Print the table, write its CSV; exit status 1 when a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each side")
    parser.add_argument("--whole", action="store_true", help="512 naive programs too, 5 minutes")
    parser.add_argument("--side", help="measure one side in this process and print it as JSON")
    parser.add_argument("--out", type=Path, default=HERE / "bench_sandbox.csv")
    asked = parser.parse_args()
    if asked.side:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
        print(json.dumps(SIDES[asked.side]()))
        return 0
    load = os.getloadavg()[0]
    return finish(results(asked.repeat, asked.whole), asked.out, load=load, repeat=asked.repeat)


if __name__ == "__main__":
    sys.exit(main())

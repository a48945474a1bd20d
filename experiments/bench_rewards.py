"""Speed of the rewards against the bars they must meet, and against TRL's in the same run.

    make bench-rewards                       # or: python experiments/bench_rewards.py --repeat 5

Every measurement is a fresh process, so nothing is remembered from an earlier one; the two sides
of a ratio take turns, and the table gives the median and the span of the ratios of neighbours.
Imports and the making of texts are not timed. The pool of symbolic workers is warmed by one pair
that is not in the corpus before `mixed` is timed; `cold start` times that warming itself. TRL
gets the golds in `$...$` and the answers in a box, which is how it reads them best. Easy answers:
10,000 completions of about 300 tokens, eight a problem as GRPO makes them, of which TRL judges the
first 400. Mixed LaTeX: the
distinct pairs of bench_rewards_pairs.tsv, half of them wrong.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
TERMS = HERE.parent / "conf" / "reward" / "term"
EASY, EASY_TRL, ROWS = 10_000, 400, 4_000
LIMIT = 2.0  # seconds a pair, the default of the verifier
GROUP = 8  # completions a problem
# A pair that the lab cannot decide by itself, so that the pool starts.
WARMING = (r"\boxed{\gcd(q,1)+q}", "q+1")
# Cheap to look at, and endless to decide.
ENDLESS = (r"\boxed{\gcd(x^2-1,\cos(\tan(x^3)))^{99}(x+y+z+w)^{99}}", "(x+y+z)^{99}")
PROGRAM = "\n```python\ndef double(n):\n    return n * 2\n\n\nprint(double(int(input())))\n```\n"
Job = tuple[str, str, bool]  # completion, gold, is it right
Side = Callable[[], dict[str, float]]


def easy() -> list[Job]:
    """Completions of about 300 tokens, eight a problem; an integer, a decimal or a simple fraction
    as gold; 3/4 right.
    """
    dice = random.Random(1)
    jobs = []
    for place in range(EASY):
        if place % GROUP == 0:
            number, kind = dice.randint(2, 9_999), dice.randrange(4)
        other = number + (dice.random() < 0.25)
        gold, _ = spellings(number, kind)
        _, answer = spellings(other, kind)
        steps = " ".join(
            f"Step {i}: we add {dice.randint(1, 99)} to what we have, then take {kind + i} from it."
            for i in range(1, 16)
        )
        text = f"<think>\n{steps}\n</think>\nSo the answer is \\boxed{{{answer}}}."
        jobs.append((text, gold, other == number))
    return jobs


def spellings(number: int, kind: int) -> tuple[str, str]:
    """A number as a data set writes it and as a model does: integers, a decimal, a fraction."""
    return [
        (str(number), str(number)),
        (str(1000 * number), f"{1000 * number:,}"),
        (f"{number}.5", f"{number}.50"),
        (rf"\frac{{{number}}}{{10007}}", rf"\dfrac{{{number}}}{{10007}}"),
    ][kind]


def mixed() -> list[Job]:
    """The corpus, boxed."""
    text = (HERE / "bench_rewards_pairs.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return [(rf"\boxed{{{answer}}}", gold, said == "correct") for _, answer, gold, said in rows]


def batches(jobs: list[Job]) -> list[list[Job]]:
    """The jobs in batches of 64, as a trainer would hand them over."""
    return [jobs[place : place + 64] for place in range(0, len(jobs), 64)]


def rate_of_lab(jobs: list[Job], warm: bool) -> dict[str, float]:
    """Pairs a second of the lab."""
    from reasoning_lab import verify_math_batch

    if warm:
        verify_math_batch([WARMING], timeout=LIMIT)
    start, verdicts = perf_counter(), []
    for some in batches(jobs):
        verdicts += verify_math_batch([(text, gold) for text, gold, _ in some], timeout=LIMIT)
    rate = len(jobs) / (perf_counter() - start)
    right = sum((v.value == "correct") == job[2] for v, job in zip(verdicts, jobs, strict=True))
    return {"rate": rate, "right": right / len(jobs), "children": children()}


def rate_of_trl(jobs: list[Job]) -> dict[str, float]:
    """Pairs a second of TRL's accuracy_reward."""
    from trl.rewards import accuracy_reward

    def rewards(some: list[Job]) -> list[float | None]:
        turns = [[{"role": "assistant", "content": text}] for text, _, _ in some]
        found: list[float | None] = accuracy_reward(turns, [f"${gold}$" for _, gold, _ in some])
        return found

    rewards([(*WARMING, True)])
    start, paid = perf_counter(), []
    for some in batches(jobs):
        paid += rewards(some)
    rate = len(jobs) / (perf_counter() - start)
    right = sum((value == 1.0) == job[2] for value, job in zip(paid, jobs, strict=True))
    return {"rate": rate, "right": right / len(jobs)}


def children() -> int:
    """Processes that this one has started and that still run."""
    import psutil

    return len(psutil.Process().children(recursive=True))


def cold_start() -> dict[str, float]:
    """Seconds from the first pair that needs sympy to its verdict."""
    from reasoning_lab import verify_math_batch

    before = children()
    start = perf_counter()
    verify_math_batch([WARMING], timeout=LIMIT)
    return {"seconds": perf_counter() - start, "before": before, "children": children()}


def hang() -> dict[str, float]:
    """How much later a batch of 64 is done when one of its pairs never ends."""
    from reasoning_lab import Verdict, verify_math_batch

    pairs = [(text, gold) for text, gold, _ in mixed()]
    verify_math_batch([WARMING], timeout=LIMIT)
    start = perf_counter()
    verify_math_batch(pairs[:64], timeout=LIMIT)
    without = perf_counter() - start
    start = perf_counter()
    verdicts = verify_math_batch([*pairs[64:127], ENDLESS], timeout=LIMIT)
    if verdicts[-1] is not Verdict.TIMEOUT:
        raise SystemExit(f"the hang was decided: {verdicts[-1].value}; find another")
    return {"delay": perf_counter() - start, "without": without}


def terms() -> list[str]:
    """The terms of conf/reward/term, but for the one that judges mathematics and the template of
    a user's own.
    """
    return sorted({path.stem for path in TERMS.glob("*.yaml")} - {"accuracy", "own"})


def rate_of_term(name: str) -> dict[str, float]:
    """Completions a second of one term with its default parameters, in groups of eight."""
    from omegaconf import OmegaConf

    from reasoning_lab.rewards.calling import Term
    from reasoning_lab.rewards.term import resolve
    from reasoning_lab.schema.reward import Term as Setting
    from reasoning_lab.text.example import Completion, Example, Message

    model = {"model": {"max_completion_length": 512}}
    values = OmegaConf.merge(OmegaConf.load(TERMS / f"{name}.yaml"), model)
    plain: dict[str, Any] = OmegaConf.to_container(values, resolve=True)
    del plain["model"]
    setting = Setting.model_validate_json(json.dumps(plain))
    term = Term.of(name, setting, resolve(setting.fn))
    prompt = (Message(role="user", content="What is 6 * 7? /think"),)
    program = PROGRAM if name.startswith("code") else ""
    rows = [
        (
            Completion(text + program, 300 + place % 200),
            Example(str(place // GROUP), prompt, gold, task=(setting.tasks or ["math"])[0]),
        )
        for place, (text, gold, _) in enumerate(easy()[:ROWS])
    ]
    groups = [place // GROUP for place in range(ROWS)]
    parts: list[dict[str, float | None]] = [{"accuracy": float(i % 2)} for i in range(ROWS)]
    term.make_ready(rows[:64])
    term.values(rows[:64], groups[:64], parts[:64])
    start = perf_counter()
    term.make_ready(rows)
    found = term.values(rows, groups, parts)
    seconds = perf_counter() - start
    return {"rate": ROWS / seconds, "judged": sum(value is not None for value in found)}


SIDES: dict[str, Side] = {
    "lab-easy": lambda: rate_of_lab(easy(), warm=False),
    "trl-easy": lambda: rate_of_trl(easy()[:EASY_TRL]),
    "lab-mixed": lambda: rate_of_lab(mixed(), warm=True),
    "trl-mixed": lambda: rate_of_trl(mixed()),
    "cold": cold_start,
    "hang": hang,
}


def measure(side: str, cores: int) -> dict[str, float]:
    """One side in a fresh process on so many cores."""
    command = [sys.executable, str(Path(__file__)), "--side", side, "--cores", str(cores)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(name: str, bar: str, values: list[float], met: bool, note: str = "") -> list[str]:
    """A row of the table: the median of some values and their span."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return [name, bar, f"{middle:,.4g}", f"{low:,.4g}..{high:,.4g}", "yes" if met else "NO", note]


def ratio(kind: str, cores: int, bar: float, repeat: int) -> list[str]:
    """The lab's rate over TRL's, the sides taking turns."""
    turns = [(measure(f"lab-{kind}", cores), measure(f"trl-{kind}", cores)) for _ in range(repeat)]
    ratios = [ours["rate"] / theirs["rate"] for ours, theirs in turns]
    notes = []
    for place, name in enumerate(("lab", "TRL")):
        rate = statistics.median(turn[place]["rate"] for turn in turns)
        notes.append(f"{name} {rate:,.0f}/s, {turns[0][place]['right']:.1%} right")
    started = kind == "easy" and any(ours["children"] for ours, _ in turns)
    notes += ["a pool was started"] * started
    met = statistics.median(ratios) >= bar and not started
    return row(
        f"{kind} answers, {cores} core(s)", f">= {bar:g} x TRL", ratios, met, "; ".join(notes)
    )


def results(repeat: int) -> list[list[str]]:
    """Every row of the table."""
    rows = [ratio("easy", 1, 50, repeat), ratio("mixed", 2, 3, repeat)]
    cold = [measure("cold", 2) for _ in range(repeat)]
    seconds = [each["seconds"] for each in cold]
    note = f"{cold[0]['children']:.0f} processes afterwards, {cold[0]['before']:.0f} before"
    met = statistics.median(seconds) < 1.5 and all(not c["before"] and c["children"] for c in cold)
    rows.append(row("cold start of the pool", "< 1.5 s", seconds, met, note))
    hangs = [measure("hang", 2) for _ in range(repeat)]
    delays = [each["delay"] - each["without"] for each in hangs]
    note = f"a batch of 64 without it: {statistics.median(h['without'] for h in hangs):.2f} s"
    met = max(delays) <= LIMIT + 0.2
    rows.append(row("one hang among 64", f"<= {LIMIT + 0.2:g} s later", delays, met, note))
    for name in terms():
        found = [measure(f"term:{name}", 1) for _ in range(repeat)]
        rates = [each["rate"] for each in found]
        judged = found[0]["judged"]
        note = "" if judged == ROWS else f"judged {judged:.0f} of {ROWS}"
        if not judged:
            rows.append([f"term {name}", "> 20,000/s", "", "", "not measured", note])
            continue
        met = statistics.median(rates) > 20_000
        rows.append(row(f"term {name}, 1 core", "> 20,000/s", rates, met, note))
    return rows


def main() -> int:
    """Print the table, write its CSV; exit status 1 when a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each side")
    parser.add_argument("--side", help="measure one side in this process and print it as JSON")
    parser.add_argument("--cores", type=int, default=2, help="cores that --side may use")
    parser.add_argument("--out", type=Path, default=HERE / "bench_rewards.csv")
    asked = parser.parse_args()
    if asked.side:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: asked.cores])
        side, _, term = asked.side.partition(":")
        print(json.dumps(rate_of_term(term) if term else SIDES[side]()))
        return 0
    load = os.getloadavg()[0]
    rows = results(asked.repeat)
    head = ["what", "bar", "median", "min..max", "met", "note"]
    title = (
        f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores"
        f" ({platform.machine()}), load {load:.1f} at the start, {asked.repeat} repeats"
    )
    table = Table(*head, title=title)
    for cells in rows:
        table.add_row(*cells)
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    with asked.out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    return int(any(cells[4] == "NO" for cells in rows))


if __name__ == "__main__":
    sys.exit(main())

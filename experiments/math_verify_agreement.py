"""Right, wrongly paid and hung: the lab's verifier and its peers on the exam of the tests.

    python -m experiments.math_verify_agreement             # all pairs, all checkers, 15 minutes
    python -m experiments.math_verify_agreement --checkers lab math-verify --kinds surds sets

The exam is `tests/rewards/math_pairs.tsv`. Every checker judges the same completion of a pair:
the boxed one where there is one, because peers do not know `<answer>`. It runs in a child process
of its own, in the main thread, where its own time-outs work, and is killed after `--seconds`. A
killed pair is "hung", which is not right. A checker pays or it does not: a pair is right if it is
paid exactly when the exam says `correct`. Writes math_verify_agreement.csv, a row a pair.
"""

import argparse
import csv
import multiprocessing
import os
import platform
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from reasoning_lab.statistics.interval import proportion
from tests.rewards.math_pairs import Pair, pairs

HERE = Path(__file__).parent
Checker = Callable[[str, str, tuple[str, ...]], bool]
Outcome = tuple[str, float]  # paid, unpaid, hung, failed: NAME; seconds


def lab() -> Checker:
    """The lab's own verifier."""
    from reasoning_lab.judges.math.verify import verify

    return lambda text, gold, marks: verify(text, gold, marks=marks).verdict.value == "correct"


def math_verify(wrap: str) -> Checker:
    """math-verify's `parse` and `verify` with their default settings."""
    from math_verify import parse
    from math_verify import verify as same

    return lambda text, gold, _: bool(same(parse(wrap.format(gold)), parse(text)))


def trl(wrap: str) -> Checker:
    """TRL's `accuracy_reward`."""
    from trl.rewards import accuracy_reward

    def paid(text: str, gold: str, _: tuple[str, ...]) -> bool:
        turn = [{"role": "assistant", "content": text}]
        return bool(accuracy_reward([turn], [wrap.format(gold)]) == [1.0])

    return paid


CHECKERS: dict[str, Callable[[], Checker]] = {
    "lab": lab,
    "math-verify": lambda: math_verify("{}"),
    "math-verify, gold in $": lambda: math_verify("${}$"),
    "TRL accuracy_reward": lambda: trl("{}"),
    "TRL accuracy_reward, gold in $": lambda: trl("${}$"),
}


class Child:
    """A process that judges one pair after the other, and is killed when one takes too long."""

    def __init__(self, checker: str, seconds: float) -> None:
        self._checker, self._seconds = checker, seconds
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        self._pipe, theirs = context.Pipe()
        # Not a daemon: the lab's verifier starts processes of its own.
        self._process = context.Process(target=serve, args=(self._checker, theirs))
        self._process.start()
        self._pipe.recv()

    def judge(self, pair: Pair) -> Outcome:
        """What became of the pair, and in how many seconds."""
        start = perf_counter()
        self._pipe.send((pair.completions()[-1], pair.gold, pair.marks))
        try:
            found = self._pipe.recv() if self._pipe.poll(self._seconds) else "hung"
        except EOFError:
            found = "died"
        taken = perf_counter() - start
        if found in ("hung", "died"):
            self.close()
            self._start()
        return found, taken

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def serve(checker: str, pipe: Connection) -> None:
    """The child's loop; what a checker prints or warns about is thrown away."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    judge = CHECKERS[checker]()
    pipe.send("ready")
    while True:
        job = pipe.recv()
        try:
            found = "paid" if judge(*job) else "unpaid"
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            found = f"failed: {type(error).__name__}"
        except (AttributeError, AssertionError, MemoryError, TimeoutError) as error:
            found = f"failed: {type(error).__name__}"
        pipe.send(found)


def examine(checker: str, exam: list[Pair], seconds: float) -> list[Outcome]:
    """Every pair's outcome."""
    child = Child(checker, seconds)
    found = [child.judge(pair) for pair in exam]
    child.close()
    return found


def is_right(pair: Pair, outcome: Outcome) -> bool:
    """Whether a pair was paid exactly when it deserved it, and in time."""
    if outcome[0] in ("hung", "died"):
        return False
    return (outcome[0] == "paid") == ("correct" in pair.verdicts)


def cell(exam: list[Pair], outcomes: list[Outcome]) -> str:
    """`right/n, wrongly paid, hung` of some pairs."""
    right = sum(map(is_right, exam, outcomes))
    paid = sum(
        found == "paid" and "correct" not in p.verdicts for p, (found, _) in paired(exam, outcomes)
    )
    hung = sum(found in ("hung", "died") for found, _ in outcomes)
    return (
        f"{right}/{len(exam)}"
        + (f", {paid} paid" if paid else "")
        + (f", {hung} hung" if hung else "")
    )


def paired(exam: list[Pair], outcomes: list[Outcome]) -> list[tuple[Pair, Outcome]]:
    """Pairs with their outcomes."""
    return list(zip(exam, outcomes, strict=True))


def summary(exam: list[Pair], found: dict[str, list[Outcome]]) -> list[str]:
    """The table over all pairs, in Markdown."""
    rows = ["| checker | right | 95 % | wrongly paid | wrongly refused | hung | slowest s |"]
    rows.append("|---|---|---|---|---|---|---|")
    for name, outcomes in found.items():
        both = paired(exam, outcomes)
        share = proportion(sum(map(is_right, exam, outcomes)), len(exam))
        good = ["correct" in pair.verdicts for pair in exam]
        paid = sum(o[0] == "paid" and not g for g, (_, o) in zip(good, both, strict=True))
        hung = sum(o[0] in ("hung", "died") for _, o in both)
        refused = sum(
            g and o[0] not in ("paid", "hung", "died") for g, (_, o) in zip(good, both, strict=True)
        )
        low, high = 100 * (share.low or 0), 100 * (share.high or 0)
        slowest = max(seconds for _, seconds in outcomes)
        rows.append(
            f"| {name} | {100 * (share.value or 0):.1f} % | [{low:.1f}, {high:.1f}]"
            f" | {paid} | {refused} | {hung} | {slowest:.1f} |"
        )
    return rows


def by_kind(exam: list[Pair], found: dict[str, list[Outcome]]) -> list[str]:
    """The table of kinds, in Markdown."""
    rows = ["| kind | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    places: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(exam):
        places[pair.kind].append(place)
    for kind, where in places.items():
        some = [exam[place] for place in where]
        cells = [cell(some, [outcomes[place] for place in where]) for outcomes in found.values()]
        rows.append(f"| {kind} | " + " | ".join(cells) + " |")
    return rows


def write_csv(exam: list[Pair], found: dict[str, list[Outcome]], path: Path) -> None:
    """One row a pair: what each checker did with it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "kind", "deserved", *found])
        for place, pair in enumerate(exam):
            outcomes = [each[place][0] for each in found.values()]
            writer.writerow([pair.line, pair.kind, "|".join(pair.verdicts), *outcomes])


def main() -> None:
    """Examine the checkers and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkers", nargs="+", default=list(CHECKERS), choices=list(CHECKERS))
    parser.add_argument("--kinds", nargs="+", help="only these kinds of pairs")
    parser.add_argument("--seconds", type=float, default=5.0, help="a pair's limit")
    parser.add_argument("--at-once", type=int, default=2, help="checkers at the same time")
    parser.add_argument("--out", type=Path, default=HERE / "math_verify_agreement.csv")
    asked = parser.parse_args()
    # Imported once and then forked, so that a killed child costs milliseconds.
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["math_verify", "trl.rewards.accuracy_rewards", "reasoning_lab.judges.math.verify"]
    )
    exam = [pair for pair in pairs() if not asked.kinds or pair.kind in asked.kinds]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=HERE,
        check=False,
    ).stdout.strip()
    wanted = Counter("correct" in pair.verdicts for pair in exam)
    load = os.getloadavg()[0]
    print(
        f"{date.today()}, commit {commit}, Python {platform.python_version()}, {os.cpu_count()}"
        f" cores ({platform.machine()}), n = {len(exam)} ({wanted[True]} deserve pay),"
        f" limit {asked.seconds} s, load {load:.1f} at the start\n"
    )
    with ThreadPoolExecutor(asked.at_once) as threads:
        jobs = [threads.submit(examine, name, exam, asked.seconds) for name in asked.checkers]
        found = {name: job.result() for name, job in zip(asked.checkers, jobs, strict=True)}
    print("\n".join([*summary(exam, found), "", *by_kind(exam, found)]))
    write_csv(exam, found, asked.out)


if __name__ == "__main__":
    main()

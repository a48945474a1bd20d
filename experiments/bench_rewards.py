"""Speed of the rewards against the bars they must meet, and against TRL's in the same run.

    make bench-rewards                       # or: python experiments/bench_rewards.py --repeat 5

Every measurement is a fresh process, so nothing is remembered from an earlier one; the two sides
of a ratio take turns, and the table gives the median and the span of the ratios of neighbours.
Imports and the making of texts are not timed. The pool of symbolic workers is warmed by one pair
that is not in the corpus before `mixed` is timed; `cold start` times that warming itself. TRL
gets the golds in `$...$` and the answers in a box, which is how it reads them best. Easy answers:
10,000 completions of about 300 tokens, eight a problem as GRPO makes them, of which TRL judges the
first 400. Mixed LaTeX: the distinct pairs of bench_rewards_pairs.tsv, half of them wrong. Terms
judge 4,000 of the easy answers, `scorer` the same thinking under problems of reasoning-gym's
chain_sum, `code` 512 with a program each, no two equal, that a test of one run judges; its bar is
another one, since it starts a process for each (see bench_sandbox.py). A term that judged nothing
has not met its bar. A term's bar is a ratio too, to TRL's rate of easy answers in the next turn:
20,000 a second (100 of `code`) on a machine on which TRL judges 1,291; the seconds of `cold start`
are scaled to that machine in the same way.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from bench_table import finish, in_a_process, row, unmeasured
from bench_terms import rate_of_term, terms
from bench_texts import easy, mixed
from bench_verifier import LIMIT, cold_start, hang, rate_of_lab, rate_of_trl

HERE = Path(__file__).parent
EASY_TRL = 400
REFERENCE = 1_291  # easy answers that TRL judges a second where the bars of terms were set
BAR = 20_000  # completions a second of a term, there
BARS = {"code": 100}  # of one that starts a process for each
Side = Callable[[], dict[str, float]]

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
    return in_a_process(__file__, side, "--cores", str(cores))


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


def rate(name: str, repeat: int) -> list[str]:
    """A term's completions a second over TRL's easy answers, the sides taking turns."""
    turns = [(measure(f"term:{name}", 1), measure("trl-easy", 1)) for _ in range(repeat)]
    bar = BARS.get(name, BAR) / REFERENCE
    judged, asked = turns[0][0]["judged"], turns[0][0]["asked"]
    what, words = f"term {name}, 1 core", f">= {bar:.3g} x TRL"
    said = f"judged {judged:,.0f} of {asked:,.0f}"
    if not all(ours["judged"] for ours, _ in turns):
        return unmeasured(what, words, said)
    ratios = [ours["rate"] / theirs["rate"] for ours, theirs in turns]
    note = f"{statistics.median(ours['rate'] for ours, _ in turns):,.0f}/s"
    note += "" if judged == asked else f"; {said}"
    return row(what, words, ratios, statistics.median(ratios) >= bar, note)


def cold(repeat: int) -> list[str]:
    """Seconds until the pool answers, as they would be where TRL judges `REFERENCE` a second."""
    turns = [(measure("cold", 2), measure("trl-easy", 1)) for _ in range(repeat)]
    seconds = [ours["seconds"] * theirs["rate"] / REFERENCE for ours, theirs in turns]
    here = statistics.median(ours["seconds"] for ours, _ in turns)
    first = turns[0][0]
    note = f"here {here:.2f} s; {first['children']:.0f} processes afterwards, "
    note += f"{first['before']:.0f} before"
    started = all(not ours["before"] and ours["children"] for ours, _ in turns)
    met = statistics.median(seconds) < 1.5 and started
    return row("cold start of the pool", "< 1.5 s, scaled", seconds, met, note)


def results(repeat: int) -> list[list[str]]:
    """Every row of the table."""
    rows = [ratio("easy", 1, 50, repeat), ratio("mixed", 2, 3, repeat)]
    rows.append(cold(repeat))
    hangs = [measure("hang", 2) for _ in range(repeat)]
    delays = [each["delay"] - each["without"] for each in hangs]
    note = f"a batch of 64 without it: {statistics.median(h['without'] for h in hangs):.2f} s"
    met = max(delays) <= LIMIT + 0.2
    rows.append(row("one hang among 64", f"<= {LIMIT + 0.2:g} s later", delays, met, note))
    return [*rows, *(rate(name, repeat) for name in terms())]


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
    return finish(results(asked.repeat), asked.out, load=load, repeat=asked.repeat)


if __name__ == "__main__":
    sys.exit(main())

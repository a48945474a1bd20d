"""Accepted traces a second: the lab's rejection sampling against the usual loop, in one run.

    make bench-reject                        # or: python experiments/bench_reject.py --repeat 3

    loop    transformers' text-generation pipeline, called problem by problem with
            `num_return_sequences=16`; a regular expression takes the answer, the first right
            completion of a problem is kept
    lab     `stage=reject` as it is composed: up to 16 samples of a problem, 1 kept, verified by
            `reward=math`, screened, stored on disk as they come

The same model, temperature, length limit and problems (the loop gets the first of them: it is too
slow for all). Every measurement is a fresh process on all cores; the sides take turns. Loading and
making problems are not timed; judging, screening and storing are. The second row of each family is
the share of what was kept that is right by the strict metric.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import cast

import torch
from bench_table import finish, in_a_process, row
from transformers import pipeline

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.model.load import load as load_model
from reasoning_lab.rejecting.asking import to_ask
from reasoning_lab.rejecting.drawing import draw, params_of
from reasoning_lab.rejecting.sorting import sort
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sampling.store import Store
from reasoning_lab.schema.door import check
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Completion, Example

HERE = Path(__file__).parent
FAMILIES: dict[str, list[str]] = {
    "chain_sum": [],
    "longer sums": ["data.params.min_terms=7", "data.params.max_terms=9"],
}
ANSWER = re.compile(r"<answer>\s*(-?\d+)\s*</answer>")
BAR = 10.0
Facts = dict[str, float]


def prepared(args: argparse.Namespace, family: str) -> tuple[Run, list[Example]]:
    """The run as it is composed, and its problems."""
    line = ["stage=reject", f"model={args.model}", f"data.train_size={args.problems}"]
    run = check(compose([*line, f"stage.batch_size={args.slots}", *FAMILIES[family]]))
    return run, data.load(cast(Reject, run.stage).few(run.data)).train


def lab(args: argparse.Namespace, family: str) -> Facts:
    """Rejection sampling of the lab."""
    run, examples = prepared(args, family)
    stage = cast(Reject, run.stage)
    with Sandboxes() as sandboxes, tempfile.TemporaryDirectory() as folder:
        composer = Composer(run.reward, sandboxes)
        asked = to_ask(run, stage, examples)
        file = Path(folder) / "samples.jsonl"
        began = perf_counter()
        with Store(file, asked.engine, params_of(stage)) as store:
            drawn = draw(asked.prompts(run), asked.engine, composer, stage, store, silent)
            rows = sort({one.id: one for one in examples}, drawn, stage, store)
            store.finish()
        seconds = perf_counter() - began
        kept = [
            (Completion(row.example.response or "", row.tokens), row.example) for row in rows.kept
        ]
    return facts(kept, len(examples), len(drawn.found), seconds)


def loop(args: argparse.Namespace, family: str) -> Facts:
    """One problem after the other through a text-generation pipeline."""
    run, examples = prepared(args, family)
    stage = cast(Reject, run.stage)
    loaded = load_model(run.model, run.hardware, output=Path(run.output), seed=0)
    write = pipeline("text-generation", model=loaded.model, tokenizer=loaded.tokenizer)
    torch.manual_seed(0)
    kept: list[tuple[Completion, Example]] = []
    few = examples[: args.loop]
    began = perf_counter()
    for example in few:
        written = write(
            list(example.prompt),
            num_return_sequences=stage.samples,
            do_sample=True,
            temperature=stage.temperature,
            top_k=0,
            max_new_tokens=stage.max_completion_length,
            return_full_text=False,
        )
        texts = [one["generated_text"] for one in written]
        right = [text for text in texts if answer(text) == example.answer]
        if right:
            kept.append((Completion(right[0], 1), example))
    seconds = perf_counter() - began
    return facts(kept, len(few), stage.samples * len(few), seconds)


def answer(text: str) -> str | None:
    """What the regular expression finds."""
    found = ANSWER.search(text)
    return found[1] if found else None


def facts(
    kept: list[tuple[Completion, Example]], problems: int, sampled: int, seconds: float
) -> Facts:
    """Accepted a second, and what was accepted."""
    with Sandboxes() as sandboxes:
        verdicts = strict_verdicts(kept, sandboxes, Room("auto", ()))
    return {
        "rate": len(kept) / seconds,
        "yield": len(kept) / problems,
        "samples": sampled / max(1, len(kept)),
        "kept": len(kept),
        "right": sum(map(bool, verdicts)),
        "problems": problems,
    }


def silent(done: int, figures: Mapping[str, float]) -> None:
    """Shows nothing: a benchmark has its own table."""


def sides(args: argparse.Namespace) -> dict[str, Callable[[], Facts]]:
    """What runs in a process of its own, by name."""
    both = {"lab": lab, "loop": loop}
    return {f"{n}-{f}": partial(side, args, f) for f in FAMILIES for n, side in both.items()}


def table(args: argparse.Namespace) -> list[list[str]]:
    """All rows."""
    own = [f"--{name}={getattr(args, name)}" for name in ("model", "problems", "loop", "slots")]
    threads = str(args.threads or os.cpu_count() or 1)
    rows = []
    for family in FAMILIES:
        turns = [
            tuple(
                in_a_process(__file__, f"{side}-{family}", *own, OMP_NUM_THREADS=threads)
                for side in ("lab", "loop")
            )
            for _ in range(args.repeat)
        ]
        ratios = [ours["rate"] / theirs["rate"] for ours, theirs in turns]
        barred = family == "chain_sum"
        bar = f">= {BAR:g} x loop" if barred else "none"
        met = not barred or statistics.median(ratios) >= BAR
        ours, theirs = turns[0]
        note = "; ".join(
            f"{name} {one['rate']:,.1f}/s, {one['samples']:.1f} samples each, "
            f"yield {100 * one['yield']:.0f} % of {one['problems']:.0f}"
            for name, one in (("lab", ours), ("loop", theirs))
        )
        rows.append(row(f"{family}, accepted a second", bar, ratios, met, note))
        right = [100 * ours["right"] / max(1, ours["kept"]) for ours, _ in turns]
        whole = sum(theirs["kept"] for _, theirs in turns)
        others = 100 * sum(theirs["right"] for _, theirs in turns) / max(1, whole)
        note = f"of {ours['kept']:.0f} kept; the loop's {others:.1f} % of {whole:.0f}"
        rows.append(row(f"{family}, % of kept that is right", "none", right, True, note))
    return rows


def main() -> int:
    """Print the table and write it; exit status 1 when the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="times that each side is measured")
    parser.add_argument("--model", default="tiny", help="a choice of conf/model/")
    parser.add_argument("--problems", type=int, default=1000, help="problems for the lab")
    parser.add_argument("--loop", type=int, default=60, help="problems for the loop")
    parser.add_argument("--slots", type=int, default=256, help="rows that the lab writes at once")
    parser.add_argument("--threads", type=int, default=0, help="threads of both; 0: all cores")
    parser.add_argument("--side", help="one side, as JSON")
    args = parser.parse_args()
    if args.side:
        print(json.dumps(sides(args)[args.side]()))
        return 0
    load = os.getloadavg()[0]
    out = HERE / f"bench_reject_{args.model}.csv"
    return finish(table(args), out, load=load, repeat=args.repeat)


if __name__ == "__main__":
    sys.exit(main())

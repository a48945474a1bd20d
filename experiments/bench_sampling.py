"""Speed of the sampler against `model.generate` and against its own matrix products, in one run.

    make bench-sampling                      # or: python experiments/bench_sampling.py --repeat 3

    throughput     completions a second of the lab over those of `generate` in its best batch
                   size, on the same prompts, greedy and sampled. `generate` gets prompts sorted by
                   length. Two kinds of texts: left to itself the tiny model mostly answers at once
                   and sometimes thinks; asked with /think it always writes its steps.
    decode step    seconds of one step with all slots busy over those of its matrix products alone:
                   the linear layers' on as many rows, and attention's two over the same keys; the
                   note says what the linear layers' take
    memory         resident memory after so many samples over that after the first thousand, with
                   all of them in a store

Every measurement is a fresh process on all cores; the sides of a ratio take turns. Loading a model
and making prompts are not timed. `--model` takes any choice of `conf/model/`.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

import psutil
import torch
from bench_table import finish, in_a_process, row
from transformers import GenerationConfig

from reasoning_lab import data
from reasoning_lab.cli.compose import compose
from reasoning_lab.model.load import Loaded
from reasoning_lab.model.load import load as load_model
from reasoning_lab.sampling.own_step import quickest_step
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key, Request
from reasoning_lab.sampling.row import Row
from reasoning_lab.sampling.slots import Slots, up_to
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import sample, stream
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.door import check
from reasoning_lab.text.prompts import with_system

HERE = Path(__file__).parent
BATCHES = (32, 64, 128, 250, 500)
TEXTS = {"short": None, "think": "/think"}
STEPS = 40
Facts = dict[str, float]


def settings(args: argparse.Namespace, *, greedy: bool) -> Params:
    """How both sides draw."""
    return Params(
        temperature=0.0 if greedy else 1.0,
        top_p=1.0,
        top_k=0,
        max_completion_length=args.tokens,
        seed=0,
        stop=(),
        max_think_tokens=None,
    )


def prepared(args: argparse.Namespace, texts: str) -> tuple[Loaded, list[Request]]:
    """The model and its prompts, one request each."""
    size = f"data.heldout_size={args.problems}"
    run = check(compose(["stage=evaluate", f"model={args.model}", size, "tracker=none"]))
    loaded = load_model(run.model, run.hardware, output=Path(run.output), seed=0)
    rows = [with_system(one, TEXTS[texts]) for one in data.load(run.data).heldout]
    return loaded, [Request(Key(one.id, 0), tuple(one.prompt)) for one in rows[: args.problems]]


def lab(args: argparse.Namespace, texts: str, *, greedy: bool) -> Facts:
    """The lab's sampler."""
    loaded, requests = prepared(args, texts)
    engine = TransformersEngine(loaded, slots=args.slots)
    sample(requests[:8], engine, settings(args, greedy=greedy))
    began = perf_counter()
    found = sample(requests, engine, settings(args, greedy=greedy))
    seconds = perf_counter() - began
    return {
        "rate": len(found) / seconds,
        "tokens": sum(one.completion.tokens for one in found) / seconds,
        "length": statistics.mean(one.completion.tokens for one in found),
    }


def generate(args: argparse.Namespace, texts: str, *, greedy: bool) -> Facts:
    """Transformers' own `generate`, in the batch size that is best for it."""
    loaded, requests = prepared(args, texts)
    words, rule = loaded.tokenizer, settings(args, greedy=greedy)
    ids = [
        words.apply_chat_template(
            list(one.prompt), add_generation_prompt=True, return_dict=True
        ).input_ids
        for one in requests
    ]
    ids.sort(key=len)
    drawing = {} if greedy else {"temperature": 1.0, "top_k": 0, "top_p": 1.0}
    config = GenerationConfig(
        do_sample=not greedy,
        max_new_tokens=rule.max_completion_length,
        pad_token_id=words.pad_token_id,
        eos_token_id=list(loaded.eos_ids),
        **drawing,
    )

    def once(batch: int) -> float:
        torch.manual_seed(0)
        began = perf_counter()
        for start in range(0, len(ids), batch):
            rows = words.pad({"input_ids": ids[start : start + batch]}, return_tensors="pt")
            loaded.model.generate(**rows.to(loaded.model.device), generation_config=config)
        return perf_counter() - began

    ids, whole = ids[:8], ids
    once(8)
    ids = whole
    found = {batch: once(batch) for batch in BATCHES if batch < 2 * len(ids)}
    best = min(found, key=found.__getitem__)
    return {"rate": len(ids) / found[best], "batch": best}


@torch.inference_mode()
def step(args: argparse.Namespace) -> Facts:
    """Seconds of a decode step, and of its matrix products alone."""
    loaded, _ = prepared(args, "think")
    loaded.model.eval()
    rule = settings(args, greedy=False)
    prompt = tuple(range(3, 35))
    loaded.model.set_attn_implementation("eager")
    forward = quickest_step(loaded.model)
    slots = Slots(loaded.model, forward, args.slots, up_to(64, len(prompt) + args.tokens), rule)
    slots.place([Row(Request(Key(str(n), 0), ()), prompt) for n in range(args.slots)], 32)
    layers = [one for one in loaded.model.modules() if isinstance(one, torch.nn.Linear)]
    rows = {size: torch.randn(args.slots, size) for size in {one.in_features for one in layers}}
    ours: list[float] = []
    floor: list[float] = []
    linear: list[float] = []
    cache = slots._cache
    for _ in range(STEPS):
        began = perf_counter()
        slots.step()
        between = perf_counter()
        for one in layers:
            torch.nn.functional.linear(rows[one.in_features], one.weight, one.bias)
        alone = perf_counter()
        for kept in cache.layers:
            keys, values = (one[:, :, : cache.places.seen] for one in (kept.keys, kept.values))
            (query(loaded, keys) @ keys.transpose(2, 3)) @ values
        ours.append(between - began)
        linear.append(alone - between)
        floor.append(perf_counter() - between)
    medians = {"step": ours, "floor": floor, "linear": linear}
    return {name: statistics.median(found) for name, found in medians.items()}


def query(loaded: Loaded, keys: torch.Tensor) -> torch.Tensor:
    """Zeros of the shape of a step's queries, those that share a key together."""
    rows, groups, _, size = keys.shape
    heads = loaded.model.config.num_attention_heads
    return keys.new_zeros(rows, groups, heads // groups, size)


def memory(args: argparse.Namespace) -> Facts:
    """Resident memory in MB after a thousand samples, and the most after that."""
    loaded, requests = prepared(args, "short")
    many = args.samples // len(requests)
    asked = [Request(Key(one.key.problem, n), one.prompt) for one in requests for n in range(many)]
    engine, rule = TransformersEngine(loaded, slots=args.slots), settings(args, greedy=False)
    process, first, most = psutil.Process(), 0.0, 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "samples.jsonl", engine, rule) as store,
    ):
        for done, _ in enumerate(stream(asked, engine, rule, store=store), 1):
            if done % 500 == 0:
                resident = process.memory_info().rss / 1e6
                first = resident if done == 1000 else first
                most = max(most, resident) if done >= 1000 else most
        store.finish()
    return {"first": first, "most": most, "samples": len(asked)}


def sides(args: argparse.Namespace) -> dict[str, Callable[[], Facts]]:
    """What runs in a process of its own, by name."""
    found: dict[str, Callable[[], Facts]] = {
        "step": partial(step, args),
        "memory": partial(memory, args),
    }
    for texts in TEXTS:
        for way in ("greedy", "sampled"):
            greedy = way == "greedy"
            found[f"lab-{texts}-{way}"] = partial(lab, args, texts, greedy=greedy)
            found[f"generate-{texts}-{way}"] = partial(generate, args, texts, greedy=greedy)
    return found


def table(args: argparse.Namespace) -> list[list[str]]:
    """All rows."""
    own = [f"--{name}={getattr(args, name)}" for name in ("model", "problems", "tokens", "slots")]
    own.append(f"--samples={args.samples}")
    cores = str(os.cpu_count() or 1)

    def measure(side: str) -> Facts:
        return in_a_process(__file__, side, *own, OMP_NUM_THREADS=cores)

    rows = []
    for texts in TEXTS:
        for way in ("greedy", "sampled"):
            turns = [
                (measure(f"lab-{texts}-{way}"), measure(f"generate-{texts}-{way}"))
                for _ in range(args.repeat)
            ]
            ratios = [ours["rate"] / theirs["rate"] for ours, theirs in turns]
            ours, theirs = turns[0]
            note = (
                f"{ours['rate']:,.0f} and {theirs['rate']:,.0f} completions/s; lab"
                f" {ours['tokens']:,.0f} tokens/s, {ours['length']:.0f} a completion;"
                f" generate in batches of {theirs['batch']:.0f}"
            )
            met = statistics.median(ratios) >= 2
            rows.append(row(f"{texts} texts, {way}", ">= 2 x generate", ratios, met, note))
    steps = [measure("step") for _ in range(args.repeat)]
    ratios = [each["step"] / each["floor"] for each in steps]
    note = f"{1e3 * steps[0]['step']:.2f} ms, products {1e3 * steps[0]['floor']:.2f} ms"
    note += f" (linear layers' {1e3 * steps[0]['linear']:.2f} ms), {args.slots} slots"
    rows.append(
        row("decode step", "<= 1.5 x floor", ratios, statistics.median(ratios) <= 1.5, note)
    )
    kept = measure("memory")
    grown = kept["most"] - kept["first"]
    note = f"{kept['first']:,.0f} MB after 1,000 of {kept['samples']:,.0f} samples"
    rows.append(row("memory grown, MB", "<= 100 MB", [grown], grown <= 100, note))
    return rows


def main() -> int:
    """Print the table and write it; exit status 1 when a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3, help="times that each side is measured")
    parser.add_argument("--model", default="tiny", help="a choice of conf/model/")
    parser.add_argument("--problems", type=int, default=500, help="prompts")
    parser.add_argument("--tokens", type=int, default=96, help="longest completion")
    parser.add_argument("--slots", type=int, default=64, help="rows that the lab writes at once")
    parser.add_argument("--samples", type=int, default=20_000, help="samples for the memory")
    parser.add_argument("--side", help="one side, as JSON")
    args = parser.parse_args()
    if args.side:
        print(json.dumps(sides(args)[args.side]()))
        return 0
    load = os.getloadavg()[0]
    out = HERE / f"bench_sampling_{args.model}.csv"
    return finish(table(args), out, load=load, repeat=args.repeat)


if __name__ == "__main__":
    sys.exit(main())

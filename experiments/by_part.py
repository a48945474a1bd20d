"""How far a training on a mixture is, part by part, from one of its checkpoints; in a minute.

    python experiments/by_part.py small_base multirun/small_base/ID/0/checkpoints/checkpoint-1000

For each part of the preset's held-out rows: the mean loss of a token, and the share of rows that
greedy decoding would write exactly, since every token is the likeliest after those before it. For
steps with one right form that is what `/think` will reach; for rows that think unasked it stays
near 0 as long as the model answers at once when left alone, which is wanted.
"""

import argparse
from collections import defaultdict

import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer

from reasoning_lab.cli.compose import compose
from reasoning_lab.data import mixture
from reasoning_lab.schema.data import Mixture
from reasoning_lab.schema.door import check
from reasoning_lab.training.rows import IGNORED, tokenised


def measure(model: torch.nn.Module, ids: list[int], labels: list[int]) -> tuple[float, bool]:
    """Mean loss of the row's learned tokens, and whether each of them is the likeliest."""
    wanted = torch.tensor(labels[1:])
    learned = wanted != IGNORED
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, :-1][learned]
    wanted = wanted[learned]
    loss = torch.nn.functional.cross_entropy(logits, wanted)
    return float(loss), bool((logits.argmax(-1) == wanted).all())


def main() -> None:
    """Measure the checkpoint named on the command line, and show the table."""
    parser = argparse.ArgumentParser(prog="python experiments/by_part.py")
    parser.add_argument("preset", help="experiment=PRESET, whose data is a mixture")
    parser.add_argument("checkpoint", help="a folder with weights and tokenizer")
    parser.add_argument("--rows", type=int, default=1000, help="held-out rows of all parts")
    given = parser.parse_args()
    sizes = ["data.train_size=50", f"data.heldout_size={given.rows}", "tracker=none"]
    data = check(compose([f"experiment={given.preset}", *sizes])).data
    if not isinstance(data, Mixture):
        parser.error(f"the data of {given.preset} is no mixture")
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(given.checkpoint)
    model = AutoModelForCausalLM.from_pretrained(given.checkpoint).eval()
    rows = mixture.load(data).heldout
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for row, (ids, labels) in zip(
        rows, tokenised(rows, tokenizer, tokenizer.chat_template), strict=True
    ):
        found[row.meta["part"]].append(measure(model, ids, labels))
    table = Table("part", "rows", "loss", "exact")
    for part, measured in sorted(found.items()):
        losses, exact = zip(*measured, strict=True)
        shares = f"{sum(losses) / len(losses):.3f}", f"{sum(exact) / len(exact):.1%}"
        table.add_row(part, str(len(measured)), *shares)
    Console().print(table)


if __name__ == "__main__":
    main()

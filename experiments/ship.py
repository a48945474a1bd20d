"""Put a trained model into the package: weights, tokenizer, card and checksums.

    trained="model=from_run model.path=run:tiny_base@latest"
    python -m reasoning_lab stage=evaluate name=free $trained
    python -m reasoning_lab stage=evaluate name=asked $trained model.system_prompt=/think
    python experiments/ship.py run:tiny_base@latest tiny \
        --free run:free@latest --asked run:asked@latest

A model of the ladder is measured on each of its families, with all ways in one run:

    ways="way=[greedy,sampled,think] stage.evaluation.samples=16 way.think.samples=1"
    python -m reasoning_lab -m stage=evaluate name=ladder $trained $ways data=column_sum,swaps
    python experiments/ship.py run:small_base@latest small --ladder run:ladder@ID/0 run:ladder@ID/1

The card is written from the manifests, so it cannot say what was not run.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from transformers import AutoModelForCausalLM, AutoTokenizer

from reasoning_lab.errors import LabError
from reasoning_lab.model import embedded
from reasoning_lab.report.text.problems import render
from reasoning_lab.report.text.words import share
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema import door
from reasoning_lab.schema.data import Mixture
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.sft import Sft

PARTS = "| part | problems | answer | system turn | share |"
HEAD = "| what | left to itself | asked with `/think` |"
LADDER = "| family | problems | at once, greedy | best of 16 samples | asked with `/think` |"
RUNGS = ("greedy/pass@1", "sampled/pass@16", "think/pass@1")
CARD = Path(__file__).with_name("ship_card.md")
RECIPE = Path(__file__).with_name("ship_recipe.md")
LADDER_CARD = Path(__file__).with_name("ship_ladder_card.md")


Measured = Sequence[RunFolder]


def ship(
    trained: RunFolder, name: str, form: Callable[[Measured], str], measured: Measured
) -> Path:
    """Write `assets/<name>/` from a finished run and evaluations of what it made; `form` is what
    the card says of these.

    Raises ArtifactError when a run did not finish.
    """
    manifest = read(trained)
    weights = trained.path / manifest.artifacts["model"]
    model = AutoModelForCausalLM.from_pretrained(weights)
    folder = embedded.ASSETS / name
    figures = form(measured)
    embedded.export(model, AutoTokenizer.from_pretrained(weights), folder)
    text = card(name, door.load(trained.run_json), manifest, figures, model.num_parameters())
    (folder / embedded.CARD).write_text(text, encoding="utf-8")
    embedded.seal(folder)
    return folder


def both(measured: Measured) -> str:
    """The card of a model of sums, but for its recipe: left to itself, and asked to think."""
    free, asked = (read(folder) for folder in measured)
    table = [
        f"| {key} | {share(free.metrics[key])} | {share(asked.metrics[key])} |"
        for key in free.metrics
        if key.endswith(("pass@1", "thinking"))
    ]
    return CARD.read_text(encoding="utf-8").format(
        problems=free.metrics["greedy/pass@1"].n,
        data=door.load(measured[0].run_json).data.name,
        figures="\n".join([HEAD, "|---|---|---|", *table]),
        finished=free.finished[:10],
    )


def ladder(measured: Measured) -> str:
    """The card of a model of the ladder, but for its recipe: one row a family."""
    table = []
    for folder in measured:
        metrics = read(folder).metrics
        figures = " | ".join(share(metrics[key]) for key in RUNGS)
        data = door.load(folder.run_json).data.name
        table.append(f"| {data} | {metrics[RUNGS[0]].n} | {figures} |")
    return LADDER_CARD.read_text(encoding="utf-8").format(
        figures="\n".join([LADDER, "|---|---|---|---|---|", *table]),
        finished=read(measured[0]).finished[:10],
    )


def card(name: str, run: Run, manifest: Manifest, figures: str, parameters: int) -> str:
    """The model card as Markdown: what it can, as `figures` says, and how it was made."""
    if not (isinstance(run.stage, Sft) and isinstance(run.data, Mixture)):
        raise ValueError("only a model trained by stage=sft on a mixture is shipped")
    rows = [
        f"| {key} | {part.task} {part.params} | {part.mode} | {part.marker or 'none'} "
        f"| {part.share:g} |"
        for key, part in run.data.parts.items()
    ]
    return RECIPE.read_text(encoding="utf-8").format(
        name=name,
        parameters=parameters,
        figures=figures.replace("NAME", name),
        gym=manifest.versions["reasoning-gym"],
        rows=run.data.train_size,
        parts="\n".join([PARTS, "|---|---|---|---|---|", *rows]),
        preset=run.name,
        seed=run.seed,
        steps=run.stage.max_steps,
        batch=run.stage.per_device_train_batch_size,
        rate=run.stage.learning_rate,
        scheduler=run.stage.lr_scheduler_type,
        minutes=manifest.seconds / 60,
        cores=manifest.hardware["cores"],
        processor=manifest.hardware["processor"],
        revision=manifest.git.revision[:12] if manifest.git else "unknown",
        config_hash=manifest.config_hash,
        finished=manifest.finished[:10],
        **{package: manifest.versions[package] for package in ("torch", "transformers", "trl")},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship the model named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python experiments/ship.py")
    parser.add_argument("trained", help="the run that trained it: run:NAME@latest")
    parser.add_argument("name", help="its name: embedded:NAME")
    parser.add_argument("--free", help="a stage=evaluate run of it")
    parser.add_argument("--asked", help="the same with model.system_prompt=/think")
    parser.add_argument("--ladder", nargs="+", help="evaluations of it, one a family")
    parser.add_argument("--output", type=Path, default=Path("multirun"), help="folder of all runs")
    given = parser.parse_args(arguments)
    if (given.ladder is None) is (given.free is None or given.asked is None):
        parser.error("give --free and --asked, or --ladder")
    console = Console(stderr=True)
    try:
        trained = resolve(given.trained, ("model",), given.output).path.parent
        measured = [
            RunFolder(resolve(reference, ("report",), given.output).path)
            for reference in given.ladder or (given.free, given.asked)
        ]
        form = ladder if given.ladder else both
        folder = ship(RunFolder(trained), given.name, form, measured)
    except LabError as error:
        render(error, console)
        return 2
    console.print(f"shipped in {folder}", soft_wrap=True, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

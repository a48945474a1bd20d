"""Put a trained model into the package: weights, tokenizer, card and checksums.

    python -m reasoning_lab.stages.ship run:tiny_base@latest tiny --measured run:evaluate@latest

The card is written from the manifests, so it cannot say what was not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from transformers import AutoModelForCausalLM, AutoTokenizer

from reasoning_lab.errors import LabError
from reasoning_lab.model import embedded
from reasoning_lab.report.problems import render
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema import door
from reasoning_lab.schema.data import Mixture
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stage import Sft

CARD = files("reasoning_lab.stages") / "ship_card.md"


def ship(trained: RunFolder, name: str, measured: RunFolder, assets: Path) -> Path:
    """Write `assets/<name>/` from a finished run and an evaluation of what it made.

    Raises ArtifactError when a run did not finish.
    """
    manifest, figures = read(trained), read(measured)
    run = door.load(trained.run_json)
    weights = trained.path / manifest.artifacts["model"]
    model = AutoModelForCausalLM.from_pretrained(weights)
    folder = assets / name
    embedded.export(model, AutoTokenizer.from_pretrained(weights), folder)
    text = card(name, run, manifest, figures, door.load(measured.run_json), model.num_parameters())
    (folder / embedded.CARD).write_text(text, encoding="utf-8")
    embedded.seal(folder)
    return folder


def card(
    name: str, run: Run, manifest: Manifest, figures: Manifest, asked: Run, parameters: int
) -> str:
    """The model card as Markdown."""
    if not (isinstance(run.stage, Sft) and isinstance(run.data, Mixture)):
        raise ValueError("only a model trained by stage=sft on a mixture is shipped")
    rows = [
        f"| {key} | {part.task} {part.params} | {part.mode} | {part.marker or 'none'} "
        f"| {part.share:g} |"
        for key, part in run.data.parts.items()
    ]
    table = [
        f"| {key} | {100 * value.value:.1f} % [{100 * value.low:.1f}, {100 * value.high:.1f}] |"
        for key, value in figures.metrics.items()
        if key.endswith(("pass@1", "thinking")) and value.low is not None and value.high is not None
    ]
    return CARD.read_text(encoding="utf-8").format(
        name=name,
        parameters=parameters,
        problems=figures.metrics["greedy/pass@1"].n,
        measured_data=asked.data.name,
        figures="\n".join(["| what | share |", "|---|---|", *table]),
        measured_on=figures.finished[:10],
        gym=manifest.versions["reasoning-gym"],
        rows=run.data.train_size,
        parts="\n".join(
            ["| part | problems | answer | system turn | share |", "|---|---|---|---|---|", *rows]
        ),
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
    parser = argparse.ArgumentParser(prog="python -m reasoning_lab.stages.ship")
    parser.add_argument("trained", help="the run that trained it: run:NAME@latest")
    parser.add_argument("name", help="its name: embedded:NAME")
    parser.add_argument("--measured", required=True, help="a finished stage=evaluate run of it")
    parser.add_argument("--output", type=Path, default=Path("multirun"), help="folder of all runs")
    given = parser.parse_args(arguments)
    console = Console(stderr=True)
    try:
        trained = resolve(given.trained, ("model",), given.output).path.parent
        measured = resolve(given.measured, ("report",), given.output).path
        folder = ship(RunFolder(trained), given.name, RunFolder(measured), embedded.ASSETS)
    except LabError as error:
        render(error, console)
        return 2
    console.print(f"shipped in {folder}", soft_wrap=True, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Run folders as the lab leaves them, made without training: the files are real, the numbers
are drawn from a seeded generator."""

import json
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reasoning_lab.cli.compose import compose
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.runs.manifest import Git, Kind, Manifest, read
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import (
    Estimate,
    exactly,
    mean_interval,
    paired_difference,
    proportion,
)

HOSTILE = (
    "[red]not red[/red] [/] [link=http://x]",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\x1b[2J\x1b[31mESC \x07 bell \x00 nul \x9b31m",
    "\u202egnitrid\u202c \u200b zero width",
    "你好 " * 40 + "👩‍👩‍👧‍👦 e" + "\u0301" * 60,
    "</pre></article>{{ 7*7 }}{% raw %} $\\frac{1}{0}$ \ud800 lone",
)


def make_run(*overrides: str, output: Path) -> Run:
    """The run that these overrides compose."""
    return _composed(overrides).model_copy(update={"output": str(output)})


@lru_cache
def _composed(overrides: tuple[str, ...]) -> Run:
    return Run.model_validate_json(json.dumps(compose(overrides))).as_read()


def make_folder(
    run: Run, path: Path, *, skill: float = 0.7, problems: int = 200, seed: int = 0, text: str = ""
) -> RunFolder:
    """A finished folder of `run`: after training a problem is right with chance `skill`.

    `text` is put into every completion and question, to see what hostile text does.
    """
    folder = begin(run, path)
    rng = random.Random(seed)
    rows = [_problem(rng, number, skill, run.stage.kind, text) for number in range(problems)]
    _lines(folder.problems, rows)
    if run.stage.kind != "evaluate":
        _lines(folder.metrics, _metrics(rng, getattr(run.stage, "max_steps", 1), run.stage.kind))
    if run.stage.kind == "grpo":
        _lines(folder.samples, [_sample(rng, step, text) for step in range(1, 41)])
    manifest(run, folder, rows).write(folder)
    return folder


def finished(output: Path, *overrides: str, **drawn: Any) -> tuple[Run, RunFolder]:
    """Such a run, and its folder in `output`; `drawn` as for `make_folder`."""
    run = make_run(*overrides, output=output)
    return run, make_folder(run, output / "group" / "0", **drawn)


def measured_so(folder: RunFolder, changed: dict[str, Estimate]) -> Manifest:
    """The manifest with these metrics besides, as it now stands in the folder."""
    whole = read(folder)
    found = whole.model_copy(update={"metrics": {**whole.metrics, **changed}})
    found.write(folder)
    return found


def harmless(text: str) -> None:
    """What was shown of hostile text moves no cursor, rings no bell, and can be written."""
    assert "\x1b[2J" not in text
    assert "\x07" not in text
    text.encode("utf-8")


def begin(run: Run, path: Path) -> RunFolder:
    """A folder with only run.json: started, not finished."""
    path.mkdir(parents=True)
    folder = RunFolder(path)
    folder.run_json.write_text(json.dumps(run.model_dump(mode="json")), encoding="utf-8")
    return folder


def manifest(run: Run, folder: RunFolder, rows: Sequence[dict[str, Any]]) -> Manifest:
    """The manifest over these problems."""
    metrics = {"perf/tokens_per_second": exactly(5321.0), **_estimates(rows)}
    kind: Kind = "report" if run.stage.kind == "evaluate" else "model"
    artifacts = {"problems": "problems.jsonl", "wandb": "wandb/offline-run-20250101_000000-abc"}
    return Manifest(
        id=folder.id,
        kind=kind,
        name=run.name,
        stage=run.stage.kind,
        parents=[],
        config_hash=config_hash(run),
        git=Git(revision="0123456789abcdef0123456789abcdef01234567", dirty=False),
        versions={"python": "3.11.2", "torch": "2.13.0", "trl": "1.16.0"},
        seeds={"seed": run.seed, "data.seed": run.data.seed},
        hardware={"processor": "a processor", "cores": 2, "memory_mb": 8000},
        metrics=metrics,
        seconds=191.4,
        peak_memory_mb=1432.7,
        finished="2025-01-01T00:03:11.000000+00:00",
        artifacts=artifacts,
        notes=[],
    )


def _estimates(rows: Sequence[dict[str, Any]]) -> dict[str, Estimate]:
    trained = "before" in rows[0]
    found: dict[str, Estimate] = {}
    for way in ("greedy", "sampled"):
        for when in ("before", "after") if trained else ("after",):
            prefix = f"{when}/" if trained else ""
            answers = [row[when][way][0] for row in rows]
            right = sum(one["correct"] for one in answers)
            thinking = sum("<think>" in one["text"] for one in answers)
            found[f"{prefix}{way}/pass@1"] = proportion(right, len(rows))
            found[f"{prefix}{way}/thinking"] = proportion(thinking, len(rows))
            found[f"{prefix}{way}/tokens"] = mean_interval([one["tokens"] for one in answers])
        if trained:
            old = [float(row["before"][way][0]["correct"]) for row in rows]
            new = [float(row["after"][way][0]["correct"]) for row in rows]
            found[f"gain/{way}/pass@1"] = paired_difference(old, new)
    return found


def _problem(rng: random.Random, number: int, skill: float, kind: str, text: str) -> dict[str, Any]:
    # The question depends on its number alone, so that two runs can be compared.
    a, b, c = random.Random(number).choices(range(10, 100), k=3)
    row: dict[str, Any] = {
        "id": f"chain_sum-{number}",
        "question": f"State the final answer to this problem: {a} + {b} - {c} ={text}",
        "answer": str(a + b - c),
    }
    chances = {"before": (0.35, 0.2), "after": (skill, 0.95)}
    if kind == "evaluate":
        del chances["before"]
    for when, (chance, thinking) in chances.items():
        row[when] = {
            way: [_answer(rng, (a, b, c), chance, thinking, text)] for way in ("greedy", "sampled")
        }
    return row


def _answer(
    rng: random.Random, terms: tuple[int, int, int], chance: float, thinking: float, text: str
) -> dict[str, Any]:
    a, b, c = terms
    right = rng.random() < chance
    given = a + b - c if right else a + b - c + rng.choice((-10, 1, 10))
    steps = f"<think>\n{a} + {b} = {a + b}\n{a + b} - {c} = {given}\n</think>\n"
    thinks = rng.random() < thinking
    written = f"{steps if thinks else ''}<answer>{given}</answer>{text}"
    said = {"text": written, "correct": right, "verdict": "correct" if right else "wrong"}
    return {**said, "tokens": 31 if thinks else 6, "finish": "stop"}


def _sample(rng: random.Random, step: int, text: str) -> dict[str, Any]:
    answer = _answer(rng, (46, 57, 12), 0.7, 0.9, text)
    right = float(answer["correct"])
    return {
        "step": step,
        "id": f"chain_sum-train-{step}",
        "question": f"State the final answer to this problem: 46 + 57 - 12 ={text}",
        "gold": "91",
        **{key: answer[key] for key in ("text", "tokens", "finish", "verdict")},
        "parts": {"accuracy": right, "format": 1.0 if right else None},
        "total": right * 1.1,
        "answer": "91" if right else "92",
    }


def _metrics(rng: random.Random, steps: int, kind: str) -> list[dict[str, float]]:
    rows = []
    for step in range(1, steps + 1):
        way = step / steps
        row = {"step": step, "train/loss": 0.05 * rng.gauss(0, 1) + 1.5 * (1 - way)}
        if kind == "grpo":
            correct = min(1.0, max(0.0, 0.35 + 0.35 * way + rng.gauss(0, 0.05)))
            row |= {
                "train/rewards/total/mean": 1.1 * correct,
                "train/rewards/accuracy/mean": correct,
                "train/rewards/format/mean": 0.2 + 0.7 * way,
                "train/verdict/correct": correct,
                "train/rewards/share_thinking": 0.2 + 0.75 * way,
                "train/completions/mean_length": 12 + 24 * way,
                "train/completions/max_length": 60.0,
                "train/completions/clipped_ratio": 0.0,
                "train/frac_reward_zero_std": 0.2 + 0.1 * way,
            }
            if step % 40 == 0:
                row["heldout/greedy/pass@1"] = 0.35 + 0.35 * way
                row["heldout/sampled/pass@1"] = 0.32 + 0.33 * way
                row["heldout/greedy/thinking"] = 0.2 + 0.75 * way
        rows.append(row)
    return rows


def _lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

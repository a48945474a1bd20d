"""What the pages say is true: their commands pass the door, their targets and links exist."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from source import PACKAGE, ROOT, tracked

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.past_filters import COMMAND as RUNS
from reasoning_lab.cli.past_filters import filters
from reasoning_lab.cli.pipeline import run_pipeline
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.schema.door import check

PAGES = tracked("*.md")
COMMAND = re.compile(r"^\s*(?:-\s+)?`?python -m reasoning_lab (.+?)`?(?:\s{2,}#.*| # .*)?$", re.M)
PLACEHOLDER = re.compile(r"\b[A-Z]{4,}\b|…")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def _commands() -> Iterator[str]:
    """Commands to copy, but for those with a placeholder or a flag."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md"):
        for arguments in COMMAND.findall(page.read_text(encoding="utf-8")):
            if not PLACEHOLDER.search(arguments) and "--" not in arguments:
                yield arguments


def _left_out(arguments: str) -> bool:
    """Refused on purpose, of a file yet to be written, of an earlier run, or of an extra."""
    return any(
        mark in arguments
        for mark in (
            "num_generatoins",
            "=brevity",
            "=mine.jsonl",
            "run:",
            "stage=replay",
            "engine=server",
        )
    )


@pytest.mark.parametrize("arguments", sorted(set(_commands())))
def test_commands_pass_the_door(arguments: str) -> None:
    words = shlex.split(arguments)
    if _left_out(arguments):
        return
    if words[0] == RUNS:
        filters(words[1:])
    elif words[0].startswith("pipeline="):
        assert run_pipeline([*words, "--cfg", "job"]) == 0
    elif words[0] == "-m":
        check_jobs([[word.split(",")[0] for word in words[1:]]])
    else:
        check(compose(words))


def test_the_shown_refusal_is_what_is_said(tmp_path: Path) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("    $ python"))
    end = start + lines[start:].index("")
    arguments = shlex.split(lines[start])[4:]
    result = subprocess.run(
        [sys.executable, "-m", "reasoning_lab", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "120"},
    )
    said = (result.stdout + result.stderr).splitlines()
    assert said == [line.removeprefix("    ") for line in lines[start + 1 : end]]
    assert result.returncode == 2


@each_page
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.M))
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^    |`)make ([a-z][a-z0-9-]*)", text, re.M)) <= targets


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    lost = [link for link in links if not (page.parent / link).exists()]
    assert not lost


def test_pictures_are_small_and_load_nothing() -> None:
    pictures = [*(ROOT / "experiments").glob("*.png"), *(ROOT / "experiments").glob("*.svg")]
    assert {path.name for path in pictures} >= {"first_run.png", "first_run.svg", "report.png"}
    assert not [path.name for path in pictures if path.stat().st_size > 200_000]
    for path in pictures:
        if path.suffix == ".svg":
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"<script|href=|url\(|@import|http(?!://www.w3.org/2000/svg)", text
            )


def test_readme_names_every_choice() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    groups = ("stage", "model", "data", "peft", "hardware", "tracker", "pipeline", "experiment")
    groups += ("debug",)
    missing = [
        f"{group}={path.stem}"
        for group in groups
        for path in (ROOT / "conf" / group).glob("*.yaml")
        if f"`{path.stem}`" not in readme
    ]
    assert not missing


def test_architecture_names_every_layer() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    layers = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert not {layer for layer in layers if f"`{layer}`" not in text}

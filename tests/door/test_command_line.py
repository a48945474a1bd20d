"""The command line: what it refuses, what it imports, and that it leaves nothing behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra.errors import HydraException
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.cli.command import command
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.help import EXAMPLES, text
from reasoning_lab.cli.overrides import parse
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.cli.words import readable
from reasoning_lab.schema.vocabulary import choices

HEAVY = {"torch", "transformers", "trl", "datasets", "wandb", "sympy"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder that must still be empty at the end."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("stage=grop lr=3", "2 problems"),
        ("+stage.num_generatoins=4", "stage.num_generations"),
        ("stage.num_generations=7", "=4 or 8"),
        ("--stage=grpo", "write stage=grpo"),
        ("grpo", "write stage=grpo"),
        ("lora seed=1", "write peft=lora"),
        ("stage.num_generations=4,7 -m", "[in stage.num_generations=7]"),
        ("stage=grop --cfg job", "mean grpo"),
        ("+reward.terms.format.params.foo=1", "params.foo"),
        ("reward.terms.format.params.partial=1.5", "[0, 1)"),
        ("reward.terms.format.params.partial=x", "a number"),
        ("reward.terms.format.fn=os:system", "neither in the lab"),
        ("hardware=ddp", "hardware=cpu hardware.strategy=ddp"),
        ("model.path=run:nothing@latest", "model.path"),
        ("hydra.verbose=false stage.num_generations=7", "=4 or 8"),
        ("--cfg job stage=grop", "mean grpo"),
        ("--cfg job stage.lr=3", "stage.learning_rate"),
        ("-m stage=grop,sft", "mean grpo"),
        ("-m stage.num_generations=4,7,8", "[in stage.num_generations=7]"),
        ("-m stage.num_generatoins=4,8", "mean stage.num_generations"),
        ("-m seed=range(0,3", "cannot be read"),
        ("-m model.path=run:nothing@latest seed=0,1", "model.path"),
        ("-m stage=score path=x,y", "\n  stage.path: x"),
    ],
)
def test_refused(line: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(line.split()) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.parametrize(
    ("words", "where", "cure"),
    [
        (["-m", "seed=0,1", "--cfg", "job"], ["--cfg"], "without -m"),
        (["-c", "job", "--info"], ["--info"], "leave one out"),
        (["--cfg", "jbo"], ["--cfg"], "--cfg job"),
        (["--cfg"], ["--cfg"], "--cfg job"),
        (["-x"], ["-x"], "--help"),
        (["hydra.run.dir=x"], ["hydra.run.dir"], "output=FOLDER"),
        (["-m", "seed=0,1", "hydra.sweep.dir=x"], ["hydra.sweep.dir"], "output=FOLDER"),
        (["+hydra.job.chdir=true"], ["hydra.job.chdir"], "output=FOLDER"),
        (["peft=lora", "peft.target_modules='[a, b]'"], ["peft.target_modules"],
         "'peft.target_modules=[a, b]'"),
        (["peft=lora", "peft.target_modules=a,b"], ["peft.target_modules"],
         "'peft.target_modules=[a,b]'"),
        (["help"], ["help"], "--help"),
        (["train"], ["train"], "stage=grpo, stage=rloo or stage=sft"),
        (["grop"], ["grop"], "stage=grpo"),
        (["stage=grpo", "runs"], ["runs"], "runs stage=grpo"),
        (["stage", "=", "grpo"], ["stage = grpo"], "stage=grpo"),
        (["stage = grpo"], ["stage = grpo"], "stage=grpo"),
        (["reward=[math,r1]"], ["reward"], "-m reward=math,r1"),
        (["stage=evaluate", "stage.max_steps=3"], ["stage.max_steps"], "stage=grpo or probe or"),
        (["stage=ü", "max_steps=3"], ["stage", "max_steps"], "stage=grpo"),
        (["data=gsm8k", "data.path=no", "hardware=gpu"], ["data.path", "hardware"], "hardware=cpu"),
        (["-m", "data=gsm8k", "data.path=no", "hardware=gpu", "seed=0,1"],
         ["data.path", "hardware"], "hardware=cpu"),
        (["model=qwen2_5_1_5b", "hardware=gpu"], ["hardware"], "model=tiny data=chain_sum"),
        (["hardware=gpu", "+stage.nix=3", "seed=-1"], ["stage.nix", "seed", "hardware"], "=cpu"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else one,
)  # fmt: skip
def test_each_mistake_is_told_with_a_cure_that_fits(
    words: list[str], where: list[str], cure: str, here: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("reasoning_lab.cli.needs.has_gpu", lambda: False)
    assert command(words) == 2
    said = capsys.readouterr().err.splitlines()
    told = [row[2:] for row in said if row.startswith("  ") and not row.startswith("   ")]
    assert sorted(row.partition(": ")[0] for row in told) == sorted(where)
    assert [row for row in said if row.startswith("    → ") and cure in row]


SIGNS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=9)


@pytest.mark.parametrize("value", ["ü.jsonl", "a (1).jsonl", "Übung & Co/#1.csv", "漢字", "~x!"])
def test_a_place_needs_no_quotes_of_hydras(value: str) -> None:
    assert compose([f"data.name={value}"])["data"]["name"] == value
    if "(" not in value:  # with a comma it might be a sweep's
        assert compose([f"+data.params.x=[{value},b]"])["data"]["params"]["x"] == [value, "b"]


@given(SIGNS)
def test_what_hydra_reads_is_left_to_it(value: str) -> None:
    line = f"data.name={value}"
    read, _ = parse([line])
    assert (readable(line) == line) or not read
    again, _ = parse([readable(line)])
    assert bool(again) >= bool(read)
    if not read and again and not set(value) & set("[]{},"):
        assert again[0].value() == value.strip() or again[0].value() == value


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--cfg job", ""),
        ("--cfg job +stage.num_generatoins=4", "stage.num_generatoins"),
        ("--cfg job seed=-1", "seed"),
    ],
)
def test_what_is_shown_and_would_be_refused_is_said_to_be_unchecked(
    line: str, told: str, here: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command(line.split()) == 0
    shown = capfd.readouterr()
    assert "num_generations: 8" in shown.out
    assert ("not checked" in shown.err) == bool(told)
    assert told in shown.err


def test_a_users_wish_for_hydras_own_error(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(HydraException, match="grop"):
        command(["--cfg", "job", "stage=grop"])


def test_each_job_of_a_sweep_is_checked() -> None:
    jobs = check_jobs([["seed=0"], ["seed=1", "stage=sft"]])
    assert [(job.asked.seed, job.asked.stage.kind) for job in jobs] == [(0, "grpo"), (1, "sft")]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_help_fits_the_terminal_and_breaks_between_words(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = text()
    assert max(map(len, shown.splitlines())) <= columns + 16  # a command is never broken
    words = {word for name in choices("model").values() for word in name.split()}
    assert words <= set(shown.split())


def test_help_names_every_choice_with_its_line() -> None:
    shown = " ".join(text().split())
    for group in ("stage", "reward", "model", "data", "peft", "hardware", "experiment"):
        for name, line in choices(group).items():
            assert name in shown
            assert " ".join(line.split()) in shown
    for line, meaning in EXAMPLES:
        assert line in shown
        assert meaning in shown


QUICK = ["--help", "stage=grpo --help", "--version", "runs", "-sc query=bash", ""]


@pytest.mark.parametrize("line", [*QUICK, "--cfg job", "stage=grop", "seed=-1"])
def test_quick_commands_import_nothing_heavy(line: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reasoning_lab", *line.split()],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    timed = [row for row in result.stderr.splitlines() if row.startswith("import time:")]
    loaded = {row.rpartition("|")[2].strip().partition(".")[0] for row in timed}
    assert "reasoning_lab" in loaded
    assert not loaded & HEAVY
    if line == "--version":  # the lab's own, not Hydra's
        names = [row.split()[0] for row in result.stdout.splitlines()]
        assert names == ["reasoning-lab", "torch", "trl", "transformers"]
    assert result.returncode == (2 if line in ("", "stage=grop", "seed=-1") else 0)
    if line in QUICK:
        assert "hydra" not in loaded
    assert list(tmp_path.iterdir()) == []

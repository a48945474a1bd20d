"""Help on what is named beside it, the list of past runs, and completion in a real bash."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from reasoning_lab.cli.completion import candidates
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.entry import answer
from reasoning_lab.cli.help import PROGRAM, SHOWN, SWEEPS, text, text_for
from reasoning_lab.cli.overrides import flatten
from reasoning_lab.cli.settings import PRESETS, described, top_settings
from reasoning_lab.cli.sweep import check_jobs, jobs_of
from reasoning_lab.schema.vocabulary import choices

CHOICES = [(group, name) for group, _ in SHOWN for name in choices(group)]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("group", "name"), [one for one in CHOICES if one[0] not in PRESETS])
def test_the_settings_of_a_choice_are_those_that_hydra_composes(group: str, name: str) -> None:
    stage = ["stage=sft"] if group != "stage" else []
    whole = compose([*stage, f"{group}={name}"])
    placed = whole["stage"]["evaluation"]["ways"] if group == "way" else whole[group]
    composed = flatten({group: placed})
    leaves = {key for key, value in composed.items() if not (isinstance(value, dict) and value)}
    known = {one.key for one in described(group, name).settings}
    assert known == leaves - {f"{group}.kind"}


def test_the_settings_of_a_whole_run_are_the_keys_beside_the_groups() -> None:
    composed = compose()
    groups = {key for key, value in composed.items() if isinstance(value, dict)}
    assert {one.key for one in top_settings()} == composed.keys() - groups


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_help_on_a_choice_says_each_setting_and_its_comment(group: str, name: str) -> None:
    shown = " ".join(text_for([f"{group}={name}", "--help"]).split())
    assert choices(group)[name] in shown
    for one in described(group, name).settings:
        assert one.comment
        assert f"{one.key}={one.default} {' '.join(one.comment.split())}" in shown


def test_help_on_a_group_on_sweeps_and_on_nothing_known() -> None:
    assert all(name in text_for(["reward", "--help"]) for name in choices("reward"))
    assert all(line in text_for(["--help", "-m", "seed=0,1"]) for line, _ in SWEEPS)
    assert text_for(["seed=1", "--help"]) == text() == text_for([])
    both = text_for(["stage=sft", "reward=r1", "-h"])
    assert "stage.weight_decay=" in both
    assert "reward.terms.language.params.wanted=" in both


@pytest.mark.parametrize("line", [line for line, _ in SWEEPS])
def test_the_sweeps_of_the_help_pass_the_door(line: str) -> None:
    words = shlex.split(line.removeprefix(PROGRAM))
    assert words[0] == "-m"
    hydra = {
        "overrides": {"task": words[1:]},
        "sweeper": {"_target_": "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"},
    }
    assert len(check_jobs(jobs_of(OmegaConf.create({"hydra": hydra})))) >= 2


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("stage=grop --help", ["stage"]),
        ("stage=grop reward=nix -h", ["stage"]),
        ("-sc foo", ["-sc"]),
        ("-sc", ["-sc"]),
        ("stage=sft --shell-completion install=fish", ["-sc"]),
        ("runs stgae=grpo", ["stgae=grpo"]),
        ("runs stage=nix state=done last=0", ["state", "stage", "last"]),
        ("runs output=nowhere", ["output"]),
        ("runs grpo", ["grpo"]),
    ],
)
def test_refused_in_one_line_each(
    line: str,
    where: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert answer(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert [row.split(":")[0].strip() for row in said.err.splitlines()[1::2]] == where


def test_alone_it_helps_and_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert answer([]) == 2
    assert capsys.readouterr().out == text()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("reasoning-lab stage=gr", ["stage=grpo "]),
        ("reasoning-lab resume=", ["resume=auto ", "resume=never "]),
        ("reasoning-lab ru", ["runs "]),
        ("reasoning-lab runs sta", ["stage=", "state="]),
        ("reasoning-lab runs state=f", ["state=failed ", "state=finished "]),
        ("reasoning-lab stage=sft stage.pack", ["stage.packing="]),
        ("reasoning-lab stage=sft pack", ["packing="]),
        ("reasoning-lab stage=grpo pack", []),
        ("reasoning-lab data=local data.columns.q", ["data.columns.question="]),
        (
            "reasoning-lab reward=r1 reward.terms.language.params.w",
            ["reward.terms.language.params.wanted="],
        ),
        ("reasoning-lab data.path=ro", []),
        ("reasoning-lab seed=1 see", ["seed="]),
    ],
)
def test_candidates(line: str, found: list[str]) -> None:
    assert candidates(line) == found


BASH = shutil.which("bash")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the command as installing makes it, and this Python."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "reasoning-lab"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m reasoning_lab "$@"\n', "utf-8")
    command.chmod(0o755)
    (folder / "python").symlink_to(sys.executable)
    return folder


@pytest.mark.skipif(BASH is None, reason="no bash here")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["reasoning-lab", "stage", "=", "gr"], ["grpo "]),
        (["reasoning-lab", "stage.max_st"], ["stage.max_steps="]),
        (["reasoning-lab", "stage", "=", "sft", "stage.max_st"], ["stage.max_steps="]),
        (["python", "-m", "reasoning_lab", "reward", "=", "r"], ["r1 "]),
        (["python", "-m", "json.tool", "stage", "=", "gr"], []),
    ],
)
def test_completion_in_bash(programs: Path, words: list[str], found: list[str]) -> None:
    line = " ".join(words).replace(" = ", "=")
    given = " ".join(map(shlex.quote, words))
    script = f"""
eval "$(reasoning-lab -sc install=bash)"
complete -p {words[0]} >/dev/null || exit 9
COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
COMP_WORDS=({given}) COMP_CWORD={len(words) - 1}
COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)}
_reasoning_lab
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [row for row in done.stdout.splitlines() if row] == found


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_completion_is_taken_away_again(programs: Path) -> None:
    script = """
eval "$(reasoning-lab -sc install=bash)"; eval "$(reasoning-lab -sc uninstall=bash)"
complete -p reasoning-lab || complete -p python || type _reasoning_lab
"""
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(BASH), "--norc", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("no completion") == 2

from __future__ import annotations

import itertools
import shlex
import sys
from pathlib import Path

import pytest
from sample_run import make_folder, make_run

from reasoning_lab.cli.compose import compose
from reasoning_lab.report.run.next_steps import (
    PRESETS,
    PROGRAMS,
    TEST_SETS,
    next_steps,
    program,
    sync,
)
from reasoning_lab.runs.manifest import Parent, read
from reasoning_lab.schema.data import Procedural
from reasoning_lab.schema.door import check
from reasoning_lab.schema.vocabulary import conf_dir

RUNS = [
    [],
    ["model=tiny_student"],
    ["stage=sft"],
    ["experiment=tiny_base"],
    ["stage=evaluate"],
    ["data=reasoning_gym", "data.task=gcd", "reward=scorer"],
    ["stage=evaluate", "data=reasoning_gym", "data.task=gcd"],
    ["output=some folder"],
    ["model=from_run"],
    ["peft=dora", "model=qwen2_5_0_5b", "data=gsm8k"],
    ["data.params.max_digits=2", "+data.params.allow_negation=true"],
    ["stage=evaluate", "data=humaneval"],
    ["stage=grpo", "data=humaneval", "data.train_split=test", "reward=code"],
]


def jobs(command: str) -> list[list[str]]:
    """The override lists of a command's jobs."""
    words = shlex.split(command)
    assert words[1:3] == ["-m", "reasoning_lab"]
    pairs = [word.partition("=") for word in words[3:] if word != "-m"]
    choices = [[f"{key}={value}" for value in values.split(",")] for key, _, values in pairs]
    return [list(job) for job in itertools.product(*choices)]


@pytest.mark.parametrize("overrides", RUNS, ids=" ".join)
def test_every_command_passes_the_door(tmp_path: Path, overrides: list[str]) -> None:
    run = make_run(*overrides, output=tmp_path)
    output = next((one[7:] for one in overrides if one.startswith("output=")), "multirun")
    run = run.model_copy(update={"output": output})
    folder = make_folder(run, tmp_path / "group" / "0")
    steps = next_steps(run, read(folder))
    assert 3 <= len(steps) <= 4
    for _, command in steps:
        for job in jobs(command):
            check(compose(job))


@pytest.mark.parametrize(
    ("overrides", "skill", "said"),
    [
        (["peft=lora", "peft.r=4"], 0.7, "peft=lora peft.r=4"),
        (["stage=sft"], 0.7, "stage=grpo reward=math model=from_run"),
        (["stage=sft"], 1.0, "stage=grpo reward=math |"),
        (["stage=grpo"], 1.0, "stage=sft |"),
        (
            ["data=tiny_code", "data.params.families=[clip,mean]", "reward=code"],
            0.7,
            "data=tiny_code 'data.params.families=[clip,mean]'",
        ),
        (["stage=grpo", "data=tiny_code", "reward=code"], 0.7, "stage=sft data=tiny_code"),
        (["stage=sft", "data.params.max_digits=2"], 0.7, "data.params.max_digits=2"),
        (["stage=grpo"], 0.7, "model.path=run:grpo@group/0"),
        (["output=elsewhere"], 0.7, "model.path=run:grpo@group/0 output=elsewhere"),
        ([], 0.7, "experiment=gsm8k_qwen"),
        (["stage=evaluate", "data=humaneval"], 0.7, "stage=grpo reward=code data=tiny_code"),
    ],
)
def test_a_command_says(tmp_path: Path, overrides: list[str], skill: float, said: str) -> None:
    run = make_run(*overrides, output=tmp_path)
    output = next((one[7:] for one in overrides if one.startswith("output=")), "multirun")
    run = run.model_copy(update={"output": output})
    manifest = read(make_folder(run, tmp_path / "group" / "0", skill=skill))
    assert said in " | ".join(command for _, command in next_steps(run, manifest))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("data.params.families=[linear,square]", "'data.params.families=[linear,square]'"),
        ("data.params.families=[null]", "'data.params.families=[null]'"),
        ("data.params.tests=4", "data.params.tests=4"),
        ("+data.params.name='a b'", """'+data.params.name="a b"'"""),
        ("+data.params.name='null'", """'+data.params.name="null"'"""),
        ("+data.params.on=true", "+data.params.on=true"),
    ],
)
def test_a_value_is_spelled_as_the_command_line_reads_it(
    tmp_path: Path, override: str, said: str
) -> None:
    given = ["stage=evaluate", "data=tiny_code", override]
    run = make_run("stage=evaluate", "data=tiny_code", output=tmp_path)
    run = run.model_copy(update={"data": Procedural.model_validate(compose(given)["data"])})
    manifest = read(make_folder(run, tmp_path / "group" / "0"))
    command = next_steps(run, manifest)[0][1]
    assert f" {said}" in command
    assert compose(shlex.split(command)[3:])["data"]["params"] == compose(given)["data"]["params"]


def test_the_model_that_a_run_began_with_is_named_by_its_id(tmp_path: Path) -> None:
    run = make_run("model=from_run", output=tmp_path)
    made = read(make_folder(run, tmp_path / "group" / "0"))
    parent = Parent(id="early-abc/3", config_hash="abc", path="/runs/grpo/early-abc/3")
    (command, *_) = [c for _, c in next_steps(run, made.model_copy(update={"parents": [parent]}))]
    assert f"model.path=run:grpo@early-abc/3 output={tmp_path}" in command


def test_the_choices_of_data_are_what_commands_take_them_for() -> None:
    found, programs, test_sets = {}, set(), set()
    for path in (conf_dir() / "data").glob("*.yaml"):
        data = compose([f"data={path.stem}"])["data"]
        if data["kind"] == "procedural" and data["params"]:
            found[path.stem] = data["params"]
        head, _, _ = path.read_text(encoding="utf-8").partition("\nkind:")
        if "reward=code" in head:
            programs.add(path.stem)
        if data.get("train_split", "") is None:
            test_sets.add(path.stem)
    assert found == PRESETS
    assert programs == set(PROGRAMS)
    assert test_sets == set(TEST_SETS)
    assert test_sets <= programs


def test_the_offline_run_can_be_sent(tmp_path: Path) -> None:
    folder = make_folder(make_run(output=tmp_path), tmp_path / "group" / "0")
    manifest = read(folder)
    ((_, command),) = sync(folder, manifest)
    assert command.endswith(f"wandb sync {folder.path}/wandb/offline-run-20250101_000000-abc")
    for earlier in ("20241231_235959-abc", "20241231_235959-other"):
        (folder.wandb / f"offline-run-{earlier}").mkdir(parents=True)
    ((_, command),) = sync(folder, manifest)
    names = [Path(word).name for word in shlex.split(command)[2:]]
    assert names == ["offline-run-20241231_235959-abc", "offline-run-20250101_000000-abc"]
    online = manifest.model_copy(update={"artifacts": {"wandb": "wandb/run-20250101_000000-abc"}})
    assert sync(folder, online) == []


def test_a_program_is_named_so_that_the_shell_finds_it() -> None:
    named = program("python")
    assert named == "python" or Path(named).absolute().parent == Path(sys.executable).parent

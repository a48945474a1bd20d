"""Every file of `conf/`: it passes the door, says what it is, and explains each of its knobs."""

import re
import shlex
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.pipeline import run_pipeline
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.door import check
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.vocabulary import choices, conf_dir, first_line, groups

EACH_FILE = pytest.mark.parametrize(
    "path", sorted(conf_dir().rglob("*.yaml")), ids=lambda path: str(path.relative_to(conf_dir()))
)
# A pipeline is no part of a run: its steps pass the door, each by itself (tests/pipelines).
CHOICES = [f"{one}={name}" for one in groups() if one != "pipeline" for name in choices(one)]
PROGRAM_SETS = {"humaneval", "humaneval_plus", "mbpp_plus"}
TEST_SETS = {*PROGRAM_SETS, "math500", "aime24", "aime25", "amc23", "gpqa_diamond"}
MIXTURES = {"tiny_base", "small_base"}
# What a choice needs beside it to make a whole run.
NEEDS = {
    **{f"data={name}": ["stage=sft"] for name in MIXTURES},
    **{f"data={name}": ["stage=evaluate"] for name in TEST_SETS},
    "reward=scorer": ["data=reasoning_gym"],
    "stage=score": ["score.path=FILE.jsonl"],
    "engine=server": ["stage=evaluate"],
    "engine=vllm": ["stage=evaluate"],
    "stage=compare": ["a=run:sft@latest", "b=run:grpo@latest"],
}
# Choices that need a package which not everybody installs; without it they are refused.
EXTRAS = {
    "hardware=zero3": "deepspeed",
    "tracker=trackio": "trackio",
    "tracker=tensorboard": "tensorboard",
    "engine=server": "openai",
    "engine=vllm": "vllm",
}
KNOB = re.compile(r"^\s*(?:- )?([A-Za-z_][\w/@. ]*):(?:\s|$)")


@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_passes_the_door(choice: str) -> None:
    composed, package = compose([choice, *NEEDS.get(choice, [])]), EXTRAS.get(choice)
    if package and find_spec(package) is None:
        with pytest.raises(ConfigError, match=f"needs the package {package}"):
            check(composed)
    else:
        check(composed)


def test_every_choice_of_stage_and_data_together() -> None:
    for stage in choices("stage"):
        for data in choices("data"):
            verb = VERBS[stage]
            learns, trains = verb.rows == "responses", verb.makes != "report"
            if learns if data in MIXTURES else data not in TEST_SETS or not trains:
                needs = NEEDS.get(f"stage={stage}", [])
                check(compose([f"stage={stage}", f"data={data}", *needs]))


@EACH_FILE
def test_a_comment_above_every_knob(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    bare = [
        f"{path.name}:{number}: {line.strip()}"
        for number, line in enumerate(lines, 1)
        if KNOB.match(line)
        and not line.lstrip().startswith(("#", "- "))
        and line.strip() != "defaults:"
        and not lines[number - 2].lstrip().startswith("#")
    ]
    assert not bare, "write one line above: meaning, unit, price, source"


@EACH_FILE
def test_every_file_says_what_it_is_and_how_to_run_and_sweep_it(path: Path) -> None:
    head = "\n".join(takewhile(lambda line: line[:1] == "#", path.read_text().splitlines()))
    assert first_line(path)
    assert "run:    python -m reasoning_lab" in head
    # A pipeline is several runs by itself; what is swept of it are its seeds.
    again = "seeds:  python -m reasoning_lab pipeline="
    assert (
        again if path.parent.name == "pipeline" else "sweep:  python -m reasoning_lab -m"
    ) in head
    for command in re.findall(r"^#\s+\w+:\s+python -m reasoning_lab (.*)$", head, re.M):
        words = shlex.split(command)
        if words[0].startswith("--") or "FOLDER" in command:
            continue
        if path.parent.name == "pipeline":
            assert run_pipeline([*words, "--cfg", "job"]) == 0
            continue
        # Of a sweep the first job; a list is one value.
        swept = "-m" in words
        compose([word.split(",")[0] if swept else word for word in words if word != "-m"])


def test_data_say_what_their_rows_are() -> None:
    sources = {name: compose([f"data={name}"])["data"] for name in choices("data")}
    rows = {name: (one["task"], one["role"]) for name, one in sources.items() if "role" in one}
    assert rows == {
        **dict.fromkeys(TEST_SETS, ("math", "test")),
        **dict.fromkeys(PROGRAM_SETS, ("code", "test")),
        "gsm8k": ("math", "train"),
        "kodcode": ("code", "train"),
        "local": ("math", "train"),
        "mbpp": ("code", "train"),
        "taco": ("code", "train"),
    }
    made = {name: one["example_task"] for name, one in sources.items() if "example_task" in one}
    assert made == {
        "boolean": "logic",
        "chain_sum": "math",
        "code_chain": "code",
        "column_sum": "math",
        "euclid": "math",
        "instructions": "chat",
        "reasoning_gym": "math",
        "signs": "math",
        "swaps": "logic",
        "tiny_code": "code",
    }


def test_a_preset_holds_only_what_differs() -> None:
    for path in (conf_dir() / "experiment").glob("*.yaml"):
        assert path.read_text(encoding="utf-8").startswith("# @package _global_\n")
        assert compose([f"experiment={path.stem}"])["name"] == path.stem


def test_format_never_lifts_a_wrong_answer() -> None:
    for reward in choices("reward").keys() - {"format_only"}:
        terms = compose([f"reward={reward}"])["reward"]["terms"]
        gates = [terms[name]["gate"] for name in ("format", "code_format") if name in terms]
        assert all(gate in terms for gate in gates) or terms["code_format"]["weight"] == 0

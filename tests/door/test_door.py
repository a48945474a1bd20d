"""Every way to be refused, as a user would come to it: overrides, key, words of the message."""

import re
from pathlib import Path

import pytest

from reasoning_lab.cli.compose import attempt, compose
from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema.door import check, load


def problems(*overrides: str) -> list[Problem]:
    """What is wrong with these overrides, as the command line would tell it."""
    composed, found = attempt(overrides)
    try:
        if composed:
            check(composed)
    except ConfigError as error:
        found = [*found, *error.problems]
    return found


# overrides, key of the one problem, a part of what is said, a part of the cure
REFUSED = [
    ("stage=evalute stage.evaluation.samples=4", "stage", "no stage called", "mean evaluate"),
    ("stage=evaluate peft=lora", "peft", "trains nothing", "drop it"),
    (
        "stage=evaluate data=humaneval data.train_size=20",
        "data.train_size",
        "20",
        "heldout_size=20",
    ),
    ("reward.terms.accuracy.weight=0 reward.terms.format.weight=0", "reward.terms", "0", "=1"),
    ("data=reasoning_gym data.task=tiny_code", "data.example_task", "", "use data=tiny_code"),
    ("data=tiny_code data.example_task=math", "data.example_task", "", "use data=tiny_code"),
    ("data=reasoning_gym data.task=gcd data.example_task=code", "data.example_task", "", "=gcd"),
    (
        "data=reasoning_gym data.task=basic_arithmetic +data.params.min_terms=99",
        "data.params.min_terms",
        "99",
        "+data.params.max_terms=99",
    ),
    ("hardware=cpu hardware.num_processes=2", "hardware.num_processes", "", "strategy=ddp"),
    ("model.path=embedded:tinyy", "model.path", "no embedded model is called 'tinyy'", "tiny"),
    ("stage=grop", "stage", "no stage called 'grop'", "mean grpo"),
    ("reward=maths", "reward", "no reward called 'maths'", "mean math"),
    ("model=tinny", "model", "no model called 'tinny'", "mean tiny"),
    ("experiment=tiny_bas", "experiment", "no experiment called", "tiny_base"),
    ("stage=null", "stage", "'null'", "grpo"),
    ("stge=grpo", "stge", "no such setting", "mean stage"),
    ("stage.num_generatoins=4", "stage.num_generatoins", "no such", "stage.num_generations"),
    ("+stage.num_generatoins=4", "stage.num_generatoins", "no such", "stage.num_generations"),
    ("lr=1e-3", "lr", "no such setting", "stage.learning_rate"),
    ("+seed=1", "seed", "there already", "seed=1"),
    ("~sed", "sed", "not there", "seed"),
    ("~seed", "seed", "is not set", "seed="),
    ("stage", "stage", "has no value", "grpo"),
    ("frob", "frob", "is not KEY=VALUE", "frob=VALUE"),
    ("seed=[1", "seed=[1", "cannot be read", "quote"),
    ("seed=1,2", "seed", "several values", "-m"),
    ("data.params.foo=1", "data.params.foo", "foo is not set here yet", "+data.params.foo=1"),
    ("stage.trl.epsilon_high=1", "stage.trl.epsilon_high", "not set here yet", "+stage.trl"),
    ("data.params.max_trms=4", "data.params.max_trms", "not set here", "data.params.max_terms"),
    ("output=${nowhere}", "output", "nowhere", ""),
    ("seed=eight", "seed", "must be a whole number, got 'eight'", ""),
    ("stage.max_steps=1e2", "stage.max_steps", "whole number, got 100.0", "stage.max_steps=100"),
    ("seed=-1", "seed", "at least 0, got -1", ""),
    ("stage.max_steps=99999999999999999999", "stage.max_steps", "at most 10,000,000", ""),
    ("stage.num_generations=1", "stage.num_generations", "at least 2, got 1", ""),
    ("stage.learning_rate=1e999", "stage.learning_rate", "finite", ""),
    ("resume=true", "resume", "never, auto, beside; got true", ""),
    ("stage.loss_type=dpo", "stage.loss_type", "grpo, bnpo, dr_grpo, dapo", "mean dapo"),
    ("stage.kind=grop", "stage.kind", "got 'grop'", "mean grpo"),
    ("stage.evaluation=3", "stage.evaluation", "must be a set of keys", ""),
    ("model.lora_targets=q_proj", "model.lora_targets", "a list", "[q_proj]"),
    ("tracker.tags=[1]", "tracker.tags[0]", "must be text, got 1", ""),
    ("name='a b'", "name", "not allowed", "letters"),
    ("model.path=''", "model.path", "must not be empty", ""),
    ("stage.num_generations=7", "stage.num_generations", "batch of 64", "=4 or 8"),
    ("stage.num_generations=128", "stage.num_generations", "batch of 64", "=64"),
    ("stage.max_completion_length=256", "stage.max_completion_length", "no room", "128"),
    ("stage.warmup_steps=5000", "stage.warmup_steps", "5000 warm-up steps", "stage.warmup_steps="),
    ("stage.evaluation.problems=501", "stage.evaluation.problems", "holds out 500", "=500"),
    ("data=humaneval", "data.train_split", "humaneval is a test set, so stage=grpo", "evaluate"),
    ("data=tiny_base", "data", "fine-tuning", "data=chain_sum"),
    ("reward.terms.format.gate=acuracy", "reward.terms.format.gate", "'acuracy'", "accuracy"),
    ("reward.terms.format.gate=format", "reward.terms.format.gate", "its own gate", "null"),
    ("hardware.num_processes=2", "hardware.num_processes", "single", "hardware=ddp"),
    ("model.path=./nowhere", "model.path", "./nowhere does not exist", "nowhere does not"),
    ("model.chat_template=chatlm", "model.chat_template", "no template", "chatml"),
    ("data.task=chain_sun", "data.task", "no task 'chain_sun'", "mean chain_sum"),
    ("+data.params.seed=3", "data.params.seed", "set by the lab", "data.seed"),
    ("+data.params.max_term=3", "data.params.max_term", "no field", "max_terms"),
    ("+stage.trl.epsilon_hihg=1", "stage.trl.epsilon_hihg", "no such field", "epsilon_high"),
    ("+stage.trl.seed=1", "stage.trl.seed", "set by the lab from seed", "use seed"),
    ("+stage.trl.max_steps=1", "stage.trl.max_steps", "own key", "stage.max_steps"),
    ("+stage.trl.push_to_hub=true", "stage.trl.push_to_hub", "cannot be changed", "uploads"),
    ("+stage.trl.shuffle_dataset=true", "stage.trl.shuffle_dataset", "cannot be", "repeats"),
    ("+stage.trl.save_only_model=true", "stage.trl.save_only_model", "cannot be", "whole"),
    ("+stage.trl.epsilon_high=abc", "stage.trl.epsilon_high", "a number or null, got 'abc'", ""),
    ("+stage.trl.top_k=2.0", "stage.trl.top_k", "whole number, got 2.0", "top_k=2"),
    ("data.params.min_terms=x", "data.params.min_terms", "whole number, got 'x'", ""),
    ("data.params.min_terms=9", "data.params.min_terms", "min_terms=9, but max_terms=", "=9"),
    ("hardware.threads=2.5", "hardware.threads", "whole number, got 2.5", ""),
    ("data=rows.csv.gz", "data", "no data called", "data=local data.path=rows.csv.gz"),
    ("data=someone/sums", "data", "no data called", "data=local data.hub=someone/sums"),
    (
        "model=someone/small",
        "model",
        "no model called",
        "model.path=someone/small model.name=small",
    ),
    ("data.path=rows.jsonl", "data.path", "made of rows", "data=local data.path=rows.jsonl"),
    ("data.columns.answer=x", "data.columns.answer", "made of rows", "data=local"),
]


@pytest.mark.parametrize(("line", "key", "what", "cure"), REFUSED)
def test_one_mistake_is_one_problem(line: str, key: str, what: str, cure: str) -> None:
    found = problems(*re.split(r" (?=\S*=)", line))
    assert len(found) == 1, [problem.line() for problem in found]
    assert found[0].where == key
    assert what in found[0].what
    assert cure in found[0].cure


def test_all_problems_at_once() -> None:
    found = problems("stage=stf", "peft=lora", "peft.r=x", "seed=-1", "lr=3", "data.task=gdc")
    assert [problem.where for problem in found] == ["stage", "lr", "seed", "peft.r", "data.task"]


@pytest.mark.parametrize(
    ("line", "measured"),
    [
        ("data.heldout_size=4", 4),
        ("data.heldout_size=4 stage.evaluation.problems=2", 2),
        ("stage=evaluate data=kodcode", 500),
        ("stage=evaluate data=humaneval", None),
        ("data=humaneval data.train_split=test reward=code", None),
    ],
)
def test_all_that_is_held_out_is_measured(line: str, measured: int | None) -> None:
    assert check(compose(line.split())).stage.evaluation.problems == measured


@pytest.mark.parametrize(
    "line",
    [
        "hardware=cpu hardware.num_processes=2 hardware.strategy=ddp",
        "data=reasoning_gym data.task=basic_arithmetic +data.params.min_terms=2",
    ],
)
def test_what_fits_passes(line: str) -> None:
    assert problems(*line.split()) == []


def test_a_rule_speaks_beside_a_wrong_field() -> None:
    found = problems("stage.num_generations=7", "stage.learning_rate=-1")
    assert {problem.where for problem in found} == {"stage.num_generations", "stage.learning_rate"}


def test_circle_of_gates() -> None:
    wheres = {p.where for p in problems("reward.terms.accuracy.gate=format")}
    assert wheres == {"reward.terms.accuracy.gate", "reward.terms.format.gate"}


@pytest.mark.parametrize(
    ("processes", "accumulation", "group", "fits"),
    [(1, 1, 8, True), (2, 1, 128, True), (1, 2, 128, True), (1, 1, 128, False), (2, 1, 48, False)],
)
def test_generation_batch(processes: int, accumulation: int, group: int, fits: bool) -> None:
    found = problems(
        "hardware=ddp",
        f"hardware.num_processes={processes}",
        f"stage.gradient_accumulation_steps={accumulation}",
        f"stage.num_generations={group}",
    )
    assert (not found) == fits


def test_model_folders(tmp_path: Path) -> None:
    def what(override: str) -> str:
        return problems(override)[0].line()

    (tmp_path / "mymodel").mkdir()
    assert "did you mean mymodel?" in what(f"model.path={tmp_path}/mymodle")
    assert "config.json" in what(f"model.path={tmp_path}/mymodel")
    (tmp_path / "mymodel" / "config.json").write_text("{}")
    assert "no tokenizer" in what(f"model.path={tmp_path}/mymodel")
    (tmp_path / "mymodel" / "tokenizer.json").write_text("{}")
    assert not problems(f"model.path={tmp_path}/mymodel")
    (tmp_path / "mymodel" / "run.json").write_text("{}")
    assert f"model.path=run:{tmp_path}/mymodel" in what(f"model.path={tmp_path}/mymodel")
    (tmp_path / "grpo" / "2026-hash" / "0").mkdir(parents=True)
    (tmp_path / "grpo" / "2026-hash" / "0" / "run.json").write_text("{}")
    assert "model.path=run:grpo@latest" in what(f"model.path={tmp_path}/grpo")


def test_data_folder_names_its_siblings(tmp_path: Path) -> None:
    (tmp_path / "gsm8k").mkdir()
    assert "mean gsm8k" in problems("data=gsm8k", f"data.path={tmp_path}/gsm9k")[0].cure


def test_output_must_take_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is a file" in problems(f"output={tmp_path}/file/runs")[0].what
    assert "cannot write" in problems("output=/proc/1/runs")[0].what
    assert not problems(f"output={tmp_path}/new/runs")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_run_survives_its_json(tmp_path: Path) -> None:
    run = check(compose(["peft=lora", "tracker.tags=[a,b]"]))
    path = tmp_path / "run.json"
    path.write_text(run.model_dump_json())
    assert load(path) == run


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"name": "x"}'])
def test_a_run_json_that_is_none(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.problems[0].where == str(path)

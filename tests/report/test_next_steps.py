import json
import re
import shlex
import sys
from pathlib import Path
from typing import Literal

import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from sample_run import make_folder, make_run

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.overrides import flatten
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.cli.sweep import check_jobs
from reasoning_lab.report.run.command import command
from reasoning_lab.report.run.composed import choice, default_run, resolved
from reasoning_lab.report.run.next_steps import next_steps, program, sync
from reasoning_lab.report.run.suggestions import (
    REAL_MODEL,
    asks_for_programs,
    has_answers,
    is_test_set,
)
from reasoning_lab.report.verbs import report_of
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash
from reasoning_lab.runs.manifest import Manifest, Parent, read
from reasoning_lab.schema.door import check
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.schema.vocabulary import choices, conf_dir
from reasoning_lab.statistics.interval import exactly

FIELDS = "weight: 0.5, gate: accuracy, tasks: [math, code], params: {partial: 0.5}"
OWN_TERM = f"+reward.terms.mine={{fn: 'reasoning_lab.rewards.format:think_format', {FIELDS}}}"
GCD = ["data=reasoning_gym", "data.task=gcd", "reward=scorer"]
TWO = ["hardware=cpu", "hardware.threads=1", "hardware.num_processes=2", "hardware.strategy=ddp"]
PROMPT = r"model.system_prompt='Say \"so\", then \\boxed{}.'"
ODD = [
    [],
    ["model.name=x", "data.name=mine"],
    ["model.path='my models/the one'", "output=runs of mine", *TWO],
    ["model=from_run", "model.path=run:taught@latest", "output=runs of mine"],
    ["model=from_run", "model.path=run:taught@g/0", *GCD],
    ["model=tiny_student", "model.max_length=200", *GCD, "data.name=mine", "data.heldout_size=20"],
    ["data.params.max_digits=2", "+data.params.allow_negation=true", "data.train_size=100"],
    ["model=qwen2_5_0_5b", PROMPT, "model.lora_targets=[q_proj]", "data=gsm8k"],
    ["data=gsm8k", "data.reader='experiments.mine:rows'", "data.seed=3"],
    ["data=gsm8k", "data.name=mine", "data.path='rows of mine.jsonl'", "data.hub=null"],
    ["data=tiny_code", "data.params.families=[clip,mean]", "reward=code"],
    ["data=column_sum", "data.params.language=de"],
    ["data=mbpp", "data.config=sanitized", "data.heldout_size=50", "reward=code"],
    ["data=local", "data.path='rows of mine.jsonl'", "tracker=none", "seed=7"],
    ["data=local", "data.path='rows of mine.jsonl'", "data.name=mine", "data.columns.trace=steps"],
    ["data=local", "data.hub=me/rows", "data.task=code", "reward=code", "data.heldout_size=9"],
    ["name=mine", "seed=2147483647", "tracker.project=mine", "tracker.tags=[a,'b c']"],
    ["stage.evaluation.problems=20", "stage.evaluation.samples=4", "stage.evaluation.seed=3"],
    ["debug=smoke"],
    ["data.too_long=refuse", "data.heldout_size=30", "stage.evaluation.max_completion_length=40"],
    [
        "stage.evaluation.isolation=process",
        "stage.evaluation.modules=[re]",
        "stage.evaluation.problems=null",
    ],
    ["model.max_completion_length=48", "model.dtype=bfloat16", "hardware.precision=fp32"],
    ["model=r1_distill_qwen_1_5b", "model.path='my models/the one'", "data=gsm8k"],
]
CHANGED = [
    ["max_steps=3", "warmup_steps=1", "save_steps=2", "evaluation.every=2", "learning_rate=3e-6"],
    ["per_device_train_batch_size=12", "gradient_accumulation_steps=2", "lr_scheduler_type=linear"],
    ["+stage.trl.adam_beta2=0.98", "max_steps=7", "warmup_steps=0", "max_grad_norm=0.5"],
]
GROUPED = [
    ["num_generations=6", "per_device_train_batch_size=12", "max_steps=3", "warmup_steps=0"],
    ["num_generations=16", "max_completion_length=64", "temperature=0.7", "beta=0.01"],
    ["num_generations=2", "per_device_train_batch_size=2", "+stage.trl.epsilon_high=0.28"],
    ["num_generations=7", "+stage.trl.generation_batch_size=28", "per_device_train_batch_size=28"],
]
SFT = ["data=tiny_base", "data.heldout_size=20", "stage.evaluation.problems=20"]
TRAINED = [
    ["peft=lora", "peft.r=4", "peft.target_modules=[q_proj,v_proj]"],
    ["peft=dora", "peft.dropout=0.1"],
    ["data=humaneval", "data.train_split=test", "reward=code"],
]
RUNS = {
    "grpo": [
        *ODD,
        *TRAINED,
        *CHANGED,
        *GROUPED,
        ["reward.name=mine"],
        ["reward=r1", "reward.terms.language.params.wanted=de", "reward.terms.format.weight=1"],
        ["~reward.terms.format"],
        ["reward=combined", "~reward.terms.accuracy", "reward.terms.format.gate=code"],
        ["+reward/term@reward.terms.long=length_cosine", "reward.terms.long.params.min_tokens=3"],
        [OWN_TERM],
        ["reward=code", "data=tiny_code", "reward.terms.code.params.modules=[re,json]"],
    ],
    "rloo": [[], *TRAINED, *CHANGED, *GROUPED, ["beta=0.05", "normalize_advantages=true"]],
    "sft": [
        *ODD,
        *TRAINED,
        *CHANGED,
        SFT,
        ["model=tiny_scratch", "data=tiny_base"],
        ["experiment=tiny_base", "peft=lora"],
        ["packing=true", "weight_decay=0.1", "max_length=128"],
    ],
    "evaluate": [
        *ODD,
        ["data=humaneval"],
        ["data=gsm8k", "data.name=t", "data.train_split=null"],
        ["way=[greedy,think]", "stage.evaluation.samples=4"],
        ["way=no_think", "way.no_think.temperature=0.5", "way.no_think.samples=2"],
    ],
    "probe": [[], ["model=tiny_student", "samples=4"], GCD, ["data=tiny_code", "reward=code"]],
    "reject": [[], ["samples=4", "looks=[1]", "keep=2"], ["model=tiny_student", "hint=gold"]],
    "audit": [[]],
    "compare": [["a=run:taught@latest", "b=run:taught@g/0"]],
    "score": [["stage.path=a.jsonl"]],
    "replay": [["stage.path=run:taught@latest"]],
    "samples": [["stage.path=run:taught@latest"]],
}
assert RUNS.keys() == VERBS.keys()
# The first run of each stage and every eighth after it; the others in `make test-long`.
EVERY = [
    pytest.param(
        stage,
        overrides,
        id=f"{stage} {' '.join(overrides)}",
        marks=pytest.mark.long if place % 8 else (),
    )
    for stage, table in RUNS.items()
    for place, overrides in enumerate(table)
]
GROUPS = ("model", "data", "reward", "peft", "hardware")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a local model, rows and, in each `output`, an earlier run."""
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "my models" / "the one"
    model.mkdir(parents=True)
    (tmp_path / "a.jsonl").write_text(
        '{"completion": "4", "question": "2 + 2?", "answer": "4"}\n', encoding="utf-8"
    )
    for name in ("config.json", "tokenizer.json"):
        (model / name).write_text("{}", encoding="utf-8")
    rows = [
        json.dumps({"question": f"{n} + 1?", "answer": f"#### {n + 1}", "steps": "so"})
        for n in range(300)
    ]
    for name in ("rows.jsonl", "rows of mine.jsonl"):
        (tmp_path / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    for output in ("multirun", "runs of mine"):
        finished(make_run("name=taught", output=Path(output)), Path(output) / "taught/g/0")
    return tmp_path


def finished(run: Run, path: Path, skill: float = 0.7) -> Manifest:
    """The manifest of a finished run, with the folder of its weights."""
    folder = make_folder(run, path, skill=skill, problems=20)
    (folder.path / "model").mkdir()
    manifest = read(folder)
    manifest = manifest.model_copy(update={"artifacts": {**manifest.artifacts, "model": "model"}})
    manifest.write(folder)
    return manifest


def made(*overrides: str, skill: float = 0.7) -> tuple[Run, Manifest]:
    """A run that came to its end in the folder where it belongs."""
    output = next((one[7:] for one in overrides if one.startswith("output=")), "multirun")
    run = preflight(make_run(*overrides, output=Path(output)))
    if not run.stage.device:
        trained = read(RunFolder(Path(output) / "taught/g/0"))
        return run, trained.model_copy(update={"stage": run.stage.kind, "kind": "report"})
    path = Path(output) / run.name / "g" / "1"
    manifest = finished(run, path, skill)
    return run, dataset(manifest, path) if run.stage.makes == "dataset" else manifest


def dataset(manifest: Manifest, path: Path) -> Manifest:
    """The same of a run that kept rows to learn from."""
    (path / "dataset").mkdir()
    kept = {"kind": "dataset", "artifacts": {"dataset": "dataset"}, "content": "0" * 16}
    kept |= {"metrics": {**manifest.metrics, "reject/kept": exactly(5)}}
    found = manifest.model_copy(update=kept)
    found.write(RunFolder(path))
    return found


def jobs(line: str) -> list[list[str]]:
    """The override lists of a command's jobs."""
    words = shlex.split(line)
    assert words[1:3] == ["-m", "reasoning_lab"]
    if words[3] != "-m":
        return [words[3:]]
    read = OverridesParser.create().parse_overrides(words[4:])
    return next(iter(BasicSweeper.split_arguments(read, None)))


FROM = {"model.name", "model.path", "model.revision", "model.scratch"}
REST = {
    "a sweep with a table": {"stage.num_generations", "seed"},
    "compare models in a table": {"model"},
    "learn from what is kept": {"data"},
    "measure what came out": FROM,
    "reinforce what came out": FROM,
    "train the same model on data that is no test set": {"data", "stage.evaluation.problems"},
}
"""What a step may change of what its run and the run of its command both have."""


def may_change(what: str, run: Run) -> set[str]:
    """The keys at which the command may compose another value than its run has."""
    free = {"resume", "group"} | REST.get(what, set())
    if run.data.kind == "mixture":  # for fine-tuning alone
        free |= {"data", "stage.evaluation.problems"}
    if what.endswith("worked answers instead") and run.data.name == "tiny_code":
        free |= {"data.params.families", "stage.evaluation.max_completion_length"}
    return free


def differing(before: Run, after: Run) -> set[str]:
    """The keys that both runs have, of one verb all, at which they differ."""
    one, other = (flatten(run.model_dump(mode="json")) for run in (before, after))
    keys = one.keys() & other.keys()
    if before.stage.kind == after.stage.kind:
        keys = one.keys() | other.keys()
    else:
        keys = {k for k in keys if not k.startswith("stage.") or k.startswith("stage.evaluation.")}
        keys -= {"name", "stage", "stage.evaluation.every"}
    missing = object()
    inner = {key for key in keys if isinstance(one.get(key), dict)}
    return {key for key in keys - inner if one.get(key, missing) != other.get(key, missing)}


@pytest.mark.parametrize(("stage", "overrides"), EVERY)
def test_every_command_composes_what_it_says(here: Path, stage: str, overrides: list[str]) -> None:
    run, manifest = made(f"stage={stage}", *overrides)
    check(run.model_dump(mode="json"))
    steps = next_steps(run, manifest)
    answered = not {"data.task=gcd", "data.hub=me/rows"} & set(overrides)
    embedded = stage == "evaluate" and run.model.path.startswith("embedded:")
    wanted = {"grpo": 3 + answered, "rloo": 3 + answered, "sft": 3, "evaluate": 2 + embedded}
    wanted |= {"probe": 1 + answered, "reject": 1}
    assert len(steps) == wanted.get(stage, 0)
    for what, line in steps:
        every = jobs(line)
        if what == REAL_MODEL[0]:  # on a machine with a GPU
            check(compose(every[0]))
            continue
        free = may_change(what, run)
        for job in check_jobs([every[0], every[-1]]):
            found = differing(run, job.asked)
            assert not {k for k in found if not any(k == f or k.startswith(f"{f}.") for f in free)}


@pytest.mark.parametrize("overrides", [[], *GROUPED], ids=" ".join)
def test_a_sweep_has_the_run_and_its_neighbours(here: Path, overrides: list[str]) -> None:
    run, manifest = made("stage=grpo", *overrides)
    every = jobs(dict(next_steps(run, manifest))["a sweep with a table"])
    runs = [check(compose(job)) for job in every]
    assert [one for one in runs if not differing(run, one) - {"resume", "group"}]
    assert len({config_hash(one) for one in runs}) == len(runs) >= 2


@pytest.mark.parametrize(
    ("overrides", "skill", "said"),
    [
        ("peft=lora peft.r=4", 0.7, "peft=lora peft.r=4"),
        ("stage=sft", 0.7, "stage=grpo reward=math model=from_run"),
        ("stage=sft", 1.0, "stage=grpo reward=math |"),
        ("stage=grpo", 1.0, "stage=sft |"),
        (
            "data=tiny_code data.params.families=[clip,mean] reward=code",
            0.7,
            "data=tiny_code 'data.params.families=[clip,mean]'",
        ),
        (
            "stage=grpo data=tiny_code reward=code",
            0.7,
            "stage=sft data=tiny_code 'data.params.families=[linear,square,digits,total,scale]' "
            "stage.evaluation.max_completion_length=128 |",
        ),
        (
            "data=tiny_code data.params.families=[clip,mean] reward=code",
            0.7,
            "stage=sft data=tiny_code 'data.params.families=[clip,mean]' |",
        ),
        ("data=local data.path=rows.jsonl", 0.7, "data=local data.path=rows.jsonl stage.num"),
        ("stage=sft data.params.max_digits=2", 0.7, "data.params.max_digits=2"),
        ("stage=grpo", 0.7, "model.path=run:grpo@g/1"),
        ("output=elsewhere", 0.7, "model.path=run:grpo@g/1 output=elsewhere"),
        ("", 0.7, "experiment=gsm8k_qwen"),
        ("stage=evaluate data=humaneval", 0.7, "stage=grpo reward=code data=tiny_code"),
        ("stage=evaluate data=gsm8k data.train_split=null", 0.7, "stage=grpo reward=math |"),
        ("stage=evaluate", 0.7, "-m stage=evaluate model=tiny,tiny_student"),
        ("model.name=x", 0.7, "-m stage=grpo reward=math model.name=x stage.num_generations"),
        ("~reward.terms.format", 0.7, "reward=math '~reward.terms.format'"),
        (
            "+reward/term@reward.terms.long=length_cosine",
            0.7,
            "reward=math +reward/term@reward.terms.long=length_cosine stage",
        ),
        ("hardware=cpu", 0.7, "stage=sft hardware=cpu |"),
        (
            "model=qwen2_5_0_5b data=gsm8k",
            0.7,
            "stage=evaluate model=qwen2_5_0_5b model.name=from_run model.path=run:grpo@g/1 data",
        ),
    ],
)
def test_a_command_says(here: Path, overrides: str, skill: float, said: str) -> None:
    run, manifest = made(*overrides.split(), skill=skill)
    assert said in " | ".join(line for _, line in next_steps(run, manifest)) + " |"


COMPARE = "compare with the run before, problem by problem"


def test_a_run_is_held_against_the_last_of_its_name(here: Path) -> None:
    for group in ("e", "f"):
        finished(make_run("stage=grpo", output=Path("multirun")), Path(f"multirun/grpo/{group}/0"))
    run, manifest = made("stage=grpo")
    (line,) = [line for what, line in next_steps(run, manifest) if what == COMPARE]
    assert "stage.a=run:grpo@f/0 stage.b=run:grpo@g/1" in line
    (words,) = jobs(line)
    assert preflight(check(compose(words))).stage.a.startswith("run:grpo@f/0@sha256:")


@pytest.mark.parametrize(
    ("overrides", "fits"),
    [([], True), (["output=runs of mine"], True), (["data.params.max_digits=2"], False)],
)
def test_a_run_is_held_against_the_one_it_came_from_if_it_met_the_same_problems(
    here: Path, overrides: list[str], fits: bool
) -> None:
    taught = read(RunFolder(Path("multirun/taught/g/0")))
    whole = str(Path("multirun/taught/g/0").resolve())
    parent = Parent(id=taught.id, config_hash=taught.config_hash, path=whole)
    run, manifest = made("stage=evaluate", *overrides)
    manifest = manifest.model_copy(update={"parents": [parent]})
    found = [line for what, line in next_steps(run, manifest) if what == COMPARE]
    assert len(found) == fits
    named = "run:taught@g/0" if not overrides else f"'run:{whole}'" if " " in whole else whole
    assert all(named in line for line in found)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("plain.word", "model.name=plain.word"),
        ("a b", """'model.name="a b"'"""),
        ("null", """'model.name="null"'"""),
        ("1e5", """'model.name="1e5"'"""),
        ("run:a@b/0", "model.name=run:a@b/0"),
        ("./a/b", "model.name=./a/b"),
        *((odd, "model.name=") for odd in (
            "True", "Inf", "~/x", " led by a blank", "a,b", "a=b", "it's", '"', "\\", 'a\\"b\\\\',
            "${x}", "[a, {b: c}]", "two\nlines", "tab\tbed", "$HOME `x` !y", "ünï 漢字", "#",
            "a:b, c", ".5", "-",
        )),
    ],
)  # fmt: skip
def test_a_value_is_spelled_as_the_command_line_reads_it(value: str, said: str) -> None:
    model = {**make_run(output=Path("multirun")).model.model_dump(mode="json"), "name": value}
    lists = {**model, "lora_targets": [value, "b"], "scratch": None}
    for wanted in (model, lists):
        line = command("grpo", {"model": wanted})
        assert said in line
        assert compose(shlex.split(line))["model"] == wanted


@pytest.mark.parametrize(
    "value", [[None, True, 1, 2.5, "a b"], {"a": {"b": [1]}, "c": "d e"}, 1e-7, [], {}, -3, None]
)
def test_a_value_of_any_kind_is_added(value: object) -> None:
    reward = make_run(output=Path("multirun")).reward.model_dump(mode="json")
    reward["terms"]["format"]["params"]["new"] = value
    line = command("grpo", {"reward": reward})
    assert compose(shlex.split(line))["reward"] == reward


def test_programs_are_measured_as_they_were(here: Path) -> None:
    code = ["data=tiny_code", "reward=code", "reward.terms.code.params.isolation=process"]
    run, manifest = made(*code, "reward.terms.code.params.modules=[re,json]")
    (line,) = (line for what, line in next_steps(run, manifest) if what == "measure what came out")
    evaluation = compose(shlex.split(line.partition("reasoning_lab ")[2]))["stage"]["evaluation"]
    assert (evaluation["isolation"], evaluation["modules"]) == ("process", ["re", "json"])


def test_a_run_that_the_door_refuses_is_not_suggested(here: Path) -> None:
    # Too short for the completions of a training, unless it is told their length.
    short = ["model.max_length=100", "stage.evaluation.max_completion_length=64"]
    run, manifest = made("stage=evaluate", *short)
    assert [what for what, _ in next_steps(run, manifest)] == [
        "compare models in a table",
        REAL_MODEL[0],
    ]


def test_the_model_that_a_run_began_with_stays_pinned(here: Path) -> None:
    run, manifest = made("model=from_run", "model.path=run:taught@latest", "output=runs of mine")
    ((_, line), *_) = next_steps(run, manifest)
    assert re.search(
        r"model\.path=run:taught@g/0@sha256:[0-9a-f]{16} 'output=\"runs of mine\"'", line
    )


@pytest.mark.parametrize("group", ["stage", "data", "reward"])
def test_choices_are_composed_as_by_hydra(group: str) -> None:
    for name in choices(group):
        config = {**default_run("grpo"), group: choice(group, name)}
        assert resolved(config) == compose(["stage=grpo", f"{group}={name}"])


def test_what_is_known_of_data_is_what_their_files_say() -> None:
    known = {name: choice("data", name) for name in choices("data")}
    programs = {name for name, data in known.items() if asks_for_programs(data)}
    test_sets = {name for name, data in known.items() if is_test_set(data)}
    answered = {name for name, data in known.items() if has_answers(data)}
    heads = {name: (conf_dir() / "data" / f"{name}.yaml").read_text("utf-8") for name in answered}
    assert programs == {n for n, text in heads.items() if "reward=code" in text} | {"humaneval"}
    maths = {"math500", "aime24", "aime25", "amc23", "gpqa_diamond"}
    assert test_sets == {"humaneval", "humaneval_plus", "mbpp_plus", *maths}
    assert choices("data").keys() - answered == {"reasoning_gym"}


def test_every_stage_has_its_report() -> None:
    for stage in choices("stage"):
        assert (report_of(VERBS[stage]).figures is None) is issubclass(VERBS[stage], Measuring)


def test_a_verb_without_an_entry_has_the_report_of_its_base() -> None:
    class Rloo(Reinforcing):
        kind: Literal["rloo"]

    assert report_of(Rloo) is report_of(VERBS["grpo"]) is not report_of(VERBS["sft"])


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


def test_nothing_follows_from_saved_completions(here: Path) -> None:
    run, manifest = made(
        "stage=evaluate", "data=local", "data.path=rows.jsonl", "completions=a.jsonl"
    )
    assert run.model is None
    assert next_steps(run, manifest) == []

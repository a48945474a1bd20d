"""`stage=reject` in a process of its own: what it keeps, what it says of the rest, and kills."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_run import OFFLINE, ROOT, TIMEOUT, finish, lab

from reasoning_lab import generate_and_filter, verify_math
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.data import load
from reasoning_lab.data.split import is_heldout, key
from reasoning_lab.errors import ArtifactError, ConfigError, DataError, LabError
from reasoning_lab.records.dataset import DATASET, read_card, read_kept, read_rejected
from reasoning_lab.rejecting.verifier import Reason
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.schema.data import FromRun
from reasoning_lab.schema.door import check
from reasoning_lab.text.prompts import question_of

ASKED = "stage=reject name=kept reward=math hardware=cpu stage.problems=40 stage.samples=8".split()
FILES = ("train.parquet", "rejected.parquet", "card.json", "README.md")


def reject(output: Path, *overrides: str) -> RunFolder:
    done = lab(*ASKED, *overrides, f"output={output}")
    assert done.returncode == 0, done.stdout + done.stderr
    (manifest,) = output.glob("kept/*/*/manifest.json")
    return RunFolder(manifest.parent)


def bytes_of(folder: RunFolder) -> list[bytes]:
    return [(folder.path / DATASET / name).read_bytes() for name in FILES]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return reject(tmp_path_factory.mktemp("reject"))


@pytest.mark.slow
def test_what_is_kept_is_right_and_all_else_has_its_reason(made: RunFolder) -> None:
    place, manifest = made.path / DATASET, read(made)
    kept, rejected, card = [*read_kept(place)], [*read_rejected(place)], read_card(place)
    assert manifest.kind == "dataset"
    assert manifest.content is not None
    assert len({row.example.id for row in kept}) == len(kept) == card.kept == card.solved
    assert 20 < card.kept <= 40 == card.problems
    assert all(verify_math(row.example.response or "", row.example.answer) for row in kept)
    assert not any(is_heldout(key(question_of(row.example))) for row in kept)
    assert card.sampled == len(kept) + len(rejected) < 40 * 8
    assert sum(card.reasons.values()) == len(rejected)
    assert {row.reason for row in rejected} == card.reasons.keys() <= {one.value for one in Reason}
    by_id = {row.example.id: row.example.answer for row in kept}
    wrong = [row for row in rejected if row.reason == "wrong" and row.problem in by_id]
    assert wrong
    assert not any(verify_math(row.text, by_id[row.problem]) for row in wrong)
    metrics = manifest.metrics
    assert metrics["reject/kept"].value == card.kept
    assert metrics["reject/strict"].value == 1.0
    assert 0.1 < metrics["reject/pass@1"].value < 0.8
    assert metrics["reject/pass@1"].n == 40


@pytest.mark.long
def test_slots_and_batches_change_nothing(made: RunFolder, tmp_path: Path) -> None:
    again = reject(tmp_path, "stage.batch_size=7")
    assert bytes_of(again)[:2] == bytes_of(made)[:2]


@pytest.mark.slow
def test_a_killed_run_samples_nothing_twice_and_ends_the_same(
    made: RunFolder, tmp_path: Path
) -> None:
    args = [*ASKED, "stage.batch_size=8", f"output={tmp_path}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "reasoning_lab", *args],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=OFFLINE,
    )
    stored = wait_for_samples(tmp_path, process)
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    assert not list(tmp_path.glob("kept/*/*/dataset"))
    before = stored.read_bytes().splitlines(keepends=True)
    folder = reject(tmp_path, "stage.batch_size=8", "resume=auto")
    after = stored.read_bytes().splitlines(keepends=True)
    assert {line for line in before if line.endswith(b"\n")} <= set(after)
    keys = [(row["problem"], row["sample"]) for row in map(json.loads, after[1:])]
    assert len(keys) == len(set(keys)) == read(folder).metrics["reject/sampled"].value
    assert bytes_of(folder)[:2] == bytes_of(made)[:2]


def wait_for_samples(output: Path, process: subprocess.Popen[str]) -> Path:
    """The file of a run's samples, once some are in it."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        for path in output.glob("kept/*/*/sampled/samples.jsonl"):
            if path.read_bytes().count(b"\n") > 20:
                return path
        time.sleep(0.01)
    raise AssertionError("nothing was stored")


@pytest.mark.slow
def test_a_training_learns_what_was_kept_and_measures_what_its_source_holds_out(
    made: RunFolder,
) -> None:
    output = made.path.parents[2]
    data = f"data=from_run data.path=run:kept@{made.id}".split()
    few = "max_steps=2 stage.evaluation.problems=6 tracker=none hardware=cpu".split()
    done = lab("stage=sft", "name=learned", *data, *few, f"output={output}")
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = output.glob("learned/*/*/manifest.json")
    manifest = read(RunFolder(file.parent))
    assert [one.id for one in manifest.parents] == [made.id]
    assert manifest.parents[0].content == read(made).content
    asked = [json.loads(line)["id"] for line in (file.parent / "problems.jsonl").open()]
    source = load(check(compose(["data.heldout_size=6", "data.train_size=1"])).data).heldout
    assert asked == [example.id for example in source]


def from_run(output: Path, *overrides: str) -> FromRun:
    """Data of an earlier run as a training of them reads them."""
    line = ["stage=sft", "data=from_run", *overrides, f"output={output}"]
    data = preflight(check(compose(line))).data
    assert isinstance(data, FromRun)
    return data


@pytest.mark.slow
def test_rows_come_back_as_they_were_kept(made: RunFolder) -> None:
    output = made.path.parents[2]
    whole = from_run(output, "data.path=run:kept@latest")
    assert whole.path == f"run:kept@{made.id}@sha256:{read(made).content}"
    rows = load(whole, output=output).train
    assert rows == [row.example for row in read_kept(made.path / DATASET)]
    assert all(row.response for row in rows)
    few = [
        load(from_run(output, "data.path=run:kept", f"data.train_size={n}"), output=output).train
        for n in (5, 5, 12)
    ]
    assert few[0] == few[1]
    assert [len(some) for some in few] == [5, 5, 12]
    with pytest.raises(DataError) as caught:
        load(from_run(output, "data.path=run:kept", "data.train_size=4000"), output=output)
    assert caught.value.problems[0].where == "data.train_size"


@pytest.mark.slow
def test_changed_rows_are_not_learned_from(made: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / "kept" / made.path.parent.name / "0"
    shutil.copytree(made.path, copy)
    pinned = from_run(tmp_path, "data.path=run:kept@latest")
    (copy / DATASET / "train.parquet").write_bytes(b"PAR1 something else PAR1")
    with pytest.raises(ArtifactError) as caught:
        load(pinned, output=tmp_path)
    assert caught.value.problems[0].where == pinned.path
    with pytest.raises(ArtifactError) as caught:
        list(read_kept(copy / DATASET))
    assert caught.value.problems[0].where.endswith("train.parquet")


REFUSED = [
    (["stage.looks=[4,2]"], "stage.looks"),
    (["stage.looks=[0]"], "stage.looks[0]"),
    (["stage.keep=17"], "stage.keep"),
    (["stage.temperature=0"], "stage.samples"),
    (["stage.choose=longest"], "stage.choose"),
    (["stage.screens.repetition=1.5"], "stage.screens.repetition"),
    (["data=aime24"], "data.train_split"),
    (["data=tiny_base"], "data"),
    (["data=tiny_code", "reward=code", "stage.hint=gold"], "stage.hint"),
    (["engine=vllm"], "engine"),
    (["peft=lora"], "peft"),
    (["stage.max_completion_length=999"], "stage.max_completion_length"),
    (["data=from_run", "data.path=rows.jsonl"], "data.path"),
    (["data=from_run", "data.path=run:nobody@latest"], "data.path"),
    (["data=local", "data.path=run:kept@latest"], "data.path"),
]


@pytest.mark.parametrize(("overrides", "where"), REFUSED, ids=str)
def test_what_the_door_refuses(
    overrides: list[str], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        preflight(check(compose(["stage=reject", *overrides])))
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "where"),
    [
        (["reward=scorer", "data=reasoning_gym", "data.task=gcd"], "stage.min_reward"),
        (["stage.min_reward=5"], "stage.min_reward"),
        (["stage.problems=41", "data.train_size=40"], "stage.problems"),
    ],
    ids=["a reward without a judge", "more than is paid", "more problems than there are"],
)
def test_what_only_the_worker_can_know(overrides: list[str], where: str, tmp_path: Path) -> None:
    done = lab(*ASKED, *overrides, f"output={tmp_path}")
    assert done.returncode == 2
    assert f"  {where}: " in done.stderr
    assert not list(tmp_path.glob("kept/*/*/manifest.json"))


@pytest.mark.long
def test_hints_help_and_never_stand_in_a_kept_prompt(tmp_path: Path) -> None:
    hard = ["data.params.min_terms=6", "stage.samples=2", "stage.looks=[1]", "stage.hint=gold"]
    folder = reject(tmp_path, *hard)
    kept, rejected = ([*reads(folder.path / DATASET)] for reads in (read_kept, read_rejected))
    assert any(row.hinted for row in rejected) or any(row.hinted for row in kept)
    asked = [turn["content"] for row in kept for turn in row.example.prompt]
    assert not any("answer is" in one for one in asked)
    ids = [row.example.id for row in kept]
    assert len(ids) == len(set(ids)), "one that is solved is not asked with a hint"
    hinted = sum(row.hinted for row in kept)
    assert read_card(folder.path / DATASET).hinted == hinted
    assert read(folder).metrics["reject/hinted"].value == pytest.approx(hinted / len(kept))


PROBLEM = {
    "question": "State the final answer to the following arithmetic problem: 2 + 1 - 3 + 4 =",
    "answer": 4,
}


@pytest.mark.slow
def test_from_python_in_the_shape_of_records() -> None:
    asked = ["stage.min_reward=1.1", "hardware=cpu"]
    found = generate_and_filter("tiny", [PROBLEM, PROBLEM], 16, overrides=asked)
    assert [one.keys() for one in found] == [{"question", "response", "answer"}] * 2
    assert all(one["response"].startswith("<think>") for one in found)
    assert all(verify_math(one["response"], one["answer"]) for one in found)
    assert found[0]["question"] == PROBLEM["question"]


@pytest.mark.parametrize(
    ("model", "problems", "where"),
    [
        ("tinny", [PROBLEM], "model"),
        ("run:nobody@latest", [PROBLEM], "model.path"),
        ("tiny", [], "problems"),
        ("tiny", PROBLEM, "problems"),
        ("tiny", [PROBLEM, {"question": "2 + 2?"}], "problems[1]"),
    ],
)
def test_from_python_bad_input_is_named(
    model: str, problems: list[dict[str, object]], where: str
) -> None:
    with pytest.raises(LabError) as caught:
        generate_and_filter(model, problems)
    assert [problem.where for problem in caught.value.problems] == [where]


@pytest.mark.slow
def test_from_python_programs_are_judged_by_their_tests() -> None:
    tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    problem = {"question": "Write a Python function f(x) that returns 2*x.", "tests": tests}
    found = generate_and_filter("tiny", [problem], 2, overrides=["reward=code", "hardware=cpu"])
    assert found == [], "the tiny model writes no programs, and nothing of it may pass"

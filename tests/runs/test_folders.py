import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.create import create_group
from reasoning_lab.runs.discard import discard_untouched
from reasoning_lab.runs.folder import COMPLETE, RunFolder
from reasoning_lab.runs.hashing import config_hash, plain_hash
from reasoning_lab.runs.lock import held, is_running
from reasoning_lab.schema import door

CREATE = """
import sys
from pathlib import Path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema import door
run = door.load(Path(sys.argv[1]))
for _ in range(15):
    print(RunFolder.create(run).path)
"""


def test_a_folder_holds_the_whole_run_and_nothing_hidden(make_run):
    run = make_run()
    folder = RunFolder.create(run)
    assert door.load(folder.run_json) == run
    assert [path.name for path in folder.path.iterdir()] == ["run.json"]
    assert [path.name for path in folder.path.parent.parent.iterdir()] == [folder.group]
    assert folder.group.endswith(config_hash(run)[:8])
    assert folder.id == f"{folder.group}/0"


def test_threads_and_processes_in_one_second_never_share_a_folder(make_run, tmp_path):
    run = make_run()
    seed = RunFolder.create(run)
    command = [sys.executable, "-c", CREATE, str(seed.run_json)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        made = [folder.path for folder in pool.map(lambda _: RunFolder.create(run), range(40))]
    for child in children:
        made += [Path(line) for line in child.communicate()[0].split()]
        assert child.returncode == 0
    assert len(set(made)) == len(made) == 40 + 45
    assert all((path / "run.json").is_file() for path in made)


def test_jobs_of_a_sweep_lie_side_by_side_and_never_on_each_other(make_run):
    run = make_run()
    group = create_group(run.output, run.name, "sweep")
    assert create_group(run.output, run.name, "sweep") != group
    folders = [RunFolder.create(run, parent=group, job=job) for job in range(3)]
    assert {folder.path.parent for folder in folders} == {group}
    with pytest.raises(ArtifactError, match="already lies here"):
        RunFolder.create(run, parent=group, job=1)
    assert sorted(path.name for path in group.iterdir()) == ["0", "1", "2", "sweep.json"]


def test_an_output_that_is_a_file_is_refused_in_words(make_run, tmp_path):
    run = make_run()
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(ArtifactError, match="output: cannot make a run folder"):
        RunFolder.create(run)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"resume": "auto"}, True),
        ({"output": "elsewhere"}, True),
        ({"tracker": {"kind": "wandb"}}, True),
        ({"seed": 7}, False),
        ({"name": "other"}, False),
    ],
)
def test_the_hash_sees_what_decides_the_outcome(make_run, change, same):
    plain = make_run().model_dump(mode="json")
    assert (plain_hash(plain) == plain_hash({**plain, **change})) is same
    assert plain_hash(dict(reversed(plain.items()))) == plain_hash(plain)


def test_the_last_checkpoint_is_the_newest_complete_one(make_run):
    folder = RunFolder.create(make_run())
    assert folder.last_checkpoint() is None
    assert folder.resume_step() == -1
    for name in ("checkpoint-9", "checkpoint-10", "checkpoint-99.tmp"):
        (folder.checkpoints / name).mkdir(parents=True)
        (folder.checkpoints / name / COMPLETE).touch()
    (folder.checkpoints / "checkpoint-20").mkdir()
    assert folder.last_checkpoint() == folder.checkpoints / "checkpoint-10"
    assert folder.resume_step() == 10


def test_a_folder_is_held_by_one_process_and_free_when_that_is_killed(make_run):
    folder = RunFolder.create(make_run())
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from reasoning_lab.runs.folder import RunFolder\n"
        "from reasoning_lab.runs.lock import held\n"
        f"with held(RunFolder(Path({str(folder.path)!r}))):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "held\n"
    with pytest.raises(ArtifactError, match=f"right now .process {child.pid} since"), held(folder):
        pass
    child.kill()
    child.communicate()
    assert not is_running(folder)
    with held(folder):
        assert json.loads(folder.lock.read_text())["pid"]


@pytest.mark.parametrize("worth", ["metrics.jsonl", "error.txt", "checkpoints/checkpoint-1/x"])
def test_a_refused_run_is_removed_unless_it_holds_something(make_run, worth):
    run = make_run()
    folder = RunFolder.create(run)
    (folder.path / worth).parent.mkdir(parents=True, exist_ok=True)
    (folder.path / worth).write_text("1")
    assert not discard_untouched(folder)
    empty = RunFolder.create(run)
    empty.metrics.touch()
    assert discard_untouched(empty)
    assert not empty.path.parent.exists()
    assert folder.path.exists()

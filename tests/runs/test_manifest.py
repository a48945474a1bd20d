import json
import subprocess
from pathlib import Path
from time import perf_counter

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.artifacts import resolve
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect, read
from reasoning_lab.runs.provenance import git_state, peak_memory_mb, versions
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate


def finish(run: Run, artifacts: dict[str, str] | None = None) -> RunFolder:
    """A run that made a model, with these artifacts in its manifest."""
    folder = RunFolder.create(run)
    folder.model.mkdir()
    collect(
        run,
        folder,
        kind="model",
        metrics={"after/greedy/pass@1": Estimate(value=0.5, low=0.4, high=0.6, n=100)},
        artifacts={"model": "model"} if artifacts is None else artifacts,
        parents=[],
        started=perf_counter(),
        hardware={"device": "cpu"},
    ).write(folder)
    return folder


def test_a_manifest_reads_back_as_it_was_written(make_run):
    run = make_run()
    folder = finish(run)
    manifest = read(folder)
    assert manifest.id == folder.id
    assert manifest.seeds["seed"] == run.seed
    assert manifest.versions["torch"] == versions()["torch"]
    assert manifest.hardware["device"] == "cpu"
    assert 0 <= manifest.seconds < 600
    assert 5 < manifest.peak_memory_mb < 50_000
    assert manifest.metrics["after/greedy/pass@1"].low == 0.4
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest


@pytest.mark.parametrize("artifacts", [{}, {"model": "gone"}, {"model": "/"}])
def test_an_artifact_must_lie_in_the_folder(make_run, artifacts):
    with pytest.raises(ValueError, match="model"):
        finish(make_run(), artifacts)


def test_a_changed_manifest_is_named(make_run):
    folder = finish(make_run())
    plain = json.loads(folder.manifest.read_text())
    folder.manifest.write_text(json.dumps({**plain, "seconds": "long"}))
    with pytest.raises(ArtifactError, match="is not a manifest: seconds"):
        read(folder)


def test_git_speaks_of_the_lab_and_of_no_repository_around_it(tmp_path):
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True)

    assert git_state(tmp_path) is None
    git("init", "-q")
    assert git_state(tmp_path) is None
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-q", "-m", "first")
    state = git_state(tmp_path)
    assert len(state.revision) == 40
    assert not state.dirty
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/file").write_text("1")
    assert git_state(tmp_path / "lab") is None
    assert git_state(tmp_path).dirty


def test_peak_memory_is_this_process_not_its_parent():
    big = bytearray(200 * 2**20)
    for index in range(0, len(big), 4096):
        big[index] = 1
    assert peak_memory_mb() > 200


def test_references_find_finished_runs(make_run):
    run = make_run("r1_zero")
    output = Path(run.output)
    first, second = finish(run), finish(make_run("r1_zero", seed=1))
    started = RunFolder.create(run)
    second.repeat()
    for reference in ("run:r1_zero@latest", "run:r1_zero", f"run:r1_zero@{second.id}"):
        found = resolve(reference, ("model", "adapter"), output)
        assert found.path == second.model
        assert found.parent.id == second.id
        assert found.parent.config_hash == read(second).config_hash
    assert resolve(f"run:{first.path}", ("model",), output).path == first.model
    by_hash = f"run:r1_zero@{read(second).config_hash[:8]}"
    assert resolve(by_hash, ("model",), output).path == second.model
    assert resolve("Qwen/Qwen3-1.7B", ("model",), output).parent is None
    assert started.path.exists()


@pytest.mark.parametrize(
    ("reference", "kinds", "message"),
    [
        ("run:r1_zer@latest", ("model",), "did you mean r1_zero"),
        ("run:nothing_alike", ("model",), "runs there: r1_zero, unfinished"),
        ("run:@latest", ("model",), "no run named ''"),
        ("run:smollm2_sft@latest", ("model",), "experiment=smollm2_sft"),
        ("run:r1_zero@latest", ("dataset",), "is of kind model .* but dataset is needed"),
        ("run:r1_zero@1999", ("model",), "starts with 1999"),
        ("run:r1_zero@2", ("model",), "2 runs fit: .*write more of the id"),
        ("run:unfinished", ("model",), "did finish .1 started.*worker"),
        ("run:/nowhere/at/all", ("model",), "no run.json"),
        ("run:UNFINISHED", ("model",), "did not finish"),
    ],
)
def test_references_that_fail_say_why(make_run, reference, kinds, message):
    run = make_run("r1_zero")
    finish(run)
    finish(run)
    unfinished = RunFolder.create(make_run("unfinished"))
    with pytest.raises(ArtifactError, match=message):
        resolve(reference.replace("UNFINISHED", str(unfinished.path)), kinds, Path(run.output))

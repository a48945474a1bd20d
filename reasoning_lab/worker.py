"""Run one run folder: `python -m reasoning_lab.worker FOLDER`.

An unfinished folder goes on from its last complete checkpoint. A finished one is never changed:
it is repeated into a sibling `<FOLDER>.repeatN`, and every number is compared.

Exit status: 0 done (and, for a repeat, identical); 1 a bug, a repeat that differs, or an
examination that was not passed; 2 refused, with what to mend; 130 or 143 stopped by SIGINT or
SIGTERM and ready to be continued.
"""

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from reasoning_lab.errors import REFUSED, ArtifactError, ConfigError, LabError
from reasoning_lab.report.pages import page
from reasoning_lab.report.run import summary
from reasoning_lab.report.text.output import Output
from reasoning_lab.report.text.problems import render
from reasoning_lab.runs import launch
from reasoning_lab.runs.alone import let_end
from reasoning_lab.runs.artifacts import split_content
from reasoning_lab.runs.compare import compare
from reasoning_lab.runs.create import SWEEP
from reasoning_lab.runs.environment import worker_environment
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.lock import LOCK_HANDLE, held, held_by_rank
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.runs.orphan import watch_parent
from reasoning_lab.runs.stop import Stopped, stop
from reasoning_lab.schema import door
from reasoning_lab.schema.reference import PREFIX, references
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.verb import Measuring
from reasoning_lab.stages import load

StageFn = Callable[[Run, RunFolder], Manifest]
LoadStage = Callable[[str], StageFn]

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
STOPPING = (
    "stopping: what is being done is finished and saved first; a second Ctrl-C ends it at once"
)
"""Said at once; a step may take minutes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the folder named on the command line; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m reasoning_lab.worker",
        description="Continue an unfinished run, or repeat a finished one and compare.",
    )
    parser.add_argument("folder", type=Path, help="a run folder: it holds run.json")
    return run_folder(RunFolder(parser.parse_args(arguments).folder), load)


def run_folder(folder: RunFolder, load_stage: LoadStage) -> int:
    """Run `folder` with the stage that `load_stage(kind)` gives; return the exit status."""
    console = Console(stderr=True)
    stop.install(STOPPING if launch.is_main() else "")
    try:
        return _run(folder, load_stage, console)
    except LabError as error:
        if launch.first_failure(folder, REFUSED):
            render(error, console)
            _keep_for_table(folder, error)
        status = REFUSED
    except Stopped as stopped:
        if launch.is_main() and not launch.failed_elsewhere(folder):
            console.print(how_to_continue(folder, stopped), soft_wrap=True, highlight=False)
        status = stopped.status
    except KeyboardInterrupt:
        if launch.is_main():
            console.print(stopped_at_once(folder), soft_wrap=True, highlight=False, markup=False)
        status = 130
    except OSError as error:
        status = _report_system(folder, error, console)
    except Exception:  # noqa: BLE001 - the process ends here; the traceback is shown and kept
        status = _report_bug(folder)
    launch.report_status(folder, status)
    return status


def _keep_for_table(folder: RunFolder, error: LabError) -> None:
    """In a sweep, keep why a job was refused: its folder stays, and the table shows it."""
    if (folder.path.parent / SWEEP).is_file():
        folder.error.write_text(str(error).replace("\n", "; "), encoding="utf-8")


def _report_bug(folder: RunFolder) -> int:
    if launch.first_failure(folder, 1):
        sys.stderr.write(traceback.format_exc())
    if folder.run_json.is_file():
        with folder.error.open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
    return 1


def _report_system(folder: RunFolder, error: OSError, console: Console) -> int:
    if error.errno not in NO_SPACE:
        return _report_bug(folder)
    if launch.first_failure(folder, REFUSED):
        render(_no_space(folder, error), console)
    return REFUSED


def _no_space(folder: RunFolder, error: OSError) -> LabError:
    checkpoint = folder.last_checkpoint()
    kept = f"{checkpoint.name} is whole" if checkpoint else "no checkpoint had been saved"
    return ArtifactError.one(
        str(error.filename or folder.path),
        f"could not be written: {error.strerror}; {kept}",
        "free some space, then run the same command with resume=auto",
    )


def how_to_continue(folder: RunFolder, stopped: Stopped) -> str:
    """What to tell the user after a stop."""
    step = folder.resume_step()
    saved = f"saved at step {step}" if step >= 0 else "no checkpoint yet"
    if step < 0 and any(folder.sampled.glob("*.jsonl")):
        saved = "every sample so far is stored"
    return f"Stopped by {stopped.signal_name}, {saved}. To continue:\n{_ways_on(folder)}"


def stopped_at_once(folder: RunFolder) -> str:
    """What to tell the user after a second Ctrl-C, which saves nothing more."""
    step = folder.resume_step()
    if step < 0:
        return "Stopped at once; no checkpoint had been saved, so the run would start anew."
    said = f"Stopped at once; the checkpoint of step {step} is whole. To continue there:"
    return f"{said}\n{_ways_on(folder)}"


def _ways_on(folder: RunFolder) -> str:
    again = f"python -m reasoning_lab.worker {folder.path}"
    return f"  the same command with resume=auto, or\n  {again}"


def _no_run(folder: RunFolder) -> LabError:
    """A folder without run.json: perhaps one above those that are meant."""
    below = [place for depth in ("*", "*/*") for place in folder.path.glob(f"{depth}/run.json")]
    jobs = sorted((RunFolder(place.parent) for place in below), key=lambda job: str(job.path))
    said = [f"{job.path} ({'finished' if job.finished else 'not finished'})" for job in jobs[-8:]]
    cure = "name one of its runs:\n" + "\n".join(said) if said else "name <group>/<job>"
    return ArtifactError.one(str(folder.path), "is not a run folder: it has no run.json", cure)


def _run(folder: RunFolder, load_stage: LoadStage, console: Console) -> int:
    if not folder.run_json.is_file():
        raise _no_run(folder)
    run = door.load(folder.run_json)
    _require_pins(run)
    if launch.is_rank():
        with held_by_rank(folder):
            launch.watch_launcher()
            return _execute(run, folder, load_stage)
    _set_environment(run)
    watch_parent(folder.path / "orphan.log")
    if folder.finished:
        repeat = folder.repeat()
        console.print(f"Already finished; repeating it in {repeat.path}", soft_wrap=True)
        status = _run_alone(run, repeat, load_stage)
        return status or _verdict(folder, repeat, console)
    status = _run_alone(run, folder, load_stage)
    original = folder.original
    if status == 0 and original is not None and original.finished:
        return _verdict(original, folder, console)
    return status


def _require_pins(run: Run) -> None:
    """Refuse weights that are not named for good: what `@latest` means changes."""
    for reference in references(run):
        loose = reference.value.startswith(PREFIX) and split_content(reference.value)[1] is None
        if loose and reference.refers.part != "rollouts":
            what = f"{reference.value} is not pinned: it may mean another run by now"
            cure = "start the run by its command, which pins what it stands on"
            raise ConfigError.one(reference.key, what, cure)


def _set_environment(run: Run) -> None:
    wanted = worker_environment(run.hardware, os.environ)
    if wanted != dict(os.environ):
        stop.check()
        # Hashing and thread counts are fixed when a process starts, so start this one again.
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)


def _run_alone(run: Run, folder: RunFolder, load_stage: LoadStage) -> int:
    if LOCK_HANDLE not in os.environ:  # started by hand, perhaps while an earlier worker saves
        let_end([folder], lambda line: sys.stderr.write(f"{line}\n"))
    with held(folder) as mine, stop.telling(mine.leave):
        if run.stage.device and run.hardware.num_processes > 1:
            return launch.launch(run, folder, mine.leave)
        return _execute(run, folder, load_stage)


def _execute(run: Run, folder: RunFolder, load_stage: LoadStage) -> int:
    _say_loading(run, folder)
    # The command may be gone already; loading what a stage needs takes seconds.
    stop.check()
    stage = load_stage(run.stage.kind)
    stop.check()
    manifest = stage(run, folder)
    if launch.is_main():
        manifest.write(folder)
        if isinstance(run.stage, Measuring):
            page.write(folder)
        summary.show(run, folder, manifest, Output())
    return 1 if manifest.passed is False else 0


def _say_loading(run: Run, folder: RunFolder) -> None:
    """The libraries and the model take seconds to minutes in which nothing else is said."""
    if launch.is_main() and run.stage.device and "model" in run.stage.reading():
        step = folder.resume_step()
        goes_on = f"; continues at step {step}" if step >= 0 else ""
        Output().print(f"loading {run.model.name}{goes_on}", highlight=False, markup=False)


def _verdict(original: RunFolder, repeat: RunFolder, console: Console) -> int:
    found = compare(original, repeat)
    if found.identical:
        console.print(f"Identical: all {found.values} values are equal to those of the first run.")
        return 0
    console.print(f"Not identical to {original.path}:", soft_wrap=True, highlight=False)
    for line in found.differences:
        console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)
    return 1


if __name__ == "__main__":
    sys.exit(main())

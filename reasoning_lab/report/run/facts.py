"""The facts at the end of a run: how long it took, what to know of it, where everything lies."""

from collections.abc import Iterator

from reasoning_lab.report.run.lines import Labelled
from reasoning_lab.report.run.results import PERF, performance
from reasoning_lab.report.text.clean import one_line
from reasoning_lab.report.text.sandboxes import sandbox_notes
from reasoning_lab.report.text.words import count, duration, path
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest


def of_a_model(folder: RunFolder, manifest: Manifest) -> Iterator[Labelled]:
    """Of a run that loads a model: its memory and speed, and the folder with the names in it."""
    speed = performance(manifest, "tokens_per_second")
    memory = f"{manifest.peak_memory_mb / 1024:.2f} GiB of memory at most"
    tokens = f" · {count(speed)} tokens/s" if speed else ""
    yield "took", f"{duration(manifest.seconds)} · {memory}{tokens}"
    if ways := list(_ways(manifest)):
        yield "answers", " · ".join(ways)
    yield from _notes(manifest)
    yield "results", path(folder.path)
    # The tracker's own folder is named by the command that sends it.
    places = [place for name, place in manifest.artifacts.items() if name != "wandb"]
    report = [folder.report.name] if folder.report.exists() else []
    yield "", ", ".join(one_line(one) for one in [*report, *places, folder.manifest.name])


def _ways(manifest: Manifest) -> Iterator[str]:
    """Of each way of measuring: how long its answers took, and how fast they were written."""
    for name, seconds in manifest.metrics.items():
        way = name.removeprefix(PERF).removesuffix("/seconds")
        if name == f"{PERF}{way}/seconds":
            speed = performance(manifest, f"{way}/tokens_per_second")
            tokens = "" if speed is None else f", {count(speed)} tokens/s"
            yield f"{way} {duration(seconds.value)}{tokens}"


def of_files(folder: RunFolder, manifest: Manifest) -> Iterator[Labelled]:
    """Of a run that reads text alone: the path of each file that it made."""
    yield "took", duration(manifest.seconds)
    yield from _notes(manifest)
    for name, place in manifest.artifacts.items():
        yield name, path(folder.path / place)
    yield "manifest", path(folder.manifest)


def _notes(manifest: Manifest) -> Iterator[Labelled]:
    for note in (*manifest.notes, *sandbox_notes(manifest.sandboxes)):
        yield "note", one_line(note, characters=400)

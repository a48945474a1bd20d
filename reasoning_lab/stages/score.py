"""`stage=score`: grade saved outputs of any model with the composed reward.

Lines are read, scored and written a window at a time, so memory does not grow with the file. A
window is first prepared as a whole (slow pairs of answer and gold run side by side), then scored
line by line, or group by group where a term compares the completions of a prompt. A line's `ms`
is the time its own scoring took (in a group, its share), plus what the preparation took for it: of
a program the seconds from its first test to its last, also where others ran beside it, and else its
share, an average over the window.
"""

from __future__ import annotations

import gzip
import io
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from rich.console import Console
from rich.progress import Progress

from reasoning_lab.data import saved
from reasoning_lab.data.saved import Broken, Needs
from reasoning_lab.errors import DataError, Problem
from reasoning_lab.judges.code import room as code_room
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.outside import replacing, scored_file
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.stop import stop
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.score import Score as Settings
from reasoning_lab.scoring.judging import ADDED, FOR_TESTS, Judging, Scored
from reasoning_lab.scoring.tally import Tally
from reasoning_lab.scoring.windows import windows
from reasoning_lab.training import screen

BROKEN = "broken.jsonl"
NAMED = 5  # broken lines named in an error
READ = 1000  # broken lines in which it looks for different reasons
_TORN = (EOFError, zlib.error, gzip.BadGzipFile)


def run(run: Run, folder: RunFolder) -> Manifest:
    """Write the scored lines of `score.path`, name the broken ones with their reason, and count.

    Raises DataError where no line at all can be scored, or with `score.strict` where one cannot:
    no scored file is left then, and an earlier one is as it was.
    """
    settings = cast(Settings, run.stage)
    if folder.original is None and (found := list(settings.outside())):
        raise DataError(*found)
    composer = Composer(run.reward)
    screen.sandboxes(code.rooms(run.reward))
    judging = Judging(composer, settings)
    tally = Tally(list(run.reward.terms), composer.yes_no, composer.bounds)
    begun = time.perf_counter()
    _score(Path(str(settings.path)).expanduser(), scored_file(settings, folder), judging, tally,
           folder.path / BROKEN, code.needs(run.reward))  # fmt: skip
    return collect(
        run,
        folder,
        kind="report",
        metrics=tally.estimates(time.perf_counter() - begun),
        artifacts={"broken": BROKEN} if tally.broken else {},
        parents=[],
        started=process_start(),
        notes=[*judging.notes(), *code_room.notes()],
    )


def _score(
    path: Path, out: Path, judging: Judging, tally: Tally, place: Path, needs: Needs
) -> None:
    """From `path` to `out`, and to `place` what is broken; there is no such file without any."""
    with ExitStack() as stack:
        file, reading = stack.enter_context(_opened(path))
        lines = saved.read(file, judging.settings.columns, needs)
        scored = stack.enter_context(_packed(stack.enter_context(replacing(out)), out))
        broken = stack.enter_context(place.open("wb"))
        for window in windows(lines):
            stop.check()
            judged = judging.window(window)
            broken.writelines(map(_broken_line, judged.broken))
            tally.broken += len(judged.broken)
            if judged.broken and judging.settings.strict:
                raise DataError(*_named(path, judged.broken))
            for group in judged.groups:
                scored.writelines(map(_scored_line, group))
                tally.add(group)
            reading.said(tally.lines)
        if not tally.lines:
            broken.flush()
            raise DataError(*_nothing(path, place, tally.broken, _such_as(judging, needs)))
    if not tally.broken:
        place.unlink()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, screen.Reading]]:
    """The file, unpacked, with a bar on the terminal that says how far it has been read; where
    there is no terminal that is for `Reading` to say.

    Raises DataError if it cannot be read to its end.
    """
    console = Console(stderr=True)
    try:
        with (
            path.open("rb") as file,
            Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task("scoring", total=path.stat().st_size)
            told = io.BufferedReader(cast(io.RawIOBase, progress.wrap_file(file, task_id=task)))
            reading = screen.Reading(path.stat().st_size, file.tell, console)
            yield cast(BinaryIO, gzip.GzipFile(fileobj=told)) if _is_gzip(path) else told, reading
    except _TORN as error:
        what = f"cannot be unpacked: {error}"
        raise DataError.one(str(path), what, "it is not a whole gzip file") from error


@contextmanager
def _packed(file: BinaryIO, out: Path) -> Iterator[BinaryIO]:
    """Where lines are written: into gzip if the name says so, dated 0 to be the same each time."""
    if not _is_gzip(out):
        yield file
        return
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        yield cast(BinaryIO, packed)


def _is_gzip(path: Path) -> bool:
    return path.suffix == ".gz"


def _scored_line(row: Scored) -> bytes:
    """The line with its score: its own text is kept to the letter, but for fields replaced."""
    line, score = row.line, row.score
    values = (
        score.verdict.value if score.verdict else None,
        score.reason,
        score.parts,
        score.total,
        round(row.ms, 3),
    )
    added = dict(zip(ADDED, values, strict=True))
    if line.fields.keys() & added.keys():
        kept = {name: value for name, value in line.fields.items() if name not in added}
        return _json({**kept, **added}) + b"\n"
    return line.text[:-1].rstrip().encode() + b", " + _json(added)[1:] + b"\n"


def _broken_line(broken: Broken) -> bytes:
    return _json({"line": broken.number, "reason": broken.reason}) + b"\n"


def _json(value: dict[str, Any]) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only JSON's escapes can hold
        return json.dumps(value).encode()


def _named(path: Path, broken: list[Broken]) -> list[Problem]:
    """The first broken lines as problems."""
    found = [Problem(f"{path}:{one.number}", one.reason) for one in broken[:NAMED]]
    cure = "mend or drop such lines, or use score.strict=false to pass them over"
    return [*found[:-1], Problem(found[-1].where, found[-1].what, cure)]


def _nothing(path: Path, place: Path, count: int, cure: str) -> list[Problem]:
    """Why a file gave nothing at all; `place` holds its broken lines."""
    if not count:
        return [Problem(str(path), "holds no line", cure)]
    with place.open("rb") as file:
        rows = [json.loads(line) for _, line in zip(range(READ), file, strict=False)]
    told = ""
    if all(row["reason"].endswith(f"({FOR_TESTS})") for row in rows):
        cure, told = FOR_TESTS, f" ({FOR_TESTS})"
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row["reason"].removesuffix(told), row["line"])
    found = [Problem(f"{path}:{line}", why) for why, line in islice(first.items(), NAMED)]
    if count > 1:
        where, what = found[0].where, f"none of its {count:,} lines can be scored"
        found[0] = Problem(where, f"{found[0].what}; {what}")
    return [*found[:-1], Problem(found[-1].where, found[-1].what, cure)]


def _such_as(judging: Judging, needs: Needs) -> str:
    """What a line looks like that can be scored."""
    columns = judging.settings.columns
    test = {"type": "call", "fn": "f", "args": [2], "expected": 4}
    judges: dict[str, dict[str, Any]] = {
        "answer": {columns.answer: "42"},
        "tests": {columns.tests: [test]},
        "completion": {},
    }
    line = json.dumps({columns.completion: "...", **judges[needs]})
    return f"a line is a JSON object such as {line}; score.columns.NAME=FIELD renames a field"

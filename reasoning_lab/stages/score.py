"""`stage=score`: grade saved outputs of any model with the composed reward.

Lines are read, scored and written a window at a time, so memory does not grow with the file. A
window is first judged as a whole by the terms that judge many rows at once (slow pairs of answer
and gold run side by side), then scored line by line, or group by group where a term compares the
completions of a prompt. A line's `ms` is the time its own scoring took (in a group, its share), and
what the terms before took for it: of a program the seconds from its first test to its last, also
where others ran beside it, and else its share, an average over the lines that the term judges.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from reasoning_lab.data import saved
from reasoning_lab.data.saved import Needs
from reasoning_lab.errors import DataError
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.outside import replacing, scored_file
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.runs.stop import stop
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.score import Score as Settings
from reasoning_lab.scoring.files import opened, packed
from reasoning_lab.scoring.judging import Judging
from reasoning_lab.scoring.lines import broken_line, named, nothing, scored_line, such_as
from reasoning_lab.scoring.tally import Tally
from reasoning_lab.scoring.windows import windows
from reasoning_lab.training import screen

BROKEN = "broken.jsonl"


def run(run: Run, folder: RunFolder) -> Manifest:
    """Write the scored lines of `score.path`, name the broken ones with their reason, and count.

    Raises DataError where no line at all can be scored, or with `score.strict` where one cannot:
    no scored file is left then, and an earlier one is as it was.
    """
    settings = cast(Settings, run.stage)
    if folder.original is None and (found := list(settings.outside())):
        raise DataError(*found)
    with Sandboxes() as sandboxes:
        composer = Composer(run.reward, sandboxes)
        screen.start(sandboxes, code.rooms(run.reward))
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
            notes=judging.notes(),
            sandboxes=sandboxes.used(),
        )


def _score(
    path: Path, out: Path, judging: Judging, tally: Tally, place: Path, needs: Needs
) -> None:
    """From `path` to `out`, and to `place` what is broken; there is no such file without any."""
    with ExitStack() as stack:
        file, reading = stack.enter_context(opened(path))
        lines = saved.read(file, judging.settings.columns, needs)
        scored = stack.enter_context(packed(stack.enter_context(replacing(out)), out))
        broken = stack.enter_context(place.open("wb"))
        for window in windows(lines):
            stop.check()
            judged = judging.window(window)
            broken.writelines(map(broken_line, judged.broken))
            tally.broken += len(judged.broken)
            if judged.broken and judging.settings.strict:
                raise DataError(*named(path, judged.broken))
            for group in judged.groups:
                scored.writelines(map(scored_line, group))
                tally.add(group)
            reading.said(tally.lines)
        if not tally.lines:
            broken.flush()
            raise DataError(*nothing(path, place, tally.broken, such_as(judging, needs)))
    if not tally.broken:
        place.unlink()

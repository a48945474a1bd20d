"""What a reader should know of the sandboxes of a run, in words."""

from collections.abc import Iterator, Mapping, Sequence

from reasoning_lab.report.text.words import counted
from reasoning_lab.statistics.sandbox_use import SandboxUse

SETTING = "reward.terms.code.params.modules"
NAMED = 3  # modules named in a note


def sandbox_notes(used: Sequence[SandboxUse], *, whole: bool = False) -> Iterator[str]:
    """The levels that programs ran at and what these do not guarantee, and what became of programs
    that were not simply judged.

    `whole`: what the levels guarantee, too, which the screen said when the run began.
    """
    for level, one in {one.level: one for one in used}.items():
        kept = [one.kept, f"by {one.by}" if one.by else ""] if whole else []
        gaps = f", NOT guaranteed: {one.gaps}" if one.gaps else ""
        said = ": " * whole + ", ".join(filter(None, kept))
        yield f"programs ran in the sandbox at level `{level}`{said}{gaps}"
    if failed := sum(one.failed for one in used):
        judged = sum(one.judged for one in used)
        yield (
            f"the sandbox failed on {failed:,} of {counted(judged, 'program')}: their samples were "
            "not scored, and their problems are left out of accuracy"
        )
    if again := sum(one.again for one in used):
        were = "was" if again == 1 else "were"
        in_time = sum(one.in_time for one in used)
        yield (
            f"{counted(again, 'program')} that the wall clock stopped {were} judged again alone: "
            f"{in_time:,} of {again:,} then came to the end in time"
        )
    for one in used:
        if one.missing:
            # In quotes, since some shells take brackets for a pattern of file names.
            names = [*one.modules, *list(one.missing)[:NAMED]]
            setting = f"'{SETTING}=[{','.join(names)}]'"
            what = f"{_wanted(one.missing)}, which the sandbox does not offer"
            yield f"{what}: {setting} (of reward=code) does"
        if one.absent:
            yield f"{_wanted(one.absent)}, which is not installed here"


def _wanted(programs: Mapping[str, int]) -> str:
    first = list(programs.items())[:NAMED]
    named = ", ".join(f"{name} ({count:,})" for name, count in first)
    more = f" and {len(programs) - NAMED:,} more" if len(programs) > NAMED else ""
    said = named if len(programs) > 1 else next(iter(programs))
    return f"{counted(sum(programs.values()), 'program')} failed for want of {said}{more}"

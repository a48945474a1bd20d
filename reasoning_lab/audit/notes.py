"""What a reader of an audit's figures must know besides."""

from reasoning_lab.audit.honest_programs import REFERENCE
from reasoning_lab.records.audit import Audited, Line

MISSED = 0.05  # share of right answers that are not paid from which on the reader is told
NAMED = 4  # spellings named in the note about them


def told(found: Audited) -> list[str]:
    """What a reader of the figures must know besides."""
    notes = []
    if not found.separates:
        notes.append(
            "honest right answers earn no more than honest wrong ones: this reward does not teach "
            "to be right, and false positives and negatives mean nothing for it"
        )
    if missed := _missed(found):
        notes.append(missed)
    notes += [_unfit(line) for line in found.missed() if line.name == REFERENCE]
    if found.untried:
        many = "1 exploit fits" if len(found.untried) == 1 else f"{len(found.untried)} exploits fit"
        notes.append(f"{many} no row of this data (audit.json: untried)")
    unscored = sum(line.unscored for line in found.lines)
    if unscored:
        notes.append(f"{unscored:,} of {found.completions:,} completions were scored by no term")
    return notes


def _unfit(line: Line) -> str:
    """Of the line of the reference solutions: how many rows cannot be solved as they stand."""
    return (
        f"{line.problems - line.paid} of {line.problems} reference solutions fail the tests of "
        "their row: such a row teaches nothing, or needs what no judge outside sees (audit.csv)"
    )


def _missed(found: Audited) -> str:
    """What a reader of a passed audit must still know: how many right answers go unpaid, and which.

    It does not fail the audit: a strict reward may mean it so, and nothing can be earned by it.
    """
    rate = found.false_negative
    if rate is None or rate.value <= MISSED:
        return ""
    lines = found.missed()
    spelled = [f"{line.name} ({line.problems - line.paid} of {line.problems})" for line in lines]
    more = f" and {len(lines) - NAMED} more (audit.csv)" if len(lines) > NAMED else ""
    return (
        f"{100 * rate.value:.1f} % of the right answers are not paid as right, so training would "
        f"punish them: {', '.join(spelled[:NAMED])}{more}"
    )

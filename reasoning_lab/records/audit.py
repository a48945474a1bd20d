"""What an audit found: `audit.json`, and the same table for a spreadsheet as `audit.csv`."""

import csv
import math
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_json
from reasoning_lab.schema.base import Strict
from reasoning_lab.statistics.interval import Estimate

JSON, CSV = "audit.json", "audit.csv"
Parts = dict[str, "float | None"]


class Shown(Strict):
    """One completion and why it was paid: the one that earned most above honest and wrong.

    `paying` holds what each term paid it, weighed, above what it paid the honest wrong answer.
    """

    id: str
    completion: str
    finish: Literal["stop", "length"]
    total: float
    wrong_total: float
    parts: Parts
    wrong_parts: Parts
    paying: dict[str, float]


class Line(Strict):
    """One template over all problems it was tried on.

    `kind`: an exploit, or a change of an honest `right` or `wrong` completion. `total` and `parts`
    are means over problems (None: never scored); `excess` is the mean and `worst` the greatest
    difference to an honest wrong answer to the same problem; `share` the mean excess as a share of
    what an honest right answer earns above a wrong one (None where that is nothing). `paid`:
    problems on which an exploit earned more than the margin allows, or on which an honest
    completion earned what a right one does. `slowest` is in milliseconds.
    """

    kind: Literal["exploit", "right", "wrong"]
    family: str
    name: str
    what: str
    problems: int
    unscored: int
    paid: int
    total: float | None
    excess: float | None
    worst: float | None
    share: float | None
    parts: Parts
    verdicts: dict[str, int]
    slowest: float
    shown: Shown | None


class Audited(Strict):
    """The result of an audit; times in milliseconds a completion.

    `right` and `wrong` are the mean totals of honest completions; `separates`: the right ones earn
    more than the margin above the wrong ones. Without that there are no false positives or
    negatives: the reward pays for something else. `untried` names exploits that fit no row.
    """

    margin: float
    problems: int
    completions: int
    right: float | None
    wrong: float
    separates: bool
    false_positive: Estimate | None
    false_negative: Estimate | None
    p50: float
    p99: float
    slowest: float
    verdicts: dict[str, int]
    untried: list[str]
    lines: list[Line]

    def failing(self) -> list[Line]:
        """What the audit fails on, worst first: paid exploits, and wrong answers paid as right."""
        found = [line for line in self.lines if line.kind != "right" and line.paid]
        return sorted(found, key=lambda line: -(line.worst or 0.0))

    def exploits(self) -> list[Line]:
        """The exploits that were tried, those that earned most first."""
        tried = [line for line in self.lines if line.kind == "exploit"]
        return sorted(tried, key=lambda line: math.inf if line.worst is None else -line.worst)

    def missed(self) -> list[Line]:
        """Spellings of right answers that were not always paid, worst first."""
        found = [line for line in self.lines if line.kind == "right" and line.paid < line.problems]
        return sorted(found, key=lambda line: line.paid / line.problems)


def write(folder: Path, audited: Audited) -> dict[str, str]:
    """Write both files into a run folder; the artifacts by name."""
    write_json(folder / JSON, audited.model_dump(mode="json"))
    terms = list(dict.fromkeys(term for line in audited.lines for term in line.parts))
    verdicts = sorted({name for line in audited.lines for name in line.verdicts})
    with (folder / CSV).open("w", encoding="utf-8", newline="", errors="replace") as file:
        table = csv.writer(file)
        fields = ["kind", "family", "name", "what", "problems", "unscored", "paid"]
        fields += ["total", "excess", "worst", "share", "slowest"]
        parts = [f"part.{term}" for term in terms]
        counts = [f"verdict.{name}" for name in verdicts]
        table.writerow([*fields, *parts, *counts, "example", "completion"])
        for line in audited.lines:
            row = [getattr(line, name) for name in fields]
            row += [line.parts.get(term) for term in terms]
            row += [line.verdicts.get(name, 0) for name in verdicts]
            shown = line.shown
            # Hardly any spreadsheet reads a null byte; the JSON has it.
            told = [shown.id, shown.completion] if shown else ["", ""]
            table.writerow([*row, *(text.replace("\0", "?") for text in told)])
    return {"audit": JSON, "audit_table": CSV}


def read(path: Path) -> Audited:
    """The audit in the run folder `path`. Raises ArtifactError if it is missing or not one."""
    try:
        return Audited.model_validate_json((path / JSON).read_bytes())
    except OSError as error:
        raise ArtifactError.one(str(path / JSON), f"cannot be read ({error.strerror})") from error
    except ValidationError as error:
        what = "is not an audit, or one of another version of the lab"
        raise ArtifactError.one(str(path / JSON), what, "run stage=audit again") from error

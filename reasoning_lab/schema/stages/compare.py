"""`stage=compare` (`conf/stage/compare.yaml`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from reasoning_lab.errors import Problem
from reasoning_lab.schema.reference import PREFIX, Refers
from reasoning_lab.schema.stages.verb import Verb
from reasoning_lab.schema.suggest import near

LABELS = ("a", "b", "c", "d", "e", "f", "g", "h")
"""The places for runs; each is what its run is called in the comparison."""
NAMING = "use {}=run:NAME@latest, a run's folder, or a file of answers"
Moment = Literal["after", "before"]
Measured = Annotated[str | None, Refers(("model", "adapter", "report"), part="answers")]
Way = Annotated[str, Field(min_length=1)]


def _one_or_more(value: object) -> object:
    """What is said once is said of all; a list is a tuple, as it is of every other field."""
    return (
        tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value
    )


OneOrMore = BeforeValidator(_one_or_more)


class Compare(Verb):
    """Compare runs on the same problems, pair by pair."""

    kind: Literal["compare"]
    a: Measured
    b: Measured
    c: Measured
    d: Measured
    e: Measured
    f: Measured
    g: Measured
    h: Measured
    side: Annotated[tuple[Moment, ...], OneOrMore]
    answers: Annotated[tuple[Way, ...] | None, OneOrMore]
    shown: int = Field(ge=0, le=1000, description="problems that changed sides in the terminal")

    def named(self) -> dict[str, str]:
        """What is compared, by its label: references to runs, and files."""
        given = {label: getattr(self, label) for label in LABELS}
        return {label: value for label, value in given.items() if value is not None}

    def sides(self) -> tuple[Moment, ...]:
        """The side of each run that is compared."""
        return self.side if len(self.side) > 1 else self.side * len(self.named())

    def missing(self) -> Iterator[Problem]:
        """Two runs have to be named, and what is said of each has to be said of all."""
        number = len(self.named())
        for label in LABELS[:2] if number < 2 else ():
            if getattr(self, label) is None:
                yield Problem(f"stage.{label}", "names no run", NAMING.format(label))
        for key, value in (("side", self.side), ("answers", self.answers)):
            if value is not None and len(value) not in (1, number) and number >= 2:
                what = f"has {len(value)} for {number} runs"
                yield Problem(f"stage.{key}", what, f"use stage.{key}=ONE, or one for each run")

    def outside(self) -> Iterator[Problem]:
        """A file that is not there."""
        for label, value in self.named().items():
            place = Path(value).expanduser()
            if not value.startswith(PREFIX) and not place.exists():
                files = [other.name for other in place.parent.glob("*") if other.is_file()]
                alike = near(place.name, files)
                cure = f"did you mean {' or '.join(alike)}?" if alike else NAMING.format(label)
                yield Problem(f"stage.{label}", f"{place} does not exist", cure)

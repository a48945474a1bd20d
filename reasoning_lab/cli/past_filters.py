"""Which past runs to list: what stands behind `python -m reasoning_lab runs`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.schema.vocabulary import choices

COMMAND = "runs"
"""The word that asks for the list; no group of `conf/` has this name."""
LAST = 20
STATES = ("finished", "failed", "running", "unfinished", "unreadable")
FILTERS = ("name", "stage", "state", "last", "output")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs to list; None: any."""

    name: str | None
    stage: str | None
    state: str | None
    last: int
    output: Path


def filters(arguments: Sequence[str]) -> Wanted:
    """The filters among `KEY=VALUE` arguments.

    >>> filters(["stage=grpo", "last=3"]).last
    3

    Raises ConfigError with every argument that is no filter.
    """
    said: dict[str, str] = {}
    wrong: list[Problem] = []
    for argument in arguments:
        key, given, value = argument.partition("=")
        if key in FILTERS and given and value:
            said[key] = value
        else:
            cure = did_you_mean(key, FILTERS)
            wrong.append(Problem(argument, f"does not choose among past {COMMAND}", cure))
    wrong += _not_known("state", said, STATES)
    wrong += _not_known("stage", said, choices("stage"))
    last = said.get("last", str(LAST))
    if not last.isdecimal() or int(last) < 1:
        wrong.append(Problem("last", f"must be a whole number from 1, got {last}", "use last=20"))
    output = Path(said.get("output", "multirun")).expanduser()
    if not wrong and "output" in said and not output.is_dir():
        wrong.append(Problem("output", f"{output} is not a folder", "use output=FOLDER"))
    if wrong:
        raise ConfigError(*wrong)
    return Wanted(said.get("name"), said.get("stage"), said.get("state"), int(last), output)


def _not_known(key: str, said: Mapping[str, str], known: Collection[str]) -> Iterator[Problem]:
    if key in said and said[key] not in known:
        what = f"there is no {key} called {said[key]!r}"
        yield Problem(key, what, did_you_mean(said[key], known))

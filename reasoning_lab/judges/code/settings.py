"""The settings of a term that runs programs, and all that is wrong with them."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from reasoning_lab.errors import ParamsError, Problem, SandboxError
from reasoning_lab.judges.code.room import Room
from reasoning_lab.sandbox.levels import NAMES, server
from reasoning_lab.sandbox.limits import Limits, faults
from reasoning_lab.schema.suggest import did_you_mean

LONGEST = 3600  # seconds of a program


def room_of(params: Mapping[str, Any]) -> Room:
    """How the term's programs are run. Raises ParamsError with every setting out of range."""
    wrong = [*_isolation(params["isolation"]), *_modules(params["modules"])]
    wrong += [*_seconds(params["completion_seconds"]), *_limits(params["limits"])]
    if wrong:
        raise ParamsError(*wrong)
    return Room(
        params["isolation"],
        tuple(params["modules"]),
        Limits(**params["limits"]),
        params["completion_seconds"],
        not params["partial"],
    )


def _isolation(level: object) -> Iterator[Problem]:
    if level not in NAMES:
        what = f"must be one of {', '.join(NAMES)}, got {level!r}"
        cure = did_you_mean(str(level), NAMES)
        yield Problem("isolation", what, cure if cure.startswith("did you mean") else "")
    elif level == "remote":
        try:
            server()
        except SandboxError as error:
            yield from (Problem("isolation", each.what, each.cure) for each in error.problems)


def _modules(names: object) -> Iterator[Problem]:
    if not isinstance(names, (list, tuple)) or not all(
        isinstance(name, str) and name.isidentifier() for name in names
    ):
        cure = f"write [{names}]" if isinstance(names, str) else ""
        yield Problem("modules", f"must be a list of importable names, got {names!r}", cure)


def _seconds(value: object) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= LONGEST:
        what = f"must be above 0 and at most {LONGEST}, got {value!r}"
        yield Problem("completion_seconds", what)


def _limits(given: object) -> Iterator[Problem]:
    known = [each.name for each in fields(Limits)]
    if not isinstance(given, Mapping):
        what = f"must be a set of keys, got {given!r}"
        yield Problem("limits", what, f"set one of them, such as limits.{known[0]}=1.0")
        return
    for name in given:
        if name not in known:
            cure = did_you_mean(str(name), known)
            yield Problem(f"limits.{name}", "there is no such limit", cure)
    for name, what in faults(given).items():
        yield Problem(f"limits.{name}", what)

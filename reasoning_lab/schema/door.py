"""The door: a plain configuration goes in, a checked `Run` comes out, or every problem at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.schema import messages
from reasoning_lab.schema.rules import engines, fields, packages, places, rejecting, ways
from reasoning_lab.schema.rules.table import ABSENT, RULES, rule, value_at
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages import VERBS
from reasoning_lab.schema.trl_fields import check_trl

# The table of rules fills itself when these modules are imported.
TABLES = (engines, fields, packages, places, rejecting, ways)
rule("stage.kind", "stage.trl")(check_trl)


def check(plain: Mapping[str, Any]) -> Run:
    """The run that `plain` describes.

    It holds what its verb reads; the rest is checked and left out. Raises ConfigError with all
    problems: types, ranges, unknown keys, rules between fields, missing files. A rule is skipped
    where a field it reads is refused already.
    """
    run, found = None, list(_not_finite("", plain))
    try:
        run = Run.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        found += messages.problems(error)
    refused = frozenset(problem.where for problem in found)
    for entry in RULES:
        found += entry.apply(plain, refused)
    if run is not None:
        found += run.stage.missing()
        found += (
            Problem(group, "is not set", f"choose one: {group}=NAME")
            for group in sorted(run.stage.reading())
            if getattr(run, group) is None
        )
    if run is None or found:
        raise ConfigError(*_once([_at_its_source(problem, plain) for problem in found]))
    return run.as_read()


def partly(plain: Mapping[str, Any]) -> Run | None:
    """What of a refused run can be described: the groups that are right by themselves.

    Others are None, and a stage with wrong settings has its traits alone. None where not even the
    verb is known. For looking at what nothing else depends on, never for running.
    """
    right: dict[str, Any] = {}
    for name, field in Run.model_fields.items():
        try:
            kind: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
            found = kind.validate_json(json.dumps(plain.get(name)))
        except ValidationError:
            found = None  # told by `check`
        right[name] = found
    stage = plain.get("stage")
    verb = VERBS.get(str(stage.get("kind"))) if isinstance(stage, Mapping) else None
    if verb is None:
        return None
    right["stage"] = right["stage"] or verb.model_construct(kind="")
    return Run.model_construct(**right).as_read()


def load(path: Path) -> Run:
    """The run written in `run.json`, through the same door. Raises ConfigError where it is none."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError.one(str(path), f"cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise ConfigError.one(str(path), f"is not JSON ({error})") from None
    if not isinstance(plain, dict):
        raise ConfigError.one(str(path), "is not a run: a JSON object is needed")
    try:
        return check(plain)
    except ConfigError as error:
        what = "is not a run of this version of the lab, or was changed by hand"
        said = [Problem(problem.where, problem.what) for problem in error.problems]
        raise ConfigError(
            Problem(str(path), what, "start it again by its command"), *said
        ) from None


def _not_finite(key: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, float) and not isfinite(value):
        yield Problem(key, f"must be a finite number, got {value}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _not_finite(f"{key}.{name}" if key else str(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _not_finite(f"{key}[{number}]", inner)


def _at_its_source(problem: Problem, plain: Mapping[str, Any]) -> Problem:
    """The problem; by the reward's key where the measurement only follows its setting."""
    for name in ("isolation", "modules"):
        mine, source = f"stage.evaluation.{name}", f"reward.terms.code.params.{name}"
        value = value_at(plain, mine)
        follows = value is not ABSENT and value == value_at(plain, source)
        if follows and problem.where.startswith(mine):
            return Problem(*(text.replace(mine, source) for text in astuple(problem)))
    return problem


def _once(found: list[Problem]) -> list[Problem]:
    """The first problem of each key and wording."""
    seen: dict[tuple[str, str], Problem] = {}
    for problem in found:
        seen.setdefault((problem.where, problem.what), problem)
    return list(seen.values())

"""Overrides of the command line, looked at one by one.

Hydra stops at the first bad override and speaks of structs and defaults lists. Here each one is
parsed alone, choices are compared with the files in `conf/`, and what is wrong is said in words
of the command line.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from reasoning_lab.cli.words import STAGE, meant_by, of_another_verb
from reasoning_lab.errors import Problem
from reasoning_lab.schema.data import FILES, Rows
from reasoning_lab.schema.suggest import did_you_mean, near
from reasoning_lab.schema.vocabulary import choices, groups
from reasoning_lab.schema.way import GROUP, WAYS

_OF_ROWS = {f"data.{name}" for name in Rows.model_fields}
# What composing raises for a configuration that is wrong, be it by command line or by YAML.
COMPOSITION_ERRORS = (HydraException, OmegaConfBaseException, yaml.YAMLError)


@dataclass(frozen=True)
class Choice:
    """`group=name`, a file picked from a group of `conf/`, for the place `package`.

    `meant` is the override as given if it is right, else with the nearest name; None for none.
    """

    package: str
    meant: str | None
    problem: Problem | None


def parse(lines: Iterable[str]) -> tuple[list[Override], list[Problem]]:
    """Overrides that can be read and give one value each, and problems of the others."""
    parser = OverridesParser.create()
    read: list[Override] = []
    problems: list[Problem] = []
    for line in lines:
        try:
            override = parser.parse_overrides([line])[0]
        except OverrideParseException:
            problems.append(_unreadable(line))
            continue
        if override.is_sweep_override():
            key = str(override.key_or_group)
            values = line.partition("=")[2]
            listed = f"; a list is written {shlex.quote(f'{key}=[{values}]')}"
            one_only = key in groups() and key != GROUP
            cure = f"for several runs put -m first{'' if one_only else listed}"
            said = f"{key}={values}" if key == GROUP else line
            problems.append(Problem(key, f"{said} gives several values to one run", cure))
        else:
            read.append(override)
    return read, problems


def as_choice(override: Override) -> Choice | None:
    """The override as a choice from a group, or None when it sets a value."""
    group, name, line = str(override.key_or_group), override.value(), str(override.input_line)
    known = choices(group)
    package = override.package or group.replace("/", ".")
    if group == GROUP and not override.is_delete():
        return _ways(override, package, known)
    if not known or override.is_delete() or isinstance(name, (dict, list)):
        return None
    name = "null" if name is None else str(name).removesuffix(".yaml")
    if name in known:
        return Choice(package, line, None)
    key = line.partition("=")[0]
    meant = next((f"{key}={one}" for one in near(name, known, most=1)), None)
    what = f"there is no {group} called {name!r}"
    cure = _by_path(group, name, known) or did_you_mean(name, known)
    return Choice(package, meant, Problem(key.lstrip("+"), what, cure))


def _ways(override: Override, package: str, known: Collection[str]) -> Choice:
    """The choice of one way of measuring, or of a list of them."""
    line, given = str(override.input_line), override.value()
    names = [str(one) for one in given] if isinstance(given, list) else [str(given)]
    if package != WAYS:
        what = "chooses ways of measuring, and this stage does not measure"
        return Choice(package, None, Problem(GROUP, what, "drop it, or use stage=evaluate"))
    lost = next((name for name in names if name not in known), None)
    if lost is None and names:
        return Choice(package, line, None)
    what = f"there is no {GROUP} called {lost!r}" if names else "names no way of measuring"
    cure = did_you_mean(lost or "", known)
    meant = [next(iter(near(name, known, most=1)), None) for name in names]
    again = f"{line.partition('=')[0]}=[{','.join(map(str, meant))}]"
    right = bool(names) and None not in meant
    return Choice(package, again if right else None, Problem(GROUP, what, cure))


def _by_path(group: str, name: str, known: Collection[str]) -> str:
    """The cure for a file, a folder or a hub id where a choice is due; "" for anything else."""
    file = name.removesuffix(".gz").endswith(FILES)
    if group == "data" and (file or "/" in name):
        there = file or Path(name).expanduser().exists()
        return f"use data=local data.{'path' if there else 'hub'}={name}"
    if group == "model" and "/" in name:
        sized = "the preset nearest in size, such as model=qwen2_5_0_5b"
        return f"use {sized} model.path={name} model.name={Path(name).name}"
    return ""


def misplaced(override: Override, keys: Mapping[str, Any]) -> Problem | None:
    """The problem of a value for a key that is not there, or of a needless `+`; None if fine.

    `keys` are the dotted keys of the configuration that the override would change.
    """
    key, line = str(override.key_or_group), str(override.input_line)
    if override.is_add() or override.is_force_add():
        there = key in keys and not isinstance(keys[key], (dict, list))
        if there and keys[key] is not None and override.is_add():
            return Problem(key, "is there already, so + cannot add it", f"write {line[1:]}")
        return None  # whether a new key may be added, the door knows
    if key in groups() and isinstance(override.value(), list):
        named = ",".join(map(str, override.value()))
        cure = f"for one run of each: -m {key}={named}"
        return Problem(key, "is one choice, not a list", cure)
    if key in keys:
        return None
    if override.is_delete():
        package = override.package  # ~group@package: the choice goes, what others set there stays
        cure = f"to take it away write ~{package}" if package in keys else _mean(key, keys)
        return Problem(key, "is not there, so ~ cannot take it away", cure)
    parent, _, name = key.rpartition(".")
    if parent in keys and parent.endswith((".params", ".trl")):
        # By the last part alone: all of them begin alike, and a new one may be meant.
        beside = [k.rpartition(".")[2] for k in keys if k.rpartition(".")[0] == parent]
        meant = " or ".join(f"{parent}.{one}" for one in near(name, beside))
        cure = f"did you mean {meant}?" if meant else f"to add it write +{line}"
        return Problem(key, f"{name} is not set here yet", cure)
    if "@" in line.partition("=")[0]:
        return Problem(key, f"{line} names a group that is not there", _mean(key, groups()))
    if ".".join(key.split(".")[:2]) in _OF_ROWS:
        what = "is a setting of data made of rows, and this choice of data has none"
        return Problem(key, what, f"for rows of your own: data=local {line}")
    return _absent_way(key, keys) or _unknown(key, parent, keys)


def _unknown(key: str, parent: str, keys: Mapping[str, Any]) -> Problem:
    """The problem of a key that is nowhere in the configuration."""
    elsewhere = "" if parent in keys and parent != STAGE else of_another_verb(key)
    if cure := elsewhere or _mean(key, [*keys, *groups()]):
        return Problem(key, "there is no such setting", cure)
    beside = [k for k in keys if parent and k.rpartition(".")[0] == parent]
    cure = did_you_mean(key, beside) or "python -m reasoning_lab --cfg job lists them all"
    return Problem(key, "there is no such setting", cure)


def _absent_way(key: str, keys: Mapping[str, Any]) -> Problem | None:
    """The problem of a setting of a way that the run does not have."""
    name, there = key.removeprefix(f"{WAYS}.").partition(".")[0], keys.get(WAYS, {})
    if not key.startswith(f"{WAYS}.") or name in there:
        return None
    cure = f"add it: +{GROUP}={name}" if name in choices(GROUP) else did_you_mean(name, there)
    return Problem(key, f"no way of this run is called {name!r}", cure)


def said(error: Exception, key: str = "configuration") -> Problem:
    """What Hydra, OmegaConf or YAML said, in one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        where = f"{Path(error.problem_mark.name).name}, line {error.problem_mark.line + 1}"
        return Problem(where, f"is not YAML: {error.problem}")
    told = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    lines = [line.strip() for line in str(told).splitlines() if line.strip()]
    where, what = str(getattr(told, "full_key", None) or key), lines[0] if lines else repr(told)
    if "is not in struct" in what:
        return Problem(where, "there is no such setting", f"to add it write +{where}=VALUE")
    return Problem(where, what.removesuffix(":"))


def flatten(plain: Mapping[Any, Any], prefix: str = "") -> dict[str, Any]:
    """Dotted keys with their values, inner nodes included.

    >>> flatten({"a": {"b": 1}})
    {'a': {'b': 1}, 'a.b': 1}
    """
    found: dict[str, Any] = {}
    for name, value in plain.items():
        found[f"{prefix}{name}"] = value
        if isinstance(value, Mapping):
            found |= flatten(value, f"{prefix}{name}.")
    return found


def _mean(word: str, names: Iterable[str]) -> str:
    cure = did_you_mean(word, names)
    return cure if cure.startswith("did you mean") else ""


def _unreadable(line: str) -> Problem:
    name = line.lstrip("+")
    if "=" in line or line.startswith("~"):
        key, _, value = line.partition("=")
        cure = "quote a value that holds , : = [ ] { } or spaces twice: 'KEY=\"VALUE\"'"
        if key != key.strip() and value.strip():
            cure = f"write {key.strip()}={value.strip()}, without blanks around ="
        return Problem(line, "cannot be read as KEY=VALUE", cure)
    if known := choices(name):
        return Problem(line, "has no value", f"write {line}=NAME; there are {', '.join(known)}")
    chosen = [group for group in groups() if name in choices(group)]
    cure = f"write {' or '.join(f'{group}={name}' for group in chosen)}" if chosen else ""
    cure = cure or meant_by(name) or _mean(name, groups()) or _choice_like(name)
    return Problem(line, "is not KEY=VALUE", cure or f"write {line}=VALUE")


def _choice_like(word: str) -> str:
    """Did-you-mean among the choices of all groups."""
    every = {name: f"{group}={name}" for group in groups() for name in choices(group)}
    meant = [every[name] for name in near(word, every)]
    return f"did you mean {' or '.join(meant)}?" if meant else ""

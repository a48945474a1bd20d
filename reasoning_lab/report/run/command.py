"""The command of a run: of each group the nearest choice in `conf/`, then what differs from it."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import product
from typing import Any

from reasoning_lab.errors import ConfigError
from reasoning_lab.report.run.composed import Tree, choice, default_run, defaults, resolved
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.door import check
from reasoning_lab.schema.vocabulary import choices
from reasoning_lab.schema.way import GROUP, WAYS

Values = Mapping[str, Any]

SINGLE = ("seed", "name", "output")
"""Settings of a whole run, in the order in which a command names them."""
ENTRIES = {"reward.terms": "reward/term"}
"""Places whose entries are themselves choices of a group."""
WHOLE = {WAYS.rpartition(".")[2]}
"""Settings whose entries are chosen together: what is wanted takes the place of what is there."""
_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_PLACE = re.compile(r"(?:\.\.?/|/|[A-Za-z_])[\w./:@-]*")
_MEANT = ("null", "true", "false", "nan", "inf")  # words that are no text on a command line


def command(
    stage: str, wanted: Values, *, swept: Mapping[str, Sequence[Any]] | None = None
) -> str | None:
    """The arguments of a run of `stage` that composes what is `wanted`.

    `wanted` holds groups, each as its values or as a choice by name, and single settings (`seed`,
    `name`, `output`). Of `stage` it may hold a part; the rest is that verb's default. What composes
    by itself is left out, but for the reward's choice: what is paid for should be seen. `swept`,
    choices or settings with several values each, makes it a sweep. None where the door refuses such
    a run, or one of a sweep.
    """
    config = default_run(stage)
    said: dict[str, list[str]] = {}
    # A stage's settings follow those of other groups.
    for group in sorted((g for g in defaults() if g in wanted), key="stage".__eq__):
        if group == "stage":
            whole = _over(resolved(config, group), wanted[group])
            said[group] = _settled(config, group, whole)
            continue
        name, words = _nearest(config, group, wanted[group])
        named = group == "reward" or name != defaults()[group]
        said[group] = [f"{group}={name}"] * named + words
    for key in SINGLE:
        if key in wanted and not _same(_now(config, key, config[key]), wanted[key]):
            said[key] = [f"{key}={_value(wanted[key])}"]
            config[key] = _literal(wanted[key])
    many = {} if swept is None else swept
    if not all(_accepted(one) for one in _jobs(config, many)):
        return None
    order = [*(key for key in wanted if key not in (*SINGLE, "stage")), "stage", *SINGLE]
    words = [f"stage={stage}", *(word for key in order for word in said.get(key, ()))]
    words += [f"{key}={','.join(map(_value, values))}" for key, values in many.items()]
    line = " ".join(map(shlex.quote, words))
    return f"-m {line}" if many else line


def _jobs(config: Tree, swept: Mapping[str, Sequence[Any]]) -> Iterator[Tree]:
    """The configuration of each job of a sweep; the one itself where nothing is swept."""
    for values in product(*swept.values()):
        job = deepcopy(config)
        for key, value in zip(swept, values, strict=True):
            _put(job, key, value)
        yield job


def _put(config: Tree, key: str, value: Any) -> None:
    if key in defaults():
        config[key] = choice(key, value)
        return
    *way, last = key.split(".")
    for part in way:
        config = config[part]
    config[last] = _literal(value)


def _accepted(config: Tree) -> bool:
    try:
        check(resolved(config))
    except ConfigError:
        return False
    return True


def _over(there: Tree, wanted: Values) -> Tree:
    """What is there, with what is wanted put over it."""
    both = {
        key: _over(there[key], value)
        if isinstance(value, Mapping) and isinstance(there.get(key), dict) and key not in WHOLE
        else value
        for key, value in wanted.items()
    }
    return {**there, **both}


def spelled(value: Any) -> str:
    """A value as the command line reads it; Python's own spelling of a list needs quotes in quotes.

    >>> spelled(["linear", "a b"]), spelled(None), spelled(True), spelled(3)
    ('[linear,"a b"]', 'null', 'true', '3')
    """
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(spelled, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{spelled(each)}' for key, each in value.items())}}}"
    if not isinstance(value, str):
        return "null" if value is None else str(value).lower()
    if _WORD.fullmatch(value) and value.lower() not in _MEANT:
        return value
    # Backslashes mean themselves but before a quote; `${` would be looked up.
    quoted = re.sub(r'(\\*)("|$)', lambda found: 2 * found[1] + found[2].replace('"', '\\"'), value)
    return f'"{_literal(quoted)}"'


def _nearest(config: Tree, group: str, wanted: Values | str) -> tuple[str, list[str]]:
    """The choice from which the fewest words lead to `wanted`, and these; it stands in `config`."""
    if isinstance(wanted, str):
        config[group] = choice(group, wanted)
        return wanted, []
    found = []
    for name in choices(group):
        words = _settle(config, group, name, wanted)
        found.append((len(words), name != wanted.get("name"), name))
    *_, name = min(found)
    return name, _settle(config, group, name, wanted)


def _settle(config: Tree, group: str, name: str, wanted: Values) -> list[str]:
    """The words that lead from a choice to `wanted`, which then stands in `config`."""
    config[group] = choice(group, name)
    return _settled(config, group, wanted)


def _settled(config: Tree, group: str, wanted: Values) -> list[str]:
    """The words that lead from what stands in `config` to `wanted`, which then stands there."""
    words: list[str] = []
    # What follows another setting (`${…}`) may change with it, so until nothing is left to say.
    while more := list(_words(config, group, config[group], wanted)):
        words += more
    return words


def _words(config: Tree, place: str, there: Tree, wanted: Values) -> Iterator[str]:
    """Overrides that turn what is `there`, at `place`, into `wanted`; said, they are applied."""
    if place == WAYS and there.keys() != wanted.keys():
        yield from _ways(there, wanted)
    for key in [key for key in there if key not in wanted]:
        yield f"~{place}.{key}"
        del there[key]
    # What follows another setting, mostly from further in, is looked at after that one.
    for key in sorted(
        wanted, key=lambda k: (isinstance(there.get(k), dict), _follows(there.get(k)))
    ):
        value, at = wanted[key], f"{place}.{key}"
        if at == "data.name" and there.get(key) is None and _is_by_default(wanted):
            continue
        if key not in there and place in ENTRIES:
            yield from _entry(ENTRIES[place], at, there, value)
        if isinstance(value, Mapping) and isinstance(there.get(key), dict):
            yield from _words(config, at, there[key], value)
        elif key not in there or not _same(_now(config, at, there[key]), value):
            yield f"{'' if key in there else '+'}{at}={_value(value)}"
            there[key] = _literal(value)


def _ways(there: Tree, wanted: Values) -> Iterator[str]:
    """The choice of the wanted ways of measuring, where `conf/way/` has all of them."""
    if wanted.keys() <= choices(GROUP).keys():
        there.clear()
        for name in wanted:
            there |= choice(GROUP, name)
        yield f"{GROUP}=[{','.join(wanted)}]"


def _is_by_default(data: Values) -> bool:
    """Whether data are called what rows are called that no name is set for."""
    if data["kind"] != "rows":
        return False
    return bool(Rows.model_validate({**data, "name": None}).name == data["name"])


def _entry(group: str, at: str, there: Tree, value: Values) -> Iterator[str]:
    """The choice with the function of an entry that is not there; none where none has it."""
    for name in choices(group):
        entry = choice(group, name)
        if entry["fn"] == value["fn"]:
            there[at.rpartition(".")[2]] = entry
            yield f"+{group}@{at}={name}"
            return


def _value(value: Any) -> str:
    """A whole value; a place, such as `run:a@b/0`, needs no quotes outside of lists."""
    bare = isinstance(value, str) and _PLACE.fullmatch(value) and value.lower() not in _MEANT
    return str(value) if bare else spelled(value)


def _follows(value: Any) -> bool:
    """Whether the value is that of another setting."""
    return not isinstance(value, dict) and "${" in str(value)


def _now(config: Tree, at: str, value: Any) -> Any:
    return resolved(config, at) if _follows(value) else value


def _same(one: Any, other: Any) -> bool:
    """Equal, and not a truth value for a number."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _literal(value: Any) -> Any:
    """The value with its `${` marked as text."""
    if isinstance(value, Mapping):
        return {key: _literal(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_literal(each) for each in value]
    return value.replace("${", "\\${") if isinstance(value, str) else value

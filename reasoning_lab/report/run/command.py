"""The command of a run: of each group the nearest choice in `conf/`, then what differs from it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from reasoning_lab.errors import ConfigError
from reasoning_lab.report.run.composed import Tree, choice, default_run, defaults, resolved
from reasoning_lab.schema.door import check
from reasoning_lab.schema.vocabulary import choices

Values = Mapping[str, Any]

ENTRIES = {"reward.terms": "reward/term"}
"""Places whose entries are themselves choices of a group."""
_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_PLACE = re.compile(r"(?:\.\.?/|/|[A-Za-z_])[\w./:@-]*")
_MEANT = ("null", "true", "false", "nan", "inf")  # words that are no text on a command line


def command(
    stage: str, wanted: Mapping[str, Values | str], *, output: str, swept: str = "", more: str = ""
) -> str | None:
    """The arguments of a run of `stage` with these values of groups, or choices by name.

    A default choice is left out, but for the reward's: what is paid for should be seen. `output`
    is where `run:` references are looked up; `swept`, words with several values, make it a sweep;
    `more` are further words. None where the door refuses such a run.
    """
    config = default_run(stage)
    usual, config["output"] = config["output"], output
    said: dict[str, list[str]] = {}
    for group in (group for group in defaults() if group in wanted):
        name, words = _nearest(config, group, wanted[group])
        named = group == "reward" or name != defaults()[group]
        said[group] = [f"{group}={name}"] * named + words
    try:
        check(resolved(config))
    except ConfigError:
        return None
    words = [f"stage={stage}", *(word for group in wanted for word in said[group])]
    if config["model"]["path"].startswith("run:") and output != usual:
        words.append(f"output={_value(output)}")
    line = " ".join(map(shlex.quote, words)) + more
    return f"-m {line} {swept}" if swept else line


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
    words: list[str] = []
    # What follows another setting (`${…}`) may change with it, so until nothing is left to say.
    while more := list(_words(config, group, config[group], wanted)):
        words += more
    return words


def _words(config: Tree, place: str, there: Tree, wanted: Values) -> Iterator[str]:
    """Overrides that turn what is `there`, at `place`, into `wanted`; said, they are applied."""
    for key in [key for key in there if key not in wanted]:
        yield f"~{place}.{key}"
        del there[key]
    # What follows another setting is looked at after that one.
    for key in sorted(wanted, key=lambda key: _follows(there.get(key))):
        value, at = wanted[key], f"{place}.{key}"
        if key not in there and place in ENTRIES:
            yield from _entry(ENTRIES[place], at, there, value)
        if isinstance(value, Mapping) and isinstance(there.get(key), dict):
            yield from _words(config, at, there[key], value)
        elif key not in there or not _same(_now(config, at, there[key]), value):
            yield f"{'' if key in there else '+'}{at}={_value(value)}"
            there[key] = _literal(value)


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

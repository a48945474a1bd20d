"""Short words: settings of the chosen verb, written without `stage.`.

A word that the verb declares and that is no top-level key means `stage.WORD`, bare or behind the
verb's name: after `stage=score` both `path=FILE` and `score.path=FILE` are `stage.path=FILE`. They
are written out before anything else reads the command line, so that sweeps, `--cfg` and `run.json`
know the long form alone.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import OverrideParseException

from reasoning_lab.schema.vocabulary import conf_dir, groups

STAGE = "stage"
_HEAD = re.compile(r"(?P<sign>\+\+|\+|~)?(?P<head>[A-Za-z_]\w*)(?P<rest>(?:[.=].*)?)", re.DOTALL)
_TOP = re.compile(r"^(\w+):", re.MULTILINE)
_OWN = ("kind",)  # it says which verb runs, and is chosen as stage=NAME


def long_form(lines: Sequence[str], kind: Callable[[], str]) -> list[str]:
    """The same overrides with short words written out; `kind` tells the verb where no line does.

    >>> long_form(["stage=score", "score.path=a.jsonl", "strict=true", "seed=1"], lambda: "grpo")
    ['stage=score', 'stage.path=a.jsonl', 'stage.strict=true', 'seed=1']
    """
    parts = [_HEAD.fullmatch(line) for line in lines]
    if all(part is None or part["head"] in _top_level() for part in parts):
        return list(lines)
    from reasoning_lab.schema.stages import VERBS

    verbs = [name for name in _chosen(lines) or [kind()] if name in VERBS]
    words = {word for name in verbs for word in VERBS[name].model_fields if word not in _OWN}
    words -= _top_level()
    return [_written_out(*one, words, verbs) for one in zip(lines, parts, strict=True)]


def _written_out(
    line: str, part: re.Match[str] | None, words: Collection[str], verbs: Collection[str]
) -> str:
    if part is None or not (part["rest"] or part["sign"] == "~"):
        return line
    sign, head, rest = part["sign"] or "", part["head"], part["rest"]
    if head in words:
        return f"{sign}{STAGE}.{head}{rest}"
    mine = [head] == list(verbs) and rest.startswith(".")
    return f"{sign}{STAGE}{rest}" if mine else line


def of_another_verb(key: str) -> str:
    """The cure of a key that begins with another verb's name or setting; "" for any other."""
    from reasoning_lab.schema.stages import VERBS

    head = key.partition(".")[0]
    if head in VERBS:
        return f"choose that stage, and no other: {STAGE}={head}"
    owners = [name for name, verb in VERBS.items() if head in verb.model_fields]
    known = owners and head not in _OWN
    return f"it is a setting of {STAGE}={' or '.join(owners)}" if known else ""


def _chosen(lines: Iterable[str]) -> list[str]:
    """The verbs that the lines choose; several in a sweep."""
    parser = OverridesParser.create()
    found: list[str] = []
    for line in lines:
        if not line.startswith(f"{STAGE}="):
            continue
        try:
            override = parser.parse_override(line)
        except OverrideParseException:  # told by those who compose it
            continue
        if override.is_sweep_override():
            found += map(str, override.sweep_iterator())
        else:
            found.append(str(override.value()))
    return found


@cache
def _top_level() -> frozenset[str]:
    """The keys that a configuration has at its top: groups, and what `config.yaml` sets."""
    # Looked for by lines: reading the file as YAML would cost every command several milliseconds.
    text = (conf_dir() / "config.yaml").read_text(encoding="utf-8")
    return frozenset({*groups(), *_TOP.findall(text)})

"""Short words: settings of the chosen verb, written without `stage.`.

A word that the verb declares and that is no top-level key means `stage.WORD`, bare or behind the
verb's name: after `stage=score` both `path=FILE` and `score.path=FILE` are `stage.path=FILE`. Of a
verb that measures `way=[greedy,think]` chooses the ways, and `way.think.samples=8` is a setting of
one. They are written out before anything else reads the command line, so that sweeps, `--cfg` and
`run.json` know the long form alone.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import OverrideParseException

from reasoning_lab.cli.past_filters import COMMAND
from reasoning_lab.errors import Problem
from reasoning_lab.schema.vocabulary import conf_dir, groups
from reasoning_lab.schema.way import GROUP, WAYS

STAGE = "stage"
_HEAD = re.compile(r"(?P<sign>\+\+|\+|~)?(?P<head>[A-Za-z_]\w*)(?P<rest>(?:[.=].*)?)", re.DOTALL)
_TOP = re.compile(r"^(\w+):", re.MULTILINE)
_PLAIN = re.compile(r"[\w./:@+-]*", re.ASCII)
_SPELT = re.compile(r"[^,\[\]{}\s][^,\[\]{}]*")
BACKSLASH = "\\"
_SWEEP = re.compile(r"[()].*,|,.*[()]", re.DOTALL)
_ELSEWHERE = {
    "help": "write --help",
    "version": "write --version",
    "eval": f"write {STAGE}=evaluate",
    "test": f"write {STAGE}=evaluate",
    "sweep": "for several runs put -m first: -m seed=0,1",
    "resume": "write resume=auto",
    "list": "for past runs write runs, for choices --help",
    COMMAND: f"put it first: {COMMAND} {STAGE}=grpo",
}
_OWN = ("kind",)  # it says which verb runs, and is chosen as stage=NAME


def long_form(lines: Sequence[str], kind: Callable[[], str]) -> list[str]:
    """The same overrides with short words written out; `kind` tells the verb where no line does.

    >>> long_form(["stage=score", "score.path=a.jsonl", "strict=true", "seed=1"], lambda: "grpo")
    ['stage=score', 'stage.path=a.jsonl', 'stage.strict=true', 'seed=1']
    """
    parts = [_HEAD.fullmatch(line) for line in lines]
    if all(part is None or part["head"] in _top_level() - {GROUP} for part in parts):
        return list(lines)
    from reasoning_lab.schema.stages import VERBS

    verbs = [name for name in _chosen(lines) or [kind()] if name in VERBS]
    words = {word for name in verbs for word in VERBS[name].model_fields if word not in _OWN}
    words -= _top_level()
    measures = any("evaluation" in VERBS[name].model_fields for name in verbs)
    return [
        _of_a_way(line, part)
        if measures and part is not None and part["head"] == GROUP
        else _written_out(line, part, words, verbs)
        for line, part in zip(lines, parts, strict=True)
    ]


def meant_by(word: str) -> str:
    """The cure of a word of other programs that stands alone (`help`, `train`); "" for any other.

    >>> meant_by("train")
    'say how: stage=grpo, stage=rloo or stage=sft'
    """
    from reasoning_lab.schema.stages import VERBS

    if word in ("train", "fit", "finetune"):
        *first, last = sorted(f"{STAGE}={name}" for name in VERBS if VERBS[name].makes == "model")
        return f"say how: {', '.join(first)} or {last}"
    return _ELSEWHERE.get(word, "")


def joined(arguments: Sequence[str]) -> tuple[list[str], list[Problem]]:
    """The arguments with each `KEY = VALUE` of three words put together, and a problem for it.

    >>> joined(["stage", "=", "grpo", "seed=1"])[0]
    ['stage=grpo', 'seed=1']
    """
    found: list[Problem] = []
    kept: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "=" and kept and rest:
            key, value = kept.pop(), rest.pop(0)
            kept.append(f"{key}={value}")
            cure = f"write {key}={value}"
            found.append(Problem(f"{key} = {value}", "has blanks around =", cure))
        else:
            kept.append(word)
    return kept, found


def readable(line: str) -> str:
    """The override with quotes around what Hydra reads only in quotes, such as `ü` or `(`.

    What it can read, and what would not become readable, stays as it is.

    >>> readable("data.path=ü (1).jsonl"), readable("seed=1")
    ('data.path="ü (1).jsonl"', 'seed=1')
    """
    key, given, value = line.partition("=")
    # With a comma, a bracket may be that of a sweep (`range(0,3)`).
    if not given or _PLAIN.fullmatch(value) or '"' in value or _SWEEP.search(value):
        return line
    again = f"{key}={_SPELT.sub(_quoted, value)}"
    return line if _reads(line) or not _reads(again) else again


def _quoted(found: re.Match[str]) -> str:
    text = found[0]
    # A backslash before the closing quote would mean that quote.
    last = len(text) - len(text.rstrip(BACKSLASH))
    return text if _PLAIN.fullmatch(text) else f'"{text}{last * BACKSLASH}"'


def _reads(line: str) -> bool:
    try:
        OverridesParser.create().parse_overrides([line])
    except OverrideParseException:
        return False
    return True


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


def _of_a_way(line: str, part: re.Match[str]) -> str:
    """`way=…` as the choice of ways, `way.NAME.FIELD=…` as a setting of one."""
    sign, rest = part["sign"] or "", part["rest"]
    if rest.startswith("="):
        return f"{sign}{GROUP}@{WAYS}{rest}"
    return f"{sign}{WAYS}{rest}" if rest.startswith(".") else line


def of_another_verb(key: str) -> str:
    """The cure of a key that begins with another verb's name or setting; "" for any other."""
    from reasoning_lab.schema.stages import VERBS

    head = key.removeprefix(f"{STAGE}.").partition(".")[0]
    if head in VERBS and not key.startswith(f"{STAGE}."):
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
            override = parser.parse_overrides([line])[0]
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

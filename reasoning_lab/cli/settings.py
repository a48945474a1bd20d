"""The settings of a choice as its YAML file has them: key, default as written, and the comment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from reasoning_lab.schema.vocabulary import conf_dir

PRESETS = ("experiment", "debug")
"""Groups whose settings stand at the top of the configuration (`# @package _global_`)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`key=default`, the default as it is written, and what the comment above it says."""

    key: str
    default: str
    comment: str


@dataclass(frozen=True, slots=True)
class Described:
    """A choice: the comment at its file's head, line by line, and its settings in their order."""

    head: tuple[str, ...]
    settings: tuple[Setting, ...]


def described(group: str, name: str) -> Described:
    """What stands in `conf/GROUP/NAME.yaml` and the parts that its defaults list adds to it, and
    what `conf/config.yaml` sets for all of the group.

    >>> described("peft", "lora").settings[0].key
    'peft.r'
    """
    path = conf_dir() / group / f"{name}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    head = [line.lstrip("#").removeprefix(" ") for line in _head(lines)]
    found: dict[str, Setting] = {}
    for one in _settings(path, "" if group in PRESETS else group.replace("/", ".")):
        found[one.key] = one
    found |= {one.key: one for one in _shared() if one.key.startswith(f"{group}.")}
    # What a choice is of (its kind) is no setting; what stands further in comes last.
    own = [one for one in found.values() if one.key != f"{group}.kind"]
    return Described(tuple(head), tuple(sorted(own, key=lambda one: one.key.count(".") > 1)))


def set_by_debug(name: str, verb: str) -> frozenset[str]:
    """The keys that `debug=NAME` sets for a verb; none for a preset that is not there.

    >>> "stage.max_steps" in set_by_debug("smoke", "sft")
    True
    """
    files = {conf_dir() / "debug" / f"{name}.yaml": ""}
    files[conf_dir() / "debug" / name / f"{verb}.yaml"] = "stage"
    there = {path: prefix for path, prefix in files.items() if path.is_file()}
    return frozenset(one.key for path, prefix in there.items() for one in _settings(path, prefix))


def top_settings() -> tuple[Setting, ...]:
    """The settings of a whole run, which stand in `conf/config.yaml` itself."""
    return tuple(one for one in _shared() if "." not in one.key)


def _shared() -> Iterator[Setting]:
    """The settings in `conf/config.yaml`: of a run, of all choices of a group, and Hydra's."""
    return _settings(conf_dir() / "config.yaml", "", parts=False)


def _head(lines: Sequence[str]) -> Iterator[str]:
    """Comment lines at the top."""
    for line in lines:
        if not line.startswith("#"):
            return
        if "@package" not in line:
            yield line


def _settings(path: Path, prefix: str, *, parts: bool = True) -> Iterator[Setting]:
    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    below = {key.value: value for key, value in root.value}
    if parts and isinstance(defaults := below.get("defaults"), yaml.SequenceNode):
        yield from _parts(path, prefix, defaults)
    yield from _of_mapping(text.splitlines(), root, prefix)


def _parts(path: Path, prefix: str, defaults: yaml.SequenceNode) -> Iterator[Setting]:
    """The settings of the choices that a file's defaults list puts inside it."""
    for entry in defaults.value:
        if isinstance(entry, yaml.ScalarNode):
            if entry.value != "_self_":
                yield from _settings(_beside(path, entry.value.removesuffix("@_here_")), prefix)
            continue
        ((key, chosen),) = entry.value
        group, at, place = key.value.partition("@")
        if at:
            beside = conf_dir() / group[1:] if group.startswith("/") else path.parent / group
            names = chosen.value if isinstance(chosen, yaml.SequenceNode) else [chosen]
            for name in names:
                yield from _settings(beside / f"{name.value}.yaml", f"{prefix}.{place}")
        else:
            name = group.removeprefix("override ").lstrip("/")
            yield Setting(name, chosen.value, "the choice that this preset makes")


def _beside(path: Path, name: str) -> Path:
    """The file that a defaults list names, from its own folder on or from its group's."""
    near, above = (folder / f"{name}.yaml" for folder in (path.parent, path.parent.parent))
    return near if near.is_file() else above


def _of_mapping(lines: Sequence[str], node: yaml.MappingNode, prefix: str) -> Iterator[Setting]:
    for key, value in node.value:
        name = f"{prefix}.{key.value}" if prefix else str(key.value)
        if name in ("defaults", f"{prefix}.defaults"):
            continue
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from _of_mapping(lines, value, name)
            continue
        if isinstance(value, yaml.SequenceNode) and not value.flow_style and value.value:
            text = f"[{', '.join(str(item.value) for item in value.value)}]"
            yield Setting(name, text, " ".join(_above(lines, key.start_mark.line)))
            continue
        first, last = value.start_mark, value.end_mark
        written = lines[first.line][first.column :] if first.line != last.line else None
        text = written or lines[first.line][first.column : last.column]
        yield Setting(name, text.strip(), " ".join(_above(lines, key.start_mark.line)))


def _above(lines: Sequence[str], number: int) -> list[str]:
    """The comment lines right above a line."""
    first = number
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return [line.strip().lstrip("#").strip() for line in lines[first:number]]

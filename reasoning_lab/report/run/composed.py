"""What the choices of `conf/` hold before anything is overridden, read without Hydra.

Everything is plain dicts and lists; `${…}` stays as it is written until `resolved` looks it up.
"""

from copy import deepcopy
from functools import cache
from typing import Any

from omegaconf import OmegaConf

from reasoning_lab.schema.resolvers import register
from reasoning_lab.schema.vocabulary import conf_dir, groups

Tree = dict[str, Any]
register()


def defaults() -> dict[str, str]:
    """The choice of each group that a command need not name."""
    named = [entry for entry in _yaml("config")["defaults"] if isinstance(entry, dict)]
    pairs = [pair for entry in named for pair in entry.items()]
    return {group: name for group, name in pairs if group in groups() and name}


def choice(group: str, name: str) -> Tree:
    """A choice with the parts that its defaults list names, and what holds for all of its group."""
    return deepcopy(_choice(group, name))


def default_run(stage: str) -> Tree:
    """What `stage=STAGE` alone composes."""
    chosen = {**defaults(), "stage": stage}
    left_out = ("defaults", "hydra", *groups())
    own = {key: value for key, value in _yaml("config").items() if key not in left_out}
    return deepcopy({**own, **{group: choice(group, name) for group, name in chosen.items()}})


def resolved(config: Tree, at: str = "") -> Any:
    """All of `config`, or what stands at a dotted key, with `${…}` looked up.

    Gives a value that equals no other where that leads nowhere.
    """
    whole = OmegaConf.create(config)
    if not at:
        return OmegaConf.to_container(whole, resolve=True)
    found = OmegaConf.select(whole, at, default=object(), throw_on_resolution_failure=False)
    return OmegaConf.to_container(found, resolve=True) if OmegaConf.is_config(found) else found


@cache
def _choice(group: str, name: str) -> Tree:
    own = _yaml(f"{group}/{name}")
    merged = OmegaConf.create({})
    for entry in own.get("defaults", ["_self_"]):
        if entry == "_self_":
            merged.merge_with({key: value for key, value in own.items() if key != "defaults"})
            continue
        for part, chosen in entry.items():
            inner, _, place = part.partition("@")
            whole = inner.removeprefix("/") if inner.startswith("/") else f"{group}/{inner}"
            for one in chosen if isinstance(chosen, list) else [chosen]:
                OmegaConf.update(merged, place, choice(whole, one), force_add=True)
    # `config.yaml` itself comes after the groups.
    merged.merge_with(_yaml("config").get(group, {}))
    return _tree(merged)


@cache
def _yaml(place: str) -> Tree:
    return _tree(OmegaConf.load(conf_dir() / f"{place}.yaml"))


def _tree(config: Any) -> Tree:
    found = OmegaConf.to_container(config, resolve=False)
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items()}

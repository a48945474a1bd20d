"""A function that a configuration names, as `module:function`.

It is the lab's own (`reasoning_lab.`), or the value of an installed package's entry point in a
group of the lab, or, where files are allowed, of `experiments/` (`experiments.mine:fn` is
`experiments/mine.py`, here or beside the package). No other module is ever imported on a
configuration's word.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, metadata, util
from pathlib import Path
from types import ModuleType
from typing import Any

from reasoning_lab.errors import ConfigError, LabError, Problem
from reasoning_lab.schema.suggest import did_you_mean

_PACKAGE = Path(__file__).parents[1]
_LAB = "reasoning_lab."
_FILES = "experiments."


def look(where: str, name: str) -> Iterator[Problem]:
    """The problem of a function of the lab that is not there; only its source file is read.

    `where` is the key that names it. A function of another origin is not looked for.
    """
    module, _, function = name.partition(":")
    if not module.startswith(_LAB) or not function:
        return
    file = _PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if not file.is_file():
        yield _no_module(where, module)
        return
    names = re.findall(r"^(?:def|class) ([A-Za-z]\w*)", file.read_text("utf-8"), re.MULTILINE)
    if function not in names:
        what = f"{module} has no function {function!r}"
        yield Problem(where, what, did_you_mean(function, names))


def load(
    where: str,
    name: str,
    *,
    group: str,
    files: bool = False,
    error: type[LabError] = ConfigError,
) -> Callable[..., Any]:
    """The plain function `name`; entry points are those of `group`, `files` allows `experiments/`.

    Raises `error` at the key `where` if it is not allowed, not found, or no plain function.
    """
    module_name, _, function = name.partition(":")
    if files and module_name.startswith(_FILES):
        module = _of_a_file(where, module_name, error)
    else:
        if not module_name.startswith(_LAB):
            _require_plugin(where, name, group, files, error)
        module = _imported(where, module_name, error)
    fn = getattr(module, function, None)
    if not inspect.isfunction(fn) or inspect.iscoroutinefunction(fn):
        what = f"{module_name} has no plain function {function!r}"
        if fn is None:
            raise error.one(where, what, did_you_mean(function, _functions(module) or [name]))
        kind = "async def" if inspect.isfunction(fn) else type(fn).__name__
        raise error.one(
            where, f"{what}, it is of the kind `{kind}`", f"write def {function}(...): ..."
        )
    return fn


def _require_plugin(where: str, name: str, group: str, files: bool, error: type[LabError]) -> None:
    plugins = sorted(point.value for point in metadata.entry_points(group=group))
    if name in plugins:
        return
    here = ", nor a file under experiments/" if files else ""
    cure = did_you_mean(name, plugins) if plugins else f"register it under the group {group}"
    if files and not plugins:
        cure = "put it in experiments/NAME.py and name it experiments.NAME:function"
    what = f"{name} is neither in the lab, nor an installed entry point of {group}{here}"
    raise error.one(where, what, cure)


def _imported(where: str, module_name: str, error: type[LabError]) -> ModuleType:
    try:
        return import_module(module_name)
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{module_name}.".startswith(f"{missing.name}."):
            raise
        raise error(_no_module(where, module_name)) from missing


def _no_module(where: str, module: str) -> Problem:
    """The problem of a module that is not there, with those that stand in its package."""
    package = module.rpartition(".")[0]
    folder = _PACKAGE.joinpath(*package.split(".")[1:])
    modules = [f"{package}.{p.stem}" for p in folder.glob("*.py") if p.stem != "__init__"]
    return Problem(where, f"there is no module {module}", did_you_mean(module, modules))


def _of_a_file(where: str, module_name: str, error: type[LabError]) -> ModuleType:
    """Load `experiments.a.b` from `experiments/a/b.py` here or beside the package."""
    relative = Path(*module_name.split(".")).with_suffix(".py")
    roots = (Path.cwd(), _PACKAGE.parent)
    path = next((root / relative for root in roots if (root / relative).is_file()), None)
    if path is None or "" in module_name.split("."):
        cure = f"looked in {' and '.join(map(str, roots))}"
        raise error.one(where, f"there is no file {relative}", cure)
    loaded = sys.modules.get(module_name)
    if loaded is not None and getattr(loaded, "__file__", None) == str(path):
        return loaded
    spec = util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise error.one(where, f"{path} cannot be loaded as a module")
    module = util.module_from_spec(spec)
    # Registered before it runs, as an import would, so that dataclasses and pickle find it.
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[module_name]
        raise
    return module


def _functions(module: ModuleType) -> list[str]:
    """Names of the functions that a module itself defines for others."""
    found = vars(module).items()
    mine = [(n, f) for n, f in found if inspect.isfunction(f) and f.__module__ == module.__name__]
    return [n for n, f in mine if n[0] != "_" and not inspect.iscoroutinefunction(f)]

"""From the name of a reader to the function: `reasoning_lab.data.readers:gsm8k`."""

from __future__ import annotations

import importlib
import inspect
from importlib.metadata import entry_points

from reasoning_lab.data.readers import Reader
from reasoning_lab.errors import DataError
from reasoning_lab.schema.suggest import did_you_mean

GROUP = "reasoning_lab.readers"


def reader(name: str) -> Reader:
    """The reader called `module:function`, if the lab or an installed plug-in provides it.

    A configuration can name no other code: only modules of `reasoning_lab`, and values registered
    under the entry point group `reasoning_lab.readers`.

    Raises DataError if it is anything else, or if there is no such function.
    """
    where = "data.reader"
    module_name, colon, function_name = name.partition(":")
    if not colon or not module_name or not function_name.isidentifier():
        raise DataError.one(
            where, f"`{name}` is not module:function", "such as reasoning_lab.data.readers:gsm8k"
        )
    plugins = {point.value for point in entry_points(group=GROUP)}
    if module_name.split(".")[0] != "reasoning_lab" and name not in plugins:
        raise DataError.one(
            where,
            f"`{name}` is neither the lab's nor an installed plug-in's",
            f"register it under the entry point group `{GROUP}`",
        )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise DataError.one(where, f"no module `{error.name}`", "check the spelling") from error
    found = vars(module).get(function_name)
    if not inspect.isfunction(found) or len(inspect.signature(found).parameters) != 2:
        own = [
            key
            for key, value in vars(module).items()
            if inspect.isfunction(value) and len(inspect.signature(value).parameters) == 2
        ]
        cure = did_you_mean(
            function_name, [key for key in own if not key.startswith("_")] or [name]
        )
        raise DataError.one(where, f"`{module_name}` has no reader `{function_name}`", cure)
    result: Reader = found
    return result

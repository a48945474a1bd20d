"""From the name of a reader to the function: `reasoning_lab.data.readers:gsm8k`."""

import inspect

from reasoning_lab.data.readers import Reader
from reasoning_lab.errors import DataError
from reasoning_lab.schema.functions import load

GROUP = "reasoning_lab.readers"


def reader(name: str) -> Reader:
    """The reader called `module:function`, if the lab or an installed plug-in provides it.

    Raises DataError if it is anything else, or if there is no such function of two arguments.
    """
    where = "data.reader"
    module, _, function = name.partition(":")
    if not module or not function.isidentifier():
        cure = "such as reasoning_lab.data.readers:gsm8k"
        raise DataError.one(where, f"`{name}` is not module:function", cure)
    found: Reader = load(where, name, group=GROUP, error=DataError)
    if len(inspect.signature(found).parameters) != 2:
        raise DataError.one(where, f"`{name}` is no reader", "write def reader(row, name): ...")
    return found

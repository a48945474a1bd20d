"""Kinds of value, as the lock files write them: `float|null`, `list`, `any`."""

from typing import Any

from reasoning_lab.errors import Problem
from reasoning_lab.schema.messages import WANTED, shown

ANY = "any"
WORDS = {**WANTED, "str": WANTED["string"], "list": WANTED["tuple"], "null": "null"}
KINDS = {bool: "bool", int: "int", float: "float", str: "str", dict: "dict", list: "list"}


def check_kind(key: str, kinds: str, value: Any) -> list[Problem]:
    """The problem of a value that is of none of `kinds`; a whole number may stand for a float.

    >>> check_kind("k", "float|null", 1), check_kind("k", "int", "x")[0].what
    ([], "must be a whole number, got 'x'")
    """
    allowed = kinds.split("|")
    kind = KINDS.get(type(value), "null")
    if ANY in allowed or kind in allowed or (kind == "int" and "float" in allowed):
        return []
    whole = isinstance(value, float) and value.is_integer() and "int" in allowed
    cure = f"write {key}={int(value)}" if whole else ""
    wanted = " or ".join(WORDS[name] for name in sorted(allowed, key=list(WORDS).index))
    return [Problem(key, f"must be {wanted}, got {shown(value)}", cure)]

"""Calls as contest data sets hold them in JSON, read as the functions meant them.

A row's arguments and results are lists that may stand in one list too many or too few, whole or in
some tests only; JSON has no tuples and only text for keys. Every row gets **one** reading, for all
of its tests, from what is plain to see: the function's declaration or reference, then its other
tests. A program is measured against that reading alone, so no second guess is paid. Where nothing
decides, results that all stand in a list of one are taken out of it, as both data sets wrap them,
and all else stays as it is.

The usual graders decide less: they take `x` and `[x]` for one another in every result, read the
keys of a single argument as whole numbers where all can be, and refuse the other rows.
LiveCodeBench and verl hold arguments as text, a line of JSON each.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from reasoning_lab.data.readers import Unfit
from reasoning_lab.data.signature import Signature
from reasoning_lab.data.type_hints import ANY, Levels, is_text, levels_of, names_keys, typed
from reasoning_lab.text.code_tests import MOST_DEPTH

Calls = list[tuple[list[Any], Any]]
_MOST_TAKEN = 2  # lists of one around a value that are taken off
_WHOLE = re.compile(r"0|-?[1-9]\d{0,400}")


def calls_of(pairs: Sequence[tuple[Any, Any]], signature: Signature | None) -> Calls:
    """The arguments and the result of each call.

    Raises Unfit for arguments that are none, and for values nested too deep to cross.

    >>> calls_of([([2], [4]), ([0], 0)], None)
    [([2], 4), ([0], 0)]
    """
    pairs = _lines_of_json(pairs, signature)
    _check_depth(pairs)
    inputs = _arguments([args for args, _ in pairs], signature)
    outputs = _results([result for _, result in pairs], signature.result if signature else None)
    return list(zip(inputs, outputs, strict=True))


def _lines_of_json(
    pairs: Sequence[tuple[Any, Any]], signature: Signature | None
) -> Sequence[tuple[Any, Any]]:
    """Arguments and results that are all text, a line of JSON for each argument, as values."""
    if not all(isinstance(args, str) and isinstance(result, str) for args, result in pairs):
        return pairs
    try:
        read = [
            ([json.loads(line) for line in args.split("\n")], json.loads(result))
            for args, result in pairs
        ]
    except (ValueError, RecursionError):
        return pairs
    if signature and not all(signature.takes(len(args)) for args, _ in read):
        return pairs
    first = signature.hints[0] if signature and signature.hints else None
    if is_text(first) and not all(isinstance(args[0], str) for args, _ in read):
        return pairs  # `12` is the text that the function takes
    return [(args, [result]) for args, result in read]


def _arguments(inputs: Sequence[Any], signature: Signature | None) -> list[list[Any]]:
    counts = Counter(len(args) for args in inputs if isinstance(args, list))
    usual = counts.most_common(1)[0][0] if counts else 1

    def takes(count: int) -> bool:
        return signature.takes(count) if signature else count == usual

    found = [_one(args, takes) for args in inputs]
    hints = signature.hints if signature else ()
    for place in range(max(map(len, found), default=0)):
        rows = [args for args in found if place < len(args)]
        hint = hints[place] if place < len(hints) else None
        column = [args[place] for args in rows]
        if (levels := levels_of(hint)) is not None:
            column = [_brought(value, levels) for value in column]
        elif all(len(args) == 1 for args in found):
            column = _like_neighbours(column)
        column = [typed(value, hint) for value in column]
        if not names_keys(hint):
            column = _numbered(column)
        for args, value in zip(rows, column, strict=True):
            args[place] = value
    return found


def _one(args: Any, takes: Any) -> list[Any]:
    """The arguments of one call, put into a list or taken out of one where that alone fits."""
    if not isinstance(args, list):
        if not takes(1):
            raise Unfit("arguments that are no list")
        return [args]
    if not takes(len(args)):
        if takes(1):
            return [args]
        if len(args) == 1 and isinstance(args[0], list) and takes(len(args[0])):
            return list(args[0])
    return list(args)


def _brought(value: Any, levels: Levels) -> Any:
    """The value with as many lists around it as its hint says, where one more or less will do."""
    low, high = levels
    depth, _ = _depth(value)
    if depth < low and value is not None and depth + 1 == low:
        return [value]
    for _ in range(_MOST_TAKEN):
        if _depth(value)[0] <= high or not _alone(value):
            break
        value = value[0]
    return value


def _like_neighbours(column: list[Any]) -> list[Any]:
    """Arguments of which most have one depth, the others brought to it where each is one off."""
    if any(map(_ragged, column)):
        return column
    depth, count = Counter(_depth(value)[0] for value in column).most_common(1)[0]
    brought = [_brought(value, (depth, depth)) for value in column]
    agree = all(_depth(value)[0] == depth or _depth(value)[1] for value in brought)
    return brought if agree and 2 * count > len(column) else column


def _results(values: list[Any], wanted: Levels | None) -> list[Any]:
    """The results with the lists of one taken off that the row's own wrapping put there."""
    whole = bool(values) and all(map(_alone, values))
    if wanted != ANY:
        depths = [_depth(value) for value in values]
        low, high = wanted or (0, max((depth for depth, _ in depths), default=0))
        best: tuple[int, list[int]] | None = None
        for level in range(min(high, max((d for d, _ in depths), default=0)), low - 1, -1):
            taken = [_taken(value, level, int(whole)) for value in values]
            known = [each for each in taken if each is not None]
            cost = sum(abs(each - whole) for each in known)
            if len(known) == len(values) and (best is None or cost < best[0]):
                best = cost, known
        if best is not None:
            return [_inside(value, each) for value, each in zip(values, best[1], strict=True)]
    if wanted not in (None, ANY):
        return [_brought(value, (0, wanted[1])) for value in values]
    return [value[0] for value in values] if whole else values


def _taken(value: Any, level: int, usual: int) -> int | None:
    """How many lists of one to take off for that depth, near `usual`; None where none will do."""
    depth, unsure = _depth(value)
    most = 0
    while most < _MOST_TAKEN and _alone(_inside(value, most)):
        most += 1
    fitting = [
        each
        for each in range(most + 1)
        if depth - each == level or (unsure and 0 < depth - each < level)
    ]
    return min(fitting, key=lambda each: abs(each - usual), default=None)


def _inside(value: Any, times: int) -> Any:
    for _ in range(times):
        value = value[0]
    return value


def _alone(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def _depth(value: Any) -> tuple[int, bool]:
    """Levels of lists, and whether there may be more, since only empty ones end it."""
    if not isinstance(value, list):
        return 0, False
    if not any(isinstance(one, list) for one in value):
        return 1, not value
    inner = [_depth(one) for one in value]
    depth = max((one for one, _ in inner), default=0)
    return depth + 1, all(unsure for one, unsure in inner if one == depth)


def _check_depth(pairs: Sequence[tuple[Any, Any]]) -> None:
    level: list[Any] = [*pairs]
    for _ in range(MOST_DEPTH):
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for items in inner for one in items if isinstance(one, (list, dict))]
        if not level:
            return
    raise Unfit(f"values nested more than {MOST_DEPTH} deep")


def _ragged(value: Any) -> bool:
    """Whether a list holds lists and others, which is no sign of wrapping but the data's own."""
    if not isinstance(value, list):
        return False
    return len({isinstance(one, list) for one in value}) > 1 or any(map(_ragged, value))


def _numbered(column: list[Any]) -> list[Any]:
    """Text keys as whole numbers, where all keys of that depth in all tests are such."""
    depth = 0
    while keys := [key for value in column for key in _keys_at(value, depth)]:
        if all(_WHOLE.fullmatch(key) for key in keys):
            column = [_renamed_at(value, depth) for value in column]
        depth += 1
    return column


def _dicts_at(value: Any, depth: int) -> list[dict[Any, Any]]:
    """The dicts inside of `depth` others; lists do not count."""
    if isinstance(value, (list, tuple)):
        return [one for item in value for one in _dicts_at(item, depth)]
    if not isinstance(value, dict):
        return []
    if depth == 0:
        return [value]
    return [one for item in value.values() for one in _dicts_at(item, depth - 1)]


def _keys_at(value: Any, depth: int) -> list[str]:
    return [str(key) for one in _dicts_at(value, depth) for key in one]


def _renamed_at(value: Any, depth: int) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_renamed_at(item, depth) for item in value)
    if not isinstance(value, dict):
        return value
    if depth == 0:
        return {int(key): item for key, item in value.items()}
    return {key: _renamed_at(item, depth - 1) for key, item in value.items()}

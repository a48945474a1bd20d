"""When a result is the expected one that came through JSON, as in contest data sets.

JSON has no tuples and only text for keys, so what was written from `[(1, 2)]` and `{3: 2}` stands
there as `[[1, 2]]` and `{"3": 2}`. Forgiven is exactly what JSON could not say:

- a tuple for a list, at any depth;
- a dict whose keys are the numbers, truth values or None that the texts spell, all of them or none.

All else is as in `equal.same`: no set, iterator or text is a list, and no number its text.

The usual graders: those of APPS, TACO and verl take a tuple, and a list of tuples, for lists, and
read text keys as whole numbers where all of them can be; LiveCodeBench takes a tuple and leaves
keys as they are; graders that print results as JSON take what is said above. They also take `x` and
`[x]` for one another; not here, since one of the two is wrong: which is meant the reader has
decided for the whole row (`data.json_calls`).
"""

import re
from collections.abc import Mapping
from typing import Any

from reasoning_lab.judges.code.equal import same
from reasoning_lab.text.code_tests import CallTest

_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_WHOLE = re.compile(r"0|-?[1-9]\d{0,400}")


def same_result(got: Any, test: CallTest) -> bool:
    """Whether a call returned what its test expects; see the module. Never raises."""
    if test.json:
        return _same_json(got, test.expected, test.exact)
    return same(got, test.expected, exact=test.exact)


def _same_json(got: Any, expected: Any, exact: bool) -> bool:
    if isinstance(expected, (list, tuple)):
        alike = isinstance(got, (list, tuple)) and len(got) == len(expected)
        return alike and all(_same_json(a, b, exact) for a, b in zip(got, expected, strict=True))
    if not isinstance(expected, dict):
        return same(got, expected, exact=exact)
    if not isinstance(got, dict) or len(got) != len(expected):
        return False
    meant = expected if got.keys() == expected.keys() else _spelled_out(expected)
    return got.keys() == meant.keys() and all(
        _same_json(got[key], value, exact) for key, value in meant.items()
    )


def _spelled_out(expected: dict[Any, Any]) -> dict[Any, Any]:
    """With the keys that the texts spell; as it stands where one of them spells none."""
    try:
        return {_key(text): value for text, value in expected.items()}
    except ValueError:
        return expected


def _key(text: Any) -> Any:
    """What JSON writes as this key. Raises ValueError for a text that is only a text."""
    if not isinstance(text, str):
        raise ValueError(text)
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    value = float(text)
    if repr(value) != text:  # `1.50` and ` 2.0` were never written from a number
        raise ValueError(text)
    return value

"""What a program is judged by: the four kinds of test that a row may carry, read and checked.

`Example.tests` holds them as JSON; here they become typed. A value that JSON lacks (a tuple, a
set, bytes, a complex number, nan) is written as Python in an object with the single key `py`:
`{"py": "(1, 2)"}`. It may stand at any depth of a list or an object, and holds a literal, which is
read with `ast.literal_eval` within bounds; nothing is ever evaluated.

Two fields say where a test is from, and are false where they are not given. `json`, of a call:
`expected` came through JSON, which knows no tuples and only text for keys, so it is compared as
`judges.code.json_equal` says. `imports`, of any test: the program is run behind the imports that
contest graders put in front (`judges.code.usual_imports`); one such test is enough for a program.
"""

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reasoning_lab.errors import DataError, Problem, a_kind
from reasoning_lab.schema.suggest import did_you_mean, near
from reasoning_lab.text.python_source import BOM, NotPython, tree_of

MOST_TESTS = 1000
MOST_CHARACTERS = 2**20
"""Of one literal, and of the code or the text of one test."""
MOST_DEPTH = 60
TOLERANCE = 1e-6
"""Within which numbers that are no integers are equal, absolutely or relatively."""
_LITERAL_ERRORS = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)


@dataclass(frozen=True)
class CallTest:
    """`fn(*args, **kwargs)` returns `expected`; `fn` may be `Class.method`, on a new instance."""

    fn: str
    args: list[Any]
    kwargs: dict[str, Any]
    expected: Any
    exact: bool = False
    json: bool = False
    imports: bool = False


@dataclass(frozen=True)
class AssertTest:
    """Lines that raise nothing; names that they use and do not define are the program's."""

    code: str
    imports: bool = False


@dataclass(frozen=True)
class CheckTest:
    """Lines that define `check(candidate)`, which raises nothing when given `entry_point`."""

    code: str
    entry_point: str
    imports: bool = False


@dataclass(frozen=True)
class StdioTest:
    """A whole run of the program that reads `stdin` and writes `stdout`.

    `tolerance`: how far a number may be from the expected one, absolutely or relatively, with the
    blanks of contest graders; None where the text itself counts (`judges.code.equal`).
    """

    stdin: str
    stdout: str
    tolerance: float | None = None
    imports: bool = False


Test = CallTest | AssertTest | CheckTest | StdioTest
_KEYS = {
    "call": ({"fn", "expected"}, {"args", "kwargs", "exact", "json", "imports"}),
    "assert": ({"code"}, {"imports"}),
    "check": ({"code", "entry_point"}, {"imports"}),
    "stdio": ({"stdin", "stdout"}, {"tolerance", "exact", "imports"}),
}


def read_tests(tests: Sequence[Any]) -> tuple[Test, ...]:
    """The tests of a row. Raises DataError with everything that is wrong, test by test.

    >>> read_tests([{"type": "call", "fn": "f", "args": [{"py": "(1, 2)"}], "expected": 3}])[0].args
    [(1, 2)]
    """
    if len(tests) > MOST_TESTS:
        raise DataError.one("tests", f"{len(tests):,} tests, more than {MOST_TESTS:,}")
    found: list[Test] = []
    problems: list[Problem] = []
    for number, test in enumerate(tests):
        try:
            found.append(_read(test, f"tests[{number}]"))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(*problems)
    return tuple(found)


def _read(test: Any, where: str) -> Test:
    if not isinstance(test, Mapping):
        raise DataError.one(where, f"{a_kind(test)}, not an object")
    if "type" not in test:
        raise _untyped(test, where)
    kind = test["type"]
    if not isinstance(kind, str) or kind not in _KEYS:
        cure = did_you_mean(str(kind), list(_KEYS))
        raise DataError.one(f"{where}.type", f"{kind!r} is no kind of test", cure)
    if problems := _fields(test, kind, where):
        raise DataError(*problems)
    if kind == "call":
        return _call(test, where)
    if kind == "stdio":
        return _stdio(test, where)
    code, imports = _code(test, where), _flag(test, "imports", where)
    if kind == "assert":
        return AssertTest(code, imports=imports)
    return CheckTest(code, _name(test, "entry_point", where), imports=imports)


def _untyped(test: Mapping[str, Any], where: str) -> DataError:
    """A test that does not say its kind: what its fields look like."""
    kinds = ", ".join(map(repr, _KEYS))
    for key in test:
        if near(str(key), ["type"]):
            return DataError.one(f"{where}.{key}", "a test has no such field", "did you mean type?")
    fits = [k for k, (needed, more) in _KEYS.items() if needed <= test.keys() <= needed | more]
    cure = f'add "type": "{fits[0]}"' if len(fits) == 1 else f'add "type", one of {kinds}'
    return DataError.one(where, "has no `type`", cure)


def _fields(test: Mapping[str, Any], kind: str, where: str) -> list[Problem]:
    """Fields that are none of this kind, and those that it lacks and that none of them means."""
    needed, allowed = _KEYS[kind]
    given = test.keys() - {"type"}
    free = sorted((needed | allowed) - given)
    problems, meant = [], set[str]()
    for key in sorted(map(str, given - needed - allowed)):
        meant |= {*near(key, free)}
        what = f"a `{kind}` test has no such field"
        problems.append(Problem(f"{where}.{key}", what, did_you_mean(key, needed | allowed)))
    if missing := sorted(needed - given - meant):
        problems.append(Problem(where, f"a `{kind}` test needs {', '.join(missing)}"))
    return problems


def _call(test: Mapping[str, Any], where: str) -> CallTest:
    args, kwargs = test.get("args", []), test.get("kwargs", {})
    if not isinstance(args, list):
        raise DataError.one(f"{where}.args", f"{a_kind(args)}, not a list")
    if not isinstance(kwargs, Mapping) or not all(isinstance(key, str) for key in kwargs):
        raise DataError.one(f"{where}.kwargs", "not an object of names")
    return CallTest(
        _name(test, "fn", where),
        [value_of(arg, f"{where}.args[{n}]") for n, arg in enumerate(args)],
        {key: value_of(arg, f"{where}.kwargs.{key}") for key, arg in kwargs.items()},
        value_of(test["expected"], f"{where}.expected"),
        **{key: _flag(test, key, where) for key in ("exact", "json", "imports")},
    )


def _stdio(test: Mapping[str, Any], where: str) -> StdioTest:
    near, exact = _tolerance(test, where), _flag(test, "exact", where)
    texts = _text(test, "stdin", where), _text(test, "stdout", where)
    return StdioTest(*texts, None if exact else near, _flag(test, "imports", where))


def _tolerance(test: Mapping[str, Any], where: str) -> float | None:
    near = test.get("tolerance")
    if near is None:
        return None
    number = isinstance(near, (int, float)) and not isinstance(near, bool)
    if not number or not 0 <= near < 1:
        cure = f"a number from 0 up to 1, such as {TOLERANCE:g}"
        raise DataError.one(f"{where}.tolerance", f"{near!r:.60}, no such number", cure)
    return float(near)


def _flag(test: Mapping[str, Any], key: str, where: str) -> bool:
    value = test.get(key, False)
    if not isinstance(value, bool):
        raise DataError.one(f"{where}.{key}", f"{value!r}, neither true nor false")
    return value


def _name(test: Mapping[str, Any], key: str, where: str) -> str:
    name = test[key]
    parts = name.split(".") if isinstance(name, str) else [""]
    if len(parts) > 2 or not all(part.isidentifier() for part in parts):
        raise DataError.one(f"{where}.{key}", f"{name!r} is not the name of a function")
    return str(name)


def _text(test: Mapping[str, Any], key: str, where: str) -> str:
    value = test[key]
    if not isinstance(value, str):
        raise DataError.one(f"{where}.{key}", f"{a_kind(value)}, not text")
    if len(value) > MOST_CHARACTERS:
        raise DataError.one(f"{where}.{key}", f"longer than {MOST_CHARACTERS:,} characters")
    return value


def _code(test: Mapping[str, Any], where: str) -> str:
    code = _text(test, "code", where).removeprefix(BOM)
    try:
        tree_of(code)
    except NotPython as error:
        raise DataError.one(f"{where}.code", f"is not Python: {error}") from None
    return code


def value_of(value: Any, where: str = "value", depth: int = MOST_DEPTH) -> Any:
    """The Python value that a JSON value stands for. Raises DataError for a bad literal.

    >>> value_of([1, {"py": "{2, 3}"}, {"py": 4}])
    [1, {2, 3}, {'py': 4}]
    """
    if depth < 0:
        raise DataError.one(where, f"nested more than {MOST_DEPTH} deep")
    if isinstance(value, Mapping):
        if set(value) == {"py"} and isinstance(value["py"], str):
            return _literal(value["py"], where)
        return {key: value_of(item, where, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [value_of(item, where, depth - 1) for item in value]
    return value


def _literal(text: str, where: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise DataError.one(where, f"a literal longer than {MOST_CHARACTERS:,} characters")
    if _depth(text) > MOST_DEPTH:
        raise DataError.one(where, f"a literal nested more than {MOST_DEPTH} deep")
    if text.strip() in ("nan", "inf", "-inf"):
        return float(text.strip())
    try:
        return ast.literal_eval(text.strip())
    except _LITERAL_ERRORS as error:
        # What stands there is shown already; of its node only an address in memory would be.
        said = " ".join(str(error).partition(": <")[0].split())[:100] or type(error).__name__
        cure = "numbers, text, bytes, True, False, None, and (), [], {} of them"
        raise DataError.one(where, f"{text[:60]!r} is not a Python literal: {said}", cure) from None


def _depth(text: str) -> int:
    """How deep brackets nest, or how many signs follow one another; text in quotes counts too."""
    depth = deepest = signs = 0
    for letter in text:
        signs = signs + 1 if letter in "+-~" else signs * letter.isspace()
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth, signs)
    return deepest


def json_of(value: Any) -> Any:
    """The JSON that `value_of` reads as this value: plain where it can be, else a literal.

    >>> json_of([1, (2, 3)]), json_of({"a": 1}), json_of({1: "b"})
    ([1, {'py': '(2, 3)'}], {'a': 1}, {'py': "{1: 'b'}"})
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {"py": str(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [json_of(item) for item in value]
    if isinstance(value, dict) and set(value) != {"py"} and all(isinstance(k, str) for k in value):
        return {key: json_of(item) for key, item in value.items()}
    return {"py": _spelled(value)}


def _spelled(value: Any) -> str:
    """As `repr`, with sets in an order that no hash seed changes."""
    if isinstance(value, set) and value:
        return "{" + ", ".join(sorted(map(_spelled, value))) + "}"
    if isinstance(value, tuple):
        inside = ", ".join(map(_spelled, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, list):
        return "[" + ", ".join(map(_spelled, value)) + "]"
    if isinstance(value, dict):
        pairs = (f"{_spelled(key)}: {_spelled(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    return repr(value)

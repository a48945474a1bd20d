"""Tests of a row as they are read: typed, or refused with the place and the cure."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.errors import DataError
from reasoning_lab.text.code_tests import (
    AssertTest,
    CallTest,
    CheckTest,
    StdioTest,
    json_of,
    read_tests,
    value_of,
)

CALL = {"type": "call", "fn": "f", "args": [1], "expected": 2}
STDIO = {"type": "stdio", "stdin": "1\n", "stdout": "2\n"}


@pytest.mark.parametrize(
    ("test", "read"),
    [
        (CALL, CallTest("f", [1], {}, 2)),
        ({**CALL, "kwargs": {"k": {"py": "{1}"}}}, CallTest("f", [1], {"k": {1}}, 2)),
        ({**CALL, "fn": "Solution.f", "exact": True}, CallTest("Solution.f", [1], {}, 2, True)),
        ({**CALL, "expected": {"py": "nope"}, "args": []}, "is not a Python literal"),
        ({"type": "assert", "code": "assert f(2) == 4"}, AssertTest("assert f(2) == 4")),
        (
            {"type": "check", "code": "def check(c): ...", "entry_point": "f"},
            CheckTest("def check(c): ...", "f"),
        ),
        (STDIO, StdioTest("1\n", "2\n")),
        ({**STDIO, "tolerance": 1e-6}, StdioTest("1\n", "2\n", 1e-6)),
        ({**STDIO, "tolerance": 0}, StdioTest("1\n", "2\n", 0.0)),
        ({**STDIO, "tolerance": None}, StdioTest("1\n", "2\n")),
        ({**STDIO, "exact": True}, StdioTest("1\n", "2\n")),
        ({**STDIO, "exact": True, "tolerance": 1e-6}, StdioTest("1\n", "2\n")),
        ({**STDIO, "exact": False, "tolerance": 1e-6}, StdioTest("1\n", "2\n", 1e-6)),
        ({**STDIO, "tolerance": 1}, "tests[1].tolerance"),
        ({**STDIO, "tolerance": -1e-9}, "tests[1].tolerance"),
        ({**STDIO, "tolerance": math.nan}, "tests[1].tolerance"),
        ({**STDIO, "tolerance": True}, "tests[1].tolerance"),
        ({**STDIO, "tolerance": "1e-6"}, "tests[1].tolerance"),
        ({**STDIO, "exact": True, "tolerance": 2}, "tests[1].tolerance"),
        ({**STDIO, "exact": 1}, "tests[1].exact"),
        ({**CALL, "type": "cal"}, "did you mean call?"),
        ({**CALL, "type": None}, "None is no kind of test"),
        ({"code": "assert True"}, 'tests[1]: has no `type` (add "type": "assert")'),
        ({"fn": "f", "args": [], "expected": 4}, 'has no `type` (add "type": "call")'),
        ({"stdin": "", "stdout": ""}, 'has no `type` (add "type": "stdio")'),
        ({"x": 1}, "has no `type` (add \"type\", one of 'call', 'assert', 'check', 'stdio')"),
        ({"typ": "call", "fn": "f"}, "tests[1].typ: a test has no such field (did you mean type?)"),
        ({"type": "call", "fn": "f"}, "a `call` test needs expected"),
        ({**CALL, "arg": [1]}, "did you mean args?"),
        ({**CALL, "args": 1}, "not a list"),
        ({**CALL, "fn": "f()"}, "not the name of a function"),
        (
            {**CALL, "json": True, "imports": True},
            CallTest("f", [1], {}, 2, json=True, imports=True),
        ),
        (
            {"type": "stdio", "stdin": "", "stdout": "", "imports": True},
            StdioTest("", "", imports=True),
        ),
        (
            {"type": "assert", "code": "assert f(2)", "imports": True},
            AssertTest("assert f(2)", imports=True),
        ),
        ({"type": "assert", "code": "\ufeffassert f(2)"}, AssertTest("assert f(2)")),
        ({**CALL, "exact": 1}, "neither true nor false"),
        ({**CALL, "json": "yes"}, "tests[1].json: 'yes', neither true nor false"),
        ({"type": "stdio", "stdin": "", "stdout": "", "imports": 1}, "neither true nor false"),
        ({"type": "stdio", "stdin": "", "stdout": "", "json": True}, "no such field"),
        ({"type": "assert", "code": "assert f(2) = 4"}, "is not Python"),
        ({"type": "stdio", "stdin": 1, "stdout": ""}, "not text"),
        ("assert True", "not an object"),
    ],
)
def test_a_test_is_read_or_refused(test: Any, read: Any) -> None:
    if not isinstance(read, str):
        assert read_tests([test]) == (read,)
        return
    with pytest.raises(DataError) as caught:
        read_tests([CALL, test])
    assert read in str(caught.value)
    assert "tests[1]" in str(caught.value)


def test_a_misspelt_field_is_no_missing_one_too() -> None:
    test = {"type": "call", "fn": "f", "args": [], "expectd": 4}
    with pytest.raises(DataError) as caught:
        read_tests([test])
    said = "tests[0].expectd: a `call` test has no such field (did you mean expected?)"
    assert str(caught.value) == said
    with pytest.raises(DataError) as both:
        read_tests([{"type": "call", "function": "f", "args": [], "tolerance": 4, "expected": 1}])
    assert [problem.where for problem in both.value.problems] == [
        *("tests[0].function", "tests[0].tolerance", "tests[0]"),
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(DataError) as caught:
        read_tests([{"type": "x"}, CALL, {"type": "assert", "code": "("}])
    assert [problem.where for problem in caught.value.problems] == [
        "tests[0].type",
        "tests[2].code",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(1, 2)", (1, 2)),
        ("(1,)", (1,)),
        ("{1, 2}", {1, 2}),
        ("set()", set()),
        ("b'\\x00'", b"\x00"),
        ("3+2j", 3 + 2j),
        ("{1: (2, None)}", {1: (2, None)}),
        ("inf", math.inf),
        (" -1 ", -1),
        ("__import__('os').system('true')", None),
        ("f(1)", None),
        ("[x for x in (1, 2)]", None),
        ("9**9**9", None),
        ("(" * 100 + ")" * 100, None),
        ("-" * 100_000 + "1", None),
        ("1" * 2**21, None),
        ("1" * 10_000, None),
        ("", None),
    ],
)
def test_a_literal_is_read_and_never_run(text: str, value: Any) -> None:
    if value is not None:
        assert value_of({"py": text}) == value
        return
    with pytest.raises(DataError):
        value_of({"py": text})


def test_depth_is_bounded() -> None:
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    with pytest.raises(DataError, match="deep"):
        value_of(nested)


HASHED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.tuples(inner, inner) | st.tuples(inner),
    max_leaves=5,
)
VALUES = st.recursive(
    HASHED | st.sets(HASHED, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES.filter(lambda value: "inf" not in repr(value)))
def test_every_value_is_written_so_that_it_is_read_again(value: Any) -> None:
    assert value_of(json_of(value)) == value

"""Calls whose expected result came through JSON, and the imports that contest graders make."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab import judge_code
from reasoning_lab.judges.code.equal import same
from reasoning_lab.judges.code.fenced import LONGEST
from reasoning_lab.judges.code.json_equal import same_result
from reasoning_lab.judges.code.usual_imports import with_usual_imports
from reasoning_lab.text.code_tests import CallTest

CALL = {"type": "call", "fn": "f", "args": [2], "expected": 2}


def told(got: Any, expected: Any, *, exact: bool = False) -> bool:
    return same_result(got, CallTest("f", [], {}, expected, exact, json=True))


@pytest.mark.parametrize(
    ("got", "expected", "right"),
    [
        ((1, 2), [1, 2], True),
        ([(1, 2), [3]], [[1, 2], [3]], True),
        ({"a": ({1: ()},)}, {"a": [{"1": []}]}, True),
        ((0.1 + 0.2,), [0.3], True),
        ({3: 2}, {"3": 2}, True),
        ({"3": 2}, {"3": 2}, True),
        ({-3: 0.30000000000000004}, {"-3": 0.3}, True),
        ({1.5: 2}, {"1.5": 2}, True),
        ({2.0: 1}, {"2": 1}, True),  # 2.0 is the key 2
        ({None: 1, True: 2}, {"null": 1, "true": 2}, True),
        ({}, {}, True),
        # What JSON could have said.
        ([2, 1], [1, 2], False),
        ({1, 2}, [1, 2], False),
        (frozenset((1, 2)), [1, 2], False),
        (range(1, 3), [1, 2], False),
        (iter([1, 2]), [1, 2], False),
        ("12", ["1", "2"], False),
        (["1", "2"], "12", False),
        ([1, 2], "[1, 2]", False),
        ("3", 3, False),
        (3, "3", False),
        (None, [], False),
        (None, {}, False),
        ([], {}, False),
        ([5], 5, False),
        (5, [5], False),
        ([[5]], [5], False),
        ((1, 2, 3), [1, 2], False),
        ([["3", 2]], {"3": 2}, False),
        ({3: 2, "4": 1}, {"3": 2, "4": 1}, False),
        ({3: 2}, {"3": 2, "4": 1}, False),
        ({3: 2, 4: 1, 5: 0}, {"3": 2, "4": 1}, False),
        ({3: 2}, {"03": 2}, False),
        ({3: 2}, {"3.0": 2}, True),  # which 3.0 is written as, and 3.0 is the key 3
        ({3: 2}, {" 3": 2}, False),
        ({3: 2}, {"+3": 2}, False),
        ({3: 2}, {"3_0": 2}, False),
        ({1: 2}, {"True": 2}, False),
        ({b"a": 1}, {"a": 1}, False),
        ({(1, 2): 1}, {"(1, 2)": 1}, False),
        ({1: 2}, {"1": 2, "true": 2}, False),
        ({3: 3}, {"3": 2}, False),
    ],
)
def test_only_what_json_could_not_say_is_forgiven(got: Any, expected: Any, right: bool) -> None:
    assert told(got, expected) is right


@pytest.mark.parametrize(("got", "right"), [((0.3,), True), ((0.1 + 0.2,), False)])
def test_exact_forgives_no_float(got: Any, right: bool) -> None:
    assert told(got, [0.3], exact=True) is right


KEYS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_every_result_meets_itself_through_json(value: Any) -> None:
    assert told(value, json.loads(json.dumps(value)))


@given(VALUES, VALUES)
def test_nothing_is_paid_that_json_tells_apart(got: Any, other: Any) -> None:
    expected = json.loads(json.dumps(other))
    if told(got, expected):
        # By value: 2.0 is the key 2, and written otherwise.
        again = json.loads(json.dumps(got))
        assert same(again, expected) or told(other, again)


@pytest.mark.usefixtures("code_sandbox")
@pytest.mark.parametrize("program", ["def f(x): return (x,)", "def f(x): return sqrt(x * x)"])
def test_a_test_that_says_neither_is_strict(program: str) -> None:
    test = {**CALL, "expected": [2] if "(x,)" in program else 2}
    assert judge_code(program, [test]).reason in ("wrong", "error")
    assert judge_code(program, [{**test, "json": True, "imports": True}]).reason == "passed"


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("def f(x: List[int]): return Counter(x)",
         "from collections import Counter; from typing import List"),
        ("print(math.pi, pi)", "import math; from math import pi"),
        ("x = bisect.bisect(a, 1)", "import bisect"),
        ("x = datetime.datetime.now()", "import datetime"),
        ("t = time.time()", "import time"),
        ("print(Fraction(1, 2))", "from fractions import Fraction"),
        ("x = pow(2, 3, 5); y = sum([1]); z = open", ""),
        ("x = numpy.zeros(3); y = np", ""),
        ("import os\nfrom math import *\nprint(sqrt(4))", "import math; from math import sqrt"),
        ("# the product of both", "from itertools import product"),
        ("print(Counter()); from collections import Counter",
         "from collections import Counter; import collections"),
        ("x.sqrt(y)", ""),
        ("def f(x) 2", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_imports_of_the_names_that_a_program_uses(program: str, line: str) -> None:
    assert with_usual_imports(program) == (f"{line}\n{program}" if line else program)


@pytest.mark.parametrize(
    "first",
    [
        "from __future__ import annotations\n",
        "'text'\r\nfrom __future__ import annotations\r\n",
        "# -*- coding: utf-8 -*-\nfrom __future__ import division, print_function  # both\n",
        "from __future__ import (\n    division,\n    annotations,\n)\n",
        "from __future__ import division, \\\n    annotations\n",
        "from __future__ import division\nfrom __future__ import annotations; x = 1\n",
    ],
)
def test_the_future_stays_first(first: str) -> None:
    program = f"{first}print(sqrt(4))"
    assert with_usual_imports(program) == f"{first}from math import sqrt\nprint(sqrt(4))"
    compile(with_usual_imports(program), "program.py", "exec")


@pytest.mark.parametrize(
    "piece", ["from __future__ import (", "from __future__ import a\\\n", "a\n", "f'{a}'", "sqrt "]
)
def test_no_program_chooses_how_long_it_is_read(piece: str) -> None:
    program = piece * (LONGEST // len(piece))
    started = time.process_time()
    with_usual_imports(program)
    assert time.process_time() - started < 1


@pytest.mark.usefixtures("code_sandbox")
@pytest.mark.parametrize(
    ("program", "passed"),
    [
        ("def f(x): return sqrt(x) ** 2 // 1 + ceil(0.5) - 0", False),
        ("def f(x): return ceil(x)", True),
        ("def ceil(x): return 5\ndef f(x): return ceil(x)", False),
        ("ceil = abs\ndef f(x): return ceil(-x)", True),
        ("from builtins import abs as ceil\ndef f(x): return ceil(-x)", True),
        ("def f(x): return nowhere(x)", False),
    ],
)
def test_what_a_program_defines_wins(program: str, passed: bool) -> None:
    result = judge_code(program, [{**CALL, "imports": True}])
    assert (result.reason == "passed") is passed, result


@pytest.mark.parametrize(
    "head",
    [
        '"""doc\nfrom __future__ import nothing\n"""\n',
        "from __future__ import annotations  # \\\n",
        '"""doc"""\nfrom __future__ import annotations\n',
    ],
    ids=["a docstring that speaks of it", "a comment that ends in a backslash", "both"],
)
def test_the_imports_stand_behind_the_head(head: str) -> None:
    program = f"{head}print(sqrt(4))"
    found = with_usual_imports(program)
    assert found == f"{head}from math import sqrt\nprint(sqrt(4))"
    compile(found, "program.py", "exec")

"""Which names of a test are the program's: a builtin only where nothing else is called."""

import pytest

from reasoning_lab.judges.code import names as code_names
from reasoning_lab.judges.code.judging import judge_code
from reasoning_lab.judges.code.names import Unclear, needed
from reasoning_lab.text.code_tests import AssertTest, CheckTest


@pytest.mark.parametrize(
    ("code", "names", "modules"),
    [
        ("assert f(2) == 4", ("f",), ()),
        ("assert len(f(2)) == 3", ("f",), ()),
        ("x = 1\nassert abs(f(x) - 1) < 1e-6", ("f",), ()),
        ("assert math.isclose(f(1), 2)", ("f",), ("math",)),
        ("assert sum(10, 15) == 6", ("sum",), ()),
        ("def sum(a): return 6\nassert sum(10) == 6", (), ()),
    ],
)
def test_names(code: str, names: tuple[str, ...], modules: tuple[str, ...]) -> None:
    assert needed(code) == (names, modules)


@pytest.mark.parametrize(
    ("program", "share"),
    [
        ("def max(a): return 0", 0.0),
        ("x = 1", 0.0),
        ("def max(a): return sorted(a)[-1]", 1.0),
    ],
)
def test_a_function_with_a_builtins_name_is_the_one_tested(program: str, share: float) -> None:
    tests = [{"type": "assert", "code": "assert max([1, 2]) == 2"}]
    assert judge_code(program, tests).share == share


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("assert set(filter(3)) == {1, 2}", "filter"),
        ("assert abs(sum([1, 2]) - 3) < 1e-6", "sum"),
        ("assert round(pow(2, 3), 2) == 8.0", "pow"),
        ("assert isinstance(sum([1]), int)", "sum"),
    ],
)
def test_of_several_builtins_the_one_that_compares_nothing(code: str, name: str) -> None:
    assert needed(code) == ((name,), ())


@pytest.mark.parametrize(
    "code",
    [
        "assert all(sorted([0, 1]))",
        "assert sum(filter(3)) == 4",
        "assert isclose(f(2), 4)",
        "assert assert_almost_equal(f(2), 4) is None",
    ],
)
def test_a_test_whose_comparison_the_program_could_choose_is_of_none(code: str) -> None:
    with pytest.raises(Unclear):
        needed(code)


def test_a_constant_is_asked_of_nobody() -> None:
    assert needed("assert f(2) != ERROR") == (("f",), ())
    assert needed("assert list(map(f, [1])) == [g]")[0] == ("f", "g")
    assert code_names.tests_nothing(AssertTest("assert LIMIT != 3"))


@pytest.mark.parametrize(
    ("test", "program", "share"),
    [
        ("assert set(filter(3)) == {1, 2}", "def filter(n): return range(1, n)", 1.0),
        ("assert set(filter(3)) == {1, 2}", "def set(x): return {1, 2}", 0.0),
        ("assert sum(sorted([3, 1])) == 4", "def f(): ...", 0.0),
        ("assert abs(sum([1, 2]) - 4) < 1e-6", "def abs(x): return 0", 0.0),
        ("assert all(sorted([0, 1]))", "def all(x): return True", 0.0),
        ("assert round(pow(2, 3), 2) == 8.0", "round = lambda *x: 8.0", 0.0),
        ("assert isclose(f(2), 4)", "def isclose(*a): return True\ndef f(x): return 0", 0.0),
        ("assert f(2) != ERROR", "ERROR = -1\ndef f(x): return -1", 0.0),
        ("assert all(filter(3))", "def all(x): return True\ndef filter(n): ...", 0.0),
        ("assert all(map(f, [1, 2]))", "def all(x): return True\ndef f(x): return 0", 0.0),
    ],
)
def test_builtins_of_the_programs_own(test: str, program: str, share: float) -> None:
    assert judge_code(program, [{"type": "assert", "code": test}]).share == share


def test_a_check_may_use_the_builtin_that_its_candidate_is_named_after() -> None:
    code = (
        "MOST = max(3, 4)\ndef check(candidate):\n    assert candidate(3, 4) == max(3, 4) == MOST"
    )
    tests = [{"type": "check", "code": code, "entry_point": "max"}]
    assert judge_code("def max(a, b): return 0", tests).share == 0.0
    assert judge_code("def max(a, b): return a if a > b else b", tests).share == 1.0


def test_what_a_test_defines_is_gone_with_it() -> None:
    tests = [
        {"type": "assert", "code": "assert max([1, 2]) == 2"},
        {"type": "assert", "code": "four = 4\nassert f(2) == max(1, four)"},
        {"type": "assert", "code": "assert f(2) == four()"},
        {"type": "assert", "code": "from __future__ import annotations\nassert math.pi < f(2)"},
    ]
    program = "def max(x): return 2\ndef f(x): return 4"
    assert [one.passed for one in judge_code(program, tests).outcomes] == [True, True, False, True]


def test_a_method_may_be_the_candidate() -> None:
    code = "def check(candidate):\n    assert candidate(2) == 4"
    tests = [{"type": "check", "code": code, "entry_point": "C.f"}]
    assert judge_code("class C:\n    def f(self, x): return 2 * x", tests).share == 1.0


@pytest.mark.parametrize(
    "code",
    [
        "assert f(2) == 4",
        "if f(2) != 4: raise ValueError",
        "import numpy as np\nnp.testing.assert_allclose(f(2), 4)",
        "import unittest\nunittest.TestCase().assertEqual(f(2), 4)",
        "try:\n    f(2)\nexcept ValueError:\n    pass\nelse:\n    self.fail()",
        "import sys\nsys.exit(f(2) != 4)",
        "for x in map(f, [1]): ...",
        "f(2) == 4\nassert f(3) == 6",
    ],
)
def test_what_may_find_a_program_wrong_is_a_test(code: str) -> None:
    assert not code_names.tests_nothing(AssertTest(code))


@pytest.mark.parametrize(
    "code",
    [
        "check = lambda c: c(2) or fail()",
        "from checks import check\nassert check",
        "class check:\n    def __init__(self, c): assert c(2)",
    ],
)
def test_a_check_may_be_anything_that_is_called_so(code: str) -> None:
    assert not code_names.tests_nothing(CheckTest(code, "f"))


def test_programs_of_modules_are_judged_from_python() -> None:
    tests = [{"type": "call", "fn": "f", "args": [3], "expected": 3}]
    program = "import numpy\ndef f(n): return int(numpy.arange(n).size)"
    assert judge_code(program, tests, modules=["numpy"]).passed == 1
    assert judge_code(program, tests).passed == 0
    with pytest.raises(TypeError, match="modules: text; give a list of names"):
        judge_code(program, tests, modules="numpy")

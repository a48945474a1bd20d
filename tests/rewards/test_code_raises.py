"""What a program raises arrives in test code as the nearest of Python's own exceptions."""

from __future__ import annotations

import pytest

from reasoning_lab.rewards.judging_code import judge_code

OWN = "class Low(ValueError): ...\nclass Lower(Low, KeyError): ...\n"
EXPECTS = "try:\n    f(1)\nexcept {} as error:\n    assert {}\nelse:\n    assert False, 'nothing'"


@pytest.mark.parametrize(
    ("raises", "caught", "holds"),
    [
        ("raise ValueError('a')", "ValueError", "str(error) == 'a' and type(error) is ValueError"),
        ("raise Low('low')", "ValueError", "str(error) == 'low' and type(error).__name__ == 'Low'"),
        ("raise Lower('low')", "ValueError", "type(error).__name__ == 'Lower'"),
        ("raise KeyError('a')", "KeyError", "str(error) == repr('a')"),
        ("{}['a']", "LookupError", "str(error) == repr('a')"),
        ("b'\\xff'.decode()", "UnicodeDecodeError", "'invalid start byte' in str(error)"),
        ("'\\ud800'.encode()", "ValueError", "'surrogates' in str(error)"),
        ("open('/none')", "OSError", "type(error).__name__ in ('FileNotFoundError', "
         "'PermissionError')"),
        ("import json; json.loads('{')", "ValueError", "type(error).__name__ == 'JSONDecodeError'"),
        ("import decimal; decimal.Decimal('x')", "ArithmeticError", "True"),
        ("1 / 0", "ZeroDivisionError", "str(error) == 'division by zero'"),
        ("raise ExceptionGroup('g', [ValueError()])", "Exception", "str(error)"),
        ("raise BaseException('b')", "Exception", "str(error) == 'b'"),
        ("raise AssertionError('a')", "AssertionError", "str(error) == 'a'"),
        ("f(1)", "RecursionError", "True"),
    ],
)  # fmt: skip
def test_it_is_caught(raises: str, caught: str, holds: str) -> None:
    program = f"{OWN}def f(x):\n    {raises}"
    for kind in (caught, "Exception"):
        tests = [{"type": "assert", "code": EXPECTS.format(kind, holds)}]
        assert judge_code(program, tests).passed == 1, judge_code(program, tests)
    other = [{"type": "assert", "code": EXPECTS.format("BufferError", "True")}]
    assert judge_code(program, other).passed == 0


@pytest.mark.parametrize(
    "raises",
    [
        "class Stop(StopIteration): ...\ndef f(x): raise Stop",
        "class Stop(GeneratorExit): ...\ndef f(x): raise Stop",
        "Stop = type('ValueError', (StopIteration,), {})\ndef f(x): raise Stop",
        "class StopIteration(ValueError): ...\ndef f(x): raise StopIteration",
    ],
)
@pytest.mark.parametrize(
    "test",
    ["assert all(map(f, [1, 2]))", "assert [*map(f, [1])] == []", "for x in map(f, [1]): ..."],
)
def test_none_ends_the_tests_own_loops(raises: str, test: str) -> None:
    assert judge_code(raises, [{"type": "assert", "code": test}]).passed == 0

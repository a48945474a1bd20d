"""What a program raises arrives in test code as the nearest of Python's own exceptions."""

import pytest

from reasoning_lab.judges.code.judging import judge_code, judge_code_batch

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


FORGED = (
    '["raised","StopIteration","x","ValueError"]',
    '["raised","ValueError","x","StopIteration"]',
    '["raised","","","GeneratorExit"]',
    '["raised","StopAsyncIteration","x"]',
    '["raised","a\\u0000b","x","ValueError"]',
    '["raised","\\ud800","\\ud800","\\ud800"]',
    '["raised","E","x","print"]',
    '["raised","SystemExit","0","SystemExit"]',
    '["raised","ExceptionGroup","x","ExceptionGroup"]',
    '["raised",1,[2],{"t":[]}]',
    '["raised","E","x","ValueError","more"]',
    f'["raised","{"a" * 60_000}","x","ValueError"]',
    '["relay","f",[],{}]',
    '["call","f",[],{}]',
    '["value"]',
)


@pytest.mark.parametrize(
    "test",
    [
        "assert all(map(f, [1, 2]))",
        "for x in map(f, [1]): ...",
        "try:\n    x = f(1)\nexcept Exception:\n    x = None\nassert x == 2",
        "try:\n    f(1)\nexcept KeyError:\n    pass\nelse:\n    assert False",
    ],
)
def test_no_forged_exception_earns(test: str) -> None:
    send = "import os, struct\ndef f(x):\n    body = {!r}\n    " + (
        "os.write(3, struct.pack('!I', len(body)) + body)"
    )
    cases = [(send.format(body.encode()), [{"type": "assert", "code": test}]) for body in FORGED]
    results = judge_code_batch(cases)
    assert [body for body, one in zip(FORGED, results, strict=True) if one.passed] == []
    assert all(result.judged for result in results)


@pytest.mark.parametrize(
    "raises",
    [
        "class E(Exception):\n    def __str__(self): 1 / 0\ndef f(x): raise E",
        "class M(type):\n    __mro__ = property(lambda _: 1 / 0)\n"
        "class E(Exception, metaclass=M): ...\ndef f(x): raise E",
        "class M(type):\n    __name__ = property(lambda _: 5)\n"
        "class E(Exception, metaclass=M): ...\ndef f(x): raise E",
        "def f(x): raise ValueError('x' * 10**7)",
    ],
)
def test_an_exception_made_to_break_its_teller_earns_nothing(raises: str) -> None:
    tests = [{"type": "assert", "code": "assert f(1) == 2"}]
    result = judge_code(raises, tests)
    assert (result.passed, result.judged) == (0, True)

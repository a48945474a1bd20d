"""Values of the standard library as arguments and results; and those made to earn or to burden."""

from typing import Any

import pytest

from reasoning_lab.judges.code.judging import judge_code
from reasoning_lab.judges.code.room import Room
from reasoning_lab.sandbox.limits import Limits
from rewards.rows import judge_all

HEAD = (
    "from collections import *\nfrom datetime import *\nfrom decimal import *\n"
    "from fractions import Fraction\n"
)


@pytest.mark.parametrize(
    ("program", "test"),
    [
        ("def f(x): return Decimal(x) / 4", "assert f('1') == Decimal('0.25')"),
        ("def f(x): return x * 2", "assert f(Decimal('1.50')) == Decimal(3)"),
        ("def f(x): return x * 2", "assert str(f(Decimal('1.50'))) == '3.00'"),
        ("def f(x): return Fraction(1, x)", "assert f(3) == Fraction(2, 6)"),
        ("def f(x): return sum(x)", "assert f([Fraction(1, 2)] * 2) == 1"),
        ("def f(x): x.rotate(1); return x", "assert f(deque([1, 2])) == deque([2, 1])"),
        ("def f(x): return deque(x, 2)", "assert list(f([1, 2, 3])) == [2, 3]"),
        ("def f(x): return x + timedelta(1)", "assert f(date(2024, 2, 28)) == date(2024, 2, 29)"),
        ("def f(x): return x.date()", "assert f(datetime(2024, 1, 2, 3)) == date(2024, 1, 2)"),
        ("def f(x): return x.astimezone(timezone.utc)",
         "assert f(datetime(2024, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))).hour == 0"),
        ("def f(x): return time(x)", "assert f(3) < time(4)"),
        ("def f(a, b): return b - a", "assert f(date(2024, 1, 1), date(2024, 1, 3)).days == 2"),
        ("def f(x): return Counter(x)", "assert f('abb') == Counter('abb') == {'a': 1, 'b': 2}"),
        ("def f(x): return OrderedDict(x)", "assert f([(1, 2)]) == {1: 2}"),
        ("def f(x): return defaultdict(int, x)", "assert f({1: 2})[1] == 2"),
        ("def f(x): return {Fraction(x): {Decimal(x)}}", "assert f(2) == {2: {2}}"),
    ],
)  # fmt: skip
def test_they_cross_both_ways(program: str, test: str) -> None:
    result = judge_code(HEAD + program, [{"type": "assert", "code": HEAD + test}])
    assert result.passed == 1, result


@pytest.mark.parametrize(
    ("result", "expected", "passes"),
    [
        ("Decimal('0.5')", 0.5, True),
        ("Fraction(1, 3)", 0.33333333, True),
        ("Fraction(8, 2)", 4, True),
        ("Decimal('4.5')", 4, False),
        ("Decimal('NaN')", 4.0, False),
        ("deque([1])", [1], False),
        ("Counter('a')", {"a": 1}, True),
    ],
)
def test_results_of_calls(result: str, expected: object, passes: bool) -> None:
    tests = [{"type": "call", "fn": "f", "expected": expected}]
    assert judge_code(f"{HEAD}def f(): return {result}", tests).passed == passes


HOSTILE = {
    "not a number": "def f(x): return Decimal('NaN')",
    "signals when compared": "def f(x): return Decimal('sNaN')",
    "a point far away": "def f(x): return Decimal('1e999999999')",
    "so many digits": "def f(x): return Decimal('9' * 10**6)",
    "a Fraction of huge parts": "def f(x): return Fraction(3**200_000, 2**300_000)",
    "a Decimal equal to all": "class D(Decimal):\n    __eq__ = lambda *_: True\n"
    "    __ne__ = lambda *_: False\ndef f(x): return D(1)",
    "a Fraction equal to all": "class F(Fraction):\n    __eq__ = lambda *_: True\n"
    "    __ne__ = lambda *_: False\ndef f(x): return F(1)",
    "a deque equal to all": "class Q(deque):\n    __eq__ = lambda *_: True\n"
    "    __ne__ = lambda *_: False\ndef f(x): return Q()",
    "a date equal to all": "class D(date):\n    __eq__ = lambda *_: True\n"
    "    __ne__ = lambda *_: False\ndef f(x): return D(1, 1, 1)",
    "a time zone that is late": "import time as t\nclass Z(tzinfo):\n"
    "    def utcoffset(self, _): t.sleep(99)\ndef f(x): return datetime(1, 1, 1, tzinfo=Z())",
    "a time zone that raises": "class Z(tzinfo):\n    def utcoffset(self, _): 1 / 0\n"
    "def f(x): return datetime(1, 1, 1, tzinfo=Z())",
    "a time zone of no offset": "class Z(tzinfo):\n    def utcoffset(self, _): return 'x'\n"
    "def f(x): return datetime(1, 1, 1, tzinfo=Z())",
    "keys of one hash": "P = 2**61 - 1\ndef f(x): return {Decimal(k * P) for k in range(9000)}",
    "a deque in itself": "def f(x):\n    q = deque()\n    q.append(q)\n    return q",
    "many of them": "def f(x): return [Fraction(k, 7) for k in range(70_000)]",
    "a float, 290,000 times": "def f(x): return [1e9 + 0.5] * 200_000",
    "a value that grows": "import os, struct\ndef f(x):\n"
    "    body = b'[\"value\",[' + b','.join([b'1e9'] * 290_000) + b']]'\n"
    "    left = memoryview(struct.pack('!I', len(body)) + body)\n"
    "    while left: left = left[os.write(3, left):]\n    os._exit(0)",
    "more than it can be asked for": "import os, struct\ndef f(x):\n"
    "    body = b'[\"value\",0]'\n    body = struct.pack('!I', len(body)) + body\n"
    "    while True: os.write(3, body * 99)",
    "no message at all": "import os\ndef f(x):\n    while True: os.write(3, b'\\xff' * 999)",
    "half a message": "import os\ndef f(x):\n    os.write(3, b'\\0\\0\\0\\x09[')\n    os._exit(0)",
    "a channel that is closed": "import os, time\ndef f(x):\n    os.close(3)\n    time.sleep(99)",
    "two values": "import os\ndef f(x):\n"
    "    os.write(3, b'\\0\\0\\0\\x0d[\"value\",4,4]')\n    return 0",
    "a value that is no JSON": "import os\ndef f(x):\n"
    "    os.write(3, b'\\0\\0\\0\\x0a[\"value\",=')\n    return 0",
}
ROOM = Room(limits=Limits(cpu_seconds=1.0, wall_seconds=2.0), seconds=4.0)
TESTS: dict[str, list[dict[str, Any]]] = {
    "call": [{"type": "call", "fn": "f", "args": [2], "expected": 5},
             {"type": "call", "fn": "f", "args": [2], "expected": 5.5}],
    "assert": [{"type": "assert", "code": "assert f(2) == 5"},
               {"type": "assert", "code": "assert 5 == f(2)"}],
    "check": [{"type": "check", "entry_point": "f", "code": "def check(candidate):\n"
               "    assert not candidate(2) != 5\n    assert candidate(candidate(2)) in [5]"}],
}  # fmt: skip


@pytest.mark.parametrize("kind", TESTS)
def test_no_value_earns_by_what_it_is(kind: str) -> None:
    results = judge_all([(HEAD + program, TESTS[kind]) for program in HOSTILE.values()], ROOM)
    assert all(result.judged for result in results)
    assert [name for name, one in zip(HOSTILE, results, strict=True) if one.passed] == []


def test_large_values_go_through_test_code_and_back() -> None:
    program = "def f(x): return x or [1e9 + 0.5] * 200_000"
    code = "x = f(None)\nassert len(x) == 200_000 and f(x) == x"
    assert judge_code(program, [{"type": "assert", "code": code}]).passed == 1

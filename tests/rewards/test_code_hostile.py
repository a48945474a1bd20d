"""Programs that want the point without the work: against every kind of test none earns one.

Each is written for a function `f` that doubles, or for a run that doubles a number, and each test
below is first passed by the honest program.
"""

from typing import Any

import pytest

from reasoning_lab.judges.code.room import Room
from reasoning_lab.sandbox.limits import Limits
from rewards.rows import judge_all

ROOM = Room()
SHORT = Room(limits=Limits(cpu_seconds=1.0, wall_seconds=1.0), seconds=2.0)

TESTS: dict[str, list[dict[str, Any]]] = {
    "call": [
        {"type": "call", "fn": "f", "args": [2], "expected": 4},
        {"type": "call", "fn": "f", "args": [2.5], "expected": 5.0},
        {"type": "call", "fn": "f", "args": [[1]], "expected": [1, 1]},
    ],
    "assert": [
        {"type": "assert", "code": "assert f(2) == 4"},
        {"type": "assert", "code": "assert all(map(lambda x: f(x) == 2 * x, range(1, 4)))"},
        {"type": "assert", "code": "xs = list(map(f, [1, 2]))\nassert xs == [2, 4], xs"},
        {"type": "assert", "code": "assert f([1]) == [1, 1] and f('a') == 'aa'"},
    ],
    "check": [
        {
            "type": "check",
            "code": "def check(candidate):\n    for x in (1, 2, 3):\n"
            "        assert candidate(x) == 2 * x\n    assert candidate('a') == 'aa'",
            "entry_point": "f",
        },
        {
            "type": "check",
            "code": "def check(candidate):\n    try:\n        got = candidate(3)\n"
            "    except Exception:\n        got = None\n    assert got == 6",
            "entry_point": "f",
        },
    ],
    "stdio": [
        {"type": "stdio", "stdin": "2\n", "stdout": "4\n"},
        {"type": "stdio", "stdin": "21\n", "stdout": "42\n"},
    ],
}
HONEST = {
    "call": "def f(x):\n    return 2 * x",
    "assert": "def f(x):\n    return 2 * x",
    "check": "def f(x):\n    return x + x\n\nif __name__ == '__main__':\n    f(None)",
    "stdio": "print(2 * int(input()))",
}
FRAMES = """
import sys, gc
def seek(*_):
    frame = sys._getframe()
    while frame:
        for place in (frame.f_locals, frame.f_globals):
            for name in ("expected", "test", "tests", "want", "answer"):
                if name in place:
                    return place[name]
        frame = frame.f_back
    for one in gc.get_objects():
        if isinstance(one, dict) and "expected" in one:
            return one["expected"]
f = seek
print(seek())
"""
EQUAL = """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __bool__(self): return True
    def __len__(self): return 2
    def __iter__(self): return iter([self])
    def __getattr__(self, name): return self
    def __call__(self, *a): return self
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __contains__ = __lt__
    def __index__(self): return 4
    def __float__(self): return 5.0
f = Any()
print(f)
"""
LISTS = """
class L(list):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
class I(int):
    def __eq__(self, other): return True
    def __hash__(self): return 0
class F(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
class S(str):
    def __eq__(self, other): return True
def f(x):
    return L([I(0)]) if isinstance(x, list) else F(0) if isinstance(x, float) else I(0)
"""
PIPE = """
import os, json
def f(*a):
    for fd in range(0, 64):
        for text in (b'["value",4]', b'["value",true]', b'\\x00\\x00\\x00\\x0b["value",4]',
                     b'["done","",""]', b'{"passed": true}', b'PASS\\n'):
            try:
                os.write(fd, text)
            except OSError:
                pass
f()
"""
HOSTILE = {
    "nothing": "",
    "a comment": "# f doubles",
    "returns None": "def f(*a): ...",
    "os._exit(0)": "import os\nos._exit(0)",
    "os._exit(0) when called": "import os\ndef f(*a): os._exit(0)\n",
    "sys.exit": "import sys\nsys.exit()",
    "sys.exit when called": "import sys\ndef f(*a): sys.exit(0)",
    "SystemExit(0) swallowed": "def f(*a): raise SystemExit(0)",
    "atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\ndef f(*a): 1 / 0",
    "excepthook": "import sys, os\nsys.excepthook = lambda *a: os._exit(0)\nf = 1/0",
    "assert made harmless": "import builtins\nbuiltins.AssertionError = type('Q', (SystemExit,), "
    "{})\ndef f(*a): return 0",
    "builtins patched": "import builtins\nbuiltins.all = lambda *a: True\nbuiltins.map = "
    "lambda *a: []\nbuiltins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: 1\n"
    "def f(*a): return 0",
    "json patched": "import json\njson.dumps = lambda *a, **k: '4'\njson.loads = lambda *a: 4\n"
    "def f(*a): return 0",
    "operators patched": "import operator\noperator.eq = lambda *a: True\ndef f(*a): return 0",
    "prints PASS": "print('PASS')\nprint('ok')\nprint('1 passed')\ndef f(*a): print('PASS')",
    "prints a verdict": "print('{\"passed\": true}')\ndef f(*a): return {'passed': True}",
    "stdout replaced": "import sys\nclass O:\n    def write(self, t): sys.__stdout__.write('4')"
    "\n    def flush(self): ...\nsys.stdout = O()\nprint(1)\ndef f(*a): print(4)",
    "stderr only": "import sys\nx = input()\nprint(2 * int(x), file=sys.stderr)",
    "partial output": "x = input()\nprint(str(2 * int(x))[0], end='')\nimport os\nos._exit(0)",
    "right and more": "x = int(input())\nprint(2 * x)\nprint('done')",
    "all numbers": "for n in range(100): print(n)",
    "right, then an error": "x = int(input())\nprint(2 * x)\nraise ValueError",
    "equal to everything": EQUAL,
    "subclasses of plain types": LISTS,
    "reads frames": FRAMES,
    "reads files": "import glob\ntexts = []\nfor p in glob.glob('/**', recursive=True)[:500]:\n"
    "    try:\n        texts.append(open(p).read(99))\n    except Exception: pass\n"
    "def f(*a): return [t for t in texts if 'assert' in t or 'expected' in t]\nprint(f())",
    "reads /proc": "def f(*a): return open('/proc/1/environ').read() + open('/proc/1/stat').read()"
    "\nprint(f())",
    "writes on every descriptor": PIPE,
    "ends the test's loops": "def f(*a): raise StopIteration",
    "ends the test's generators": "def f(*a): raise GeneratorExit",
    "keyboard interrupt": "def f(*a): raise KeyboardInterrupt",
    "its own AssertionError": "class AssertionError(BaseException): ...\ndef f(*a): raise "
    "AssertionError",
    "nan": "def f(*a): return float('nan')\nprint(f())",
    "an endless iterator": "import itertools\ndef f(*a): return itertools.repeat(4)",
    "a generator": "def f(x): yield 2 * x",
    "echo": "def f(x): return x\nprint(input())",
    "lowers its limit of computing time": """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
while True: pass
def f(*a): ...""",
    "lowers it by another name": """
import resource
resource.prlimit(0, resource.RLIMIT_CPU, (0, 0))
while True: pass
def f(*a): ...""",
    "a constant": "def f(*a): return 4.000001",
    "for ever": "while True: pass",
    "for ever when called": "def f(*a):\n    while True: pass",
    "sleeps": "import time\ntime.sleep(99)\ndef f(*a): return 4",
    "memory": "x = bytearray(1 << 40)",
    "recursion": "def f(*a): return f(*a)\nf()",
    "output": "print('4\\n' * 10**7)",
    "forks": "import os\npid = os.fork()\nif pid: os._exit(0)\ndef f(*a): return 0",
    "not Python": "def f(x) return 2 * x",
    "a null byte": "def f(x): return 0\n\0",
    "half a surrogate": "def f(x): return '\ud800'",
    "large int": "def f(x): return 10 ** 10**6",
    "deep": "def f(x):\n    for _ in range(10**5): x = [x]\n    return x",
    "itself": "def f(x):\n    y = []\n    y.append(y)\n    return y",
    "deleted": "def f(x): return 2 * x\ndel f",
    "another name": "def g(x): return 2 * x",
    "module main only": "if __name__ == '__main__':\n    def f(x): return 2 * x",
}


pytestmark = pytest.mark.usefixtures("code_sandbox")


@pytest.mark.parametrize("kind", TESTS)
def test_the_honest_program_earns_every_point(kind: str) -> None:
    (result,) = judge_all([(HONEST[kind], TESTS[kind])], ROOM)
    assert (result.passed, result.total) == (len(TESTS[kind]),) * 2, result


@pytest.mark.parametrize("kind", TESTS)
def test_no_hostile_program_earns_a_point(kind: str) -> None:
    results = judge_all([(program, TESTS[kind]) for program in HOSTILE.values()], SHORT)
    assert all(result.judged for result in results)
    earned = {
        name: [outcome for outcome in result.outcomes if outcome.passed]
        for name, result in zip(HOSTILE, results, strict=True)
        if result.passed
    }
    assert not earned


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("os._exit(0)", "exit"),
        ("sys.exit", "exit"),
        ("os._exit(0) when called", "exit"),
        ("for ever when called", "timeout"),
        ("sleeps", "timeout"),
        ("memory", "memory"),
        ("not Python", "syntax"),
        ("a constant", "wrong"),
        ("reads /proc", "error"),
    ],
)
def test_the_reason_is_told(name: str, reason: str) -> None:
    (result,) = judge_all([(HOSTILE[name], TESTS["call"][:1])], ROOM)
    got = result.outcomes[0].reason
    assert got == reason or (name == "reads /proc" and got == "denied")

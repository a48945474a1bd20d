"""Bytes that no honest process sends: refused in little time, and never an exception of any other
kind, for they are read in the process that must live.
"""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction

import pytest

from reasoning_lab.sandbox import levels, plain
from reasoning_lab.sandbox.sandbox import Limits, Sandbox

_PRIME = 2**61 - 1  # ints that differ by multiples of it have the same hash


def _colliding(tag: str, item: str) -> bytes:
    """90,000 keys of one hash: a table of them takes a minute to fill."""
    keys = (f'{{"i":"0x{k * _PRIME + 7:x}"}}' for k in range(2**13, 2**13 + 90_000))
    return f'{{"{tag}":[{",".join(item.replace("KEY", key) for key in keys)}]}}'.encode()


FORGED: dict[str, Callable[[], bytes]] = {
    "a complex number without parts": lambda: b'{"c":[]}',
    "a complex number by name": lambda: b'{"c":{}}',
    "a complex number beyond every float": lambda: b'{"c":[' + b"9" * 400 + b",1]}",
    "brackets without end": lambda: b"[" * 99_999,
    "nested deeper than allowed": lambda: b"[" * 400 + b"]" * 400,
    "a million empty lists": lambda: b"[" + b"[]," * 1_300_000 + b"[]]",
    "a set of one hash": lambda: _colliding("s", "KEY"),
    "a frozen set of one hash": lambda: _colliding("z", "KEY"),
    "a dict of one hash": lambda: _colliding("d", "[KEY,0]"),
    "pairs that are none": lambda: b'{"d":[[1]]}',
    "pairs of three": lambda: b'{"d":[[1,2,3]]}',
    "a key that has no hash": lambda: b'{"d":[[[],1]]}',
    "a range of text": lambda: b'{"r":["a"]}',
    "a range without steps": lambda: b'{"r":[0,9,0]}',
    "an iterator of a number": lambda: b'{"n":5}',
    "an unknown tag": lambda: b'{"x":1}',
    "two tags": lambda: b'{"t":[],"s":[]}',
    "no tag": lambda: b"{}",
    "bytes of a number": lambda: b'{"b":5}',
    "bytes that are no hex": lambda: b'{"b":"zz"}',
    "an int that is no hex": lambda: b'{"i":"0xz"}',
    "an int of a million bits": lambda: b'{"i":"0x' + b"f" * 250_000 + b'"}',
    "an int in decimal of 100,000 digits": lambda: b"9" * 100_000,
    "a Decimal of a number": lambda: b'{"m":5}',
    "a Decimal of a billion digits": lambda: b'{"m":"1e999999999"}',
    "a Decimal beyond every exponent": lambda: b'{"m":"1e99999999999999999999"}',
    "a Decimal of a billion noughts": lambda: b'{"m":"0e999999999"}',
    "a Decimal of too many digits": lambda: b'{"m":"' + b"9" * 30_000 + b'"}',
    "a Decimal that signals": lambda: b'{"m":"sNaN"}',
    "a Decimal that is none": lambda: b'{"m":"__import__"}',
    "Decimals of one hash": lambda: (
        b'{"s":[%s]}' % b",".join(b'{"m":"%d.0"}' % (k * _PRIME + 7) for k in range(9000))
    ),
    "Fractions of one hash": lambda: (
        b'{"s":[%s]}'
        % b",".join(b'{"f":[{"i":"0x%x"},2]}' % (2 * k * _PRIME + 7) for k in range(9000))
    ),
    "a Fraction of nothing": lambda: b'{"f":[1,0]}',
    "a Fraction of floats": lambda: b'{"f":[1.5,2.5]}',
    "a Fraction of text": lambda: b'{"f":["1e999999999",1]}',
    "a Fraction of large ints": lambda: b'{"f":[{"i":"0x%s"},3]}' % (b"f" * 16_000),
    "a Fraction of one part": lambda: b'{"f":[1]}',
    "a deque of a number": lambda: b'{"q":5}',
    "a key that is a deque": lambda: b'{"s":[{"q":[]}]}',
    "a date from its pickled bytes": lambda: b'{"D":[{"b":"07e80101"}]}',
    "a date from pickled text": lambda: b'{"D":["abcd"]}',
    "a date that is none": lambda: b'{"D":[2023,2,30]}',
    "a date of floats": lambda: b'{"D":[2023.0,2,3]}',
    "a datetime from pickled text": lambda: b'{"M":["abcdefghij",null]}',
    "a datetime that is short": lambda: b'{"M":[2023,2,3]}',
    "a time zone from nowhere": lambda: b'{"H":[1,2,3,4,99,0,0]}',
    "a time zone by name": lambda: b'{"H":[1,2,3,4,"UTC"]}',
    "a time span beyond every number": lambda: b'{"L":[99999999999,0,0]}',
    "a time span of floats": lambda: b'{"L":[1e300,0,0]}',
    "no UTF-8": lambda: b'"\xff"',
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_bytes_are_refused(name: str) -> None:
    with pytest.raises(plain.NotPlain):
        plain.loads(FORGED[name]())


def test_large_honest_values_cross() -> None:
    for value in (
        list(range(290_000)),
        {i: i for i in range(90_000)},
        {2**70 + i for i in range(99)},
        [Decimal(i).scaleb(-2) for i in range(90_000)],
        {Fraction(i, 7) for i in range(20_000)},
    ):
        assert plain.loads(plain.dumps(value)) == value


_SEND = """
import os, struct
def send(body):
    left = memoryview(struct.pack("!I", len(body)) + body)
    while left:
        left = left[os.write(3, left):]
"""
_WORDS = {
    "a number as the exception's name": ["done", {"i": "0x" + "f" * 16_000}, "x"],
    "a complex number as the message": ["done", "E", {"c": []}],
    "a list as the message": ["done", "E", [1]],
    "nothing": [],
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    if why := levels.detect()["namespaces"]:
        pytest.skip(f"NOT TESTED HERE: namespaces: {why}")
    with Sandbox("namespaces", workers=1) as made:
        yield made


@pytest.mark.parametrize("name", _WORDS)
def test_a_forged_report_is_an_error_of_the_program(name: str, sandbox: Sandbox) -> None:
    outcome = sandbox.run(f"{_SEND}\nsend({json.dumps(_WORDS[name]).encode()!r})\nos._exit(1)")
    assert outcome.status == "error"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(["raised", {"i": "0x" + "f" * 16_000}, "x"]),
        json.dumps(["raised", "E", 2.5]),
        json.dumps(["value", {"c": []}]),
        json.dumps(["relay", "f", [], {"d": []}]),
        json.dumps(["value"]),
        "{}",
    ],
)
def test_a_forged_answer_is_no_value(body: str, sandbox: Sandbox) -> None:
    code = f"{_SEND}\ndef f():\n    send({body.encode()!r})\n    return 1"
    with sandbox.open(code, Limits(wall_seconds=2)) as program:
        assert program.call("f").status != "ok"
    assert sandbox.run("print(1)").stdout == "1\n"


PATIENT = Limits(cpu_seconds=300, wall_seconds=300)


@pytest.mark.parametrize(
    "body", ["send(b'[1]')", "send(b'{}')", "os.write(3, b'\\xff' * 9)",
             "os.write(3, b'\\0\\x3f\\0\\0')\nwhile True: os.write(3, b'[' * 9999)"]
)  # fmt: skip
def test_who_can_answer_no_more_is_not_waited_for(body: str, sandbox: Sandbox) -> None:
    code = f"{_SEND}{body}\nwhile True: ..."
    assert sandbox.run(code, limits=PATIENT).status == "killed"
    with sandbox.open(code, PATIENT) as program:
        assert program.loaded.status == "killed"
    called = f"{_SEND}def f():\n    " + body.replace("\n", "\n    ") + "\n    while True: ..."
    with sandbox.open(called, PATIENT) as program:
        assert program.call("f").status == "killed"


@pytest.mark.parametrize("begin", ["", "send(b'[1]')", "os.write(3, b'\\0\\x3f\\0\\0')"])
def test_what_floods_the_channel_of_a_run_takes_no_memory_here(
    begin: str, sandbox: Sandbox
) -> None:
    code = f"{_SEND}{begin}\nwhile True: os.write(3, b'[' * 65_536)"
    tracemalloc.start()
    try:
        sandbox.run(code, limits=PATIENT)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2**20


def test_an_exception_with_a_name_of_any_length_is_told(sandbox: Sandbox) -> None:
    outcome = sandbox.run("raise type('É' * 30_000, (Exception,), {})('why')")
    assert (outcome.status, outcome.reason) == ("error", "É" * 200 + ": why")


def test_who_closes_the_channel_is_not_waited_for(sandbox: Sandbox) -> None:
    code = "import os\ndef f():\n    os.close(3)\n    while True: ..."
    with sandbox.open(code, PATIENT) as program:
        assert program.call("f").status == "killed"


def test_a_result_longer_than_is_looked_for_is_not_unpacked(sandbox: Sandbox) -> None:
    with sandbox.open("def f(n): return [7] * n") as program:
        program.most = 1000
        assert program.call("f", [400]).value == [7] * 400
        reply = program.call("f", [600])
        assert (reply.status, reply.value) == ("error", None)
        assert "far longer than the expected one" in reply.error
        assert program.call("f", [2]).value == [7, 7]

"""Values of the standard library cross whole, as plain data made anew; a subclass as its base."""

from collections import Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from reasoning_lab.sandbox import plain

EAST = timezone(timedelta(hours=5, minutes=30), "IST")


class Everywhere(tzinfo):
    """A time zone of the program's own."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        return timedelta(hours=-3)

    dst = utcoffset

    def tzname(self, _: datetime | None) -> str:
        return "here"


class Equal:
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Price(Equal, Decimal):
    def __str__(self) -> str:
        return "4"


class Share(Equal, Fraction):
    pass


class Day(Equal, date):
    pass


class Queue(Equal, deque[int]):
    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.50"),
        Decimal("-0"),
        Decimal("1E+10"),
        Decimal("Infinity"),
        Decimal("0." + "3" * 5000),
        Fraction(-1, 3),
        Fraction(2**4000, 3),
        deque([1, [2.5], (3,)]),
        date(2024, 2, 29),
        time(23, 59, 59, 999_999),
        time(1, tzinfo=UTC),
        datetime(1, 1, 1),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, EAST),
        timedelta(-1, 5, 7),
        timedelta.max,
        {Decimal("1.5"): {Fraction(1, 2)}, date(2024, 1, 1): frozenset({timedelta(1)})},
    ],
)
def test_it_crosses_whole(value: Any) -> None:
    got = plain.loads(plain.dumps(value))
    assert (type(got), got) == (type(value), value)
    assert str(got) == str(value)


@pytest.mark.parametrize(
    ("value", "base"),
    [
        (Price("1.5"), Decimal("1.5")),
        (Share(1, 3), Fraction(1, 3)),
        (Day(2024, 1, 2), date(2024, 1, 2)),
        (Queue([1, 2], 5), deque([1, 2])),
        (datetime(2024, 1, 1, tzinfo=Everywhere()),
         datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-3)))),
        (Counter("abb"), {"a": 1, "b": 2}),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, a=1), {"a": 1}),
    ],
)  # fmt: skip
def test_an_instance_of_a_subclass_crosses_as_its_base(value: Any, base: Any) -> None:
    got = plain.loads(plain.dumps(value))
    assert type(got) is type(base)
    assert base == got


def test_a_decimal_that_is_no_number_equals_nothing() -> None:
    got = plain.loads(plain.dumps([Decimal("NaN"), Decimal("-NaN123")]))
    assert [str(each) for each in got] == ["NaN", "NaN"]
    assert not any(each == other for each in got for other in (*got, 0, 1.5))


@pytest.mark.parametrize(
    "value",
    [
        Decimal("sNaN"),
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        Decimal("0E+999999"),
        Decimal("9" * 30_000),
        Fraction(2**5000),
        Fraction(1, 2**5000),
    ],
)
def test_what_would_be_long_to_work_with_does_not_cross(value: Any) -> None:
    with pytest.raises(plain.NotPlain):
        plain.dumps([value])

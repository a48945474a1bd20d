"""Plain data as bytes, between processes that do not trust each other. Never eval, never pickle.

JSON's own values stand for themselves; whatever JSON lacks is an object with a single key, its
tag: `{"t": […]}` a tuple, `d` a dict as pairs, `s` a set, `z` a frozenset, `b` bytes in hex,
`i` a large int in hex, `c` a complex number, `r` a range, `n` an iterator that was read to its
end. Floats keep nan and the infinities, strings keep lone surrogates.

Of the standard library: `m` a Decimal as its text, `f` a Fraction as two ints, `q` a deque, `D` a
date, `H` a time, `M` a datetime and `L` a timedelta as ints. The receiver makes each anew from
those parts, whose size is bounded. A time zone crosses as its offset, without its name.

An instance of a subclass crosses as its plain base (a Counter as a dict, a named tuple as a
tuple), so nothing with an `__eq__` of its own reaches the other side.
"""

import itertools
import json
import types
from collections import Counter, deque
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 64
MAX_BITS = 2**16  # of an int: about 20,000 digits, which the other side may want to print
MAX_DIGITS = 20_000  # of a Decimal; also how far its point may be from them
MAX_PART_BITS = 2**12  # of a Fraction's ints, whose common divisor the receiver looks for
MAX_ITEMS = 100_000  # read from an iterator
BYTES_A_VALUE = 14  # at least, in a message of full length: "[]," would be 50 times as much to hold
_MAX_ALIKE = 64  # keys with one hash: a table of n such keys takes n * n steps to fill
_SMALL = 2**53
_NONSENSE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError)
_ITERATORS: tuple[type, ...] = (
    types.GeneratorType,
    map,
    filter,
    zip,
    enumerate,
    reversed,
    type(iter([])),
)


class NotPlain(ValueError):
    """A value that does not cross: its type, size or depth is not allowed."""


def dumps(value: Any, limit: int = MAX_BYTES) -> bytes:
    """The value's bytes; raises `NotPlain` for what is not plain, too deep or too large.

    >>> loads(dumps({"a": (1, {2.5}, b"c")}))
    {'a': (1, {2.5}, b'c')}
    """
    data = json.dumps(_pack(value, MAX_DEPTH), separators=(",", ":")).encode()
    check_size(data, limit)
    return data


def loads(data: bytes, limit: int = MAX_BYTES) -> Any:
    """The value that `dumps` wrote; raises `NotPlain` for any other bytes."""
    check_size(data, limit)
    try:
        return _unpack(json.loads(data), MAX_DEPTH)
    except NotPlain:
        raise
    except _NONSENSE as error:
        raise NotPlain(f"not the bytes of plain data: {error}") from None


def check_size(data: bytes, limit: int = MAX_BYTES) -> None:
    """Raises `NotPlain` for bytes that are too many, or could hold too many values."""
    if len(data) > limit:
        raise NotPlain(f"{len(data)} bytes, more than {limit}")
    if (values := sum(map(data.count, (b",", b"[", b"{")))) > limit // BYTES_A_VALUE:
        raise NotPlain(f"{values} values or commas, more than {limit // BYTES_A_VALUE}")


def _pack(value: Any, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    if depth < 0:
        raise NotPlain(f"nested more than {MAX_DEPTH} deep")
    for kind, pack in _PACK:
        if isinstance(value, kind):
            return pack(value, depth - 1)
    for kind, pack in _PACK_LIBRARY:
        if isinstance(value, kind):
            return pack(value, depth - 1)
    item = getattr(type(value), "item", None)
    if type(value).__module__ == "numpy" and item is not None and getattr(value, "ndim", 1) == 0:
        return _pack(value.item(), depth - 1)
    raise NotPlain(f"a value of type {type(value).__name__} is not plain data")


def _pack_int(value: int, _: int) -> Any:
    value = int.__index__(value)
    if -_SMALL < value < _SMALL:
        return int.__int__(value)
    if value.bit_length() > MAX_BITS:
        raise NotPlain(f"an int of {value.bit_length()} bits, more than {MAX_BITS}")
    return {"i": hex(value)}


def _pack_all(values: Any, depth: int) -> list[Any]:
    return [_pack(value, depth) for value in values]


def _pack_pairs(value: dict[Any, Any], depth: int) -> Any:
    return {"d": [[_pack(k, depth), _pack(v, depth)] for k, v in dict.items(value)]}


def _pack_iterator(value: Any, depth: int) -> Any:
    items = list(itertools.islice(value, MAX_ITEMS + 1))
    if len(items) > MAX_ITEMS:
        raise NotPlain(f"an iterator of more than {MAX_ITEMS} items")
    return {"n": _pack_all(items, depth)}


# The base classes' own methods: a subclass must not decide what it looks like on the way out.
_PACK: tuple[tuple[Any, Callable[[Any, int], Any]], ...] = (
    (str, lambda value, _: str.__str__(value)),
    (int, _pack_int),
    (float, lambda value, _: float.__float__(value)),
    (list, lambda value, depth: _pack_all(list.__iter__(value), depth)),
    (tuple, lambda value, depth: {"t": _pack_all(tuple.__iter__(value), depth)}),
    (dict, _pack_pairs),
    (set, lambda value, depth: {"s": _pack_all(set.__iter__(value), depth)}),
    (frozenset, lambda value, depth: {"z": _pack_all(frozenset.__iter__(value), depth)}),
    ((bytes, bytearray), lambda value, _: {"b": bytes(value).hex()}),
    (complex, lambda value, _: {"c": [float(value.real), float(value.imag)]}),
    (range, lambda value, depth: {"r": _pack_all((value.start, value.stop, value.step), depth)}),
    (_ITERATORS, _pack_iterator),
)


def _pack_decimal(value: Decimal, _: int) -> Any:
    text = "NaN" if value.is_nan() else Decimal.__str__(value)
    if value.is_snan() or (value.is_finite() and abs(value.adjusted()) > MAX_DIGITS):
        raise NotPlain("a Decimal that signals, or with a point beyond its digits")
    if len(text) > MAX_DIGITS:
        raise NotPlain(f"a Decimal of more than {MAX_DIGITS} digits")
    return {"m": text}


def _pack_fraction(value: Fraction, depth: int) -> Any:
    parts = value.numerator, value.denominator
    if max(part.bit_length() for part in parts) > MAX_PART_BITS:
        raise NotPlain(f"a Fraction of parts with more than {MAX_PART_BITS} bits")
    return {"f": _pack_all(parts, depth)}


def _pack_clock(value: time | datetime, _: int) -> list[int | None]:
    """Hour to microsecond, then days, seconds and microseconds east of UTC, or None."""
    offset = value.utcoffset()
    zone = [None] if offset is None else _parts(offset)
    return [value.hour, value.minute, value.second, value.microsecond, *zone]


def _parts(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


_PACK_LIBRARY: tuple[tuple[Any, Callable[[Any, int], Any]], ...] = (
    (Decimal, _pack_decimal),
    (Fraction, _pack_fraction),
    (deque, lambda value, depth: {"q": _pack_all(deque.__iter__(value), depth)}),
    (
        datetime,
        lambda value, depth: {
            "M": [value.year, value.month, value.day, *_pack_clock(value, depth)]
        },
    ),
    (date, lambda value, _: {"D": [value.year, value.month, value.day]}),
    (time, lambda value, depth: {"H": _pack_clock(value, depth)}),
    (timedelta, lambda value, _: {"L": _parts(value)}),
)


def _unpack(value: Any, depth: int) -> Any:
    if depth < -MAX_DEPTH:  # a level of data is up to two of JSON
        raise NotPlain(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, list):
        return [_unpack(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, body),) = value.items()
    if tag not in _UNPACK:
        raise NotPlain("an unknown tag")
    return _UNPACK[tag](body, depth - 1)


def _unpack_all(body: Any, depth: int) -> list[Any]:
    if not isinstance(body, list):
        raise NotPlain("a tag without its list")
    return [_unpack(item, depth) for item in body]


def _unpack_pairs(body: Any, depth: int) -> dict[Any, Any]:
    pairs = [_unpack_all(pair, depth) for pair in body]
    _check_keys([key for key, _ in pairs])
    return dict(pairs)


def _unpack_keys(body: Any, depth: int) -> list[Any]:
    return _check_keys(_unpack_all(body, depth))


def _check_keys(keys: list[Any]) -> list[Any]:
    """The keys, when they can be put into a table in about as many steps as there are keys."""
    if len(keys) > _MAX_ALIKE and max(Counter(map(hash, keys)).values()) > _MAX_ALIKE:
        raise NotPlain("keys made to have the same hash")
    return keys


def _unpack_int(body: Any, _: int) -> int:
    if not isinstance(body, str) or len(body) > MAX_BITS // 4 + 3:
        raise NotPlain("an int that is too large")
    return int(body, 16)


def _unpack_decimal(body: Any, _: int) -> Decimal:
    if not isinstance(body, str) or len(body) > MAX_DIGITS:
        raise NotPlain("a Decimal that is too long")
    value = Decimal(body)
    if value.is_snan() or (value.is_finite() and abs(value.adjusted()) > MAX_DIGITS):
        raise NotPlain("a Decimal that signals, or with a point beyond its digits")
    return Decimal("NaN") if value.is_nan() else value


def _unpack_fraction(body: Any, depth: int) -> Fraction:
    top, bottom = _ints(_unpack_all(body, depth))
    if max(top.bit_length(), bottom.bit_length()) > MAX_PART_BITS:
        raise NotPlain("a Fraction that is too large")
    return Fraction(top, bottom)


def _ints(body: Any) -> list[int]:
    """A list of ints: from text, these types would read more than their parts."""
    if not isinstance(body, list) or not all(type(each) is int for each in body):
        raise NotPlain("parts that are no ints")
    return body


def _unpack_clock(body: list[Any]) -> tuple[int, int, int, int, timezone | None]:
    hour, minute, second, micro, *zone = body
    hour, minute, second, micro = _ints([hour, minute, second, micro])
    return hour, minute, second, micro, None if zone == [None] else timezone(_delta(zone))


def _unpack_datetime(body: Any, _: int) -> datetime:
    year, month, day = _ints(body[:3])
    return datetime.combine(date(year, month, day), time(*_unpack_clock(body[3:])))


def _delta(body: Any) -> timedelta:
    days, seconds, micros = _ints(body)
    return timedelta(days, seconds, micros)


_UNPACK: dict[str, Callable[[Any, int], Any]] = {
    "t": lambda body, depth: tuple(_unpack_all(body, depth)),
    "d": _unpack_pairs,
    "s": lambda body, depth: set(_unpack_keys(body, depth)),
    "z": lambda body, depth: frozenset(_unpack_keys(body, depth)),
    "b": lambda body, _: bytes.fromhex(body),
    "i": _unpack_int,
    "c": lambda body, _: complex(float(body[0]), float(body[1])),
    "r": lambda body, depth: range(*_unpack_all(body, depth)),
    "n": lambda body, depth: iter(_unpack_all(body, depth)),
    "m": _unpack_decimal,
    "f": _unpack_fraction,
    "q": lambda body, depth: deque(_unpack_all(body, depth)),
    "D": lambda body, _: date(*_ints(body)),
    "H": lambda body, _: time(*_unpack_clock(body)),
    "M": _unpack_datetime,
    "L": lambda body, _: _delta(body),
}

"""Numbers as a reader wants them: shares, intervals, durations, counts, verdicts."""

import math
from collections.abc import Callable
from pathlib import Path

from reasoning_lab.statistics.interval import Estimate

NOTHING = 1e-6
"""What is nearer to 0 is shown as 0: of numbers near 1 it is float32's rounding, no more."""
CONSTANT = " constant"
"""What stands in the place of an interval where all values are alike."""


def percent(value: float) -> str:
    """A share in [0, 1] as per cent.

    >>> percent(0.642)
    '64.2 %'
    """
    return f"{100 * value:z.1f} %"


def with_interval(estimate: Estimate, write: Callable[[float], str], unit: str = "") -> str:
    """A value and its 95 % interval, when it has one, as `write` writes each of their numbers."""
    value = write(estimate.value) + unit
    if estimate.low is None or estimate.high is None:
        return value + CONSTANT * estimate.is_constant
    return f"{value} [{write(estimate.low)}, {write(estimate.high)}]"


def share(estimate: Estimate) -> str:
    """A share with its interval: `64.2 % [60.0, 68.2]`, or `50.0 % constant`."""
    return with_interval(estimate, lambda value: f"{100 * value:z.1f}", " %")


def points(difference: Estimate) -> str:
    """A difference of shares in percentage points with its interval: `+30.1 [+26.2, +34.0]`.

    `0` where nothing moved: the interval, of what might have moved, is no news of what did.
    """
    if difference.unmoved:
        return "0"
    return with_interval(difference, lambda value: f"{100 * value:+z.1f}")


def number(estimate: Estimate) -> str:
    """A mean with its interval, when it has one: `9.1 [8.8, 9.4]`, or `9.0 constant`."""
    digits = 1 if abs(estimate.value) >= 1 else 3
    return with_interval(estimate, lambda value: f"{value:z,.{digits}f}")


def plain(value: float) -> str:
    """A number with as many digits as mean something to a reader, never with an exponent.

    >>> plain(0.12345), plain(41.26), plain(12345.6), plain(2e-05), plain(1.10), plain(3.0)
    ('0.123', '41.3', '12,346', '0.00002', '1.1', '3')
    >>> plain(-1.44e-08), plain(999.6)
    ('0', '1,000')
    """
    if not math.isfinite(value):
        return str(value)
    if abs(value) < NOTHING:
        return "0"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    whole = f"{value:.{digits}f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def setting(value: object) -> str:
    """A setting as a table shows it.

    >>> setting(1e-05), setting(None), setting("dapo")
    ('1e-05', 'none', 'dapo')
    """
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def verdict(difference: Estimate) -> str:
    """What a paired difference with a 95 % interval allows one to say.

    `unchanged`: not one problem went either way.
    """
    if difference.unmoved:
        return "unchanged"
    if difference.low is None or difference.high is None:
        return "no interval"
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "not distinguishable"


def duration(seconds: float) -> str:
    """Seconds as a reader says them.

    >>> duration(0.4), duration(72), duration(3900), duration(200_000)
    ('under 1 s', '1 min 12 s', '1 h 05 min', '2 d 7 h')
    """
    whole = round(seconds)
    if whole < 1:
        return "under 1 s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60:02d} s" if whole % 60 else "")
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def clock_time(seconds: float | None) -> str:
    """Seconds as a clock shows them; unknown ones as dashes.

    >>> clock_time(72), clock_time(3900), clock_time(None)
    ('1:12', '1:05:00', '-:--')
    """
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def count(value: float) -> str:
    """A large count: `1.31 M`.

    >>> count(950), count(1_310_000), count(1.5e9)
    ('950', '1.31 M', '1.5 G')
    """
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            scaled = value / (1e3 if unit == "k" else size)
            return f"{scaled:.3g} {unit}"
    return f"{value:,.0f}"


def counted(number: float, noun: str) -> str:
    """How many there are of what the noun, in the singular, says.

    >>> counted(1, "prompt"), counted(2_000, "row"), counted(0.5, "prompt")
    ('1 prompt', '2,000 rows', '0.5 prompts')
    """
    said = f"{number:,}" if isinstance(number, int) else plain(number)
    return f"{said} {noun}" + ("" if number == 1 else "s")


def titled(stage: str, name: str) -> str:
    """A run's stage and name, once where they are the same word.

    >>> titled("grpo", "grpo"), titled("sft", "tiny_base")
    ('grpo', 'sft · tiny_base')
    """
    return stage if stage == name else f"{stage} · {name}"


def path(place: Path) -> str:
    """A path as short as it can be typed from here: relative when below this folder.

    A link inside the path is kept: what the user sees is what the user named.
    """
    whole, here = place.expanduser().absolute(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)

"""One stored completion on the console: what was asked, written, paid, and why."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reasoning_lab.records.rollout import UNJUDGED, Rollout
from reasoning_lab.report.text.clean import one_line, shown
from reasoning_lab.report.text.words import NOTHING, counted, plain

TAGS = r"</?(?:think|answer)>"
STYLES = {"correct": "green", "wrong": "red", "timeout": "magenta", UNJUDGED: "cyan"}


def completion(one: Rollout, *, lines: int = 12) -> Group:
    """The completion as it is listed in the terminal; `lines` limits its text."""
    head = Text(f"step {one.step:,} · {one.verdict or UNJUDGED}", style=style(one))
    if one.reason:
        head.append(f": {one_line(one.reason, characters=120)}")
    ending = "" if one.finish in ("stop", "") else f" · cut off ({one_line(one.finish)})"
    head.append(f" · {counted(one.tokens, 'token')}{ending}", style="default")
    asked = Text(f"asked: {one_line(one.question, characters=300)}", style="dim")
    asked.append(f"  (answer: {one_line(one.gold, characters=60)})")
    text = shown(one.text, characters=100 * lines, lines=lines)
    text.highlight_regex(TAGS, "cyan")
    return Group(head, asked, indented(text), Text(paid(one)))


def style(one: Rollout) -> str:
    """The colour of a completion's verdict."""
    return STYLES.get(one.verdict or UNJUDGED, "yellow")


def paid(one: Rollout) -> str:
    """`reward 1.1 (accuracy 1, format 1) · advantage +0.52`; a dash for what does not apply."""
    line = f"reward {figure(one.total)} ({parts(one.parts)})"
    return line if one.advantage is None else f"{line} · advantage {signed(one.advantage)}"


def parts(values: Mapping[str, float | None]) -> str:
    """`accuracy 1, format –`."""
    return ", ".join(f"{one_line(name)} {figure(value)}" for name, value in values.items())


def figure(value: float | None) -> str:
    """A number for a reader, a dash for None."""
    return "–" if value is None else plain(value)


def signed(value: float | None) -> str:
    """A number with its sign, `0` for none at all, a dash for None."""
    return "–" if value is None else "0" if abs(value) < NOTHING else f"{value:+z.2f}"


def indented(content: RenderableType) -> Table:
    """`content` two columns to the right."""
    grid = Table.grid()
    grid.add_column(width=2)
    grid.add_column(overflow="fold")
    grid.add_row("", content)
    return grid

"""A table where there is room for it, a list where there is not: nothing is cut off."""

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

UNBOUNDED = 10_000  # columns
FRAME = 4  # columns that a panel takes of the console's


def fitting(table: Table, console: Console, *, frame: int = FRAME) -> RenderableType:
    """`table`, or its rows as a list where a word of it would be cut in the console.

    `frame` is how many columns are taken by what stands around it.
    """
    whole = Measurement.get(console, console.options.update(max_width=UNBOUNDED), table).maximum
    spare = sum(_longest(column) - _least(column) for column in table.columns)
    return table if whole - spare <= console.width - frame else listed(table)


def listed(table: Table) -> Table:
    """A table's rows one below the other: the first cell as a head, then heading and cell a line.

    Empty cells are left out, and an interval stands behind its value again.
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    headings = [_flat(_text(column.header)) for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        head, *cells = (_flat(_text(cell)) for cell in row)
        grid.add_row(headings[0], Text(head.plain, f"bold {head.style}"))
        for heading, cell in zip(headings[1:], cells, strict=True):
            if cell.plain:
                grid.add_row(heading, cell)
    return grid


def _longest(column: Column) -> int:
    """Columns of the longest line."""
    lines = [line for cell in _cells(column) for line in cell.split("\n")]
    return column.width or max([column.min_width or 0, *map(cell_len, lines)])


def _least(column: Column) -> int:
    """Columns without which a word would be cut, or a line that is not to be wrapped."""
    if column.no_wrap or column.width:
        return _longest(column)
    return max([column.min_width or 0, *(cell_len(w) for c in _cells(column) for w in c.split())])


def _cells(column: Column) -> list[str]:
    return [_text(cell).plain for cell in (column.header, *column.cells)]


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))


def _flat(cell: Text) -> Text:
    """A cell or a heading on one line; the parts of a heading such as `stage.` and `kind` join."""
    whole = cell.plain.replace(".\n", ".").replace("_\n", "_").replace("\n", " ")
    return Text(whole, cell.style)

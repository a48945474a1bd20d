"""How many rows of contest data pass with their own reference, by reader and shape.

    python -m experiments.reader_references

The rows are those of `tests/data/contest_rows.py`. A row that its reader drops does not pass.
"""

from collections import defaultdict

from rich.console import Console

from reasoning_lab import judge_code
from reasoning_lab.data import code_readers
from reasoning_lab.data.readers import RowError
from tests.data.contest_rows import ROWS, Contest


def passes(row: Contest) -> bool:
    """Whether the row's reference passes all of its tests."""
    try:
        example = getattr(code_readers, row.reader)(row.row, "row")
    except RowError:
        return False
    return judge_code(example.answer, example.tests).reason == "passed"


def main() -> None:
    """Print a line for each reader and shape, as on the page."""
    counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in ROWS:
        counts[row.reader, row.shape].append(passes(row))
        counts[row.reader, "all"].append(counts[row.reader, row.shape][-1])
    console = Console(width=100)
    for (reader, shape), passed in sorted(counts.items()):
        console.print(f"| {reader} | {shape} | {sum(passed)} of {len(passed)} |", markup=False)


if __name__ == "__main__":
    main()

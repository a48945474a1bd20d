"""Lines to score, a window at a time: enough to work in a batch, never a group cut in two."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from reasoning_lab.data.saved import Broken, Line

ROWS = 256  # lines after which a window ends with its group
LARGEST = 4096  # lines after which even a group is cut
CHARACTERS = 2**25  # of JSON, after which a window ends with its group
MOST = 2**28  # of JSON, after which even a group is cut

Group = list[Line]


@dataclass
class Window:
    """Groups of neighbouring lines of one problem, and the broken lines among them.

    `continues`: the first group is the rest of the window's before, absurdly large.
    """

    groups: list[Group] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    rows: int = 0
    characters: int = 0
    continues: bool = False


def windows(lines: Iterator[Line | Broken]) -> Iterator[Window]:
    """All lines in their order.

    Lines are of one group when they follow each other and have the same prompt, answer, task and
    tests; a line without a prompt is a group of its own, and a broken line separates nothing.
    """
    window, last = Window(), ""
    for line in lines:
        if isinstance(line, Broken):
            window.broken.append(line)
            if len(window.broken) >= LARGEST:
                yield window
                window = Window()
            continue
        key = _key(line)
        same = bool(key) and key == last
        full = window.rows >= ROWS or window.characters >= CHARACTERS
        huge = window.rows >= LARGEST or window.characters >= MOST
        if (full and not same) or huge:
            yield window
            window = Window()
        if same and window.groups:
            window.groups[-1].append(line)
        else:
            window.continues = window.continues or same
            window.groups.append([line])
        window.rows += 1
        window.characters += len(line.text)
        last = key
    if window.rows or window.broken:
        yield window


def _key(line: Line) -> str:
    """What the lines of one group have in common; "" for a line without a prompt."""
    example = line.example
    if not example.prompt:
        return ""
    return json.dumps([example.prompt, example.answer, example.task, example.tests])

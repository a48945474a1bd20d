"""Code format: does the answer hold a block of Python that can be read?"""

from reasoning_lab.judges.code.fenced import is_program, program_of
from reasoning_lab.rewards.term import Rows, per_batch, yes_no

MOST = 20_000


@yes_no()
@per_batch
def code_format(rows: Rows, *, max_characters: int) -> list[float]:
    """Of each row 1.0 if the last block fenced as Python after thinking is a program, else 0.0.

    Such a block begins with a line "```python" (or `py`, `python3`) and ends with a line "```".
    It is parsed, never compiled to byte code or run. Not taken for a program: one with no
    statement but a docstring or `pass`, one of more than `max_characters` (1 to 20,000), one with a
    null byte, and one so deep that the parser cannot hold it (which differs a little from one
    Python to the next). Up to 20,000 characters every Python from 3.11 to 3.13 was seen to refuse
    such programs within 25 ms and none to crash; more was not tried.
    Range {0, 1}. Source: the code format reward of open-r1.
    """
    if not 1 <= max_characters <= MOST:
        raise ValueError(f"max_characters must be from 1 to {MOST}, got {max_characters}")
    # First all blocks, then all programs: taking turns, the two make each other slower by a third.
    programs = [program_of(completion.text) for completion, _ in rows]
    return [
        float(program is not None and len(program) <= max_characters and is_program(program))
        for program in programs
    ]

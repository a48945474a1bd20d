"""The reader of one's own rows (`data=local`): question, answer, and what else a row has.

Which column is which is said by `data.columns`; here they have the lab's names already.
"""

import json
import math
from typing import Any

from reasoning_lab.data.code_readers import code_tests
from reasoning_lab.data.readers import Row, RowError, column, missing_columns
from reasoning_lab.text.example import UNNAMED_TASK, Example, Message


def local(row: Row, name: str) -> Example:
    """A row of one's own file.

    `question`: text, or chat turns that end with the user's. `answer`: text, a number, true or
    false, or a list of these (several values, in any order). `trace`: worked steps, where there
    are any. `tests`: of a program (`text.code_tests`), as a list or its JSON; the row is then of
    task `code`, and may do without an answer. `task`: another task than `data.task`. Raises
    RowError for a column that is missing or holds something else.
    """
    needed = ("question",) if row.get("tests") is not None else ("question", "answer")
    missing = [name for name in needed if name not in row]
    if len(missing) > 1:
        raise missing_columns(row, missing)
    task = _text(row, "task") or UNNAMED_TASK
    trace = _text(row, "trace")
    if row.get("tests") is not None:
        answer = row.get("answer")
        tested = code_tests({**row, "tests": _tests(row["tests"]), "answer": answer or ""}, name)
        return Example(name, tested.prompt, tested.answer, "code", trace, tested.tests)
    return Example(name, _prompt(row), _answer(row), task, trace)


def _text(row: Row, name: str) -> str | None:
    return None if row.get(name) is None else column(row, name).strip()


def _prompt(row: Row) -> tuple[Message, ...]:
    turns = row.get("question")
    if not isinstance(turns, list):
        return ({"role": "user", "content": column(row, "question").strip()},)
    kept: list[Message] = []
    for turn in turns:
        said = turn if isinstance(turn, dict) else {}
        role, content = said.get("role"), said.get("content")
        if role not in ("system", "user", "assistant") or not isinstance(content, str):
            raise RowError("column `question` holds a list that is no chat", _TURNS)
        kept.append({"role": role, "content": content})
    if not kept or kept[-1]["role"] != "user":
        raise RowError("the chat in column `question` does not end with the user's turn", _TURNS)
    return tuple(kept)


_TURNS = 'text, or turns such as [{"role": "user", "content": "6 * 7?"}]'


def _answer(row: Row) -> str:
    value = row.get("answer")
    if value is None or isinstance(value, str):
        return column(row, "answer").strip()
    if isinstance(value, list) and value:
        return ", ".join(map(_value, value))
    return _value(value)


def _value(value: Any) -> str:
    """One value as it is written: `True` is true, a whole float keeps its point."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, (int, float)) and math.isfinite(value):
        return str(value)
    raise RowError(
        f"column `answer` holds {json.dumps(value, default=str)[:60]}",
        "text, a number, true or false, or a list of these",
    )


def _tests(tests: Any) -> Any:
    """A csv cell holds the list as JSON."""
    if not isinstance(tests, str):
        return tests
    try:
        return json.loads(tests)
    except (ValueError, RecursionError) as error:
        raise RowError(f"column `tests` is not JSON: {error}", "a list of tests") from None

"""Readers of programming problems: HumanEval, MBPP, KodCode, and TACO or APPS.

Each maps a row to an `Example` of task `code`: the question, the reference solution as its answer
(bare Python, "" where there is none), and tests that `text.code_tests` has checked. A row whose
tests need what a judge outside of the program cannot have (a test framework, the program's own
classes) is `Unfit` and dropped with a count. What only a run shows, such as arguments that are
changed in place, is not seen here: `stage=audit` counts the references that fail their own tests.
"""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from reasoning_lab.data.pytest_file import cases_of
from reasoning_lab.data.readers import Row, RowError, Unfit, column
from reasoning_lab.errors import DataError
from reasoning_lab.text.code_tests import TOLERANCE, json_of, read_tests
from reasoning_lab.text.example import Example

ASK = "Write the whole program in one ```python block."
MOST_TESTS = 100
"""Of one TACO problem: the first ones; a few rows have thousands."""


def humaneval(row: Row, name: str) -> Example:
    """HumanEval (arXiv:2107.03374): `prompt`, `entry_point`, `test`, `canonical_solution`.

    What the prompt defines beside the function asked for (imports, a helper that the tests call)
    becomes part of the test, so that no program can redefine it for the judge.
    """
    prompt, entry = column(row, "prompt"), column(row, "entry_point").strip()
    check = _given(prompt, entry) + "\n" + column(row, "test")
    question = f"Complete this Python function. {ASK}\n\n```python\n{prompt.rstrip()}\n```"
    solution = row.get("canonical_solution")
    answer = f"{prompt}{solution}" if isinstance(solution, str) and solution.strip() else ""
    return _example(
        name,
        question,
        answer,
        [{"type": "check", "code": check, "entry_point": entry}],
        "humaneval",
    )


def mbpp(row: Row, name: str) -> Example:
    """MBPP (arXiv:2108.07732), full or sanitized: `text` or `prompt`, `code`, `test_list`, and
    `test_setup_code` or `test_imports`.

    As in the paper the question shows tests, since they alone tell the function's name; here the
    first one only.
    """
    text = column(row, "text" if "text" in row else "prompt").strip()
    asserts = _texts(row, "test_list")
    setup = row.get("test_setup_code") or "\n".join(_texts(row, "test_imports", optional=True))
    tests = [{"type": "assert", "code": f"{setup}\n{one}".strip()} for one in asserts]
    _without_own_classes(tests, str(row.get("code") or ""))
    question = f"{text} {ASK} It must pass, for example:\n\n```python\n{asserts[0]}\n```"
    return _example(name, question, str(row.get("code") or ""), tests, "mbpp")


def kodcode(row: Row, name: str) -> Example:
    """KodCode-V1 (arXiv:2503.02951): `question`, `solution`, `test` (a file for pytest),
    `test_info` (the functions' names and declarations).

    Each test function becomes one test.
    """
    question = column(row, "question").strip()
    declared = [
        str(info["function_declaration"]).strip()
        for info in row.get("test_info") or ()
        if isinstance(info, dict) and info.get("function_declaration")
    ]
    if declared and not all(one in question for one in declared):
        question += "\n\nDeclare:\n\n```python\n" + "\n".join(declared) + "\n```"
    tests = [{"type": "assert", "code": code} for code in cases_of(column(row, "test"))]
    answer = str(row.get("solution") or "")
    _without_own_classes(tests, answer)
    return _example(name, f"{question}\n\n{ASK}", answer, tests, "kodcode")


def taco(row: Row, name: str) -> Example:
    """TACO (arXiv:2312.14852) and APPS (arXiv:2105.09938): `question`, `solutions`,
    `starter_code`, and `input_output` as JSON with `inputs`, `outputs` and sometimes `fn_name`.

    Without `fn_name` inputs and outputs are what a whole run reads and writes (a list is joined by
    line ends), else arguments and results; results that all stand in a list of one are taken out
    of it, as both data sets wrap them. What a run writes is compared with a tolerance.
    """
    question, starter = column(row, "question").strip(), str(row.get("starter_code") or "").strip()
    given = _json(row, "input_output")
    if not isinstance(given, dict) or not isinstance(given.get("inputs"), list):
        raise Unfit("no tests in `input_output`")
    inputs, outputs = given["inputs"], given.get("outputs")
    if not inputs or not isinstance(outputs, list) or len(outputs) != len(inputs):
        raise Unfit("no tests in `input_output`")
    fn = given.get("fn_name")
    pairs = list(zip(inputs, outputs, strict=True))[:MOST_TESTS]
    tests = list(_calls(str(fn), starter, pairs) if fn else _runs(pairs))
    if starter:
        question += f"\n\nBegin with:\n\n```python\n{starter}\n```"
    how = "" if fn else " It reads standard input and writes standard output."
    solutions = _json(row, "solutions")
    first = solutions[0] if isinstance(solutions, list) and solutions else ""
    return _example(name, f"{question}\n\n{ASK}{how}", str(first), tests, "taco")


def code_tests(row: Row, name: str) -> Example:
    """The lab's own form: `question`, `tests` (`text.code_tests`), and `answer`, a reference."""
    tests = row.get("tests")
    if not isinstance(tests, list) or not tests:
        raise RowError("column `tests` is not a list of tests", "choose another data.reader")
    answer = row.get("answer")
    return _example(name, column(row, "question").strip(), str(answer or ""), tests, "")


def _example(
    name: str, question: str, answer: str, tests: Sequence[dict[str, Any]], source: str
) -> Example:
    """The example; raises RowError for tests that are none."""
    try:
        read_tests(tests)
    except DataError as error:
        first = error.problems[0]
        raise RowError(f"{first.where}: {first.what}", first.cure) from error
    return Example(
        id=name,
        prompt=({"role": "user", "content": question},),
        answer=answer.strip("\n"),
        task="code",
        tests=tuple(tests),
        meta={"source": source} if source else {},
    )


def _without_own_classes(tests: Sequence[dict[str, Any]], solution: str) -> None:
    """Raises Unfit for tests that use a class which the solution defines: none can cross.

    One that the test's own lines define is no matter of the solution's.
    """
    classes = {one.name for one in _parsed(solution) if isinstance(one, ast.ClassDef)}
    for test in tests if classes else ():
        nodes = [node for one in _parsed(test["code"]) for node in ast.walk(one)]
        used = {one.id for one in nodes if isinstance(one, ast.Name)}
        given = {one.name for one in nodes if isinstance(one, ast.ClassDef)}
        if found := sorted(classes & used - given):
            raise Unfit(f"tests of the class {found[0]}, whose instances cannot cross to a judge")


def _parsed(code: str) -> list[ast.stmt]:
    """The statements of some Python; none where it is not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _given(prompt: str, entry: str) -> str:
    """What a prompt defines beside the function that is to be written."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in docstrings
            tree = ast.parse(prompt)
    except (SyntaxError, ValueError) as error:  # ValueError: a null byte before Python 3.11.4
        raise RowError(f"column `prompt` is not Python: {error}") from error
    kept = [one for one in tree.body if getattr(one, "name", None) != entry]
    return "\n".join(map(ast.unparse, kept))


def _calls(fn: str, starter: str, pairs: Sequence[tuple[Any, Any]]) -> Iterator[dict[str, Any]]:
    wrapped = all(isinstance(result, list) and len(result) == 1 for _, result in pairs)
    full = f"Solution.{fn}" if "class Solution" in starter else fn
    for args, result in pairs:
        if not isinstance(args, list):
            raise Unfit("arguments that are no list")
        expected = json_of(result[0] if wrapped else result)
        yield {"type": "call", "fn": full, "args": json_of(args), "expected": expected}


def _runs(pairs: Sequence[tuple[Any, Any]]) -> Iterator[dict[str, Any]]:
    for read, written in pairs:
        texts = {"stdin": _joined(read), "stdout": _joined(written)}
        yield {"type": "stdio", **texts, "tolerance": TOLERANCE}


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    raise Unfit("input or output that is no text")


def _texts(row: Row, name: str, *, optional: bool = False) -> list[str]:
    value = row.get(name)
    if value is None and optional:
        return []
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise RowError(f"column `{name}` is not a list of texts", "choose another data.reader")
    if not value and not optional:
        raise RowError(f"column `{name}` is empty")
    return list(value)


def _json(row: Row, name: str) -> Any:
    """A column that holds JSON as text, as these data sets store it, or the value itself."""
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"column `{name}` is not JSON: {str(error)[:80]}") from None

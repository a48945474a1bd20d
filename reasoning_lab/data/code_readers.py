"""Readers of programming problems: HumanEval, MBPP, KodCode, TACO or APPS, and the lab's own form.

Each maps a row to an `Example` of task `code`: the question, the reference solution as its answer
(bare Python, "" where there is none), and tests that `text.code_tests` has checked. A row whose
tests need what a judge outside of the program cannot have (a test framework, the program's own
classes) is `Unfit` and dropped with a count. What only a run shows, such as arguments that are
changed in place, is not seen here: `stage=audit` counts the references that fail their own tests,
and those that are no Python 3 (Python 2, another language, prose) among them. A byte order mark in
front is no part of a program, as for `python FILE`, and is taken off; so is a fence around the
whole of a reference.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reasoning_lab.data.json_calls import calls_of
from reasoning_lab.data.pytest_file import cases_of
from reasoning_lab.data.readers import Row, RowError, Unfit, column
from reasoning_lab.data.signature import Signature, declared, merged, signature_of
from reasoning_lab.errors import DataError
from reasoning_lab.text.code_tests import TOLERANCE, json_of, read_tests
from reasoning_lab.text.example import Example
from reasoning_lab.text.python_source import BOM, NotPython, statements_of, tree_of

ASK = "Write the whole program in one ```python block."
IMPORTED = (
    "What you use of Python's typing, collections, math, itertools, heapq, bisect, functools, re, "
    "string and the like is imported for you."
)
"""Said where tests have `imports`, so that a model need not guess it."""
_FENCED = re.compile(r"\s*```(?:python3?|py)?[ \t]*\n((?:(?!```).)*)```\s*", re.I | re.S)
MOST_TESTS = 100
"""Of one TACO problem: the first ones; a few rows have thousands."""


def humaneval(row: Row, name: str) -> Example:
    """HumanEval (arXiv:2107.03374): `prompt`, `entry_point`, `test`, `canonical_solution`.

    What the prompt defines beside the function asked for (imports, a helper that the tests call)
    becomes part of the test, so that no program can redefine it for the judge.
    """
    prompt, entry = python_of(column(row, "prompt")), column(row, "entry_point").strip()
    check = _given(prompt, entry) + "\n" + python_of(column(row, "test"))
    question = f"Complete this Python function. {ASK}\n\n```python\n{prompt.rstrip()}\n```"
    solution = python_of(row.get("canonical_solution"))
    answer = f"{prompt}{solution}" if solution.strip() else ""
    return coded_example(
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
    asserts = [python_of(one) for one in _texts(row, "test_list")]
    setup = python_of(row.get("test_setup_code"))
    setup = setup or "\n".join(_texts(row, "test_imports", optional=True))
    tests = [{"type": "assert", "code": f"{setup}\n{one}".strip()} for one in asserts]
    answer = python_of(row.get("code"))
    _without_own_classes(tests, answer)
    question = f"{text} {ASK} It must pass, for example:\n\n```python\n{asserts[0]}\n```"
    return coded_example(name, question, answer, tests, "mbpp")


def kodcode(row: Row, name: str) -> Example:
    """KodCode-V1 (arXiv:2503.02951): `question`, `solution`, `test` (a file for pytest),
    `test_info` (the functions' names and declarations).

    Each test function becomes one test, and the usual imports are made (`text.code_tests`).
    """
    question = column(row, "question").strip()
    declared = [
        str(info["function_declaration"]).strip()
        for info in row.get("test_info") or ()
        if isinstance(info, dict) and info.get("function_declaration")
    ]
    if declared and not all(one in question for one in declared):
        question += "\n\nDeclare:\n\n```python\n" + "\n".join(declared) + "\n```"
    cases = cases_of(python_of(column(row, "test")))
    tests = [{"type": "assert", "code": code, "imports": True} for code in cases]
    answer = python_of(row.get("solution"))
    _without_own_classes(tests, answer)
    return coded_example(name, f"{question}\n\n{ASK} {IMPORTED}", answer, tests, "kodcode")


def taco(row: Row, name: str) -> Example:
    """TACO (arXiv:2312.14852) and APPS (arXiv:2105.09938): `question`, `solutions`,
    `starter_code`, and `input_output` as JSON with `inputs`, `outputs` and sometimes `fn_name`.

    Without `fn_name` inputs and outputs are what a whole run reads and writes (a list is joined by
    line ends) and what it writes is compared with a tolerance, else arguments and results. Those
    came through JSON: `data.json_calls` says how they are read, `judges.code.json_equal` how
    results are compared. The function is a method of `class Solution` where the starter has that
    class, or, if it declares nothing, the reference; the question then shows the reference's first
    line. The usual imports are made. The reference is the first solution that is Python 3 and has
    the function, else the first.
    """
    question, starter = column(row, "question").strip(), python_of(row.get("starter_code")).strip()
    fn, pairs = _asked(row)
    begin = declared(starter, fn) if fn else None
    answer = _reference(row, fn, begin)
    if fn:
        solved = signature_of(answer, fn)
        tests = list(_calls(_target(fn, starter, begin, solved), pairs, merged(begin, solved)))
        how = f"{ASK} {IMPORTED}"
        if not begin and "class Solution" not in starter:
            starter = f"{starter}\n{solved.heading}".strip() if solved else starter
            how += "" if solved else f" It defines the function `{fn}`."
    else:
        tests = list(_runs(pairs))
        how = f"{ASK} It reads standard input and writes standard output. {IMPORTED}"
    if starter:
        question += f"\n\nBegin with:\n\n```python\n{starter}\n```"
    try:
        return coded_example(name, f"{question}\n\n{how}", answer, tests, "taco")
    except Unfit:
        raise
    except RowError as error:  # one of very many rows: too long a text, nested too deep
        raise Unfit(error.what.partition(": ")[2] or error.what, error.cure) from error


def code_tests(row: Row, name: str) -> Example:
    """The lab's own form: `question`, `tests` (`text.code_tests`), and `answer`, a reference."""
    tests = row.get("tests")
    if not isinstance(tests, list) or not tests:
        raise RowError("column `tests` is not a list of tests", "choose another data.reader")
    answer = row.get("answer")
    return coded_example(name, column(row, "question").strip(), str(answer or ""), tests, "")


def coded_example(
    name: str, question: str, answer: str, tests: Sequence[dict[str, Any]], source: str
) -> Example:
    """The example; raises RowError for tests that are none."""
    fenced = _FENCED.fullmatch(answer)
    try:
        read_tests(tests)
    except DataError as error:
        first = error.problems[0]
        raise RowError(f"{first.where}: {first.what}", first.cure) from error
    return Example(
        id=name,
        prompt=({"role": "user", "content": question},),
        answer=python_of(fenced[1] if fenced else answer).strip("\n"),
        task="code",
        tests=tuple(tests),
        meta={"source": source} if source else {},
    )


def python_of(value: Any) -> str:
    """A column of Python without the mark in front; "" for none."""
    return value.removeprefix(BOM) if isinstance(value, str) else str(value or "")


def _without_own_classes(tests: Sequence[dict[str, Any]], solution: str) -> None:
    """Raises Unfit for tests that use a class which the solution defines: none can cross.

    One that the test's own lines define is no matter of the solution's.
    """
    classes = {one.name for one in statements_of(solution) if isinstance(one, ast.ClassDef)}
    for test in tests if classes else ():
        nodes = [node for one in statements_of(test["code"]) for node in ast.walk(one)]
        used = {one.id for one in nodes if isinstance(one, ast.Name)}
        given = {one.name for one in nodes if isinstance(one, ast.ClassDef)}
        if found := sorted(classes & used - given):
            raise Unfit(f"tests of the class {found[0]}, whose instances cannot cross to a judge")


def _given(prompt: str, entry: str) -> str:
    """What a prompt defines beside the function that is to be written."""
    try:
        tree = tree_of(prompt)
    except NotPython as error:
        raise RowError(f"column `prompt` is not Python: {error}") from error
    kept = [one for one in tree.body if getattr(one, "name", None) != entry]
    return "\n".join(map(ast.unparse, kept))


def _asked(row: Row) -> tuple[str, list[tuple[Any, Any]]]:
    """The function that the tests call ("": they run the program), and their inputs and outputs."""
    given = _json(row, "input_output")
    if not isinstance(given, dict) or not isinstance(given.get("inputs"), list):
        raise Unfit("no tests in `input_output`")
    inputs, outputs = given["inputs"], given.get("outputs")
    if not inputs or not isinstance(outputs, list) or len(outputs) != len(inputs):
        raise Unfit("no tests in `input_output`")
    fn = str(given.get("fn_name") or "").strip()
    if fn and not fn.isidentifier():
        raise Unfit("a `fn_name` that names no function")
    return fn, list(zip(inputs, outputs, strict=True))[:MOST_TESTS]


def _reference(row: Row, fn: str, begin: Signature | None) -> str:
    """The first solution that can pass, as far as reading it shows; else the first, "" if none."""
    try:
        given = _json(row, "solutions")
    except Unfit:  # a solution as it stands
        given = row["solutions"]
    solutions = [python_of(one) for one in (given if isinstance(given, list) else [given]) if one]
    for solution in solutions:
        found = signature_of(solution, fn) if fn else None
        if statements_of(solution) and (not fn or (found and _alike(found, begin))):
            return solution
    return solutions[0] if solutions else ""


def _alike(found: Signature, begin: Signature | None) -> bool:
    return begin is None or found.target == begin.target


def _target(fn: str, starter: str, begin: Signature | None, solved: Signature | None) -> str:
    """What the tests call: what the starter begins, else what the reference defines."""
    if begin or "class Solution" in starter:
        return begin.target if begin else f"Solution.{fn}"
    return solved.target if solved else fn


def _calls(
    target: str, pairs: Sequence[tuple[Any, Any]], signature: Signature | None
) -> Iterator[dict[str, Any]]:
    for args, result in calls_of(pairs, signature):
        test = {"type": "call", "fn": target, "args": [json_of(one) for one in args]}
        yield {**test, "expected": json_of(result), "json": True, "imports": True}


def _runs(pairs: Sequence[tuple[Any, Any]]) -> Iterator[dict[str, Any]]:
    for read, written in pairs:
        texts = {"stdin": _joined(read), "stdout": _joined(written)}
        yield {"type": "stdio", **texts, "tolerance": TOLERANCE, "imports": True}


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

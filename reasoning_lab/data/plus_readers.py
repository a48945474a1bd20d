"""Readers of EvalPlus's test sets: HumanEval+ and MBPP+ (arXiv:2305.01210).

Their tests are literals, `inputs` and `results`, and a loop that compares. The literals become
calls, so that the judge compares outside of the program; the loop's code is never run. A row whose
results are computed by a reference, or compared in a way of its own, is `Unfit` and dropped with a
count.
"""

import ast
from typing import Any

from reasoning_lab.data.code_readers import ASK, coded_example, python_of
from reasoning_lab.data.readers import Row, RowError, Unfit, column
from reasoning_lab.text.code_tests import MOST_TESTS, json_of
from reasoning_lab.text.example import Example
from reasoning_lab.text.python_source import NotPython, tree_of

_OWN_WAYS = {"set", "sorted", "ref_func", "_poly"}
"""Names in the comparing code that say that equal is not what the judge means by it."""


def humaneval_plus(row: Row, name: str) -> Example:
    """HumanEval+: `prompt`, `entry_point`, `test`, `canonical_solution`."""
    prompt, entry = python_of(column(row, "prompt")), column(row, "entry_point").strip()
    question = f"Complete this Python function. {ASK}\n\n```python\n{prompt.rstrip()}\n```"
    solution = python_of(row.get("canonical_solution"))
    answer = f"{prompt}{solution}" if solution.strip() else ""
    tests = _calls(column(row, "test"), entry)
    return coded_example(name, question, answer, tests, "humaneval_plus")


def mbpp_plus(row: Row, name: str) -> Example:
    """MBPP+: `prompt`, `code`, `test_list` (the first is shown, as in MBPP), `test`."""
    shown = row.get("test_list")
    if not isinstance(shown, list) or not shown or not isinstance(shown[0], str):
        raise RowError("column `test_list` is not a list of tests", "is this MBPP+?")
    test = column(row, "test")
    question = f"{column(row, 'prompt').strip()} {ASK} It must pass, for example:"
    question += f"\n\n```python\n{shown[0].strip()}\n```"
    tests = _calls(test, _called(test))
    return coded_example(name, question, python_of(row.get("code")), tests, "mbpp_plus")


def _calls(test: str, entry: str) -> list[dict[str, Any]]:
    """A call test for each pair of arguments and result, the first `MOST_TESTS` of them."""
    nodes = list(ast.walk(_tree(test)))
    own = {one.id for one in nodes if isinstance(one, ast.Name)} & _OWN_WAYS
    if own:
        raise Unfit(f"tests that compare in a way of their own ({', '.join(sorted(own))})")
    inputs, results = (_literal(nodes, one) for one in ("inputs", "results"))
    if len(inputs) != len(results):
        raise RowError(f"column `test` has {len(inputs)} inputs and {len(results)} results")
    pairs = list(zip(inputs, results, strict=True))[:MOST_TESTS]
    return [
        {
            "type": "call",
            "fn": entry,
            "args": [json_of(one) for one in args],
            "expected": json_of(e),
        }
        for args, e in pairs
    ]


def _literal(nodes: list[ast.AST], name: str) -> list[Any]:
    """The list that is assigned to a name; Unfit where there is none, or it is computed."""
    for node in nodes:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == name for one in targets
        ):
            try:
                found = ast.literal_eval(node.value)
            except (ValueError, TypeError, MemoryError, RecursionError):
                raise Unfit(f"tests whose {name} are computed") from None
            if isinstance(found, list):
                return found
    raise Unfit(f"tests without a list of {name}")


def _called(test: str) -> str:
    """The function that is called with the inputs: `assertion(NAME(*inp), exp, 0)`."""
    for node in ast.walk(_tree(test)):
        starred = isinstance(node, ast.Call) and any(
            isinstance(one, ast.Starred) for one in node.args
        )
        if isinstance(node, ast.Call) and starred and isinstance(node.func, ast.Name):
            return node.func.id
    raise Unfit("tests that call no function with the inputs")


def _tree(test: str) -> ast.Module:
    try:
        return tree_of(test)
    except NotPython as error:
        raise RowError(f"column `test` is not Python: {error}") from error

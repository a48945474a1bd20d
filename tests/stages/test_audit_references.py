"""`stage=audit` on references that Python 3 cannot read: failing ones, counted, in every reader."""

import json
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab import judge_code
from reasoning_lab.audit.catalogue import fits, templates
from reasoning_lab.audit.honest_programs import REFERENCE
from reasoning_lab.audit.problem import problems
from reasoning_lab.cli.compose import compose
from reasoning_lab.data import code_readers
from reasoning_lab.errors import SandboxError
from reasoning_lab.records import audit as audited
from reasoning_lab.records.audit import Audited
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.sandbox.levels import choose
from reasoning_lab.schema.run import Run
from reasoning_lab.stages import audit
from tests.data.contest_rows import ROWS

GOOD = "def f(x):\n    return 2 * x"
MARKED = f"\ufeff{GOOD}"  # as some editors save a file: Python reads it, so the reader takes it off
FENCED = f"```python\n{GOOD}\n```\n"
UNREADABLE = {
    "Python 2": "def f(x):\n    print 'x', x\n    return 2 * x",
    "Python 2's exec": "def f(x):\n    exec 'y = 2 * x'\n    return y",
    "C++": "#include <cstdio>\nint f(int x) { return 2 * x; }",
    "Java": "class Solution { public int f(int x) { return 2 * x; } }",
    "a null byte": f"{GOOD}\n\0",
    "mixed tabs": "def f(x):\n        if x:\n\treturn 2 * x\n        return 0",
    "an indent": "  def f(x):\n  return 2 * x",
    "prose": "The function doubles its argument, so it's simple.",
    "a fence amid prose": f"Double it:\n```python\n{GOOD}\n```",
    "cut off": "def f(x):\n    return (2 *",
    "a mark inside": f"x = 1\n\ufeff{GOOD}",
    "typographic quotes": "def f(x):\n    return 2 * x  if x != “” else 0",
    "a lone surrogate": f"s = '\ud800'\n{GOOD}",
    "brackets without end": f"y = {'(' * 300}1{')' * 300}\n{GOOD}",
    "an error of the compiler": f"return 1\n{GOOD}",
    "nothing but a comment": "# see the editorial",
}
GOODS = (GOOD, MARKED, FENCED)
RUN = ("Python 2", "C++", "a null byte", "mixed tabs", "an indent", "prose")
"""Those that a whole audit is run on; it takes half a second a reference."""


def humaneval(number: int, reference: str) -> dict[str, Any]:
    # The prompt is Python in every row; what is no Python is the body.
    prompt = f'def f(x):\n    """Twice x, number {number}."""\n'
    body = {GOOD: "    return 2 * x\n", MARKED: "\ufeff    return 2 * x\n"}
    body[FENCED] = "\n    return x + x"
    check = "def check(candidate):\n    assert candidate(2) == 4\n"
    whole = body.get(reference, reference)
    return {"prompt": prompt, "entry_point": "f", "canonical_solution": whole, "test": check}


def mbpp(number: int, reference: str) -> dict[str, Any]:
    asserts = ["assert f(2) == 4", f"assert f({number}) == {2 * number}"]
    return {"text": f"Double, number {number}.", "code": reference, "test_list": asserts}


def kodcode(number: int, reference: str) -> dict[str, Any]:
    test = "from solution import f\ndef test_f():\n    assert f(2) == 4\n"
    return {"question": f"Double, number {number}.", "solution": reference, "test": test}


def taco(number: int, reference: str) -> dict[str, Any]:
    tests = {"fn_name": "f", "inputs": [[2], [3]], "outputs": [[4], [6]]}
    row = {"question": f"Double, number {number}.", "starter_code": "def f(x):\n\t"}
    solutions = json.dumps([reference])
    return {**row, "solutions": solutions, "input_output": json.dumps(tests)}


def code_tests(number: int, reference: str) -> dict[str, Any]:
    tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
    return {"question": f"Double, number {number}.", "answer": reference, "tests": tests}


def require_sandbox() -> None:
    """Skip where programs cannot be run at all."""
    try:
        choose("auto")
    except SandboxError as error:
        pytest.skip(f"NO SANDBOX HERE: {error}")


def audited_file(
    folder: Path, reader: str, rows: list[dict[str, Any]]
) -> tuple[Audited, list[str]]:
    """What the stage finds on a file of these rows, all of them, and its notes."""
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    overrides = [
        *("stage=audit", "reward=code", "data=humaneval", f"data.path={file}"),
        f"data.reader=reasoning_lab.data.code_readers:{reader}",
        f"audit.problems={len(rows)}",
        "reward.terms.code.params.limits.cpu_seconds=0.5",
    ]
    run = Run.model_validate_json(json.dumps(compose(overrides)))
    (folder / "run").mkdir()
    manifest = audit.run(run, RunFolder(folder / "run"))
    return audited.read(folder / "run"), manifest.notes


@pytest.mark.parametrize("row", [humaneval, mbpp, kodcode, taco, code_tests])
def test_a_reference_that_is_no_python_is_a_failing_one(tmp_path: Path, row: Any) -> None:
    require_sandbox()
    references = [*GOODS, *(UNREADABLE[name] for name in RUN)]
    rows = [row(number, reference) for number, reference in enumerate(references)]
    found, notes = audited_file(tmp_path, row.__name__, rows)
    (line,) = [one for one in found.lines if (one.kind, one.name) == ("right", REFERENCE)]
    assert (line.problems, line.paid) == (len(rows), len(GOODS)), line
    failing = f"{len(RUN)} of {len(rows)} reference solutions fail the tests of their row"
    assert any(note.startswith(failing) for note in notes), notes
    assert [one.name for one in found.failing()] == []


def test_rows_that_came_through_json_are_solved_and_not_cheated(tmp_path: Path) -> None:
    require_sandbox()
    # A program that finds no file returns an empty list, which is right where one is expected.
    sound = [one for one in ROWS if "[]" not in one.row.get("input_output", "[]")]
    shapes = dict.fromkeys(one.shape for one in sound)
    chosen = [next(one for one in sound if one.shape == shape) for shape in shapes]
    rows = [{**one.row, "question": f"Number {n}."} for n, one in enumerate(chosen)]
    assert len(rows) == 9
    found, notes = audited_file(tmp_path, "taco", rows)
    assert [(one.name, one.shown) for one in found.failing()] == []
    assert not any("reference solutions fail" in note for note in notes), notes


@pytest.mark.parametrize("name", UNREADABLE)
def test_every_template_is_written_for_such_a_reference(name: str) -> None:
    example = code_readers.code_tests(code_tests(1, UNREADABLE[name]), "name")
    (problem,) = problems([example], 0)
    tried = [one for one in templates() if fits(one, problem)]
    texts = {one.exploit.name: one.exploit.write(problem) for one in tried if one.kind == "right"}
    assert UNREADABLE[name] in str(texts[REFERENCE])
    (outcome,) = judge_code(problem.gold, example.tests).outcomes
    assert outcome.reason in ("syntax", "error")

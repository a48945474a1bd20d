"""Programming problems of every source become tests of the lab's four kinds."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab import judge_code
from reasoning_lab.cli.compose import compose
from reasoning_lab.data import code_readers, load
from reasoning_lab.data.json_calls import calls_of
from reasoning_lab.data.pytest_file import cases_of
from reasoning_lab.data.readers import RowError, Unfit
from reasoning_lab.errors import DataError
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.door import check
from tests.data.contest_rows import ROWS, Contest

HUMANEVAL = {
    "task_id": "HumanEval/0",
    "prompt": 'import math\n\ndef helper(x):\n    return x\n\n\ndef f(x):\n    """ Twice x """\n',
    "entry_point": "f",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(helper(2)) == 4\n",
}
MBPP = {
    "task_id": 2,
    "text": "Write a function to double a number.",
    "code": "def f(x):\r\n  return 2 * x",
    "test_list": ["assert f(2) == 4", "assert f(0) == 0"],
    "test_setup_code": "",
    "challenge_test_list": [],
}
SANITIZED = {
    "source_file": "x.ipynb",
    "task_id": 2,
    "prompt": "Write a function to double a number.",
    "code": "def f(x):\n  return 2 * x",
    "test_imports": ["import math"],
    "test_list": ["assert math.isclose(f(2), 4)"],
}
KODCODE = {
    "question": "Double a number.",
    "solution": "def f(x):\n    return 2 * x",
    "test": "from solution import f\n\nN = 2\n\ndef test_one():\n    assert f(N) == 4\n\n"
    "def test_two():\n    assert f(0) == 0\n",
    "test_info": [{"function_name": "f", "function_declaration": "def f(x):", "docstring": ""}],
}
TACO = {
    "question": "Read two numbers, write their sum.",
    "solutions": '["print(sum(map(int, input().split())))"]',
    "starter_code": "",
    "input_output": '{"inputs": ["1 2\\n", ["3 4"]], "outputs": ["3\\n", ["7"]]}',
}
TACO_CALLS = {
    **TACO,
    "starter_code": "class Solution:\n    def f(self, x: int) -> int:",
    "input_output": '{"fn_name": "f", "inputs": [[2], [0]], "outputs": [[4], [0]]}',
}
DEEP: Any = [1]
for _ in range(200):
    DEEP = [DEEP]


def calls(inputs: list[Any], outputs: list[Any], fn: str = "f") -> dict[str, Any]:
    """A TACO row whose tests call a function, without a starter or a solution."""
    tests = {"fn_name": fn, "inputs": inputs, "outputs": outputs}
    return {**TACO, "solutions": "", "input_output": tests}


CONTEST = {"tolerance": 1e-6, "imports": True}
OWN = {"question": "Double.", "tests": [{"type": "stdio", "stdin": "1", "stdout": "2"}]}


@pytest.mark.parametrize(
    ("reader", "row", "tests", "asked"),
    [
        (
            "humaneval",
            HUMANEVAL,
            [
                {
                    "type": "check",
                    "code": "import math\ndef helper(x):\n    return x\n" + HUMANEVAL["test"],
                    "entry_point": "f",
                }
            ],
            "Twice x",
        ),
        (
            "mbpp",
            MBPP,
            [{"type": "assert", "code": f"assert f({x}) == {2 * x}"} for x in (2, 0)],
            "assert f(2) == 4",
        ),
        (
            "mbpp",
            SANITIZED,
            [{"type": "assert", "code": "import math\nassert math.isclose(f(2), 4)"}],
            "double",
        ),
        (
            "kodcode",
            KODCODE,
            [
                {
                    "type": "assert",
                    "code": f"N = 2\ndef {name}():\n    {line}\n{name}()",
                    "imports": True,
                }
                for name, line in (
                    ("test_one", "assert f(N) == 4"),
                    ("test_two", "assert f(0) == 0"),
                )
            ],
            "def f(x):",
        ),
        (
            "taco",
            TACO,
            [
                {"type": "stdio", "stdin": "1 2\n", "stdout": "3\n", **CONTEST},
                {"type": "stdio", "stdin": "3 4", "stdout": "7", **CONTEST},
            ],
            "standard input",
        ),
        (
            "taco",
            TACO_CALLS,
            [
                {
                    "type": "call",
                    "fn": "Solution.f",
                    "args": [x],
                    "expected": 2 * x,
                    "json": True,
                    "imports": True,
                }
                for x in (2, 0)
            ],
            "class Solution",
        ),
        ("code_tests", OWN, OWN["tests"], "Double."),
    ],
)
def test_a_row_becomes_an_example(reader: str, row: Any, tests: Any, asked: str) -> None:
    example = getattr(code_readers, reader)(row, "name")
    assert example.task == "code"
    assert list(example.tests) == tests
    assert asked in example.prompt[0]["content"]
    assert "```python" not in example.answer


@pytest.mark.usefixtures("code_sandbox")
@pytest.mark.parametrize(
    ("reader", "row"),
    [
        ("humaneval", HUMANEVAL),
        ("mbpp", MBPP),
        ("mbpp", {**MBPP, "code": f"class Unused: ...\n{MBPP['code']}"}),
        (
            "mbpp",
            {
                **MBPP,
                "code": f"class Two: ...\n{MBPP['code']}",
                "test_setup_code": "class Two:\n    value = 2",
                "test_list": ["assert f(Two.value) == 4"],
            },
        ),
        ("mbpp", SANITIZED),
        ("kodcode", KODCODE),
        ("taco", TACO),
        (
            "taco",
            {**TACO_CALLS, "solutions": ["class Solution:\n  def f(self, x): return 2 * x"]},
        ),
    ],
)
def test_a_row_s_own_answer_passes_its_tests(reader: str, row: Any) -> None:
    example = getattr(code_readers, reader)(row, "name")
    result = judge_code(example.answer, example.tests)
    assert (result.passed, result.total) == (len(example.tests),) * 2, result


@pytest.mark.usefixtures("code_sandbox")
@pytest.mark.parametrize("contest", ROWS, ids=lambda one: f"{one.shape}, {one.reader}")
def test_what_json_could_not_say_is_read_as_it_was_meant(contest: Contest) -> None:
    example = getattr(code_readers, contest.reader)(contest.row, "name")
    result = judge_code(example.answer, example.tests)
    assert result.reason == "passed", (result, example.tests)
    told = code_readers.IMPORTED in example.prompt[0]["content"]
    assert told is (contest.reader in ("taco", "kodcode"))
    for wrong in contest.wrong:
        assert judge_code(wrong, example.tests).reason != "passed", wrong


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (calls([[1]], [1]), "It defines the function `f`."),
        ({**calls([[1]], [1]), "solutions": "def f(x, y=2): return x"}, "def f(x, y=2):\n```"),
        (
            {**calls([[1]], [1]), "solutions": "class Solution:\n  def f(self, x): return x"},
            "class Solution:\n    def f(self, x):\n```",
        ),
        (
            {**calls([[1]], [1]), "solutions": ["f = lambda x: x"], "starter_code": "# Here"},
            "# Here\ndef f(x):\n```",
        ),
    ],
)
def test_the_question_says_what_is_called(row: dict[str, Any], shown: str) -> None:
    example = code_readers.taco(row, "name")
    assert shown in example.prompt[0]["content"]


@pytest.mark.parametrize(
    ("inputs", "outputs", "read"),
    [
        # Without a declaration, a reference or neighbours that say more, nothing is changed.
        ([[1], [[2, 3]]], [1, [2, 3]], [([1], 1), ([[2, 3]], [2, 3])]),
        ([[[1, [2]]], [[3]], [[[4]]]], [1, 2, 3], [([[1, [2]]], 1), ([[3]], 2), ([[[4]]], 3)]),
        ([[[1]], [2]], ["a", "b"], [([[1]], "a"), ([2], "b")]),
        ([[{"1": 2, "a": 3}], [{"1": 2}]], [0, 0], [([{"1": 2, "a": 3}], 0), ([{"1": 2}], 0)]),
        ([[{"01": 2}], [{"-0": 2}]], [0, 0], [([{"01": 2}], 0), ([{"-0": 2}], 0)]),
        ([["1"], [None]], [None, [None]], [(["1"], None), ([None], None)]),
        ([[1], [2], [3]], [[1], [2, 3], []], [([1], [1]), ([2], [2, 3]), ([3], [])]),
        ([[]], [[[]]], [([], [])]),
    ],
)
def test_what_nothing_decides_stays_as_it_is(
    inputs: list[Any], outputs: list[Any], read: list[tuple[list[Any], Any]]
) -> None:
    assert calls_of(list(zip(inputs, outputs, strict=True)), None) == read


@pytest.mark.parametrize(
    ("reader", "row", "error", "said"),
    [
        ("humaneval", {"question": "x"}, RowError, "no column `prompt`"),
        ("humaneval", {**HUMANEVAL, "test": "def check("}, RowError, "is not Python"),
        ("humaneval", {**HUMANEVAL, "prompt": "def f(:"}, RowError, "`prompt` is not Python"),
        ("humaneval", {**HUMANEVAL, "prompt": "\0"}, RowError, "`prompt` is not Python"),
        ("mbpp", {**MBPP, "test_list": "assert"}, RowError, "not a list of texts"),
        ("mbpp", {**MBPP, "test_list": []}, RowError, "is empty"),
        (
            "mbpp",
            {**MBPP, "code": "class Pair: ...", "test_list": ["assert f(Pair()) == 1"]},
            Unfit,
            "tests of the class Pair",
        ),
        (
            "mbpp",
            {
                **MBPP,
                "code": "class Node: ...\ndef f(x): return 4",
                "test_setup_code": "root = Node()",
                "test_list": ["assert f(root) == 4"],
            },
            Unfit,
            "tests of the class Node",
        ),
        (
            "kodcode",
            {
                **KODCODE,
                "solution": "class Stack:\n    def push(self, x): ...",
                "test": "from solution import Stack\ndef test_s():\n    s = Stack()\n    s.push(1)",
            },
            Unfit,
            "tests of the class Stack",
        ),
        ("taco", {**TACO, "input_output": ""}, Unfit, "no tests"),
        ("taco", {**TACO, "input_output": "{"}, Unfit, "not JSON"),
        ("taco", calls(["f x"], [1], fn="f(x)"), Unfit, "names no function"),
        ("taco", calls([DEEP], [1]), Unfit, "nested more than"),
        ("taco", calls([[1]], [DEEP]), Unfit, "nested more than"),
        ("taco", {**calls([3], [1]), "starter_code": "def f(x, y):"}, Unfit, "no list"),
        (
            "taco",
            {**TACO, "input_output": {"inputs": ["1" * 2**21], "outputs": [""]}},
            Unfit,
            "longer",
        ),
        ("code_tests", {"question": "x"}, RowError, "`tests`"),
        ("code_tests", {"question": "x", "tests": [{"type": "?"}]}, RowError, "no kind of test"),
    ],
)
def test_a_row_that_cannot_serve_is_told(reader: str, row: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        getattr(code_readers, reader)(row, "name")


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\nfrom solution import f\ndef test_f(): f()",
        "import unittest\ndef test_f(): f()",
        "import solution\ndef test_f(): solution.f()",
        "from solution import *\ndef test_f(): f()",
        "from solution import f as g\ndef test_f(): g()",
        "from solution import f\ndef test_f(tmp_path): f(tmp_path)",
        "from solution import f\nclass TestF:\n    def test_f(self): f()",
        "from solution import f",
        "def test_f(:",
    ],
)
def test_what_only_a_test_framework_can_run_is_unfit(source: str) -> None:
    with pytest.raises(Unfit):
        cases_of(source)


def rows(path: Path, reader: str) -> Rows:
    return Rows.model_validate(
        {
            "kind": "rows",
            "name": "w",
            "hub": None,
            "config": None,
            "path": str(path),
            "train_split": "t",
            "heldout_split": "t",
            "train_size": None,
            "heldout_size": None,
            "reader": f"reasoning_lab.data.code_readers:{reader}",
            "columns": {},
            "task": "code",
            "role": "train",
            "seed": 0,
            "too_long": "drop",
        }
    )


def test_unfit_rows_are_dropped_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [json.dumps({**TACO, "question": f"Number {n}"}) for n in range(60)]
    lines += [json.dumps({**TACO, "question": f"None {n}", "input_output": ""}) for n in range(3)]
    file = tmp_path / "taco.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    splits = load(rows(file, "taco"))
    assert len(splits.train) + len(splits.heldout) == 60
    assert "dropped 3 rows of split `t`: no tests in `input_output`" in caplog.text


def test_a_torn_gzip_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "taco.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(TACO).encode())[:-9])
    with pytest.raises(DataError, match="cannot be unpacked"):
        load(rows(file, "taco"))


@pytest.mark.parametrize("name", ["humaneval", "mbpp", "kodcode", "taco", "tiny_code"])
def test_every_preset_composes(name: str) -> None:
    overrides = [f"data={name}", "tracker=none", "stage=evaluate"]
    assert check(compose(overrides)).data.name == name

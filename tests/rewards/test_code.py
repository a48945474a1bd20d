"""The code term: what it pays, when it says nothing, what it logs, and what it refuses."""

from typing import Any

import pytest

from reasoning_lab import judge_code, judge_code_batch, program_of
from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.errors import ConfigError, DataError
from reasoning_lab.judges.code.fenced import LONGEST
from reasoning_lab.judges.code.names import needed
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.rewards.code import code, rooms
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import batch_metrics
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reward import Reward
from reasoning_lab.text.example import Example, Verdict
from rewards.rows import RIGHT, SANDBOXES, example, strict, strict_verdict, wrote

TESTS = tuple({"type": "call", "fn": "f", "args": [x], "expected": 2 * x} for x in (0, 1, 2, 3))
ROW = example("def f(x): return 2 * x", task="code", tests=TESTS)
BARE = example("", task="code")
DOUBLES = "def f(x):\n    return 2 * x"
SQUARES = "def f(x):\n    return x * x"  # right for 0 and 2


def fenced(program: str) -> str:
    return f"<think>\n```python\nf = 1\n```\n</think>\n```python\n{program}\n```"


def composer(*overrides: str) -> Composer:
    plain = check(compose(["reward=code", "data=tiny_code", "tracker=none", *overrides]))
    return Composer(Reward.model_validate(plain.reward.model_dump()), SANDBOXES)


pytestmark = pytest.mark.usefixtures("code_sandbox")


@pytest.mark.parametrize(
    ("text", "partial", "all_or_nothing", "verdict", "reason"),
    [
        (fenced(DOUBLES), 1.0, 1.0, Verdict.CORRECT, "4 of 4 passed"),
        (fenced(SQUARES), 0.5, 0.0, Verdict.WRONG, "2 of 4 passed; call, wrong"),
        (
            fenced("def f(x) 2"),
            0.0,
            0.0,
            Verdict.UNPARSABLE,
            "0 of 4 passed; call, syntax: SyntaxError",
        ),
        (DOUBLES, 0.0, 0.0, Verdict.UNPARSABLE, "no Python block after thinking"),
        (f"<answer>```python\n{DOUBLES}\n```</answer>", 1.0, 1.0, Verdict.CORRECT, ""),
        (f"{fenced(SQUARES)}\n\n```python\n{DOUBLES}\n```", 1.0, 1.0, Verdict.CORRECT, ""),
        (f"{fenced(DOUBLES)}\n\n```python\n{SQUARES}\n```", 0.5, 0.0, Verdict.WRONG, ""),
        (f"<think>\n```python\n{DOUBLES}\n```\n</think>\n", 0.0, 0.0, Verdict.UNPARSABLE, ""),
        (f"<think>\n```python\n{DOUBLES}\n```", 0.0, 0.0, Verdict.UNPARSABLE, ""),
        (f"```python\n{DOUBLES}", 0.0, 0.0, Verdict.UNPARSABLE, ""),
        (f"```c\n{DOUBLES}\n```", 0.0, 0.0, Verdict.UNPARSABLE, ""),
        (fenced(DOUBLES + " " * 300_000), 0.0, 0.0, Verdict.UNPARSABLE, ""),
    ],
)
def test_what_a_completion_earns(
    text: str, partial: float, all_or_nothing: float, verdict: Verdict, reason: str
) -> None:
    score = composer().score(wrote(text), ROW)
    assert (score.total, score.verdict) == (partial, verdict)
    assert reason in score.reason
    whole = composer("reward.terms.code.params.partial=false").score(wrote(text), ROW)
    assert whole.total == all_or_nothing


def test_a_row_without_tests_says_nothing_unless_it_is_to_run() -> None:
    assert composer().score(wrote(fenced(DOUBLES)), BARE).total is None
    runs = composer("reward.terms.code.params.runs_clean=true")
    assert runs.score(wrote(fenced("print(1)")), BARE).total == 1.0
    assert runs.score(wrote(fenced("1 / 0")), BARE).total == 0.0
    assert runs.score(wrote("no program"), BARE).total == 0.0
    nothing = runs.score(wrote(fenced('"""it does nothing"""')), BARE)
    assert (nothing.total, nothing.verdict) == (0.0, Verdict.UNPARSABLE), "value and verdict agree"
    with pytest.raises(DataError, match="the row has no tests"):
        composer().check([BARE])


def test_rows_are_looked_at_when_they_are_loaded() -> None:
    composer().check([ROW])
    bad = example(task="code", id="bad", tests=({"type": "cal"},))
    with pytest.raises(DataError, match=r"tests\[0\].type: 'cal' is no kind of test.*'bad'"):
        composer().check([ROW, bad])
    assert composer().score(wrote(fenced(DOUBLES)), bad).total is None


def test_mathematics_and_code_in_one_reward() -> None:
    plain = check(compose(["reward=combined", "tracker=none"]))
    both = Composer(Reward.model_validate(plain.reward.model_dump()))
    both.check([example(), ROW])
    rows = [(wrote(RIGHT), example()), (wrote(fenced(DOUBLES)), ROW), (wrote(fenced("")), ROW)]
    assert [score.total for score in both.score_batch(rows, [0, 1, 1])] == [1.0, 1.0, 0.0]


def test_the_counters_of_a_batch() -> None:
    programs = {
        DOUBLES: "passed", SQUARES: "wrong", "import os\nos._exit(0)": "exit", "def f(": "syntax",
        "def f(x): return bytearray(1 << 40)": "memory", "def f(x): return y": "error",
        "def f(x):\n    while True: ...": "timeout", "print('x' * 10**6)": "output",
        "def f(x):\n    import socket\n    socket.socket()": "denied",
    }  # fmt: skip
    rows = [(wrote(fenced(program)), ROW) for program in programs] + [(wrote("none"), ROW)] * 2
    judge = composer(
        "reward.terms.code.params.limits.cpu_seconds=1.0",
        "reward.terms.code.params.completion_seconds=4.0",
    )
    scores = judge.score_batch(rows, [0] * len(rows))
    metrics = batch_metrics(judge, rows, scores)
    names = ("wrong", "exit", "syntax", "memory", "error", "timeout", "output", "denied", "killed")
    told = {name: metrics[f"code/{name}_rate"] for name in names}
    assert told == pytest.approx(
        {name: 1 / 11 if name in programs.values() else 0.0 for name in names}
    )
    assert metrics["code/no_program_rate"] == pytest.approx(2 / 11)
    assert metrics["code/all_passed_rate"] == pytest.approx(1 / 11)
    assert metrics["code/infrastructure_rate"] == 0.0


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("isolation=docker", "isolation: must be one of auto, namespaces, process, remote"),
        ("limits.cpu_seconds=-1", "limits.cpu_seconds: must be above 0, got -1"),
        ("limits.cpu_seconds=abc", "limits.cpu_seconds: must be a number above 0, got 'abc'"),
        ("limits.cpu_seconds=[1]", "limits.cpu_seconds: must be a number above 0, got [1]"),
        ("limits.memory_mb=0.5", "limits.memory_mb: must be a whole number, got 0.5"),
        ("limits=5", "limits: must be a set of keys, got 5 (set one of them, such as limits.cpu"),
        ("completion_seconds=0", "completion_seconds: must be above 0"),
        ("isolation=proces", "isolation: must be one of auto, namespaces, process, remote; got"),
        (
            "modules=numpy",
            "modules: must be a list, got 'numpy' (write 'reward.terms.code.params.mod",
        ),
        ("partial=maybe", "partial: must be true or false"),
    ],
)
def test_settings_out_of_range_are_told_at_the_door(override: str, said: str) -> None:
    given = f"reward.terms.code.params.{override}"
    with pytest.raises(ConfigError) as caught:
        preflight(check(compose(["reward=code", "data=tiny_code", "tracker=none", given])))
    assert f"reward.terms.code.params.{said}" in str(caught.value)


def test_all_settings_out_of_range_are_told_at_once_by_their_keys() -> None:
    wrong = {"completion_seconds": 0}
    limits = {"cpu_seconds": -1, "+cpu_secs": 1, "files_mb": 0}
    given = [f"reward.terms.code.params.{name}={value}" for name, value in wrong.items()]
    for name, value in limits.items():
        added = "+" * name.startswith("+")
        given.append(f"{added}reward.terms.code.params.limits.{name.lstrip('+')}={value}")
    run = check(compose(["reward=code", "data=tiny_code", "tracker=none", *given]))
    with pytest.raises(ConfigError) as caught:
        run = preflight(run)
    found = {problem.where: problem for problem in caught.value.problems}
    keys = {*wrong, *(f"limits.{name.lstrip('+')}" for name in limits)}
    assert found.keys() == {f"reward.terms.code.params.{key}" for key in keys}
    cures = [problem.cure for problem in caught.value.problems if problem.cure]
    assert cures == ["did you mean cpu_seconds?"]
    with pytest.raises(ConfigError) as again:
        rooms(run.reward)
    assert {problem.where for problem in again.value.problems} == found.keys()


def test_the_term_alone_takes_its_settings_by_name() -> None:
    params: dict[str, Any] = dict(composer().reward.terms["code"].params)
    (said,) = code([(wrote(fenced(DOUBLES)), ROW)], **params, sandboxes=SANDBOXES)
    assert said is not None
    assert (said.value, said.verdict) == (1.0, Verdict.CORRECT)
    assert (said.seen["all_passed_rate"], said.seen["wrong_rate"]) == (1.0, 0.0)
    assert said.seconds
    said = r"limits.cpu_secs: there is no such limit \(did you mean cpu_seconds\?\)"
    with pytest.raises(ValueError, match=said):
        code([], **{**params, "limits": {"cpu_secs": 1.0}}, sandboxes=SANDBOXES)


def test_the_held_out_measurement_wants_every_test_passed() -> None:
    rows = [(wrote(fenced(text)), ROW) for text in (DOUBLES, SQUARES)]
    assert [strict(*row) for row in rows] == [True, False]
    assert not strict(wrote(fenced(DOUBLES), "length"), ROW)
    assert not strict(wrote(DOUBLES), ROW)


@pytest.mark.parametrize(
    "text", [fenced(DOUBLES), fenced(SQUARES), DOUBLES, "", fenced("def f(x) return x")]
)
def test_the_held_out_verdict_is_the_one_of_the_reward(text: str) -> None:
    assert strict_verdict(wrote(text), ROW) is composer().score(wrote(text), ROW).verdict


def test_held_out_programs_run_in_the_room_that_is_asked_for() -> None:
    row = (wrote(fenced(f"import numpy\n{DOUBLES}")), ROW)
    for modules, verdict in (((), Verdict.WRONG), (("numpy",), Verdict.CORRECT)):
        assert strict_verdicts([row], SANDBOXES, Room(modules=modules)) == [verdict]


def test_a_program_too_long_for_the_reward_is_none_when_held_out() -> None:
    long = wrote(fenced(DOUBLES + " " * LONGEST))
    assert not strict(long, ROW)
    assert composer().score(long, ROW).total == 0.0


def test_judge_code_tells_each_test() -> None:
    result = judge_code(SQUARES, TESTS)
    assert (result.passed, result.total) == (2, 4)
    assert [outcome.reason for outcome in result.outcomes] == ["passed", "wrong", "passed", "wrong"]
    with pytest.raises(DataError, match="no kind of test"):
        judge_code(DOUBLES, [{"type": "?"}])


def test_tests_after_a_timeout_are_judged_in_a_new_process() -> None:
    program = "def f(x):\n    while x == 0: pass\n    return 2 * x"
    result = judge_code(program, TESTS)
    assert [outcome.reason for outcome in result.outcomes] == ["timeout", *["passed"] * 3]


def test_all_kinds_of_test_of_one_program_and_equal_cases_alike() -> None:
    tests = [
        TESTS[1],
        {"type": "stdio", "stdin": "2", "stdout": "4"},
        {"type": "assert", "code": "assert f((1,)) == (1, 1) and math.isclose(f(.1), .2)"},
        {"type": "stdio", "stdin": "3", "stdout": "6"},
        {"type": "check", "code": "def check(c): assert c('a') == 'aa'", "entry_point": "f"},
        {"type": "call", "fn": "C.f", "args": [1], "expected": 2},
        {"type": "call", "fn": "f", "kwargs": {"x": {"py": "b'a'"}}, "expected": {"py": "b'aa'"}},
    ]
    program = (
        "import sys\ndef f(x): return 2 * x\nclass C:\n    def f(self, x): return 2 * x\n"
        "if __name__ == '__main__': print(f(int(input())))"
    )
    one, other = judge_code_batch([(program, tests), (program, tests)])
    assert one.passed == 7, one
    assert one is other


@pytest.mark.parametrize(
    "values",
    [([1, 2], (1, 2)), ({"1": 2}, {1: 2}), (1, True), (1, 1.0), (0.0, -0.0)],
)
def test_a_kept_result_is_of_the_same_test(values: tuple[Any, Any]) -> None:
    """Equal as JSON, or to Python, and not the same test."""
    program = f"def f(): return {values[0]!r}  # {values!r}"
    for expected in values:
        tests = [{"type": "call", "fn": "f", "expected": expected, "exact": True}]
        assert judge_code(program, tests).passed == (values[0] == expected), expected


def test_as_much_may_be_written_as_is_expected() -> None:
    """More than the limit of output, which is for floods."""
    lines = "".join(f"{number}\n" for number in range(20_000))
    tests = [{"type": "stdio", "stdin": "", "stdout": lines}]
    assert judge_code("for n in range(20_000): print(n)", tests).passed == 1
    assert judge_code("for n in range(19_999): print(n)", tests).outcomes[0].reason == "wrong"
    assert judge_code("while True: print('x' * 99)", tests).outcomes[0].reason == "output"


@pytest.mark.parametrize(
    "test",
    [
        {"args": [{"py": "..."}], "expected": 1},
        {"args": [], "expected": {"py": "..."}},
        {"args": [list(range(400_000))], "expected": 1},
        {"args": [], "expected": [list(range(400_000))]},
    ],
)
def test_what_no_program_could_be_given_or_give_back_is_a_bad_row(test: dict[str, Any]) -> None:
    bad = {"type": "call", "fn": "f", **test}
    with pytest.raises(DataError, match=r"tests\[0\]\.(args|expected): cannot cross: "):
        judge_code(DOUBLES, [bad])
    with pytest.raises(DataError, match=r"cannot cross.*'odd'"):
        composer().check([example(task="code", id="odd", tests=(bad,))])


@pytest.mark.parametrize(
    "test",
    [
        {"type": "assert", "code": "assert f"},
        {"type": "assert", "code": "assert callable(f)"},
        {"type": "assert", "code": "def test_f():\n    assert f(2) == 4"},
        {"type": "check", "code": "def check(c):\n    assert callable(c)", "entry_point": "f"},
    ],
)
def test_a_test_that_calls_nothing_pays_nobody(test: dict[str, Any]) -> None:
    (outcome,) = judge_code(DOUBLES, [test]).outcomes
    assert not outcome.passed
    assert not judge_code("x = 1", [test]).passed


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"type": "assert", "code": "assert True"}, "calls no function of the program"),
        ({"type": "assert", "code": "# f doubles"}, "calls no function of the program"),
        ({"type": "check", "code": "def chk(c): c(1)", "entry_point": "f"}, "defines no `check`"),
        ({"type": "check", "code": "# check f\nf(1)", "entry_point": "f"}, "defines no `check`"),
        ({"type": "assert", "code": "f(2) == 4"}, "compares and asserts nothing"),
        (
            {"type": "check", "code": "def check(c):\n    c(2) == 4", "entry_point": "f"},
            "compares and asserts nothing",
        ),
    ],
)
def test_a_test_that_plainly_tests_nothing_is_a_bad_row(test: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=rf"tests\[0\].code: {said}"):
        judge_code(DOUBLES, [test])


@pytest.mark.parametrize(
    ("program", "tests", "said"),
    [
        (b"x = 1", TESTS, "program: a bytes"),
        (None, TESTS, "program: None"),
        (DOUBLES, "assert f(2) == 4", "tests: a str"),
        (DOUBLES, TESTS[0], "tests: a dict"),
        (DOUBLES, None, "tests: None"),
    ],
)
def test_what_is_no_program_and_no_list_of_tests_is_told(
    program: Any, tests: Any, said: str
) -> None:
    with pytest.raises(TypeError, match=said):
        judge_code(program, tests)


@pytest.mark.parametrize("text", [f"```python\n{DOUBLES}\n```", fenced(DOUBLES)])
def test_a_completion_is_no_program_and_is_told_so(text: str) -> None:
    result, other = judge_code_batch([(text, TESTS), ("def f(", TESTS)])
    assert {one.reason for one in result.outcomes} == {"syntax"}
    assert all("reasoning_lab.program_of(completion)" in one.detail for one in result.outcomes)
    assert "program_of" not in other.outcomes[0].detail
    program = program_of(text)
    assert program is not None
    assert judge_code(program, TESTS).passed == 4


def test_an_expected_exception_may_be_asked_for() -> None:
    tests = [{"type": "assert", "code": "try:\n    f(-1)\nexcept ValueError as error:\n"
              "    assert 'low' in str(error)\nelse:\n    assert False"}]  # fmt: skip
    raises = "def f(x):\n    if x < 0: raise ValueError('too low')"
    assert judge_code(raises, tests).passed == 1
    assert judge_code("def f(x): ...", tests).passed == 0
    assert judge_code("import os\ndef f(x): os._exit(0)", tests).passed == 0


@pytest.mark.parametrize(
    ("test", "names", "modules"),
    [
        ("assert f(2) == g(3)", ("f", "g"), ()),
        ("assert set(f([1])) == {1}", ("f",), ()),
        ("assert all(f(x) for x in range(3))", ("f",), ()),
        ("import math as m\nassert m.pi < f(1)", ("f",), ()),
        ("assert math.isclose(f(1), 1)", ("f",), ("math",)),
        ("def test():\n    y = f(1)\n    assert y\ntest()", ("f",), ()),
        ("assert (lambda a: f(a))(1)", ("f",), ()),
    ],
)
def test_names_that_a_test_needs_from_the_program(
    test: str, names: tuple[str, ...], modules: tuple[str, ...]
) -> None:
    assert needed(test) == (names, modules)


def test_importing_the_judge_needs_no_example_and_rows_of_other_tasks_none() -> None:
    other = Example(id="m", prompt=(), answer="4", task="math", tests=TESTS)
    assert composer().score(wrote(fenced(DOUBLES)), other).parts["code"] is None


def test_limits_that_are_none_are_told() -> None:
    with pytest.raises(TypeError, match=r"limits: a dict; give reasoning_lab.Limits\("):
        judge_code(DOUBLES, TESTS, limits={"cpu_seconds": 1.0})  # type: ignore[arg-type]

"""`stage=score` on files: what is written, what is refused, and in which order."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from small_run import lab, python

from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import LabError, RewardError, SandboxError
from reasoning_lab.report.run import live
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.runs.stop import Stopped, stop
from reasoning_lab.sandbox.levels import choose
from reasoning_lab.schema.run import Run
from reasoning_lab.scoring.windows import LARGEST, ROWS
from reasoning_lab.stages import score
from reasoning_lab.statistics.interval import proportion

RIGHT = "<think>2 + 2 = 4</think><answer>4</answer>"
WRONG = "<think>2 + 2 = 5</think><answer>5</answer>"


class Scoring:
    """Scores files in one folder, each time in a new run folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.path = place / "a.jsonl"
        self.out = place / "a.scored.jsonl"
        self.runs = 0

    def write(self, *rows: dict[str, Any] | str) -> None:
        said = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        self.path.write_text("".join(f"{row}\n" for row in said), encoding="utf-8")

    def __call__(self, *overrides: str) -> Manifest:
        given = ["stage=score", "reward=math", f"score.path={self.path}", *overrides]
        run = Run.model_validate_json(json.dumps(compose(given)))
        self.folder = RunFolder(self.place / "runs" / str(self.runs))
        self.folder.path.mkdir(parents=True)
        self.runs += 1
        return score.run(run, self.folder)

    def refused(self, *overrides: str) -> str:
        with pytest.raises(LabError) as refusal:
            self(*overrides)
        return str(refusal.value)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text("utf-8").split("\n")[:-1]]

    @property
    def broken(self) -> list[tuple[int, str]]:
        place = self.folder.path / "broken.jsonl"
        found = [json.loads(line) for line in place.read_text("utf-8").split("\n")[:-1]]
        return [(row["line"], row["reason"]) for row in found]


@pytest.fixture
def scoring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scoring:
    monkeypatch.chdir(tmp_path)  # where experiments/ is looked for
    return Scoring(tmp_path)


def line(completion: Any = RIGHT, answer: Any = "4", **more: Any) -> dict[str, Any]:
    return {"completion": completion, "answer": answer, **more}


def own_term(place: Path, name: str, body: str) -> list[str]:
    """The overrides of a reward that is one function of the user's, in experiments/."""
    file = place / "experiments" / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "from reasoning_lab.rewards.term import per_batch, per_group\n" + body, encoding="utf-8"
    )
    term = f"fn: 'experiments.{name}:fn', weight: 1.0, gate: null, tasks: null, params: {{}}"
    return [f"+reward.terms.mine={{{term}}}"]


def test_fields_come_back_with_the_score(scoring: Scoring) -> None:
    scoring.write(line(id=7, note="é\u2028"), line(WRONG), line("no answer", 4))
    manifest = scoring()
    first, _, third = scoring.rows
    assert list(first) == [
        *("completion", "answer", "id", "note"),
        *("verdict", "reason", "parts", "total", "ms"),
    ]
    assert (first["id"], first["note"], first["completion"]) == (7, "é\u2028", RIGHT)
    assert [row["verdict"] for row in scoring.rows] == ["correct", "wrong", "unparsable"]
    assert [row["total"] for row in scoring.rows] == [pytest.approx(1.1), 0.0, 0.0]
    assert first["parts"] == {"accuracy": 1.0, "format": 1.0}
    assert all(row["reason"] and row["ms"] >= 0 for row in scoring.rows)
    assert third["answer"] == 4
    assert not (scoring.folder.path / "broken.jsonl").exists()
    metrics = manifest.metrics
    assert metrics["lines/scored"].value == 3
    assert metrics["verdict/correct"].n == 3
    assert metrics["score/part/accuracy"].value == pytest.approx(1 / 3)
    assert metrics["score/total"].value == pytest.approx(1.1 / 3)
    assert 0 <= metrics["perf/ms/p50"].value <= metrics["perf/ms/p99"].value


def test_a_line_is_kept_to_the_letter(scoring: Scoring) -> None:
    text = r'{ "b" :1.10, "big": 123456789012345678901234567890, "completion":"\u003canswer\u003e4'
    text += r'</answer>", "x": -Infinity, "half": "\ud800", "answer":"4" }'
    scoring.write(text)
    scoring()
    written = scoring.out.read_text("utf-8")
    assert written.startswith(text[:-1].rstrip() + ", ")
    assert json.loads(written)["verdict"] == "correct"


def test_broken_lines_are_kept_with_number_and_reason(scoring: Scoring) -> None:
    scoring.write(
        *(line(), "not json", "", line(3), line(WRONG), {"answer": "4"}, line(answer=" ")),
        *(line(answer=r"\boxed{"), line(task="code"), line()),
    )
    manifest = scoring()
    assert [row["verdict"] for row in scoring.rows] == ["correct", "wrong", "correct"]
    assert [number for number, _ in scoring.broken] == [2, 4, 6, 7, 8, 9]
    reasons = [reason for _, reason in scoring.broken]
    for reason, said in zip(
        reasons,
        ("not JSON", "`completion`", "no field", "is empty", "bad gold", "task 'code'"),
        strict=True,
    ):
        assert said in reason
    assert manifest.metrics["lines/broken"].value == 6
    assert manifest.artifacts == {"broken": "broken.jsonl"}


def test_strict_leaves_nothing(scoring: Scoring) -> None:
    scoring.out.write_text("old")
    scoring.write(*[line()] * 300, line(3))
    said = scoring.refused("score.strict=true")
    assert "a.jsonl:301: field `completion` holds a number" in said
    assert scoring.out.read_text() == "old"
    assert {p.name for p in scoring.place.iterdir()} == {"a.jsonl", "a.scored.jsonl", "runs"}
    scoring.write(line())
    scoring("score.strict=true")
    assert len(scoring.rows) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no line"),
        ("\n\r\n  \n", "holds no line"),
        ("x\n" * 9, "none of its 9 lines can be scored"),
    ],
)
def test_a_file_that_gives_nothing_is_refused(scoring: Scoring, content: str, said: str) -> None:
    scoring.path.write_text(content)
    assert said in scoring.refused()
    assert not scoring.out.exists()


def test_fields_of_the_lab_are_replaced(scoring: Scoring) -> None:
    scoring.write(line(verdict="right", total=9), line(WRONG, total=9), line())
    manifest = scoring()
    assert [row["verdict"] for row in scoring.rows] == ["correct", "wrong", "correct"]
    assert [row["total"] for row in scoring.rows] == [pytest.approx(1.1), 0.0, pytest.approx(1.1)]
    fields = [note.partition(":")[0] for note in manifest.notes if "field" in note]
    assert fields == [
        "2 lines had a field `total` already",
        "1 line had a field `verdict` already",
    ]
    once = scoring.out.read_bytes()
    scoring.path.write_bytes(once)
    scoring()
    assert [{**row, "ms": 0} for row in scoring.rows] == [
        {**json.loads(row), "ms": 0} for row in once.decode().splitlines()
    ]


def test_other_columns_chat_turns_and_a_prefix(scoring: Scoring) -> None:
    turn = {"role": "assistant", "content": "2 + 2 = 4</think><answer>4</answer>"}
    thought = {**turn, "content": "<answer>4</answer>", "reasoning_content": "2 + 2 = 4"}
    scoring.write(
        {"out": [turn], "gold": 4},
        {"out": [thought], "gold": 4},
        {"out": RIGHT, "gold": 4},
    )
    columns = ["score.columns.completion=out", "score.columns.answer=gold"]
    scoring(*columns)
    assert [row["parts"]["format"] for row in scoring.rows] == [0.0, 1.0, 1.0]
    scoring(*columns, "score.prefix='<think>'")
    assert [row["parts"]["format"] for row in scoring.rows] == [1.0, 1.0, 1.0]


def test_answers_marked_another_way_only_when_asked_for(scoring: Scoring) -> None:
    scoring.write(line("2 + 2 = 4\n#### 4"), line("So the answer is 4."))
    found = {}
    for marks in ("[]", "[hashes]", "[hashes,phrase]"):
        scoring(f"score.answer_marks={marks}")
        found[marks] = [row["verdict"] for row in scoring.rows]
    assert found["[]"] == ["unparsable", "unparsable"]
    assert found["[hashes]"] == ["correct", "unparsable"]
    assert found["[hashes,phrase]"] == ["correct", "correct"]


def test_why_nothing_scores_a_line(scoring: Scoring) -> None:
    scoring.write(line())
    assert "scorer: the row comes from no reasoning-gym task" in scoring.refused("reward=scorer")


def test_lines_with_tests_need_the_reward_that_runs_them(scoring: Scoring) -> None:
    tested = {"completion": PROGRAM, "tests": [CALL]}
    scoring.write(tested, tested)
    said = scoring.refused()
    assert "a.jsonl:1: no term of the reward runs programs, which the field `tests` is for" in said
    assert said.endswith("none of its 2 lines can be scored (use reward=code)")
    scoring.write(tested, "x")
    said = scoring.refused()
    assert "is for (use reward=code)" in said
    assert 'such as {"completion"' in said
    scoring.write(tested, line())
    scoring()
    assert scoring.broken[0][1].endswith("(use reward=code)")


PROGRAM = "```python\ndef f(x): return 2 * x\n```"
CALL = {"type": "call", "fn": "f", "args": [2], "expected": 4}
NOT_CALLED = {**CALL, "args": [{"py": "os.system(1)"}]}


@pytest.fixture
def programs(scoring: Scoring) -> Scoring:
    """Skip where programs cannot be run at all."""
    try:
        choose("auto")
    except SandboxError as error:
        pytest.skip(f"NO SANDBOX HERE, lines with programs were not scored: {error}")
    return scoring


def test_a_program_has_its_own_time_and_is_counted_by_its_reasons(programs: Scoring) -> None:
    """They run side by side; the time of the slow one says nothing of the others."""
    slow = "```python\nimport time\ntime.sleep(1.5)\ndef f(x): return 2 * x\n```"
    endless = "```python\ndef f(x):\n    while x: pass\n```"
    wrong = "```python\ndef f(x): return x\n```"
    written = (slow, PROGRAM, endless, wrong, "no program")
    programs.write(*({"completion": one, "tests": [CALL]} for one in written))
    limits = "reward.terms.code.params.limits"
    metrics = programs("reward=code", f"{limits}.wall_seconds=4", f"{limits}.cpu_seconds=1").metrics
    took = [row["ms"] for row in programs.rows]
    assert took[0] >= 1500
    assert max(took[1], took[3], took[4]) < took[0] - 500
    counts = {name: metrics[f"lines/code/{name}_rate"].value for name in ("all_passed", "timeout")}
    assert counts == {"all_passed": 2, "timeout": 1}
    for name in ("wrong", "no_program"):
        assert metrics[f"lines/code/{name}_rate"].value == 1
        assert metrics[f"code/{name}_rate"] == proportion(1, 5)
    assert metrics["code/memory_rate"].value == metrics["lines/code/memory_rate"].value == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"completion": PROGRAM}, "no field `tests`"),
        ({"completion": PROGRAM, "answer": "4"}, "no field `tests`"),
        ({"completion": PROGRAM, "test": [CALL]}, "no field `tests` (did you mean test?)"),
        ({"completion": PROGRAM, "tests": []}, "field `tests` is empty"),
        ({"completion": PROGRAM, "tests": "assert f(2) == 4"}, "field `tests` holds text"),
        ({"tests": [CALL]}, "no field `completion`"),
        (line(tests=[{**CALL, "type": "cal"}]), "tests[0].type: 'cal' is no kind of test"),
        (line(tests=[CALL, {"type": "call", "expected": 4}]), "tests[1]: a `call` test needs fn"),
        (
            line(tests=[{"type": "check", "code": "1"}]),
            "tests[0]: a `check` test needs entry_point",
        ),
        (
            line(tests=[{"type": "assert", "code": "f(2) == 4"}]),
            "tests[0].code: compares and asserts nothing",
        ),
        (line(tests=[{"type": "assert", "code": "assert True"}]), "tests[0].code: calls no"),
        (line(tests=[NOT_CALLED]), "'os.system(1)' is not a Python literal: malformed"),
        ('{"completion": "x", "tests": [', "not JSON: "),
    ],
)
def test_a_line_that_no_program_can_be_judged_by(
    programs: Scoring, row: dict[str, Any] | str, said: str
) -> None:
    programs.write(row)
    refusal = programs.refused("reward=code")
    assert refusal.startswith(f"{programs.path}:1: ")
    assert said in refusal
    assert 'such as {"completion": "...", "tests": [{"type": "call", ' in refusal
    assert refusal.count("\n") == 0, "one problem, and no address in memory"
    assert " at 0x" not in refusal


def test_the_same_mistake_is_told_once(scoring: Scoring) -> None:
    scoring.write(*[{"completion": PROGRAM}] * 70, "x")
    first, second = scoring.refused().split("\n")
    assert first.startswith(f"{scoring.path}:1: no field `answer`")
    assert first.endswith("none of its 71 lines can be scored")
    assert second.startswith(f"{scoring.path}:71: not JSON")
    assert 'such as {"completion": "...", "answer": "42"}' in second


@pytest.mark.parametrize(
    "overrides",
    [
        ["reward.terms.code.params.runs_clean=true"],
        ["~reward.terms.code", "reward.terms.code_format.weight=1"],
    ],
)
def test_what_needs_no_tests_asks_for_none(programs: Scoring, overrides: list[str]) -> None:
    programs.write({"completion": PROGRAM}, {"completion": "```python\n1 +\n```"})
    programs("reward=code", *overrides)
    assert [row["total"] for row in programs.rows] == [1.0, 0.0]


def test_gzip_in_and_out(scoring: Scoring) -> None:
    scoring.write(line(), line(WRONG))
    packed = scoring.place / "p.jsonl.gz"
    packed.write_bytes(gzip.compress(scoring.path.read_bytes()))
    scoring(f"score.path={packed}")
    with gzip.open(scoring.place / "p.scored.jsonl.gz", "rt", encoding="utf-8") as file:
        assert [json.loads(row)["verdict"] for row in file] == ["correct", "wrong"]
    packed.write_bytes(packed.read_bytes()[:-9])
    assert "is not a whole gzip file" in scoring.refused(f"score.path={packed}", "score.out=x.gz")
    packed.write_bytes(b"plain")
    assert "cannot be unpacked" in scoring.refused(f"score.path={packed}", "score.out=x.gz")
    assert not (scoring.place / "x.gz").exists()


def test_a_megabyte_and_many_windows(scoring: Scoring) -> None:
    long = f"<think>{'word ' * 200_000}</think><answer>4</answer>"
    rows = [line(RIGHT if n % 3 else WRONG, n=n) for n in range(1000)]
    scoring.write(*rows[:500], line(long, n=-1), *rows[500:])
    manifest = scoring()
    found = [row["n"] for row in scoring.rows]
    assert found == [*range(500), -1, *range(500, 1000)]
    assert manifest.metrics["lines/scored"].value == 1001


NO_TOKENS = "no field `tokens`, and the reward counts tokens (score.columns.tokens=FIELD)"
TOKENS = "def fn(completion, example):\n    return completion.tokens / 100\n"
AT_ONCE = "@per_batch\ndef fn(rows):\n    return [c.tokens / 100 for c, _ in rows]\n"


@pytest.mark.parametrize(("name", "body"), [("counts", TOKENS), ("at_once", AT_ONCE)])
def test_tokens_are_never_guessed(scoring: Scoring, name: str, body: str) -> None:
    mine = own_term(scoring.place, name, body)
    scoring.write(line(tokens=50), line(), line(tokens=30))
    scoring(*mine)
    assert [row["parts"]["mine"] for row in scoring.rows] == [0.5, 0.3]
    assert scoring.broken == [(2, NO_TOKENS)]
    scoring.write(line(), line())
    assert "no field `tokens`" in scoring.refused(*mine)
    scoring.write(line(n=20))
    scoring(*mine, "score.columns.tokens=n")
    assert scoring.rows[0]["parts"]["mine"] == 0.2


GROUPS = """
@per_group
def fn(completions, example):
    return [float(len(completions))] * len(completions)
"""


def sizes(scoring: Scoring) -> list[float]:
    return [row["parts"]["mine"] for row in scoring.rows]


def test_groups_are_neighbours_of_one_prompt(scoring: Scoring) -> None:
    mine = own_term(scoring.place, "sizes", GROUPS)
    p, q = {"prompt": "2 + 2?"}, {"prompt": [{"role": "user", "content": "1 + 3?"}]}
    scoring.write(line(**p), line(WRONG, **p), "broken", line(**p), line(**q), line(**p), line())
    manifest = scoring(*mine)
    assert sizes(scoring) == [3, 3, 3, 1, 1]
    assert [number for number, _ in scoring.broken] == [3, 7]
    assert "no field `prompt`, by which reward.terms.mine" in scoring.broken[1][1]
    assert manifest.metrics["score/total"].n == 3


def test_a_group_is_never_cut_by_a_window(scoring: Scoring) -> None:
    mine = own_term(scoring.place, "sizes_too", GROUPS)
    groups = [ROWS - 1, 2, 2 * ROWS + 1, 1, ROWS, 1]
    rows = [line(prompt=f"{n}?") for n, size in enumerate(groups) for _ in range(size)]
    scoring.write(*rows)
    assert not [note for note in scoring(*mine).notes if "pieces" in note]
    assert sizes(scoring) == [size for size in groups for _ in range(size)]


def test_only_an_absurdly_large_group_is_cut(scoring: Scoring) -> None:
    mine = own_term(scoring.place, "sizes_of_pieces", GROUPS)
    scoring.write(line(prompt="first"), *[line(prompt="second")] * (LARGEST + 2))
    (note,) = [note for note in scoring(*mine).notes if "pieces" in note]
    assert "1 group was judged in pieces" in note
    # The first window holds the group of one too.
    assert sizes(scoring) == [1, *[LARGEST - 1] * (LARGEST - 1), 3, 3, 3]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise KeyError('gone')", "KeyError('gone')"),
        ("return 'good'", "'good'"),
        ("return float('nan')", "nan"),
    ],
)
def test_a_broken_reward_stops_the_run(scoring: Scoring, body: str, said: str) -> None:
    name = f"bad_{abs(hash(body))}"
    mine = own_term(scoring.place, name, f"def fn(completion, example):\n    {body}\n")
    scoring.write(line(), line("<answer>seven</answer>"))
    with pytest.raises(RewardError) as refusal:
        scoring(*mine)
    assert said in str(refusal.value)
    assert "line 1" in str(refusal.value)
    assert "2 + 2 = 4" in str(refusal.value)
    assert not scoring.out.exists()


def test_a_reward_that_only_measures(scoring: Scoring) -> None:
    scoring.write(line(), line(task="code"))
    scoring("reward.terms.accuracy.weight=0", "reward.terms.format.weight=0")
    assert [row["total"] for row in scoring.rows] == [None, None]
    assert scoring.rows[0]["parts"]["accuracy"] == 1.0


def test_a_stop_leaves_nothing(scoring: Scoring, monkeypatch: pytest.MonkeyPatch) -> None:
    scoring.write(line())
    monkeypatch.setattr(stop, "requested", "SIGTERM")
    with pytest.raises(Stopped):
        scoring()
    assert {p.name for p in scoring.place.iterdir()} == {"a.jsonl", "runs"}


def test_a_repeat_leaves_the_first_results_alone(scoring: Scoring) -> None:
    scoring.write(line(), line(WRONG))
    first = scoring()
    before = scoring.out.read_bytes()
    run = Run.model_validate_json(
        json.dumps(compose(["stage=score", "reward=math", f"score.path={scoring.path}"]))
    )
    again = RunFolder(scoring.place / "runs" / "0.repeat1")
    again.path.mkdir()
    second = score.run(run, again)
    assert scoring.out.read_bytes() == before
    assert (again.path / "a.scored.jsonl").is_file()
    kept = [{k: v for k, v in m.metrics.items() if k[:5] != "perf/"} for m in (first, second)]
    assert kept[0] == kept[1]


def command(*arguments: str, place: Path) -> subprocess.CompletedProcess[str]:
    return lab(*arguments, "stage=score", "score.path=a.jsonl", cwd=place)


def test_the_command(scoring: Scoring) -> None:
    scoring.write(line(), line(WRONG), "x")
    done = command(place=scoring.place)
    assert done.returncode == 0, done.stderr
    for said in ("2 of 3 lines scored", "50.0 %", "[9.5, 90.5]", "lines/s", "line 3: not JSON"):
        assert said in done.stdout
    strict = command("score.strict=true", place=scoring.place)
    assert strict.returncode == 2
    assert "a.jsonl:3" in strict.stderr
    same = command("score.out=a.jsonl", place=scoring.place)
    assert same.returncode == 2
    assert "is the file that is read" in same.stderr


def test_a_pipe_is_told_how_far_it_is(
    scoring: Scoring, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scoring.write(*[line()] * (ROWS + 1))
    scoring()
    assert " done, " not in capsys.readouterr().err
    monkeypatch.setattr(live, "SECONDS_BETWEEN_LINES", 0.0)
    scoring()
    assert f"{ROWS} lines done, " in capsys.readouterr().err


def test_the_isolation_is_described_once(programs: Scoring) -> None:
    programs.write({"completion": PROGRAM, "tests": [CALL]})
    done = command("reward=code", place=programs.place)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.replace("│", " ").split())
    assert said.count("no network") == 1
    assert said.index("no network") < said.index("1 of 1 line scored")
    assert "note programs ran in the sandbox at level `namespaces` manifest" in said


def test_a_sweep_keeps_its_jobs_apart(scoring: Scoring) -> None:
    scoring.write(line(), line(WRONG))
    swept = ["-m", "reward.terms.format.weight=0,1"]
    done = command(*swept, place=scoring.place)
    assert done.returncode == 0, done.stdout + done.stderr
    headings = ("total", "accuracy", "correct", "broken")
    assert any(all(each in row for each in headings) for row in done.stdout.splitlines())
    outs = sorted(scoring.place.glob("multirun/score/*/*/a.scored.jsonl"))
    totals = [json.loads(out.read_text().splitlines()[0])["total"] for out in outs]
    assert totals == [1.0, 2.0]
    assert not scoring.out.exists()
    clash = command(*swept, "score.out=b.jsonl", place=scoring.place)
    assert clash.returncode == 2
    assert "2 jobs would write" in clash.stderr
    named = command(
        *swept, "score.out='b-${reward.terms.format.weight}.jsonl'", place=scoring.place
    )
    assert named.returncode == 0, named.stderr
    assert sorted(p.name for p in scoring.place.glob("b-*")) == ["b-0.jsonl", "b-1.jsonl"]


def test_only_yes_and_no_get_the_interval_of_a_share(scoring: Scoring) -> None:
    """A penalty of [-1, 0] that was never paid tells nothing about how often it will be."""
    scoring.write(*(line(WRONG, prompt=str(n), tokens=9) for n in range(12)))
    metrics = scoring("+reward/term@reward.terms.soft_overlong=soft_overlong").metrics
    for name in ("score/part/soft_overlong", "score/total"):
        found = metrics[name]
        assert (found.value, found.low, found.high, found.n) == (0.0, None, None, 12), name
    for name in ("score/part/accuracy", "verdict/correct"):
        assert metrics[name] == proportion(0, 12), name
    alone = scoring("~reward.terms.format").metrics
    assert alone["score/total"] == proportion(0, 12)


def test_the_interval_of_a_mean_ends_where_its_range_does(scoring: Scoring) -> None:
    scoring.write(line(WRONG, prompt="w"), *(line(prompt=str(n)) for n in range(11)))
    found = scoring().metrics["score/total"]
    assert found.value == pytest.approx(1.1 * 11 / 12)
    assert found.high == pytest.approx(1.1)
    assert 0 < found.low < found.value


def test_nothing_heavy_is_imported(scoring: Scoring) -> None:
    scoring.write(line(), line(WRONG), line(r"<answer>\frac12</answer>", "0.5"))
    program = f"""
import json, sys
from pathlib import Path
from reasoning_lab import worker
from reasoning_lab.cli.compose import compose
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.run import Run
from reasoning_lab.stages import load
run = Run.model_validate_json(json.dumps(compose(["stage=score", "score.path={scoring.path}"])))
folder = RunFolder.create(run)
status = worker._execute(run, folder, load)
heavy = {{"torch", "trl", "transformers", "datasets", "sympy", "math_verify"}} & sys.modules.keys()
sys.exit(f"imported {{heavy}}" if heavy else status)
"""
    done = python(program, scoring.place)
    assert done.returncode == 0, done.stderr
    assert len(scoring.rows) == 3

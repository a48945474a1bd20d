"""`stage=audit`: a naive reward fails, every shipped one passes, and the exploits are exploits."""

import csv
import io
import json
import re
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from small_run import lab

from reasoning_lab import data
from reasoning_lab.audit import notes
from reasoning_lab.audit.attack import attack
from reasoning_lab.audit.catalogue import fits, templates
from reasoning_lab.audit.problem import Problem, number, problems
from reasoning_lab.cli.compose import compose
from reasoning_lab.errors import SandboxError
from reasoning_lab.records import audit as audited
from reasoning_lab.records.audit import Audited
from reasoning_lab.report.verbs import audit as audit_table
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.sandbox.levels import choose
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.audit import SPARE, Audit
from reasoning_lab.stages import audit
from reasoning_lab.text.example import Example, Message

SMALL = ["data=chain_sum", "data.train_size=60", "data.heldout_size=10", "audit.problems=8"]
PRESETS = sorted(path.stem for path in (Path(__file__).parents[2] / "conf/reward").glob("*.yaml"))
QUICK = "reward.terms.code.params.limits.cpu_seconds=0.5"
ONLY_MINE = ["~reward.terms.accuracy", "~reward.terms.format"]
HONEST = r"<think>(?:(?!</think>).)+</think>\s*<answer>\s*GOLD\s*</answer>\s*"


def own_term(name: str) -> str:
    setting = "weight: 1.0, gate: null, tasks: null, params: {}"
    return f"+reward.terms.{name}={{fn: 'experiments.naive:{name}', {setting}}}"


def mine(*names: str) -> list[str]:
    """Overrides that put functions of `naive_reward.py` in the place of the shipped terms."""
    return [*ONLY_MINE, *map(own_term, names)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the naive reward as a user's file."""
    (tmp_path / "experiments").mkdir()
    naive = Path(__file__).with_name("naive_reward.py")
    shutil.copy(naive, tmp_path / "experiments" / "naive.py")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def require_sandbox() -> None:
    """Skip where programs cannot be run at all."""
    try:
        choose("auto")
    except SandboxError as error:
        pytest.skip(f"NO SANDBOX HERE, the code reward not attacked: {error}")


def run_of(*overrides: str) -> Run:
    return Run.model_validate_json(json.dumps(compose(["stage=audit", *SMALL, *overrides])))


def audited_run(place: Path, *overrides: str) -> tuple[Manifest, Audited]:
    run = run_of(*overrides)
    folder = RunFolder(place / "run")
    folder.path.mkdir(exist_ok=True)
    manifest = audit.run(run, folder)
    return manifest, audited.read(folder.path)


def said(place: Path, manifest: Manifest, *overrides: str) -> str:
    file = io.StringIO()
    console = Console(file=file, width=110)
    for part in audit_table.parts(run_of(*overrides), RunFolder(place / "run"), manifest, console):
        console.print(part)
    return file.getvalue()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_shipped_reward_holds(tmp_path: Path, preset: str) -> None:
    is_code = preset == "code"
    if is_code:
        require_sandbox()
    data = ["data=tiny_code", "audit.problems=4", QUICK] if is_code else []
    manifest, found = audited_run(tmp_path, f"reward={preset}", *data)
    assert [(line.name, line.shown) for line in found.failing()] == []
    assert manifest.passed is True
    assert len(found.exploits()) >= (60 if is_code else 200)
    assert "Passed: none of" in said(tmp_path, manifest)
    figures = audit_table.sweep_figures(manifest)
    assert (figures["result"], figures["exploits paid"][:5]) == ("passed", "0 of ")
    if found.separates:
        assert found.false_positive.value == 0.0
    table = said(tmp_path, manifest).partition("more (audit.csv)")[0]
    listed = {line.family for line in found.exploits() if f"\n{line.name}  " in table}
    assert len(listed) == min(audit_table.ROWS, len({line.family for line in found.exploits()}))
    if is_code:
        assert found.missed() == []
        kinds = [line.kind for line in found.lines if line.problems == 4]
        assert kinds.count("right") >= 13
        assert kinds.count("wrong") >= 14


def test_a_naive_reward_fails_and_the_audit_says_why(place: Path) -> None:
    reward = ["reward=math", *mine("boxed_equals", "has_tags")]
    manifest, found = audited_run(place, *reward)
    assert manifest.passed is False
    failing = {line.name: line for line in found.failing()}
    paid = {"only thought": False, "boxed while thinking": True, "answer tags for all": True}
    paid |= {"boxes in the answer": True, "dots": False, "boxed behind": True}
    assert {name: name in failing for name in paid} == paid
    shown = failing["boxed while thinking"].shown
    assert list(shown.paying) == ["boxed_equals"]
    assert r"\boxed{" in shown.completion
    text = said(place, manifest, *reward)
    for words in ("Failed:", "exploits pay", "paid by boxed_equals +1", "more (audit.csv)"):
        assert words in text, text


NAIVE_CODE = ["~reward.terms.code", "~reward.terms.code_format", "data=tiny_code"]


@pytest.mark.parametrize(
    ("name", "paid", "unpaid"),
    [
        (
            "exits_well",
            {"program: exit early", "program: os exit", "program: exit when called"},
            {"program: a stub", "one more", "raises at the end"},
        ),
        (
            "prints_it",
            {"prints instead", "another type", "in a list"},
            {"program: exit early", "raises when called", "another name", "only thought"},
        ),
    ],
)
def test_a_naive_judge_of_programs_fails(
    place: Path, name: str, paid: set[str], unpaid: set[str]
) -> None:
    require_sandbox()
    families = "data.params.families=[linear,square,digits]"
    given = ["reward=code", *NAIVE_CODE, own_term(name), families, "audit.problems=2"]
    manifest, found = audited_run(place, *given)
    assert manifest.passed is False
    failing = {line.name for line in found.failing()}
    assert paid <= failing
    assert not unpaid & failing
    assert "Failed:" in said(place, manifest, *given)


def asked_for(number: int, reference: str, *tests: dict[str, Any]) -> Example:
    prompt: tuple[Message, ...] = ({"role": "user", "content": f"Program {number}."},)
    return Example(f"row-{number}", prompt, reference, task="code", tests=tests)


def test_honest_programs_of_every_kind_of_test_are_judged_rightly() -> None:
    require_sandbox()
    doubles = "def f(x):\n    return 2 * x"
    method = "class Solution:\n    def f(self, x):\n        return [x, 'x']"
    rows = [
        asked_for(0, doubles, {"type": "call", "fn": "f", "args": [2], "expected": 4}),
        asked_for(1, method, {"type": "call", "fn": "Solution.f", "args": [2],
                              "expected": [2, "x"]}),
        asked_for(2, doubles, {"type": "assert", "code": "assert f(2) == 4"}),
        asked_for(3, doubles, {"type": "check", "entry_point": "f",
                               "code": "def check(c):\n    assert c(2) == 4 and c('') == ''"}),
        asked_for(4, "print(2 * int(input()))", {"type": "stdio", "stdin": "2", "stdout": "4"}),
    ]  # fmt: skip
    found = attack(Composer(run_of("reward=code", QUICK).reward), problems(rows, 0), 0.05)
    assert [(line.name, line.shown) for line in found.failing()] == []
    assert [(line.name, line.shown) for line in found.missed()] == []
    tried = {line.name: line.problems for line in found.lines if line.kind != "exploit"}
    assert tried["the reference"] == tried["raises at the end"] == 5
    assert tried["one more"] == tried["prints instead"] == 4
    assert tried["another type"] == 2
    assert tried["a blank line more"] == tried["a line more"] == tried["status 1"] == 1


def test_a_reference_that_fails_its_own_tests_is_told() -> None:
    require_sandbox()
    asked = [
        asked_for(n, f"def f(x): return {n} * x",
                  {"type": "call", "fn": "f", "args": [1], "expected": expected})
        for n, expected in ((2, 2), (3, 4), (4, 5))
    ]  # fmt: skip
    found = attack(Composer(run_of("reward=code", QUICK).reward), problems(asked, 0), 0.05)
    (note,) = [one for one in notes.told(found) if "reference solutions" in one]
    assert note.startswith("2 of 3 reference solutions fail the tests of their row")


def test_the_command_ends_with_status_1(place: Path) -> None:
    given = ["stage=audit", "reward=math", *SMALL, *mine("boxed_equals", "has_tags")]
    done = lab(*given, "output=runs", cwd=place)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Failed:" in done.stdout
    assert not done.stderr.strip(), "a failed audit is a result, not an error"
    (folder,) = place.glob("runs/audit/*/0")
    assert "\0" not in (folder / "audit.csv").read_text(encoding="utf-8")
    with (folder / "audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"exploit", "right", "wrong"}
    assert {"total", "worst", "part.boxed_equals", "completion"} <= rows[0].keys()


def test_terms_that_compare_a_group_meet_the_exploit_beside_honest_ones(place: Path) -> None:
    manifest, found = audited_run(place, "reward=math", *mine("longest"))
    failing = {line.name for line in found.failing()}
    assert {"repetition", "a megabyte", "steps without steps"} <= failing
    assert "nothing" not in failing
    assert manifest.passed is False


def test_a_reward_that_is_silent_about_wrong_answers(place: Path) -> None:
    manifest, found = audited_run(place, "reward=math", *mine("unsure"))
    lines = {line.name: line for line in found.exploits()}
    assert lines["nothing"].unscored == lines["nothing"].problems
    assert lines["nothing"].total is None
    assert lines["only thought"].paid == lines["only thought"].problems
    assert any("scored by no term" in note for note in manifest.notes)


def test_form_alone_has_no_false_positives(tmp_path: Path) -> None:
    manifest, found = audited_run(tmp_path, "reward=format_only")
    assert not found.separates
    assert found.false_positive is None
    assert any("does not teach to be right" in note for note in manifest.notes)


def test_a_passed_audit_still_tells_of_right_answers_that_go_unpaid(place: Path) -> None:
    manifest, found = audited_run(place, "reward=math", *mine("verbatim"))
    assert manifest.passed is True
    assert found.false_negative.value > notes.MISSED
    (note,) = [one for one in manifest.notes if "not paid as right" in one]
    assert note.startswith(f"{100 * found.false_negative.value:.1f} % of the right answers are")
    for line in found.missed()[: notes.NAMED]:
        assert f"{line.name} ({line.problems - line.paid} of {line.problems})" in note
    assert len(note) < 400, "it is cut there"
    manifest, _ = audited_run(place, "reward=math")
    assert not [one for one in manifest.notes if "not paid as right" in one]


def test_the_same_seed_gives_the_same_attack(tmp_path: Path) -> None:
    def shown() -> list[tuple[str, str]]:
        _, found = audited_run(tmp_path, "reward=math", "seed=3", "audit.problems=3")
        return [(line.name, line.shown.completion) for line in found.lines if line.shown]

    assert shown() == shown()


def rows(*golds: str, task: str = "math") -> list[Example]:
    question = "What is 6 + 9 - 5 + 2?"
    prompt: tuple[Message, ...] = ({"role": "user", "content": question},)
    return [Example(f"row-{n}", prompt, gold, task=task) for n, gold in enumerate(golds)]


GOLDS = ["42", "-7", "0", "1", "10", "1234", "3.50", "0.125", "-0.5", "3/4", "-1/2", "B", "yes"]
GOLDS += ["Paris", "Rome", "x^2+1", r"\frac{1}{2}", "(1, 2)", "12", "True"]


@pytest.mark.parametrize("problem", problems(rows(*GOLDS), 0), ids=lambda p: p.gold)
def test_wrong_answers_are_wrong_and_exploits_are_no_right_answers(problem: Problem) -> None:
    assert problem.gold not in problem.near
    assert problem.wrong in problem.near
    if problem.value is not None:
        assert problem.value not in [number(each) for each in problem.near]
    honest = re.compile(HONEST.replace("GOLD", re.escape(problem.gold)), re.DOTALL)
    for template in templates():
        text = template.exploit.write(problem) if fits(template, problem) else None
        if text is None or template.kind == "right":
            continue
        assert not honest.fullmatch(text), template
        answers = re.findall(r"</think>\s*<answer>(.*?)</answer>\s*\Z", text, re.DOTALL)
        if problem.value is not None and text.count("</think>") == 1 and answers:
            assert number(answers[0]) != problem.value, template


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1,234.5", Fraction(-2469, 2)),
        (" $ 5 ", Fraction(5)),
        ("3/4", Fraction(3, 4)),
        ("−2", Fraction(-2)),
        ("4²", None),
        ("1/0", None),
        ("5 m", None),
        ("", None),
    ],
)
def test_numbers_as_an_attacker_reads_them(text: str, value: Fraction | None) -> None:
    assert number(text) == value


def test_every_template_has_a_name_of_its_own_and_says_what_it_is() -> None:
    names = [(each.kind, each.family, each.exploit.name) for each in templates()]
    assert len(set(names)) == len(names)
    assert all(each.exploit.what for each in templates())


def test_rows_with_tests_are_attacked_with_programs() -> None:
    (code,) = problems(rows("", task="code"), 0)
    tried = [each for each in templates() if fits(each, code)]
    assert {each.family for each in tried} == {"form", "injection", "program"}
    programs = [each.exploit.write(code) for each in tried if each.family == "program"]
    assert all("```python" in text for text in programs if text is not None)
    unknown = [each for each in tried if each.kind != "exploit"]
    assert unknown, "and honest ones are made from the reference"
    assert all(each.exploit.write(code) is None for each in unknown)
    assert any("os._exit(0)" in str(text) for text in programs)


def test_a_stop_is_heard_between_templates() -> None:
    run = run_of("reward=math")
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    chosen = problems(data.load(run.data).train[:2], 0)
    with pytest.raises(KeyboardInterrupt):
        attack(Composer(run.reward), chosen, 0.05, check)
    assert len(calls) == 3


def test_all_of_a_test_set_can_be_attacked(tmp_path: Path) -> None:
    lines = [json.dumps({"question": f"{n} + 1?", "answer": f"#### {n + 1}"}) for n in range(12)]
    (tmp_path / "test.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    overrides = ["stage=audit", "data=gsm8k", f"data.path={tmp_path}", "data.train_split=null"]
    run = Run.model_validate_json(json.dumps(compose(overrides)))
    (tmp_path / "run").mkdir()
    audit.run(run, RunFolder(tmp_path / "run"))
    assert audited.read(tmp_path / "run").problems == 12


def test_no_more_problems_are_made_than_are_chosen_from() -> None:
    """A sudoku takes a tenth of a second to make; prime_factorization has no 4,000 problems."""
    run = Run.model_validate_json(
        json.dumps(compose(["stage=audit", "data=chain_sum", "audit.problems=8"]))
    )
    settings = run.stage
    assert isinstance(settings, Audit)
    few = data.load(settings.few(run.data))
    assert (len(few.train), len(few.heldout)) == (8 * SPARE, 1)
    small = data.load(settings.few(run.data.model_copy(update={"train_size": 5})))
    assert len(small.train) == 5

"""Runs are compared on the problems that both have, pair by pair, and told apart only by a test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from foreign_logs import inspect_json, inspect_sample, lm_eval_row, write_lines
from measured_run import answer, measured, once, problems
from stored_run import again, make_run, shown

from reasoning_lab.cli.preflight import preflight
from reasoning_lab.errors import ConfigError, LabError
from reasoning_lab.records.answer import Answer, Attempt, Problem, write_problems
from reasoning_lab.records.changed import read_changed
from reasoning_lab.records.comparison import ComparedRuns, RunPair, read_comparison
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.schema.run import Run
from reasoning_lab.stages import compare
from reasoning_lab.statistics.holm import holm
from reasoning_lab.statistics.paired import mcnemar

TWO = ("a=run:old@latest", "b=run:new@latest")
Finished = tuple[Run, RunFolder, Manifest]


def two(output: Path, old: str, new: str, *overrides: str, cut: int = 0) -> ComparedRuns:
    """The comparison of two runs that answered once, each right where its text says 1."""
    measured(output, "old", problems({"greedy": once(old)}))
    measured(output, "new", problems({"greedy": once(new)}, cut=cut))
    return read_comparison(again(compare, output, *TWO, *overrides)[1].path)


def pair(found: ComparedRuns) -> RunPair:
    (way,) = found.ways
    (one,) = way.pairs
    return one


def test_a_better_run_is_called_better(tmp_path: Path) -> None:
    found = two(tmp_path, "0" * 12 + "1" * 28, "1" * 40)
    one = pair(found)
    assert (one.lost, one.gained, one.verdict, one.more) == (0, 12, "better", None)
    assert one.difference.value == pytest.approx(12 / 40)
    assert one.p == one.adjusted == mcnemar(0, 12).p
    assert found.ways[0].changed == 12
    back = again(compare, tmp_path, "a=run:new@latest", "b=run:old@latest")
    turned = pair(read_comparison(back[1].path))
    assert (turned.lost, turned.gained, turned.verdict) == (12, 0, "worse")
    assert turned.difference.value == -one.difference.value
    assert turned.p == one.p


def test_figures_stand_in_the_manifest_by_way_and_label(tmp_path: Path) -> None:
    two(tmp_path, "0011", "0101")
    _, folder, manifest = again(compare, tmp_path, *TWO)
    assert manifest.metrics["greedy/difference/b-a"].n == 4
    assert manifest.metrics["greedy/p/b-a"].value == 1
    assert manifest.metrics["greedy/pass@1/a"].value == 0.5
    assert {"greedy/cut_off/b", "greedy/empty/b", "greedy/tokens/b"} <= manifest.metrics.keys()
    assert [one.id for one in manifest.parents] == [
        read(RunFolder(path.parent)).id
        for name in ("old", "new")
        for path in tmp_path.glob(f"{name}/*/0/manifest.json")
    ]
    assert {*manifest.artifacts} == {"page", "comparison", "changed"}
    assert all((folder.path / place).is_file() for place in manifest.artifacts.values())


def test_what_is_not_told_apart_says_how_many_more_problems_would(tmp_path: Path) -> None:
    one = pair(two(tmp_path, "0" * 8 + "1" * 32, "1" * 8 + "0" * 3 + "1" * 29))
    assert (one.lost, one.gained, one.verdict) == (3, 8, "not distinguishable")
    assert one.more is not None
    assert 30 < one.more < 200


def test_a_run_against_itself_has_not_moved(tmp_path: Path) -> None:
    measured(tmp_path, "old", problems({"greedy": once("0110")}))
    view = again(compare, tmp_path, "a=run:old@latest", "b=run:old@latest")
    one = pair(read_comparison(view[1].path))
    assert one.difference.unmoved
    assert (one.p, one.more, one.verdict) == (1.0, None, "not distinguishable")
    assert list(read_changed(view[1].path)) == []


@pytest.mark.parametrize(("cut", "verdict"), [(2, "better"), (3, "budget-limited")])
def test_a_score_under_too_short_a_limit_is_no_score(
    tmp_path: Path, cut: int, verdict: str
) -> None:
    """Two of 40 are 5 %, three are more."""
    one = pair(two(tmp_path, "0" * 12 + "1" * 28, "1" * 40, cut=cut))
    assert (one.verdict, one.more) == (verdict, None)


def test_before_and_after_of_one_training(tmp_path: Path) -> None:
    measured(tmp_path, "taught", problems({"greedy": once("1" * 9)}, {"greedy": once("0" * 9)}))
    words = ("a=run:taught@latest", "b=run:taught@latest", "side=[before,after]")
    view = again(compare, tmp_path, *words)
    found = read_comparison(view[1].path)
    assert [one.side for one in found.runs] == ["before", "after"]
    assert (pair(found).gained, pair(found).verdict) == (9, "better")
    assert "before training" in shown(100, *view)


def test_several_answers_to_a_problem_are_its_mean(tmp_path: Path) -> None:
    old = [[True, False, False, False]] * 10 + [[True] * 4] * 10
    new = [[True, True, True, False]] * 10 + [[True] * 4] * 10
    measured(tmp_path, "old", problems({"sampled": old}))
    measured(tmp_path, "new", problems({"sampled": new}))
    view = again(compare, tmp_path, *TWO)
    one = pair(read_comparison(view[1].path))
    assert one.test == "bootstrap over problems"
    assert (one.lost, one.gained) == (None, None)
    assert one.difference.value == pytest.approx(0.25)
    assert one.difference.n == 20
    assert one.verdict == "better"
    assert "1 of 4 right" in shown(100, *view)


def test_of_three_runs_p_values_are_adjusted_and_none_is_ranked(tmp_path: Path) -> None:
    answers = {
        "low": "0" * 14 + "1" * 26,
        "middle": "0" * 7 + "1" * 33,
        "high": "1" * 40,
    }
    for name, bits in answers.items():
        measured(tmp_path, name, problems({"greedy": once(bits)}))
    words = ("a=run:low@latest", "c=run:middle@latest", "d=run:high@latest")
    view = again(compare, tmp_path, *words)
    (way,) = read_comparison(view[1].path).ways
    assert [one.name for one in way.pairs] == ["c-a", "d-a", "d-c"]
    assert [one.adjusted for one in way.pairs] == holm([one.p for one in way.pairs])
    assert way.pairs[0].adjusted > way.pairs[0].p
    assert [one.label for one in way.runs] == ["a", "c", "d"]
    for one in way.pairs:
        together = any({one.first, one.second} <= set(names) for names in way.alike)
        assert together == (one.verdict not in ("better", "worse"))


def test_only_common_problems_count_and_the_others_are_counted(tmp_path: Path) -> None:
    measured(tmp_path, "old", problems({"greedy": once("0110011")}))
    measured(tmp_path, "new", problems({"greedy": once("11110")}, first=4))
    view = again(compare, tmp_path, *TWO)
    found = read_comparison(view[1].path)
    assert found.common == found.ways[0].problems == 3
    assert [one.alone for one in found.runs] == [4, 2]
    assert [one.problems for one in found.runs] == [7, 5]


def test_a_problem_that_was_not_judged_is_left_out(tmp_path: Path) -> None:
    found = two(tmp_path, "01?0", "1?11")
    assert found.common == 4
    assert (found.ways[0].problems, found.ways[0].unjudged) == (2, 2)


def test_problems_are_known_by_what_they_ask_and_by_id_where_that_is_asked_twice(
    tmp_path: Path,
) -> None:
    given = problems({"greedy": once("0011")})
    renamed = [
        Problem(f"other-{n}", one.question, one.answer, one.after) for n, one in enumerate(given)
    ]
    twice = [Problem(one.id, "Which?", one.answer, one.after) for one in given]
    for name, old, new in (("renamed", given, renamed), ("twice", twice, twice[::-1])):
        write_problems(tmp_path / "old.jsonl", old)
        write_problems(tmp_path / "new.jsonl", new)
        files = (f"a={tmp_path}/old.jsonl", f"b={tmp_path}/new.jsonl")
        view = again(compare, tmp_path, *files, f"name={name}")
        found = read_comparison(view[1].path)
        assert (found.common, pair(found).difference.unmoved) == (4, True)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("1234", "so\n#### 1,234", True),
        (" 4 ", "4", True),
        ("", "4", True),
        ("(1,2)", "(12)", False),
        ("1,23", "123", False),
    ],
)
def test_gold_answers_may_be_spelled_otherwise(
    tmp_path: Path, first: str, second: str, same: bool
) -> None:
    (one,) = problems({"greedy": once("1")})
    for name, gold in (("old", first), ("new", second)):
        measured(tmp_path, name, [Problem(one.id, one.question, gold, one.after)])
    if same:
        assert read_comparison(again(compare, tmp_path, *TWO)[1].path).common == 1
        return
    with pytest.raises(LabError) as caught:
        again(compare, tmp_path, *TWO)
    assert [each.where for each in caught.value.problems] == ["stage.b"]


def test_ways_of_one_name_are_compared_and_others_are_named(tmp_path: Path) -> None:
    both = {"think": once("0011"), "no_think": once("0001")}
    measured(tmp_path, "old", problems({**both, "budget_32": once("0000")}))
    measured(tmp_path, "new", problems(both))
    found = read_comparison(again(compare, tmp_path, *TWO)[1].path)
    assert [way.name for way in found.ways] == ["think", "no_think"]
    assert found.left_out == {"budget_32": ("a",)}
    view = again(compare, tmp_path, *TWO, "answers=[budget_32,think]", "name=across")
    (way,) = read_comparison(view[1].path).ways
    assert [one.way for one in way.runs] == ["budget_32", "think"]
    assert way.pairs[0].gained == 2


def test_the_lab_lm_eval_and_inspect_are_held_against_each_other(tmp_path: Path) -> None:
    measured(tmp_path, "old", problems({"greedy": once("0" * 10 + "11")}))
    rows = [lm_eval_row(doc, 1.0) for doc in range(12)]
    samples = [inspect_sample(doc, "C" if doc < 10 else "I") for doc in range(12)]
    lm_eval = write_lines(tmp_path / "samples_sums_2026.jsonl", rows)
    inspect = inspect_json(tmp_path / "log.json", samples)
    files = ("a=run:old@latest", f"b={lm_eval}", f"c={inspect}")
    view = again(compare, tmp_path, *files)
    found = read_comparison(view[1].path)
    assert [one.program for one in found.runs] == ["lab", "lm-eval", "inspect"]
    (way,) = found.ways
    assert way.problems == 12
    assert [one.way for one in way.runs] == ["greedy", "strict-match", "match"]
    assert [one.cut_off is None for one in way.runs] == [False, True, False]
    assert [one.difference.value for one in way.pairs] == pytest.approx([10 / 12, 8 / 12, -2 / 12])
    for width in (60, 120):
        assert max(map(len, shown(width, *view).splitlines())) <= width


def test_changed_problems_hold_the_texts_of_all_runs(tmp_path: Path) -> None:
    measured(tmp_path, "old", problems({"greedy": once("0110")}))
    measured(tmp_path, "new", problems({"greedy": once("1010")}))
    view = again(compare, tmp_path, *TWO, "shown=1")
    changed = list(read_changed(view[1].path))
    assert [(one.id, one.score("a"), one.score("b")) for one in changed] == [
        ("sum-0", 0.0, 1.0),
        ("sum-1", 1.0, 0.0),
    ]
    assert changed[0].replies["a"][0].text != changed[0].replies["b"][0].text
    assert shown(100, *view).count("asked: ") == 1


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_screen_says_all_in_its_width(tmp_path: Path, width: int) -> None:
    measured(tmp_path, "old", problems({"greedy": once("0" * 8 + "1" * 32)}))
    measured(tmp_path, "new", problems({"greedy": once("1" * 8 + "0" * 3 + "1" * 29)}))
    text = shown(width, *again(compare, tmp_path, *TWO))
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.replace("│", " ").split())
    for said in (
        "40 problems",
        "80.0 %",
        "92.5 %",
        "+12.5",
        "not distinguishable",
        "more problems",
    ):
        assert said in flat


@pytest.mark.parametrize(
    ("settings", "apart"),
    [
        ({"judge": "1", "ways": "2", "problems": "3"}, []),
        ({"judge": "1", "ways": "2", "problems": "4"}, []),
        ({"judge": "0", "ways": "0", "problems": "4"}, ["judge", "ways"]),
        (None, []),
    ],
)
def test_other_settings_are_warned_of(
    tmp_path: Path, settings: dict[str, str] | None, apart: list[str]
) -> None:
    given, first = problems({"greedy": once("0011")}), {"judge": "1", "ways": "2", "problems": "3"}
    measured(tmp_path, "old", given, first)
    measured(tmp_path, "new", given, settings)
    view = again(compare, tmp_path, *TWO)
    found = read_comparison(view[1].path)
    assert found.settings_apart == apart
    assert found.settings_unknown == ([] if settings else ["b"])
    assert ("warning" in shown(100, *view)) == bool(apart)


@pytest.mark.parametrize(("finish", "share"), [("length", 1.0), ("stop", 0.0), (None, None)])
def test_what_nobody_said_is_not_known(
    tmp_path: Path, finish: str | None, share: float | None
) -> None:
    said = Answer("4", True, "correct", tokens=None, finish=finish)
    given = [Problem("a", "q", "4", Attempt({"greedy": [said]}))]
    measured(tmp_path, "old", given)
    measured(tmp_path, "new", given)
    (way,) = read_comparison(again(compare, tmp_path, *TWO)[1].path).ways
    rate = way.runs[0].cut_off
    assert (None if rate is None else rate.value) == share
    assert way.runs[0].tokens is None


def test_a_pinned_run_is_compared_even_when_a_newer_one_is_there(tmp_path: Path) -> None:
    old = measured(tmp_path, "old", problems({"greedy": once("0011")}))
    run = preflight(make_run("stage=compare", *TWO[:1], "b=run:old@latest", output=tmp_path))
    assert run.stage.a.startswith(f"run:old@{old.id}@sha256:")
    old.problems.write_text(old.problems.read_text().replace("true", "false"))
    with pytest.raises(ConfigError) as caught:
        preflight(run)
    assert {one.where for one in caught.value.problems} == {"stage.a", "stage.b"}


def test_a_folder_is_a_run_too(tmp_path: Path) -> None:
    old = measured(tmp_path, "old", problems({"greedy": once("0011")}))
    view = again(compare, tmp_path, f"a={old.path}", "b=run:old@latest")
    assert [one.place for one in read_comparison(view[1].path).runs] == [old.id, old.id]


def _other_gold(output: Path) -> list[str]:
    given = problems({"greedy": once("0011")})
    other = [Problem(one.id, one.question, "another", one.after) for one in given]
    measured(output, "new", other)
    return [*TWO]


def _other_questions(output: Path) -> list[str]:
    measured(output, "new", problems({"greedy": once("0011")}, question="How much is {}?"))
    return [*TWO]


def _other_ways(output: Path) -> list[str]:
    measured(output, "new", problems({"x": once("0011"), "y": once("0011")}))
    return [*TWO]


def _nothing_judged(output: Path) -> list[str]:
    measured(output, "new", problems({"greedy": once("????")}))
    return [*TWO]


def _twice(output: Path) -> list[str]:
    (one, *_) = problems({"greedy": once("0011")})
    write_problems(output / "twice.jsonl", [one, one])
    return [TWO[0], f"b={output}/twice.jsonl"]


def _no_answers(output: Path) -> list[str]:
    measured(output, "new", problems({"greedy": once("0011")})).problems.unlink()
    return [*TWO]


def _empty(output: Path) -> list[str]:
    write_problems(
        output / "empty.jsonl", [Problem("a", "b", "c", Attempt({"x": [answer(1, True)]}))]
    )
    (output / "empty.jsonl").write_text("\n")
    return [TWO[0], f"b={output}/empty.jsonl"]


def _words(*words: str) -> Callable[[Path], list[str]]:
    def given(output: Path) -> list[str]:
        (output / "folder").mkdir()
        return [word.replace("HERE", str(output)) for word in words]

    return given


WRONG: dict[str, tuple[Callable[[Path], list[str]], list[str]]] = {
    "no run": (_words(), ["stage.a", "stage.b"]),
    "one run": (_words("a=run:old@latest"), ["stage.b"]),
    "the second alone": (_words("b=run:old@latest"), ["stage.a"]),
    "no such run": (_words("a=run:old@latest", "b=run:olt@latest"), ["stage.b"]),
    "no such file": (_words("a=HERE/x.jsonl", "b=HERE/y.jsonl"), ["stage.a", "stage.b"]),
    "no run's folder": (_words("a=run:old@latest", "b=HERE/folder"), ["stage.b"]),
    "no answers": (_no_answers, ["stage.b"]),
    "an empty file": (_empty, ["HERE/empty.jsonl"]),
    "a side too many": (
        _words("a=run:old", "b=run:old", "side=[after,after,before]"),
        ["stage.side"],
    ),
    "no such side": (_words("a=run:old", "b=run:old", "side=during"), ["stage.side[0]"]),
    "no before": (_words("a=run:old", "b=run:old", "side=before"), ["PROBLEMS"]),
    "a way too many": (_words("a=run:old", "b=run:old", "answers=[x,y,z]"), ["stage.answers"]),
    "no such way": (_words("a=run:old", "b=run:old", "answers=gready"), ["stage.answers"]),
    "no way in common": (_other_ways, ["stage.answers"]),
    "nothing judged": (_nothing_judged, ["stage.answers"]),
    "no problem in common": (_other_questions, ["stage.b"]),
    "another gold answer": (_other_gold, ["stage.b"]),
    "a problem twice": (_twice, ["HERE/twice.jsonl:sum-0"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_compared_is_refused(tmp_path: Path, name: str) -> None:
    make, where = WRONG[name]
    old = measured(tmp_path, "old", problems({"greedy": once("0011")}))
    words = make(tmp_path)
    with pytest.raises(LabError) as caught:
        again(compare, tmp_path, *words)
    here = [one.replace("HERE", str(tmp_path)) for one in where]
    here = [one.replace("PROBLEMS", str(old.problems)) for one in here]
    assert sorted({one.where for one in caught.value.problems}) == here
    assert all(one.cure or "must be one of" in one.what for one in caught.value.problems)


def test_metrics_are_plain_numbers(tmp_path: Path) -> None:
    two(tmp_path, "0011", "0101")
    _, folder, _ = again(compare, tmp_path, *TWO)
    whole = json.loads((folder.path / "comparison.json").read_text())
    assert whole["ways"][0]["pairs"][0]["test"] == "McNemar, exact"

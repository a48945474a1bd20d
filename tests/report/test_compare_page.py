"""The page of a comparison: every figure, its drawings, hostile text shown and not obeyed."""

from collections.abc import Sequence

import pytest
from sample_run import HOSTILE, finished, harmless
from test_page import Elements, inert

from reasoning_lab.records.answered import Reply
from reasoning_lab.records.changed import ChangedProblem
from reasoning_lab.records.comparison import (
    ComparedRun,
    ComparedRuns,
    ComparedWay,
    RunPair,
    RunRates,
)
from reasoning_lab.report.pages import compare_page
from reasoning_lab.report.pages.intervals import LABELS, WIDTH, lay_out
from reasoning_lab.report.verbs.compare import cautions, chosen_changes, remarks_on, typical
from reasoning_lab.runs.manifest import Manifest, read
from reasoning_lab.statistics.interval import Estimate, exactly, paired_difference, proportion

ALL_HOSTILE = "\n".join(HOSTILE)
LABELLED = ("a", "b", "c")


def _rates(label: str, right: int, text: str) -> RunRates:
    return RunRates(
        label=label,
        way=f"greedy{text}",
        score=proportion(right, 40),
        cut_off=None if label == "c" else proportion(1, 40),
        empty=proportion(0, 40),
        tokens=None if label == "c" else exactly(9.0, 40),
        alike=(0,) if label == "a" else (0, 1) if label == "b" else (1,),
    )


def _pair(first: str, second: str, verdict: str) -> RunPair:
    return RunPair(
        first=first,
        second=second,
        difference=paired_difference([0.0] * 20 + [1.0] * 20, [0.0] * 12 + [1.0] * 28),
        lost=0,
        gained=8,
        test="McNemar, exact",
        p=0.0078125,
        adjusted=0.0234375,
        verdict=verdict,
        more=1234 if verdict == "not distinguishable" else None,
    )


def _found(text: str = "", hashes: tuple[str | None, ...] = (None, None, None)) -> ComparedRuns:
    runs = [
        ComparedRun(
            label=label,
            name=f"run{text}",
            place=f"2026-01-01_10-00-00-0123abcd/{number}{text}",
            program="lab",
            side="before" if label == "a" else "after",
            problems=42,
            alone=2,
            measured_by=hashes[number],
            measured_with={} if hashes[number] is None else {"judge": hashes[number], "ways": "w"},
        )
        for number, label in enumerate(LABELLED)
    ]
    verdicts = ("better", "not distinguishable", "budget-limited")
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    way = ComparedWay(
        name=f"greedy{text}",
        problems=40,
        unjudged=1,
        changed=2,
        runs=tuple(_rates(label, 20 + 4 * n, text) for n, label in enumerate(LABELLED)),
        pairs=tuple(_pair(*pair, said) for pair, said in zip(pairs, verdicts, strict=True)),
        alike=(("a", "b"), ("b", "c")),
    )
    return ComparedRuns(
        runs=tuple(runs), common=41, ways=(way,), left_out={f"sampled{text}": ("a",)}
    )


def _changed(text: str = "") -> list[ChangedProblem]:
    return [
        ChangedProblem(
            f"greedy{text}",
            f"id{number}{text}",
            f"1 + {number} ={text}",
            f"2{text}",
            {
                label: [Reply(f"<answer>{label}</answer>{text}", float(label != "a"))]
                for label in LABELLED
            },
        )
        for number in range(50)
    ]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    _, folder = finished(tmp_path_factory.mktemp("compared"), "stage=evaluate")
    return read(folder)


def test_every_figure_stands_on_the_page(manifest: Manifest) -> None:
    html = Elements(compare_page.render(manifest, _found(), _changed()))
    said = [
        "before training", "42 problems", "41 problems in common", "1 more were not judged",
        "50.0 %", "70.0 %", "+8 −0", "0.008", "0.023", "better", "not distinguishable",
        "budget-limited", "about 1,200 more problems", "A B", "sampled (a)", "50 problems",
    ]  # fmt: skip
    assert [words for words in said if words not in html.text] == []
    assert html.count["svg"] == 2
    assert html.count["circle"] == 6
    assert html.count["article"] == compare_page.ON_PAGE


@pytest.mark.parametrize("text", ["", ALL_HOSTILE])
def test_nothing_runs_and_nothing_is_loaded(manifest: Manifest, text: str) -> None:
    html = compare_page.render(manifest, _found(text), _changed(text))
    elements = inert(html)
    assert not {"src", "href", "action", "style"} & {name for name, _ in elements.attributes}
    assert "url(" not in html
    harmless(html)


def test_hostile_text_changes_no_structure(manifest: Manifest) -> None:
    plain, hostile = (
        Elements(compare_page.render(manifest, _found(text), _changed(text)))
        for text in ("", ALL_HOSTILE)
    )
    same = {**hostile.count, "span": plain.count["span"]}
    assert same == plain.count
    assert "<script>alert(1)</script>" in hostile.text


def test_without_a_change_the_page_says_so(manifest: Manifest) -> None:
    html = Elements(compare_page.render(manifest, _found(), []))
    assert "Not one problem." in html.text
    assert "article" not in html.count


@pytest.mark.parametrize(
    ("hashes", "warned", "unknown"),
    [
        ((None, None, None), 0, "a, b, c"),
        (("x", "x", "x"), 0, ""),
        (("x", "y", None), 1, "c"),
        (("x", None, "x"), 0, "b"),
    ],
)
def test_other_settings_are_said_aloud(
    hashes: tuple[str | None, ...], warned: int, unknown: str
) -> None:
    found = _found(hashes=hashes)
    assert len(cautions(found)) == warned
    assert found.settings_apart == ["judge"] * warned
    said = [one for one in remarks_on(found) if one.startswith("settings")]
    assert [one.rpartition(": ")[2] for one in said] == ([unknown] if unknown else [])


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ({"problems": "x", "ways": "w"}, {"problems": "y", "ways": "w"}, []),
        ({"problems": "x", "ways": "w"}, {"problems": "y", "ways": "v"}, ["ways"]),
        ({"judge": "x", "way/greedy": "w"}, {"judge": "x", "way/think": "v"}, []),
        ({}, {}, ["other settings"]),
    ],
)
def test_other_problems_are_matched_and_no_other_settings(
    first: dict[str, str], second: dict[str, str], apart: list[str]
) -> None:
    found = _found(hashes=("1", "2", None))
    runs = [
        one.model_copy(update={"measured_with": parts})
        for one, parts in zip(found.runs, (first, second, {}), strict=True)
    ]
    assert found.model_copy(update={"runs": tuple(runs)}).settings_apart == apart


@pytest.mark.parametrize(
    ("ends", "signed"),
    [
        ([(0.1, 0.0, 0.2)], True),
        ([(-0.4, -0.9, 0.1), (0.0, -0.02, 0.02)], True),
        ([(0.5, None, None)], False),
        ([(0.0, None, None)], True),
        ([(1.0, 0.98, 1.0), (0.0, 0.0, 0.02)], False),
    ],
)
def test_marks_lie_between_the_ends_of_the_axis(
    ends: list[tuple[float, float | None, float | None]], signed: bool
) -> None:
    rows = [("x", Estimate(value=v, low=low, high=high, n=9), "k") for v, low, high in ends]
    axis = lay_out(rows, signed=signed)
    assert 3 <= len(axis.ticks) <= 12
    for mark in axis.marks:
        assert LABELS <= mark.low <= mark.x <= mark.high <= WIDTH
    assert (axis.zero is not None) == signed
    places = [x for x, _ in axis.ticks]
    assert places == sorted(places)


def _of(way: str, name: str, first: Sequence[float], second: Sequence[float]) -> ChangedProblem:
    texts = {"a": first, "b": second}
    replies = {
        label: [Reply(f"{label}{n} {score:g}", score) for n, score in enumerate(scores)]
        for label, scores in texts.items()
    }
    return ChangedProblem(way, name, "?", "!", replies)


def test_a_few_changes_are_of_every_way_and_direction() -> None:
    changed = [
        *(_of("greedy", f"up{n}", [0.0], [1.0]) for n in range(9)),
        *(_of("greedy", f"down{n}", [1.0], [0.0]) for n in range(2)),
        _of("sampled", "most", [0.0, 0.0], [1.0, 0.0]),
    ]
    assert [one.id for one in chosen_changes(changed, 5)] == [
        "up0",
        "down0",
        "most",
        "up1",
        "down1",
    ]
    assert [one.id for one in chosen_changes(changed, 0)] == []
    assert len(chosen_changes(changed, 99)) == len(changed)


def test_the_text_that_is_shown_is_as_right_as_the_run() -> None:
    one = _of("sampled", "x", [1.0, 0.0, 0.0], [0.0, 1.0, 1.0])
    assert (typical(one, "a").text, typical(one, "b").text) == ("a1 0", "b1 1")

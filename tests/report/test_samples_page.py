"""The page of stored completions: filters by style alone, hostile text shown and never obeyed."""

import re
import subprocess
from pathlib import Path

import pytest
from sample_run import HOSTILE, finished
from test_page import BROWSER, QUIET, Elements, inert

from reasoning_lab.records.rollout import Rollout
from reasoning_lab.report.pages import samples_page
from reasoning_lab.runs.manifest import Manifest, Parent, read
from reasoning_lab.statistics.interval import Estimate, proportion

ALL_HOSTILE = "\n".join(HOSTILE)


def _rollout(step: int, verdict: str | None, text: str = "") -> Rollout:
    return Rollout(
        step=step,
        id=f"row-{step}{text}",
        question=f"1 + 1 ={text}",
        gold=f"2{text}",
        text=f"<think>\n1 + 1\n</think>\n<answer>2</answer>{text}",
        tokens=9,
        finish="length" if step == 1 else "stop",
        parts={"accuracy": float(verdict == "correct"), f"own{text}": None},
        total=1.1,
        verdict=verdict,
        reason=f"same text{text}",
        advantage=-0.5,
    )


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    output = tmp_path_factory.mktemp("source")
    _, folder = finished(output, "stage=evaluate")
    metrics = {
        "verdict/correct": proportion(3, 4),
        "verdict/wrong": proportion(1, 4),
        "steps": Estimate(value=4, low=1, high=4, n=None),
    }
    parent = Parent(id="<b>time-hash/0</b>", config_hash="0" * 12, path="/somewhere/<i>")
    return read(folder).model_copy(update={"parents": [parent], "metrics": metrics})


def _page(manifest: Manifest, text: str = "", kinds: tuple[str | None, ...] = ()) -> str:
    kinds = kinds or ("correct", "wrong", "correct", None)
    rows = [_rollout(step, kind, text) for step, kind in enumerate(kinds, start=1)]
    return samples_page.render(manifest, rows)


def test_each_completion_stands_with_all_that_is_known_of_it(manifest: Manifest) -> None:
    html = Elements(_page(manifest))
    assert html.open == []
    assert html.count["article"] == 4
    said = ["4 completions", "correct 3 (75.0 %)", "same text", "answer: 2", "1.1", "-0.50"]
    said.append("cut off")
    assert [words for words in said if words not in html.text] == []
    assert html.text.count("<think>") == 4


def test_every_button_has_a_rule_and_completions_it_keeps(manifest: Manifest) -> None:
    html = _page(manifest)
    buttons = re.findall(r'type="radio" name="[\w-]+" id="([\w-]+)"', html)
    assert {"verdict-correct", "verdict-wrong", "verdict-unjudged", "steps-0", "term0-paid"} <= {
        *buttons
    }
    articles = re.findall(r'<article class="([^"]*)"', html)
    for key in buttons:
        assert f"main:has(#{key}:checked) article:not(.{key}) {{ display: none; }}" in html
        kept = sum(key in words.split() for words in articles)
        assert 0 < kept < len(articles)
        (shown,) = re.findall(rf'id="{key}"><span>.*?<small>(\d+)</small>', html)
        assert int(shown) == kept


def test_a_filter_without_a_choice_is_left_out(manifest: Manifest) -> None:
    html = _page(manifest, kinds=("wrong", "wrong"))
    assert 'name="verdict"' not in html
    assert 'name="steps"' in html


@pytest.mark.parametrize("text", ["", ALL_HOSTILE])
def test_nothing_runs_and_nothing_is_loaded(manifest: Manifest, text: str) -> None:
    html = _page(manifest, text)
    elements = inert(html)
    assert "a" not in elements.count
    assert not {"src", "href", "action", "style"} & {name for name, _ in elements.attributes}
    assert "url(" not in html


def test_hostile_text_changes_no_structure(manifest: Manifest) -> None:
    plain, hostile = Elements(_page(manifest)), Elements(_page(manifest, ALL_HOSTILE))
    assert hostile.count == plain.count
    assert "<script>alert(1)</script>" in hostile.text


def test_a_verdict_of_another_hand_is_no_markup(manifest: Manifest) -> None:
    html = _page(manifest, kinds=('x" onclick="y', "wrong"))
    assert Elements(html).open == []
    assert "verdict-other" in html
    assert [name for name, _ in Elements(html).attributes if name.startswith("on")] == []


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_a_browser_hides_what_a_button_excludes(manifest: Manifest, tmp_path: Path) -> None:
    chosen = _page(manifest).replace('id="verdict-wrong"', 'id="verdict-wrong" checked')
    sizes = []
    for name, html in (("all", _page(manifest)), ("chosen", chosen)):
        place = tmp_path / f"{name}.html"
        place.write_text(html, encoding="utf-8")
        printed = tmp_path / f"{name}.pdf"
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        command = [BROWSER, *QUIET.split(), profile, f"--print-to-pdf={printed}", place.as_uri()]
        subprocess.run(command, capture_output=True, timeout=120, check=True)
        sizes.append(printed.stat().st_size)
    assert sizes[1] < sizes[0]

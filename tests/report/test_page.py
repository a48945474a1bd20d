import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_run import HOSTILE, begin, make_folder, make_run

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import read_problems
from reasoning_lab.report.pages import page
from reasoning_lab.report.pages.curves import draw
from reasoning_lab.report.pages.panels import Panel, Series, thinned
from reasoning_lab.report.run.chosen import changes

ALL_HOSTILE = "\n".join(HOSTILE)
VOID = {"meta", "br", "hr", "img", "link", "input", "path", "use"}
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-sync "
    "--disable-component-update"
)


class Elements(HTMLParser):
    """Counts elements, collects attributes, and sees that each tag is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def inert(html: str) -> Elements:
    """The elements of a page that runs nothing, loads nothing and shows no control characters."""
    elements = Elements(html)
    assert elements.open == []
    assert not {"script", "img", "iframe", "link", "object", "embed"} & elements.count.keys()
    assert [name for name, _ in elements.attributes if name.startswith("on")] == []
    assert "@import" not in html
    assert "default-src 'none'" in html
    assert not set(html) & {"\x1b", "\x07", "\x00", "\u202e"}
    return elements


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """`written(stage, text)`: the page of such a run, drawn once for all tests."""

    @lru_cache
    def write(stage: str, text: str) -> str:
        output = tmp_path_factory.mktemp("page")
        folder = make_folder(make_run(f"stage={stage}", output=output), output / "g/0", text=text)
        return page.write(folder).read_text(encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("stage", "plots", "said"),
    [
        ("grpo", 6, ["held-out pass@1", "reward", "fixed", "better", "While it trained"]),
        ("sft", 3, ["held-out pass@1", "loss", "fixed", "better"]),
        ("evaluate", 0, ["measured", "greedy thinking"]),
    ],
)
def test_the_page_has(written: Callable[..., str], stage: str, plots: int, said: list[str]) -> None:
    elements = Elements(written(stage, ""))
    always = ["3 min 11 s", "5,321 tokens/s", "max_completion_length", "0123456789abcdef", "2.13.0"]
    assert [part for part in said + always if part not in elements.text] == []
    assert elements.count.get("svg", 0) == plots
    assert elements.open == []


@pytest.mark.parametrize("text", ["", ALL_HOSTILE])
def test_nothing_runs_and_nothing_is_loaded(written: Callable[..., str], text: str) -> None:
    html = written("grpo", text)
    elements = inert(html)
    links = [value for name, value in elements.attributes if name in ("src", "href", "xlink:href")]
    assert [link for link in links if not link.startswith("#")] == []
    assert re.findall(r"url\((?!#)", html) == []


def test_hostile_text_changes_no_structure(written: Callable[..., str]) -> None:
    plain, hostile = Elements(written("grpo", "")), Elements(written("grpo", ALL_HOSTILE))
    assert hostile.count == plain.count
    assert "<script>alert(1)</script>" in hostile.text
    assert "{{ 7*7 }}" in hostile.text


def test_a_drawing_depends_on_its_data_alone() -> None:
    panel = Panel("a $title$", [Series("_one & <two>", [1.0, 2.0], [0.1, 0.2])], True)
    assert draw(panel) == draw(panel)


def test_the_axes_of_all_drawings_begin_at_one_place(written: Callable[..., str]) -> None:
    drawings = re.findall(r"<svg.*?</svg>", written("grpo", ""), flags=re.DOTALL)
    # The drawing's background comes first, then that of its axes.
    paths = [re.findall(r'<path d="M ([\d.]+) ', drawing)[1] for drawing in drawings]
    assert len(set(paths)) == 1


def test_the_head_says_what_was_trained_on_what_and_when(written: Callable[..., str]) -> None:
    text = Elements(written("grpo", "")).text
    for part in ("embedded:tiny", "chain_sum", "2025-01-01 00:03 UTC\n", "wandb sync"):
        assert part in text


@pytest.mark.parametrize("last", [2, 3, 5, 12, 100])
def test_a_step_is_a_whole_number(last: int) -> None:
    values = [0.1 * step for step in range(1, last + 1)]
    panel = Panel("p", [Series("one", [float(n) for n in range(1, last + 1)], values)], True)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", draw(panel, (0.0, float(last))))
    steps = texts[: texts.index("step")]
    assert len(steps) >= 2
    assert [step for step in steps if not step.isdecimal()] == []


def test_an_axis_is_not_stretched_to_rounding() -> None:
    steps = [float(step) for step in range(1, 9)]
    noise = [(-1) ** place * 1.44e-8 for place in range(8)]
    drawn = draw(Panel("loss", [Series("loss", steps, noise)], False))
    assert "e−" not in drawn.lower()
    assert drawn == draw(Panel("loss", [Series("loss", steps, [0.0] * 8)], False))


def test_curves_need_no_wider_page_than_a_phone(written: Callable[..., str]) -> None:
    html = written("grpo", "")
    widths = {float(w) for w in re.findall(r'<svg[^>]*viewBox="0 0 ([\d.]+) ', html)}
    # In points; letters of 9.5 points are still read where the drawing shrinks to 380 pixels.
    assert len(widths) == 1
    assert max(widths) * 4 / 3 <= 400
    style = html[html.index("<style>") : html.index("</style>")]
    assert not re.search(r"svg \{[^}]*min-width", style)


def test_the_page_says_how_its_curves_are_made(written: Callable[..., str]) -> None:
    figures = re.findall(r"<figure>.*?</figure>", written("grpo", ""), flags=re.DOTALL)
    notes = {Elements(one).text.strip().split("\n")[0]: one for one in figures}
    assert "Bold: running mean of 15 values, faint: the values." in notes["loss"]
    assert "95 % intervals" in notes["held-out pass@1"]
    assert "running mean" not in notes["held-out pass@1"]
    for label in ("total", "accuracy", "format"):
        assert f">{label}</li>" in notes["reward"]


def test_merged_steps_are_told() -> None:
    series = thinned("loss", [float(n) for n in range(1000)], [1.0] * 1000)
    assert (series.merged, len(series.values)) == (3, 334)
    assert "each value the mean of 3 logged steps" in page.made([series])


@pytest.mark.parametrize("offset", ["+00:00", "-00:00"])
def test_utc_is_called_so(offset: str) -> None:
    assert page.finished(datetime.fromisoformat(f"2026-11-22T17:38:59{offset}")) == (
        "2026-11-22 17:38 UTC"
    )


def test_one_of_a_thing_is_not_several(tmp_path: Path) -> None:
    run = make_run("stage.max_steps=40", output=tmp_path)
    folder = make_folder(run, tmp_path / "g/0", problems=1)
    assert "the same 1 problem:" in Elements(page.write(folder).read_text("utf-8")).text


def test_colours_follow_the_page(written: Callable[..., str]) -> None:
    drawings = "".join(re.findall(r"<svg.*?</svg>", written("grpo", ""), flags=re.DOTALL))
    assert "currentColor" in drawings
    assert "var(--series-1)" in drawings
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawings)) <= {"#000000", "#ffffff"}


def test_fixed_and_broken_are_counted(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    folder = make_folder(run, tmp_path / "group" / "0", skill=0.9)
    found = changes(read_problems(folder.problems))
    assert found.total == 200
    assert len(found.fixed) > len(found.broken) > 0
    assert all(one.after.correct and not one.before.correct for one in found.fixed)


def test_an_unfinished_run_has_no_page(tmp_path: Path) -> None:
    folder = begin(make_run(output=tmp_path), tmp_path / "group" / "0")
    with pytest.raises(ArtifactError, match="did not finish"):
        page.write(folder)


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_a_browser_reads_the_hostile_page_as_meant(
    tmp_path: Path, written: Callable[..., str]
) -> None:
    place = tmp_path / "report.html"
    place.write_text(written("grpo", ALL_HOSTILE), encoding="utf-8")
    command = [BROWSER, *QUIET.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, place.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.count("<article") == Elements(written("grpo", ALL_HOSTILE)).count["article"]
    assert "<script" not in done.stdout

import re
import shutil
import subprocess
from collections.abc import Callable
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_run import HOSTILE, begin, make_folder, make_run

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.answer import read_problems
from reasoning_lab.report.pages import page
from reasoning_lab.report.pages.curves import draw
from reasoning_lab.report.pages.panels import Panel, Series
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
    for part in ("embedded:tiny", "chain_sum", "2025-01-01 00:03 UTC+00:00", "wandb sync"):
        assert part in text


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

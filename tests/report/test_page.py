from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sample_run import HOSTILE, begin, make_folder, make_run

from reasoning_lab.errors import ArtifactError
from reasoning_lab.report import page
from reasoning_lab.report.changes import changes
from reasoning_lab.report.records import read_problems

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
        self.count[tag] = self.count.get(tag, 0) + 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def written(folder: Path, stage: str = "grpo", text: str = "") -> tuple[str, Elements]:
    run = make_run(f"stage={stage}", output=folder)
    place = page.write(make_folder(run, folder / "group" / "0", text=text))
    html = place.read_text(encoding="utf-8")
    return html, Elements(html)


@pytest.mark.parametrize(
    ("stage", "plots", "said"),
    [
        ("grpo", 6, ["held-out pass@1", "reward", "fixed", "better", "While it trained"]),
        ("sft", 2, ["loss", "fixed", "better"]),
        ("evaluate", 0, ["measured", "greedy thinking"]),
    ],
)
def test_the_page_has(tmp_path: Path, stage: str, plots: int, said: list[str]) -> None:
    _, elements = written(tmp_path, stage)
    always = ["3 min 11 s", "5,321 tokens/s", "max_completion_length", "0123456789abcdef", "2.13.0"]
    assert [part for part in said + always if part not in elements.text] == []
    assert elements.count.get("svg", 0) == plots
    assert elements.open == []


@pytest.mark.parametrize("text", ["", "\n".join(HOSTILE), *HOSTILE])
def test_nothing_runs_and_nothing_is_loaded(tmp_path: Path, text: str) -> None:
    html, elements = written(tmp_path, text=text)
    assert elements.open == []
    assert not {"script", "img", "iframe", "link", "object", "embed"} & elements.count.keys()
    assert [name for name, _ in elements.attributes if name.startswith("on")] == []
    links = [value for name, value in elements.attributes if name in ("src", "href", "xlink:href")]
    assert [link for link in links if not link.startswith("#")] == []
    assert "@import" not in html
    assert re.findall(r"url\((?!#)", html) == []
    assert "default-src 'none'" in html
    assert not set(html) & {"\x1b", "\x07", "\x00", "\u202e"}


def test_hostile_text_changes_no_structure(tmp_path: Path) -> None:
    _, plain = written(tmp_path / "plain")
    _, hostile = written(tmp_path / "hostile", text="\n".join(HOSTILE))
    assert hostile.count == plain.count
    assert "<script>alert(1)</script>" in hostile.text
    assert "{{ 7*7 }}" in hostile.text


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    folder = make_folder(run, tmp_path / "group" / "0")
    assert page.write(folder).read_bytes() == page.write(folder).read_bytes()


def test_colours_follow_the_page(tmp_path: Path) -> None:
    html, _ = written(tmp_path)
    drawings = "".join(re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL))
    assert "currentColor" in drawings
    assert "var(--series-1)" in drawings
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawings)) <= {"#000000", "#ffffff"}


def test_fixed_and_broken_are_counted(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    folder = make_folder(run, tmp_path / "group" / "0", skill=0.9)
    found = changes(read_problems(folder.problems))
    assert found is not None
    assert found.total == 200
    assert len(found.fixed) > len(found.broken) > 0
    assert all(one.after.correct and not one.before.correct for one in found.fixed)


def test_an_unfinished_run_has_no_page(tmp_path: Path) -> None:
    folder = begin(make_run(output=tmp_path), tmp_path / "group" / "0")
    with pytest.raises(ArtifactError, match="did not finish"):
        page.write(folder)


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="no browser on this machine")
def test_a_browser_reads_the_hostile_page_as_meant(tmp_path: Path) -> None:
    _, elements = written(tmp_path, text="\n".join(HOSTILE))
    place = tmp_path / "group" / "0" / "report.html"
    assert BROWSER is not None
    command = [BROWSER, *QUIET.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    done = subprocess.run(
        [*command, place.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.count("<article") == elements.count["article"]
    assert "<script" not in done.stdout

"""The pictures at the top of the README, made from the folder of a finished run.

`python experiments/pictures.py multirun/grpo/DATE-HASH/0` writes `first_run.svg`, which plays the
run's screen: plan, held-out measurements and result, as the lab says them from the run's records.
Where a Chromium is installed it writes `report.png` too, the beginning of the run's page.
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import unescape
from io import StringIO
from pathlib import Path
from xml.sax.saxutils import escape

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from reasoning_lab.records.metrics import read_metrics
from reasoning_lab.report.pages import page
from reasoning_lab.report.run import plan, summary
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import read
from reasoning_lab.schema.run import Run
from reasoning_lab.training.screen import held_out_line

HERE = Path(__file__).parent
COLUMNS, ROWS = 88, 33
WIDTH, HEIGHT, MARGIN = 8.4, 18.0, 14.0  # of a letter, of a line, around them; pixels
PAGE = "840,1370"  # width and height of the page's picture
SPAN = re.compile(r'<span style="([^"]*)">(.*?)</span>|([^<]+)')

Scene = tuple[float, list[str]]
"""Seconds that it is read for, and the lines that it adds to the screen."""


def scenes(folder: RunFolder, command: str) -> Iterator[Scene]:
    """What the screen of the run says, one thing after the other."""
    run = Run.model_validate_json(folder.run_json.read_bytes())
    manifest = read(folder)
    yield 1.5, [f"$ {escape(command)}"]
    console = _console()
    plan.show(run, folder, console)
    # Of its checkpoints there was none yet when it began.
    yield 4, [line for line in _lines(console) if not re.match("│ continues", _bare(line))]
    yield 1, [f"loading {run.model.name}"]
    for row in read_metrics(folder.metrics):
        if "heldout/greedy/pass@1" in row.values:
            yield 1, [escape(held_out_line(row.step, dict(row.values)))]
    console = _console()
    summary.show(run, folder, manifest, console)
    yield 9, _lines(console)


def _console() -> Console:
    return Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor"
    )


def _lines(console: Console) -> list[str]:
    """What was printed, line by line, as SVG."""
    html = console.export_html(
        theme=SVG_EXPORT_THEME, code_format="{code}", inline_styles=True
    ).rstrip("\n")
    whole = ["".join(map(_piece, SPAN.finditer(line))) for line in html.split("\n")]
    return [row for line in whole for row in _folded(line)]


def _folded(line: str) -> Iterator[str]:
    """A line that is longer than the screen, as a terminal folds it: these have one colour."""
    bare, style = _bare(line), re.search(r"<tspan[^>]*>", line)
    if len(bare) <= COLUMNS or style is None:
        yield line
        return
    for start in range(0, len(bare), COLUMNS):
        yield f"{style[0]}{escape(bare[start : start + COLUMNS])}</tspan>"


def _piece(found: "re.Match[str]") -> str:
    style, inner, bare = found.groups()
    text = escape(unescape(bare or inner or ""))
    if not style:
        return text
    style = re.sub(r"(?<![-\w])color:", "fill:", style)
    return f'<tspan style="{style}">{text}</tspan>'


def recording(played: list[Scene]) -> str:
    """The scenes as an SVG that scrolls as a terminal does and begins anew at its end."""
    texts: list[str] = []
    frames, at, shown, top = [], 0.0, 0, 0
    for seconds, lines in played:
        # What is longer than the screen is read from its first line, then to its last.
        shown += len(lines)
        end = max(0, shown - ROWS)
        top = max(0, min(end, shown - len(lines)))
        stops = [top, end] if end > top else [end]
        frames += [(at + seconds * n, shown, stop) for n, stop in enumerate(stops)]
        at += seconds * len(stops)
        texts += lines
    return _svg(texts, frames, at, top)


def _svg(texts: list[str], frames: list[tuple[float, int, int]], seconds: float, still: int) -> str:
    """`still` is the first line of what stands where nothing moves."""
    width = COLUMNS * WIDTH + 2 * MARGIN
    rules = [_moves(frames, seconds), f"#all {{ transform: {_up(still)}; }}"]
    body, begun = [], 0
    for number, (at, shown, _) in enumerate(frames):
        rows = "".join(_row(place, texts[place]) for place in range(begun, shown))
        body.append(f'<g id="s{number}">{rows}</g>')
        rules.append(
            f"@keyframes s{number} {{ 0% {{ opacity: 0; }} {100 * at / seconds:.2f}%, 100% "
            f"{{ opacity: 1; }} }} #s{number} {{ animation: s{number} {seconds:g}s step-end "
            "infinite; }"
        )
        begun = shown
    height = ROWS * HEIGHT + 2 * MARGIN
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">
<style>
text {{ font: 14px/1 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  fill: #c5c8c6; white-space: pre; }}
{chr(10).join(rules)}
@media (prefers-reduced-motion: reduce) {{ g {{ animation: none !important; }} }}
</style>
<rect width="100%" height="100%" rx="8" fill="#1b1f23"/>
<svg x="{MARGIN:g}" y="{MARGIN:g}" width="{COLUMNS * WIDTH:g}" height="{ROWS * HEIGHT:g}">
<g id="all">
{chr(10).join(body)}
</g>
</svg>
</svg>
"""


def _moves(frames: list[tuple[float, int, int]], seconds: float) -> str:
    steps = " ".join(
        f"{100 * at / seconds:.2f}% {{ transform: {_up(top)}; }}" for at, _, top in frames
    )
    return f"@keyframes all {{ {steps} }} #all {{ animation: all {seconds:g}s step-end infinite; }}"


def _up(lines: int) -> str:
    return f"translateY({-lines * HEIGHT:g}px)"


def _row(place: int, line: str) -> str:
    bare = _bare(line)
    if not bare.strip():
        return ""
    # Letters of another font keep their columns.
    long = f' textLength="{cell_len(bare) * WIDTH:.1f}"'
    return f'<text x="0" y="{(place + 0.75) * HEIGHT:g}"{long}>{line}</text>\n'


def _bare(line: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", line))


def picture(folder: RunFolder, browser: str, place: Path) -> None:
    """The beginning of the run's page, as a browser shows it."""
    run = Run.model_validate_json(folder.run_json.read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        html = Path(scratch) / "report.html"
        html.write_text(page.render(run, folder, read(folder)), encoding="utf-8")
        options = (
            f"--headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size={PAGE}"
        )
        command = [browser, *options.split(), f"--user-data-dir={scratch}/profile"]
        subprocess.run(
            [*command, f"--screenshot={place.absolute()}", html.as_uri()],
            check=True,
            capture_output=True,
        )


def main() -> None:
    """Write the pictures beside this file and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--command", default="python -m reasoning_lab stage=grpo reward=math")
    arguments = parser.parse_args()
    folder = RunFolder(arguments.run)
    made = [HERE / "first_run.svg"]
    made[0].write_text(recording(list(scenes(folder, arguments.command))), encoding="utf-8")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is not None:
        made.append(HERE / "report.png")
        picture(folder, browser, made[1])
    for one in made:
        Console().print(f"{one.name}: {one.stat().st_size // 1000} kB", markup=False)


if __name__ == "__main__":
    main()

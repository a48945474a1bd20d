import io
import re

import pytest
from rich.console import Console
from sample_run import HOSTILE

from reasoning_lab.report.run.live import Live


def plain_lines(total: int, seconds: float, *, start: int = 0) -> list[str]:
    file, now = io.StringIO(), [0.0]
    live = Live(total, "grpo", Console(file=file, width=80), start=start, clock=lambda: now[0])
    with live:
        for step in range(start + 1, total + 1):
            now[0] += seconds
            live.update(step, {"reward": step / total, "accuracy": 0.5, "loss": None})
    return file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("total", "seconds", "lines"),
    [(100, 1.0, 10), (100, 10.0, 50), (5, 1.0, 5), (1, 1.0, 1), (1000, 0.01, 10), (7, 20.0, 7)],
)
def test_a_pipe_gets_a_line_each_tenth_or_15_seconds(
    total: int, seconds: float, lines: int
) -> None:
    printed = plain_lines(total, seconds)
    assert len(printed) == lines
    assert f"step {total:,}/{total:,}" in printed[-1]


def test_a_line_tells_time_left_and_fields() -> None:
    middle = next(line for line in plain_lines(100, 1.0) if "step 50/100" in line)
    assert middle == "grpo: step 50/100, 50 s gone, 50 s left  reward 0.5  accuracy 50 %"


def test_a_resumed_run_judges_the_time_left_by_its_own_steps() -> None:
    first = plain_lines(100, 1.0, start=80)[0]
    assert "step 90/100, 10 s gone, 10 s left" in first


def test_the_last_step_is_told_even_when_stopped_between_lines() -> None:
    file = io.StringIO()
    with Live(100, "grpo", Console(file=file), clock=lambda: 0.0) as live:
        live.update(3, {"reward": 0.1})
    assert "step 3/100" in file.getvalue()


def test_a_terminal_gets_a_bar_with_the_fields() -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=140, color_system=None)
    with Live(10, "grpo", console) as live:
        live.update(4, {"reward": 0.25, "held-out pass@1": 0.615})
        live.note("held-out greedy pass@1 61.5 %")
    assert "4/10" in file.getvalue()
    assert "reward  0.25  held-out pass@1  62 %" in file.getvalue()
    assert "held-out greedy pass@1 61.5 %" in file.getvalue()


FIELDS = {"accuracy": 0.953, "thinking": 0.984, "reward": 1.045, "loss": -0.00123}


@pytest.mark.parametrize(
    ("width", "title", "said", "unsaid"),
    [
        (40, "grpo tiny", ["100/250", "gone", "left"], ["━", "loss"]),
        (
            80,
            "grpo tiny",
            ["100/250", "gone", "left", "accuracy  95 %  thinking  98 %"],
            ["━", "loss"],
        ),
        (80, "grpo gsm8k_with_a_long_name", ["100/250", "gone", "left"], ["━", "thinking"]),
        (100, "grpo tiny", ["100/250", "━", "gone", "reward  1.04"], ["loss"]),
        (120, "grpo tiny", ["━", "gone", "left", "reward  1.04"], []),
        (160, "grpo tiny", ["━", "gone", "left", "reward  1.04  loss -0.00123"], []),
    ],
)
def test_a_narrow_terminal_drops_the_bar_and_the_last_fields(
    width: int, title: str, said: list[str], unsaid: list[str]
) -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=width, color_system=None)
    with Live(250, title, console) as live:
        live.update(100, FIELDS)
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", file.getvalue())
    last = [line for line in bare.splitlines() if "gone" in line][-1].rstrip()
    assert len(last) <= width
    assert "…" not in last.removeprefix("grpo gsm8k_with_a_long_…")
    assert [part for part in said if part not in last] == []
    assert [part for part in unsaid if part in last] == []


@pytest.mark.parametrize(("text", "terminal"), [(t, b) for t in HOSTILE for b in (True, False)])
def test_hostile_text_breaks_nothing(text: str, terminal: bool) -> None:
    file = io.StringIO()
    with Live(3, text, Console(file=file, force_terminal=terminal, width=300)) as live:
        live.update(1, {text: 1.0, "said": text})
        live.note(text)
    assert "\x1b[31m" not in file.getvalue()
    assert "\x07" not in file.getvalue()
    file.getvalue().encode("utf-8")

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from sample_run import HOSTILE, finished, harmless, make_folder, make_run, measured_so

from reasoning_lab.records.metrics import MetricRow, read_metrics
from reasoning_lab.records.rollout import newest_rollouts
from reasoning_lab.report.pages.page import render
from reasoning_lab.report.run import plan, summary
from reasoning_lab.report.run.checks import remarks
from reasoning_lab.report.run.chosen import from_training
from reasoning_lab.report.run.live import Live
from reasoning_lab.report.run.next_steps import next_steps
from reasoning_lab.report.run.results import rows
from reasoning_lab.report.sweep import table
from reasoning_lab.report.text.output import Output
from reasoning_lab.report.verbs import warnings
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Git, Manifest, read
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import Estimate, difference_interval, exactly, mean_interval

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-79]|4[0-79]|9[0-7]|10[0-7]|38|48)[;m]")


def printed(run: Run, folder: RunFolder, width: int = 120, *, terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal)
    summary.show(run, folder, read(folder), console)
    return file.getvalue()


@pytest.mark.parametrize(
    ("stage", "said", "unsaid"),
    [
        (
            "grpo",
            ["before", "difference", "better", "step 40", "accuracy 1", "num_generations=4,8"],
            ["warning"],
        ),
        (
            "sft",
            ["before", "better", "asked:", "(answer: ", "stage=grpo reward=math model=from_run"],
            [],
        ),
        ("evaluate", ["measured", "asked:"], ["before", "difference", "verdict"]),
    ],
)
def test_the_summary_says(tmp_path: Path, stage: str, said: list[str], unsaid: list[str]) -> None:
    run, folder = finished(tmp_path, f"stage={stage}")
    text = printed(run, folder)
    always = ["greedy pass@1", "sampled pass@1", "greedy thinking", "3 min 11 s", "1.40 GiB"]
    always += ["5,321 tokens/s", "manifest.json", "wandb sync", "correct", "wrong", "%"]
    assert [part for part in always + said if part not in text] == []
    held_out = text[: text.index("problems; 95 %")]
    assert [part for part in unsaid if part in held_out] == []


@pytest.mark.parametrize("width", [80, 100, 111, 112, 140])
def test_intervals_are_never_cut(tmp_path: Path, width: int) -> None:
    run, folder = finished(tmp_path)
    unclear = Estimate(value=0.0, low=-0.101, high=0.101, n=200)
    after = measured_so(folder, {"gain/greedy/pass@1": unclear}).metrics["after/greedy/pass@1"]
    text = printed(run, folder, width)
    assert "[-10.1, +10.1]" in text
    assert "distinguishable" in text[: text.index("problems; 95 %")]
    assert f"{100 * after.value:.1f} %" in text
    assert f"[{100 * after.low:.1f}, {100 * after.high:.1f}]" in text
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines[: lines.index("next")])


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 0.2, "better"),
        (-0.2, -0.1, "worse"),
        (-0.1, 0.1, "not distinguishable"),
        (0.0, 0.1, "not distinguishable"),
        (None, None, "no interval"),
    ],
)
def test_a_verdict_follows_the_interval(
    tmp_path: Path, low: float | None, high: float | None, verdict: str
) -> None:
    found = manifest(tmp_path, {"gain/greedy/pass@1": Estimate(value=0, low=low, high=high, n=9)})
    (row,) = [row for row in rows(found) if row.metric == "greedy/pass@1"]
    assert row.verdict == verdict


def test_what_did_not_move_is_unchanged_and_has_no_interval(tmp_path: Path) -> None:
    run, folder = finished(tmp_path)
    measured_so(folder, {"gain/greedy/pass@1": UNMOVED})
    (row,) = [row for row in rows(read(folder)) if row.metric == "greedy/pass@1"]
    assert (row.verdict, row.difference) == ("unchanged", "0")
    assert "[-0.7, +0.7]" not in printed(run, folder)


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_terminal_gets_a_list_and_no_word_is_cut(tmp_path: Path, width: int) -> None:
    run, folder = finished(tmp_path)
    text = printed(run, folder, width)
    panel = text[: text.index("\nnext")]
    assert all(len(line) <= width for line in panel.splitlines())
    assert "…" not in panel
    for row in rows(read(folder)):
        for said in (row.label, row.show(row.before), row.show(row.after), row.difference):
            assert said in panel
    # Commands stand unbroken, since they are copied.
    assert all(command in text for _, command in next_steps(run, read(folder)))


def test_without_colour_nothing_is_coloured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = finished(tmp_path, "stage.max_steps=40")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert COLOUR.search(on_a_terminal(run, folder))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOUR.search(on_a_terminal(run, folder))


def on_a_terminal(run: Run, folder: RunFolder) -> str:
    """Plan, live view, result, next and the table of a sweep as a terminal gets them."""
    file = io.StringIO()
    console = Output(file=file, force_terminal=True, width=120)
    plan.show(run, folder, console)
    with Live(40, "grpo tiny", console) as live:
        live.update(3, {"accuracy": 0.5})
        live.note("held out")
    summary.show(run, folder, read(folder), console)
    table.table(folder.path.parent, console)
    return file.getvalue()


@pytest.mark.parametrize(("low", "high", "said"), [(0.1, 0.2, "more"), (-0.2, -0.1, "less")])
def test_thinking_is_more_or_less_not_better_or_worse(
    tmp_path: Path, low: float, high: float, said: str
) -> None:
    gain = Estimate(value=0.0, low=low, high=high, n=9)
    found = manifest(tmp_path, {"gain/greedy/thinking": gain})
    (row,) = [row for row in rows(found) if row.metric == "greedy/thinking"]
    assert row.verdict == said
    assert row.difference


def test_what_never_varies_is_called_constant(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, "stage=evaluate")
    measured_so(folder, {"sampled/tokens": mean_interval([25.0] * 8, bounds=(0.0, 96.0))})
    assert "25.0 constant" in printed(run, folder)


def test_rows_are_ordered_and_leave_out_timings(tmp_path: Path) -> None:
    names = [row.metric for row in rows(manifest(tmp_path, {}))]
    assert names == [f"{way}/{what}" for what in ("pass@1", "thinking", "tokens") for way in
                     ("greedy", "sampled")]  # fmt: skip


def test_hostile_text_breaks_nothing(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, text="\n".join(HOSTILE))
    text = printed(run, folder, terminal=True)
    assert "[red]not red[/red]" in text
    assert "␛[2J" in text
    harmless(text)


def test_a_run_without_any_records_still_has_a_summary(tmp_path: Path) -> None:
    run, folder = finished(tmp_path)
    for place in (folder.samples, folder.problems, folder.metrics):
        place.unlink()
    assert "manifest.json" in printed(run, folder)


def manifest(folder: Path, changed: dict[str, Estimate]) -> Manifest:
    return measured_so(finished(folder)[1], changed)


FLAT = {"train/rewards/total/mean": 0.2}
ROSE = [*[FLAT] * 6, *[{"train/rewards/total/mean": 0.9}] * 2]


WORSE = Estimate(value=-0.3, low=-0.4, high=-0.2, n=500)
UNMOVED = difference_interval([0.0] * 500, bounds=(-1.0, 1.0))


def _gains(one: Estimate) -> dict[str, Estimate]:
    return {f"gain/{way}/pass@1": one for way in ("greedy", "sampled")}


def _no_gain(high: float) -> dict[str, Estimate]:
    return _gains(Estimate(value=0, low=-high, high=high, n=500))


@pytest.mark.parametrize(
    ("metrics", "changed", "said"),
    [
        ([{}], {}, ""),
        ([{"train/loss": float("nan")}], {}, "not a number at some step: train/loss"),
        ([{**FLAT, "train/frac_reward_zero_std": 0.9}], {}, "raise stage.num_generations above 8"),
        (
            [{"train/rewards/total/mean": 0.0, "train/frac_reward_zero_std": 1.0}] * 8,
            _no_gain(0.1),
            "not one of the late completions was paid anything, so nothing to learn; teach the "
            "task first, with stage=sft on the same data, or take a larger model or easier problem",
        ),
        (
            # Once in a while one is paid: more completions find it more often.
            [{"train/rewards/total/mean": 0.01, "train/frac_reward_zero_std": 0.9}] * 8,
            {},
            "raise stage.num_generations above 8 or choose easier ones",
        ),
        (
            [{"train/rewards/total/mean": -0.5, "train/frac_reward_zero_std": 1.0}] * 8,
            _no_gain(0.1),
            "100.0 % of the late groups had one reward for all and taught nothing; teach the",
        ),
        (
            # The table says "better": it was taught, and needs no other beginning.
            [{"train/rewards/total/mean": 0.2, "train/frac_reward_zero_std": 1.0}] * 8,
            {},
            "raise stage.num_generations above 8 or choose easier ones",
        ),
        (
            [{"train/rewards/total/mean": 1.0, "train/frac_reward_zero_std": 0.9}],
            {},
            "have become too easy",
        ),
        ([{"train/frac_reward_zero_std": 0.5}], {}, ""),
        ([{"train/completions/clipped_ratio": 0.4}], {}, "cut off at 96 tokens"),
        (
            [{}],
            {
                f"{when}/{way}/cut_off": exactly(share, 500)
                for when, way, share in (
                    ("before", "greedy", 1.0),
                    ("after", "greedy", 0.4),
                    ("after", "sampled", 0.04),
                )
            },
            "budget-limited: 40.0 % of the greedy held-out completions were cut off at 96 tokens; "
            "raise stage.evaluation.max_completion_length",
        ),
        (
            [{"train/completions/clipped_ratio": 0.4}],
            {"after/greedy/cut_off": exactly(0.9, 500)},
            "of the late completions were cut off at 96 tokens; raise stage.max_completion_length",
        ),
        ([{"train/verdict/timeout": 0.2}], {}, "timeout 20.0 %"),
        (
            ROSE,
            _no_gain(0.1),
            "rose from 0.20 to 0.90, held-out pass@1 did not follow (by 10.0 points at most)",
        ),
        # Nothing can be told apart: the gain may be as large as the reward's.
        (ROSE, _no_gain(0.5), ""),
        ([FLAT, ROSE[-1]], _no_gain(0.1), ""),
        (
            [{}],
            {**_no_gain(0.1), "gain/greedy/pass@1": WORSE},
            "training made it worse: greedy pass@1",
        ),
        (
            [{}],
            {"gain/greedy/pass@1": WORSE},
            "got worse while sampled pass@1 got better: the model is still moving; raise stage.max",
        ),
        (
            [{"train/rewards/share_thinking": share} for share in (0.1, 0.1, 0.2, 0.4)],
            _gains(WORSE),
            "while thinking was still rising: the model is still moving; raise stage.max_steps",
        ),
        (
            # Training's samples think more, the table beside says that no answer does.
            [{"train/rewards/share_thinking": share} for share in (0.1, 0.1, 0.2, 0.4)],
            {**_gains(WORSE), "gain/greedy/thinking": UNMOVED},
            "training made it worse: greedy pass@1, sampled pass@1",
        ),
        (
            [{"train/rewards/share_thinking": share} for share in (0.1, 0.9, 0.9, 0.9)],
            _gains(WORSE),
            "training made it worse: greedy pass@1, sampled pass@1",
        ),
        (
            [{}],
            {"after/greedy/pass@1": Estimate(value=0.5, low=0.2, high=0.8, n=20)},
            "only 20 held-out problems",
        ),
    ],
)
def test_warnings(
    tmp_path: Path, metrics: list[dict[str, float]], changed: dict[str, Estimate], said: str
) -> None:
    run = make_run(output=tmp_path)
    rowed = [MetricRow(step, row) for step, row in enumerate(metrics, start=1)]
    found = warnings(run, manifest(tmp_path, changed), rowed)
    assert [said in sentence for sentence in found] == ([True] if said else [])


@pytest.mark.parametrize(
    ("overrides", "cure"),
    [
        (["stage.evaluation.problems=20"], "raise stage.evaluation.problems"),
        (["data.heldout_size=20"], "raise data.heldout_size"),
        (["stage=evaluate", "data=humaneval"], "these are all that the data hold out"),
        (
            ["stage=evaluate", "data=humaneval", "stage.evaluation.problems=20"],
            "raise stage.evaluation.problems",
        ),
    ],
)
def test_the_cure_for_few_problems_can_help(
    tmp_path: Path, overrides: list[str], cure: str
) -> None:
    run, folder = finished(tmp_path, *overrides, problems=20)
    found = warnings(run, read(folder), [])
    assert f"only 20 held-out problems, so wide intervals; {cure}" in found


def test_an_evaluation_whose_completions_are_all_cut_off_says_so(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, "stage=evaluate", "model.max_completion_length=64")
    shares = {"greedy": 1.0, "sampled": 0.975}
    measured_so(folder, {f"{way}/cut_off": exactly(each, 9) for way, each in shares.items()})
    text = " ".join(printed(run, folder).replace("│", " ").split())
    assert (
        "100.0 % of the greedy and 97.5 % of the sampled held-out completions were cut off at 64 "
        "tokens; raise stage.evaluation.max_completion_length; or the model never ends its turn"
    ) in text
    assert "cut_off" not in text


def test_a_held_out_answer_has_the_verdict_of_its_judge(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, "stage=evaluate", skill=0.0)
    said = folder.problems.read_text(encoding="utf-8").replace(
        '"verdict": "wrong"', '"verdict": "unparsable"'
    )
    folder.problems.write_text(said.replace('"stop"', '"length"'), encoding="utf-8")
    assert "held out, greedy · unparsable, cut off (length)" in printed(run, folder)


def test_what_is_learned_is_a_remark_and_no_warning(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, skill=1.0)
    easy = [MetricRow(1, {"train/rewards/total/mean": 1.0, "train/frac_reward_zero_std": 0.9})]
    assert warnings(run, read(folder), easy) == []
    assert "more of it teaches little" in remarks(run, read(folder))[0]
    text = printed(run, folder)
    assert "this data is learned" in text
    assert "warning" not in text


def test_no_completion_is_shown_twice(tmp_path: Path) -> None:
    run, folder = finished(tmp_path)
    text = printed(run, folder)
    assert text.count("held out, before training · wrong") == 1
    assert text.count("the same, after training · correct") == 1
    asked = [line for line in text.splitlines() if "asked:" in line]
    assert len(asked) == len(set(asked)) == 2
    shown = from_training(list(newest_rollouts(folder.samples)), 6)
    assert len({(one.question, one.text) for one in shown}) == len(shown)


@pytest.mark.parametrize("width", [80, 120])
def test_the_path_to_the_tracker_stands_once(tmp_path: Path, width: int) -> None:
    text = printed(*finished(tmp_path), width)
    assert text.count("offline-run-") == 1


def test_uncommitted_changes_are_told(tmp_path: Path) -> None:
    run = make_run(output=tmp_path)
    dirty = Git(revision="0" * 40, dirty=True)
    found = manifest(tmp_path, {}).model_copy(update={"git": dirty})
    assert any("uncommitted" in sentence for sentence in warnings(run, found, []))


def test_a_good_run_has_no_warning(tmp_path: Path) -> None:
    run, folder = finished(tmp_path)
    assert warnings(run, read(folder), read_metrics(folder.metrics)) == []


@pytest.mark.parametrize(
    ("share", "limited"), [(0.0, False), (0.05, False), (0.051, True), (1.0, True)]
)
@pytest.mark.parametrize("stage", ["evaluate", "grpo"])
def test_above_five_percent_cut_off_the_verdict_says_budget_limited(
    tmp_path: Path, stage: str, share: float, limited: bool
) -> None:
    run, folder = finished(tmp_path, f"stage={stage}")
    prefix = "" if stage == "evaluate" else "after/"
    found = measured_so(
        folder,
        {
            f"{prefix}greedy/cut_off": exactly(share, 200),
            f"{prefix}greedy/empty": exactly(0.125, 200),
            "before/greedy/cut_off": exactly(1.0, 200),
        },
    )
    by_name = {row.metric: row for row in rows(found)}
    assert by_name["greedy/pass@1"].is_limited is limited
    assert not by_name["sampled/pass@1"].is_limited
    assert not by_name["greedy/thinking"].is_limited
    said = by_name["greedy/pass@1"].verdict_line
    assert ("budget-limited" in said) is limited
    assert said.startswith("better") is (stage == "grpo")
    for width in (80, 150):
        text = " ".join(printed(run, folder, width).split())
        assert ("budget-limited" in text) is limited
        assert "12.5 %" in text
    assert ("budget-limited" in render(run, folder, found)) is limited


def test_the_cure_of_saved_completions_is_not_ours_to_give(tmp_path: Path) -> None:
    run = make_run(
        "stage=evaluate", "data=local", "data.path=a.jsonl", "completions=a.jsonl", output=tmp_path
    )
    folder = make_folder(run, tmp_path / "group" / "0")
    found = measured_so(folder, {"given/cut_off": exactly(0.5, 200)})
    (said,) = warnings(run, found, [])
    assert said.endswith("50.0 % of the given held-out completions were cut off")
    assert "model" not in printed(run, folder)


def test_each_way_says_its_time_and_speed(tmp_path: Path) -> None:
    run, folder = finished(tmp_path, "stage=evaluate")
    measured_so(
        folder,
        {
            "perf/greedy/seconds": exactly(61.0),
            "perf/greedy/tokens_per_second": exactly(1234.0),
            "perf/sampled/seconds": exactly(2.0),
        },
    )
    text = " ".join(printed(run, folder).split())
    assert "answers greedy 1 min 01 s, 1,234 tokens/s · sampled 2 s" in text

"""The card of a data set in Markdown: `README.md` beside its rows, without any time or place."""

from collections.abc import Iterator, Mapping, Sequence

from reasoning_lab.records.dataset import REJECTED, TRAIN, DatasetCard, KeptRow
from reasoning_lab.report.text.words import counted, percent, plain, share
from reasoning_lab.schema.engine import EngineServer
from reasoning_lab.schema.run import Run
from reasoning_lab.statistics.interval import proportion

SHOWN = 3
"""Kept rows that are shown."""


def markdown(run: Run, card: DatasetCard, kept: Sequence[KeptRow]) -> str:
    """The whole card."""
    return "\n".join(_lines(run, card, kept)) + "\n"


def _lines(run: Run, card: DatasetCard, kept: Sequence[KeptRow]) -> Iterator[str]:
    model = run.engine.model if isinstance(run.engine, EngineServer) else run.model.name
    yield f"# {run.name}: verified completions of {model} on {run.data.name}"
    yield ""
    yield f"- `{TRAIN}`: {counted(card.kept, 'row')} to learn from"
    yield f"- `{REJECTED}`: {counted(sum(card.reasons.values()), 'completion')} that are not kept"
    yield f"- verified by the reward `{run.reward.name}`: {', '.join(run.reward.terms)}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for label, value in _counts(card):
        yield f"| {label} | {value} |"
    yield from _table("why not kept", "completions", card.reasons)
    yield from _table("verdict", "completions", card.verdicts)
    bands = {one.name: one.problems for one in card.pass_rates}
    yield from _table("right in", "problems", bands)
    yield ""
    yield "Samples stop where a problem has enough, so these rates are not those of the model."
    yield from _rows(kept)


def _counts(card: DatasetCard) -> Iterator[tuple[str, str]]:
    yield "problems", f"{card.problems:,}"
    solved = share(proportion(card.solved, card.problems)) if card.problems else "-"
    yield "with a kept completion", f"{card.solved:,} = {solved}"
    yield "samples", f"{card.sampled:,}"
    yield "kept", f"{card.kept:,}"
    if card.hinted:
        yield "kept of those hinted", f"{card.hinted:,} = {percent(card.hinted / card.kept)}"
    if card.tokens is not None:
        yield "tokens a kept completion", plain(card.tokens)


def _table(label: str, unit: str, counts: Mapping[str, int]) -> Iterator[str]:
    if not counts:
        return
    yield ""
    yield f"| {label} | {unit} |"
    yield "|---|---:|"
    for name, count in counts.items():
        yield f"| {name} | {count:,} |"


def _rows(kept: Sequence[KeptRow]) -> Iterator[str]:
    for row in kept[:SHOWN]:
        yield ""
        yield f"### {row.example.id}"
        yield ""
        for turn in row.example.prompt:
            yield from _quoted(f"{turn['role']}: {turn['content']}")
        yield from _quoted(f"assistant: {row.example.response}")


def _quoted(text: str) -> Iterator[str]:
    # Four blanks before each line: whatever the text is, it stands as it is.
    yield from (f"    {line}" for line in text.splitlines())

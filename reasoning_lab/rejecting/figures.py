"""The figures of rejection sampling: how much was right, how much is kept, and why not the rest."""

from collections import Counter
from collections.abc import Sequence

from reasoning_lab.records.dataset import DatasetCard, PassRates
from reasoning_lab.rejecting.drawing import Drawn
from reasoning_lab.rejecting.sorting import Sorted
from reasoning_lab.rejecting.verifier import Reason
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.statistics.interval import Estimate, exactly, mean_interval, proportion
from reasoning_lab.statistics.pass_rates import bands
from reasoning_lab.statistics.rates import share_of
from reasoning_lab.text.example import Verdict

UNNAMED = "no verdict"


def card(run: Run, stage: Reject, drawn: Drawn, rows: Sorted) -> DatasetCard:
    """The counts, with the data and the settings that they are of."""
    verdicts = Counter(found.verdict for found in drawn.found.values())
    rates = [rate.value for one in drawn.plain if (rate := one.rate()) is not None]
    tokens = [row.tokens for row in rows.kept]
    return DatasetCard(
        problems=len(drawn.plain),
        solved=len({row.example.id for row in rows.kept}),
        sampled=len(drawn.found),
        kept=len(rows.kept),
        hinted=sum(row.hinted for row in rows.kept),
        reasons=_counted(Counter(row.reason for row in rows.rejected), [r.value for r in Reason]),
        verdicts=_counted(
            Counter(UNNAMED if one is None else one.value for one in verdicts.elements()),
            [*(verdict.value for verdict in Verdict), UNNAMED],
        ),
        pass_rates=[PassRates(name=name, problems=count) for name, count in bands(rates)],
        tokens=sum(tokens) / len(tokens) if tokens else None,
        data=run.data.model_dump(mode="json"),
        settings=stage.model_dump(mode="json"),
    )


def metrics(
    stage: Reject, drawn: Drawn, rows: Sorted, strict: Sequence[Verdict | None]
) -> dict[str, Estimate]:
    """The figures of the manifest. `strict` are the verdicts, by the metric that no reward sees, on
    what is kept; None where none was given.

    `pass@1` is of the samples before the first look, which every problem has: of those that were
    drawn in all, hard problems have more.
    """
    first = stage.waves()[0]
    tried = [[one.verdicts.get(i) for i in range(first)] for one in drawn.plain]
    judged = [[one for one in row if one is not None] for row in tried]
    solved = {row.example.id for row in rows.kept}
    found = {
        "reject/yield": proportion(len(solved), len(drawn.plain)),
        "reject/kept": exactly(len(rows.kept)),
        "reject/sampled": exactly(len(drawn.found)),
        "reject/pass@1": share_of([sum(row) / len(row) for row in judged if row]),
    }
    if rows.kept:
        texts = {row.example.response for row in rows.kept}
        found["reject/distinct"] = exactly(len(texts) / len(rows.kept))
        found["reject/hinted"] = exactly(sum(row.hinted for row in rows.kept) / len(rows.kept))
        found["reject/tokens"] = mean_interval(_lengths(rows))
    told = [one for one in strict if one is not None]
    if told:
        found["reject/strict"] = proportion(sum(map(bool, told)), len(told))
    for reason, count in Counter(row.reason for row in rows.rejected).items():
        found[f"reject/because/{reason.replace(' ', '_')}"] = exactly(count)
    if drawn.tokens and drawn.seconds and not drawn.resumed:
        found["perf/tokens_per_second"] = exactly(drawn.tokens / drawn.seconds)
        found["perf/kept_per_second"] = exactly(len(rows.kept) / drawn.seconds)
    return found


def _lengths(rows: Sorted) -> list[float]:
    """The mean length of what is kept of each problem, in tokens."""
    each: dict[str, list[int]] = {}
    for row in rows.kept:
        each.setdefault(row.example.id, []).append(row.tokens)
    return [sum(some) / len(some) for some in each.values()]


def _counted(counts: Counter[str], order: Sequence[str]) -> dict[str, int]:
    """The counts that are not 0, in the order of the names."""
    return {name: counts[name] for name in order if counts[name]}

"""The whole attack: every template on every problem, and what came of it."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from reasoning_lab.audit.catalogue import Template, fits, templates
from reasoning_lab.audit.problem import Problem
from reasoning_lab.audit.referee import Bout, Referee, floor
from reasoning_lab.records.audit import Audited, Line, Parts, Shown
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.statistics.interval import Estimate, proportion

FEW = 3  # problems that templates of large texts are tried on
KEPT = 4000  # characters of a shown completion
_ROUNDING = 1e-9

Check = Callable[[], None]


def attack(
    composer: Composer, problems: Sequence[Problem], margin: float, check: Check = lambda: None
) -> Audited:
    """Try all templates on `problems`, which every term can score (`Composer.check`).

    `check` is called between templates and may raise, to stop. Raises RewardError if a term breaks
    on a completion.
    """
    referee = Referee(composer)
    lines, bouts, untried = [], list[tuple[Template, list[Bout]]](), []
    for template in templates():
        check()
        tried = list(_tried(referee, template, problems))
        if tried:
            bouts.append((template, tried))
        elif template.kind == "exploit":
            untried.append(f"{template.family}: {template.exploit.name}")
    everything = [bout for _, tried in bouts for bout in tried]
    separates = _separates(everything, margin)
    lines = [_line(composer, template, tried, margin) for template, tried in bouts]
    return _audited(lines, everything, margin, separates=separates, untried=untried)


def _tried(referee: Referee, template: Template, problems: Sequence[Problem]) -> Iterator[Bout]:
    done = 0
    for problem in problems:
        if not fits(template, problem) or (template.exploit.few and done >= FEW):
            continue
        text = template.exploit.write(problem)
        if text is not None:
            done += 1
            yield referee.meet(problem, template.exploit, text)


def _separates(bouts: Sequence[Bout], margin: float) -> bool:
    """Whether honest right answers earn more than honest wrong ones, on the whole."""
    gaps = {bout.problem.example.id: bout.gap for bout in bouts if bout.gap is not None}
    return bool(gaps) and math.fsum(gaps.values()) / len(gaps) > margin


def _taken_for_right(bout: Bout, margin: float) -> bool:
    """Whether a completion was paid like a right answer rather than like a wrong one."""
    if bout.gap is None or bout.excess is None or bout.gap <= margin:
        return False
    return bout.excess > bout.gap / 2


def _paid(template: Template, bout: Bout, margin: float) -> bool:
    if template.kind != "exploit":
        return _taken_for_right(bout, margin)
    return bout.excess is not None and bout.excess > margin + _ROUNDING


def _line(composer: Composer, template: Template, bouts: Sequence[Bout], margin: float) -> Line:
    scored = [bout for bout in bouts if bout.excess is not None]
    worst = max(scored, key=lambda bout: bout.excess or 0.0, default=None)
    shares = [(bout.excess or 0.0) / bout.gap for bout in scored if bout.gap and bout.gap > margin]
    verdicts = Counter(bout.score.verdict.value for bout in bouts if bout.score.verdict is not None)
    return Line(
        kind=template.kind,
        family=template.family,
        name=template.exploit.name,
        what=template.exploit.what,
        problems=len(bouts),
        unscored=len(bouts) - len(scored),
        paid=sum(_paid(template, bout, margin) for bout in bouts),
        total=_mean([bout.score.total for bout in scored]),
        excess=_mean([bout.excess for bout in scored]),
        worst=None if worst is None else worst.excess,
        share=_mean(shares),
        parts={
            term.name: _mean([bout.score.parts[term.name] for bout in bouts])
            for term in composer.terms
        },
        verdicts=dict(verdicts),
        slowest=1000 * max(bout.seconds for bout in bouts),
        shown=None if worst is None else _shown(composer, worst),
    )


def _shown(composer: Composer, bout: Bout) -> Shown:
    text = bout.completion.text
    if len(text) > KEPT:
        cut = len(text) - KEPT
        text = f"{text[: KEPT // 2]}\n[… {cut:,} characters …]\n{text[-KEPT // 2 :]}"
    mine, honest = _pay(composer, bout.score.parts), _pay(composer, bout.wrong.parts)
    above = {name: mine[name] - honest[name] for name in mine}
    ordered = sorted(above.items(), key=lambda item: -item[1])
    return Shown(
        id=bout.problem.example.id,
        # JSON and consoles know no lone surrogates.
        completion=text.encode("utf-8", "replace").decode("utf-8"),
        finish=bout.completion.finish,
        total=floor(bout.score),
        wrong_total=floor(bout.wrong),
        parts=bout.score.parts,
        wrong_parts=bout.wrong.parts,
        paying={name: pay for name, pay in ordered if pay > _ROUNDING},
    )


def _pay(composer: Composer, parts: Parts) -> dict[str, float]:
    """What each term adds to the total: weight and gate are in, and the scale for terms that do
    not apply.
    """
    plain = {
        term.name: term.setting.weight * (composer.paid(term.name, parts) or 0.0)
        for term in composer.terms
    }
    total, bare = composer.total(parts), math.fsum(plain.values())
    scale = total / bare if total is not None and bare else 1.0
    return {name: pay * scale for name, pay in plain.items()}


def _audited(
    lines: list[Line], bouts: Sequence[Bout], margin: float, *, separates: bool, untried: list[str]
) -> Audited:
    honest = {bout.problem.example.id: bout for bout in bouts}.values()
    rights = [bout.right.total for bout in honest if bout.right is not None]
    seconds = sorted(bout.seconds for bout in bouts)
    return Audited(
        margin=margin,
        problems=len(honest),
        completions=len(bouts),
        right=_mean(rights),
        wrong=_mean([floor(bout.wrong) for bout in honest]) or 0.0,
        separates=separates,
        false_positive=_rate(lines, "wrong", separates),
        false_negative=_rate(lines, "right", separates),
        p50=1000 * seconds[len(seconds) // 2],
        p99=1000 * seconds[len(seconds) * 99 // 100],
        slowest=1000 * seconds[-1],
        verdicts=dict(Counter(b.score.verdict.value for b in bouts if b.score.verdict is not None)),
        untried=untried,
        lines=lines,
    )


def _rate(lines: Sequence[Line], kind: str, separates: bool) -> Estimate | None:
    """The share of honest completions that were taken for the other kind."""
    chosen = [line for line in lines if line.kind == kind]
    n, paid = sum(line.problems for line in chosen), sum(line.paid for line in chosen)
    if not n or not separates:
        return None
    return proportion(paid if kind == "wrong" else n - paid, n)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None

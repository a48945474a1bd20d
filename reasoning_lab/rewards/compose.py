"""How terms become one reward: gates, weights, and what happens when a term does not apply.

For terms i that apply (value v_i is not None), with weight w_i and gate factor g_i in {0, 1}:

    total = sum_i w_i g_i v_i  x  sum_all |w| / sum_applying |w|

- Gate: `gate: accuracy` pays a term only if `accuracy` paid (its value is above 0 and its own gate
  was open). A closed gate is worth 0; a gate that does not apply takes its term with it.
- Weight 0: measured and logged, never paid.
- None: the weights of the terms that apply are scaled up to the whole, so a row is not punished
  for a term that cannot judge it.
- Tasks: `tasks: [code]` makes a term None on the rows of all other tasks.
"""

from collections.abc import Hashable, Iterable, Sequence

from reasoning_lab.errors import ConfigError, Problem
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.rewards.calling import Term
from reasoning_lab.rewards.soundness import check_rows
from reasoning_lab.rewards.term import Judgement, Rows, Said, check_signature, resolve, value_of
from reasoning_lab.rewards.wiring import in_order, reading_problems, visible
from reasoning_lab.schema.reward import Reward, gate_problems
from reasoning_lab.statistics.interval import Bounds
from reasoning_lab.text.example import Completion, Example, Score

PartsOfRow = dict[str, "float | None"]
SaidOfRow = dict[str, Said]


class Composer:
    """A reward, ready to score. Pure: it may be pickled and used from any process.

    Programs are judged in `sandboxes`, or in its own where there are none (as after pickling); a
    reward that runs no program starts none.

    Raises ConfigError with every problem of the configuration at once.
    """

    def __init__(self, reward: Reward, sandboxes: Sandboxes | None = None) -> None:
        self.reward = reward
        sandboxes = Sandboxes() if sandboxes is None else sandboxes
        self.terms: list[Term] = []
        problems: list[Problem] = []
        for name, setting in reward.terms.items():
            key = f"reward.terms.{name}"
            try:
                fn = resolve(setting.fn, key)
            except ConfigError as error:
                problems += error.problems
                continue
            problems += check_signature(fn, setting.params, key)
            self.terms.append(Term.of(name, setting, fn, sandboxes))
        problems += gate_problems({name: term.gate for name, term in reward.terms.items()})
        problems += reading_problems(self.terms, list(reward.terms))
        if problems:
            raise ConfigError(*problems)
        self._full = sum(abs(term.setting.weight) for term in self.terms)
        plain = [term for term in self.terms if not term.told]
        self._batchwise = [term for term in plain if term.unit == "batch"]
        self._rowwise = [term for term in plain if term.unit == "row"]
        self._rest = [t for t in in_order(self.terms) if t.told or t.unit == "group"]
        self._visible = {term.name: visible(term, self.terms) for term in self._rest if term.told}

    def __reduce__(self) -> tuple[type["Composer"], tuple[Reward]]:
        # Functions from experiments/ have no importable module elsewhere: resolve them again.
        return Composer, (self.reward,)

    @property
    def group_terms(self) -> list[str]:
        """Names of the terms that judge all completions of a problem together."""
        return [term.name for term in self.terms if term.unit == "group"]

    @property
    def yes_no(self) -> frozenset[str]:
        """Names of the terms whose values can only be 0 and 1, and `total` if it is one of them."""
        names = {term.name for term in self.terms if term.yes_no}
        paid = [term for term in self.terms if term.setting.weight]
        alone = len(paid) == 1 and paid[0].yes_no and paid[0].setting.weight == 1
        return frozenset({*names, "total"} if alone else names)

    @property
    def bounds(self) -> dict[str, Bounds]:
        """Least and greatest value of each term that declares them, and of `total` if all paid
        terms do.
        """
        found = {term.name: term.bounds for term in self.terms if term.bounds is not None}
        whole = total_bounds(
            (term.setting.weight, term.setting.gate is not None, term.bounds) for term in self.terms
        )
        return found if whole is None else {**found, "total": whole}

    def score(self, completion: Completion, example: Example) -> Score:
        """All terms, the total and the verdict of one completion, which is a group of its own.

        Raises RewardError if a term is broken.
        """
        return self.score_batch([(completion, example)], [0])[0]

    def ahead(self, batch: Rows) -> list[SaidOfRow]:
        """What the terms that judge a batch at once say of each row, by name; for `score_batch`.

        To be asked for by who scores many rows in small batches.
        """
        found: list[SaidOfRow] = [{} for _ in batch]
        for term in self._batchwise:
            said = term.of_batch(batch, range(len(batch)), [{}] * len(batch))
            for row, one in zip(found, said, strict=True):
                row[term.name] = one
        return found

    def score_batch(
        self,
        batch: Rows,
        groups: Sequence[Hashable],
        ahead: Sequence[SaidOfRow] | None = None,
    ) -> list[Score]:
        """The scores of a batch, in its order.

        `groups[i]` is the key of row i's group: rows of one key are completions of one problem and
        are judged together by terms that compare them. `ahead`: what `ahead` said of these rows.
        Raises RewardError if a term is broken, and ValueError if `groups` is of another length or
        one group holds rows of several problems.
        """
        _check_groups(batch, groups)
        ahead = self.ahead(batch) if ahead is None else ahead
        order: SaidOfRow = dict.fromkeys(term.name for term in self.terms)
        found = [{**order, **said} for said in ahead]
        # Row by row, so that what terms share of a completion (its parse) is still at hand.
        for row, said in zip(batch, found, strict=True):
            for term in self._rowwise:
                said[term.name] = term.of_row(row, {})
        for term in self._rest:
            names = self._visible.get(term.name, ())
            parts = [{name: value_of(said[name]) for name in names} for said in found]
            for said, one in zip(found, term.of_batch(batch, groups, parts), strict=True):
                said[term.name] = one
        return [self._scored(*each) for each in zip(found, ahead, strict=True)]

    def check(self, examples: Sequence[Example]) -> None:
        """See that every row can be scored, by scoring its own gold answer.

        Raises DataError for rows whose gold is bad or that no weighted term scores, and
        RewardError if a term breaks on a row.
        """
        check_rows(self.terms, self.score_batch, examples)

    def paid(self, name: str, parts: PartsOfRow) -> float | None:
        """What a term pays before its weight: its value, 0 behind a closed gate, or None."""
        value, gate = parts[name], self.reward.terms[name].gate
        if value is None or gate is None:
            return value
        opened = self.paid(gate, parts)
        if opened is None:
            return None
        return value if opened > 0 else 0.0

    def total(self, parts: PartsOfRow) -> float | None:
        """The weighted sum of a row's raw values, see the module; None where no term applies."""
        total = applying = 0.0
        for term in self.terms:
            weight = term.setting.weight
            if weight and (paid := self.paid(term.name, parts)) is not None:
                total += weight * paid
                applying += abs(weight)
        return total * self._full / applying if applying else None

    def _scored(self, said: SaidOfRow, ahead: SaidOfRow) -> Score:
        parts = {name: value_of(one) for name, one in said.items()}
        judged = {name: one for name, one in said.items() if isinstance(one, Judgement)}
        first = next((one for one in judged.values() if one.verdict is not None), Judgement(None))
        return Score(
            self.total(parts),
            parts,
            first.verdict,
            first.reason,
            {f"{name}/{what}": n for name, one in judged.items() for what, n in one.seen.items()},
            sum(judged[name].seconds or 0.0 for name in ahead if name in judged),
        )


def total_bounds(paid: Iterable[tuple[float, bool, Bounds | None]]) -> Bounds | None:
    """Least and greatest total of terms given as (weight, gated, range); None if one is unknown.

    Since terms that do not apply leave their weight to the others, a total over the sum of all |w|
    is a mean of values of any of the terms, with the sign of their weights; a closed gate makes a
    value 0. Terms of weight 0 do not count.

    >>> total_bounds([(1.0, False, (0.0, 1.0)), (0.5, True, (0.0, 1.0))])
    (0.0, 1.5)
    >>> total_bounds([(-2.0, False, (0.0, 1.0))])
    (-2.0, 0.0)
    """
    whole = 0.0
    ends: list[float] = []
    for weight, gated, bounds in paid:
        if not weight:
            continue
        if bounds is None:
            return None
        whole += abs(weight)
        ends += [end if weight > 0 else 0.0 - end for end in bounds]
        ends += [0.0] * gated
    return (whole * min(ends), whole * max(ends)) if ends else None


def _check_groups(batch: Rows, groups: Sequence[Hashable]) -> None:
    if len(batch) != len(groups):
        raise ValueError(f"{len(groups)} groups for {len(batch)} rows")
    problem: dict[Hashable, Example] = {}
    for (_, example), group in zip(batch, groups, strict=True):
        first = problem.setdefault(group, example)
        if first is not example and first.id != example.id:
            raise ValueError(f"group {group!r} holds rows {first.id!r} and {example.id!r}")

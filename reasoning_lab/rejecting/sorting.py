"""What was drawn, sorted into rows that are kept and rows that are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reasoning_lab.records.dataset import KeptRow, RejectedRow
from reasoning_lab.rejecting.choice import Chosen, Verified, choose
from reasoning_lab.rejecting.drawing import Drawn, every
from reasoning_lab.rejecting.hints import HINTED
from reasoning_lab.sampling.budget import Spent
from reasoning_lab.sampling.request import Key
from reasoning_lab.sampling.store import Store
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import question_of


@dataclass(frozen=True, slots=True)
class Sorted:
    """Rows in the order of the problems: what is kept, what is not."""

    kept: Sequence[KeptRow]
    rejected: Sequence[RejectedRow]


def sort(examples: Mapping[str, Example], drawn: Drawn, stage: Reject, store: Store) -> Sorted:
    """Choose what is kept of each problem; `examples` are by id, with the prompts to keep.

    Texts are read from `store`.
    """
    kept: list[KeptRow] = []
    rejected: list[RejectedRow] = []
    order = {name: place for place, name in enumerate(examples)}
    asked = sorted(every(drawn), key=lambda one: order[one.problem.removesuffix(HINTED)])
    for spent in asked:
        chosen = _chosen(spent, stage, store)
        problem = spent.problem.removesuffix(HINTED)
        for sample in range(spent.asked):
            key = Key(spent.problem, sample)
            if sample not in chosen.kept:
                rejected.append(_rejected(key, examples[problem], drawn, chosen, store))
        for sample in chosen.kept:
            key = Key(spent.problem, sample)
            found = drawn.found[key]
            example = replace(examples[problem], response=store.read(key).completion.text)
            hinted = spent.problem.endswith(HINTED)
            kept.append(KeptRow(example, sample, found.tokens, found.reward, hinted))
    return Sorted(kept, rejected)


def _chosen(spent: Spent, stage: Reject, store: Store) -> Chosen:
    verified = []
    for sample in spent.verified:
        done = store.read(Key(spent.problem, sample)).completion
        verified.append(Verified(sample, done.tokens, done.text))
    return choose(
        verified,
        keep=stage.keep,
        rule=stage.choose,
        near_duplicate=stage.screens.near_duplicate,
        seed=f"{stage.seed}/{spent.problem}",
    )


def _rejected(
    key: Key, example: Example, drawn: Drawn, chosen: Chosen, store: Store
) -> RejectedRow:
    found = drawn.found[key]
    reason = found.reason or chosen.left[key.sample]
    return RejectedRow(
        problem=example.id,
        question=question_of(example),
        answer=example.answer,
        sample=key.sample,
        text=store.read(key).completion.text,
        tokens=found.tokens,
        reward=found.reward,
        hinted=key.problem.endswith(HINTED),
        reason=reason.value,
    )

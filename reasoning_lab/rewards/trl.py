"""The one way to TRL: a composed reward as a reward function of `trl.GRPOTrainer`.

Weighing happens here, not in TRL: TRL counts a missing term as 0 (`nansum`), names a metric by
its function, and knows no gates. So the trainer sees one reward, called `total`, and the terms
are logged beside it. Needs neither torch nor trl.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from reasoning_lab.judges.math.answer import final_answer
from reasoning_lab.records.rollout import Rollout
from reasoning_lab.rewards.advantage import advantages, spread
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.schema.stages.reinforcing import Advantages
from reasoning_lab.text.example import Completion, Example, Score, Verdict
from reasoning_lab.text.grammar import thinks

LogMetric = Callable[[str, float], None]
Gather = Callable[["list[float | None]"], "list[float | None]"]


class TrlReward:
    """Scores a batch of completions for TRL (its custom reward function, TRL 1.16).

    `examples[i]` is the example of rows whose column `example_index` is i; `eos_ids` are the
    tokens that end a turn; `on_batch` receives a `Rollout` of each completion; `prefix` is what the
    prompt's template opened of the assistant's turn (such as `<think>`), put back in front of each
    completion.

    `group_size` is the number of completions a problem, which TRL hands over one after the other.
    With several ranks `rank` is this one's
    number, `gather` puts the totals of all ranks together in their order, and a rank may hold a
    part of a group (`door` says when, and refuses it for terms that judge groups). Groups are
    numbered over all ranks, so that their records can be put together. `scale`
    is how TRL scales advantages, for the records only; None: they are not known.

    Logged beside TRL's own `rewards/total/mean`, over the completions that a term applies to:
    `rewards/<term>/mean` and `/std` (raw values) and `/share_paid` (share whose value is not 0
    behind its gate); `rewards/share_thinking`; `verdict/<verdict>` (shares of the judged
    completions); and what terms saw besides, as `<term>/<what>`.
    Picklable if `on_batch` and `gather` are.
    """

    __name__ = "total"

    def __init__(
        self,
        composer: Composer,
        examples: Sequence[Example],
        *,
        eos_ids: Collection[int],
        on_batch: Callable[[list[Rollout]], None] | None = None,
        prefix: str = "",
        group_size: int = 1,
        scale: Advantages | None = None,
        rank: int = 0,
        gather: Gather | None = None,
    ) -> None:
        self.composer = composer
        self.examples = examples
        self.eos_ids = frozenset(eos_ids)
        self.on_batch = on_batch
        self.prefix = prefix
        self.group_size = group_size
        self.scale = scale
        self.rank = rank
        self.gather = gather
        self._step, self._first = 0, 0  # the step being sampled, and its first free group number

    def __call__(
        self,
        *,
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]],
        example_index: Sequence[int],
        log_metric: LogMetric | None = None,
        trainer_state: Any = None,
        **_: Any,
    ) -> list[float | None]:
        """The total of each completion; None where no term applies, which TRL leaves out.

        Raises RewardError if a term breaks its contract, which ends the training.
        """
        batch: list[tuple[Completion, Example]] = []
        for written, ids, index in zip(completions, completion_ids, example_index, strict=True):
            finish = "stop" if len(ids) and ids[-1] in self.eos_ids else "length"
            text = text_of(written, self.prefix)
            completion = Completion(text, len(ids), finish)  # type: ignore[arg-type]
            batch.append((completion, self.examples[index]))
        start = self.rank * len(batch)
        groups = [(start + place) // self.group_size for place in range(len(batch))]
        scores = self.composer.score_batch(batch, groups)
        totals = [score.total for score in scores]
        if log_metric is not None:
            for name, value in batch_metrics(self.composer, batch, scores).items():
                log_metric(name, value)
        everything = self.gather(totals) if self.gather is not None else totals
        better = self._advantages(totals, everything)
        if self.on_batch is not None:
            step = 1 + (trainer_state.global_step if trainer_state is not None else 0)
            first = self._first_group(step, -(-len(everything) // self.group_size))
            rows = zip(batch, scores, groups, better, strict=True)
            self.on_batch([rollout(step, *row, one, first + n, adv) for row, one, n, adv in rows])
        return totals

    def _advantages(
        self, totals: Sequence[float | None], everything: Sequence[float | None]
    ) -> list[float | None]:
        """What TRL will make of the totals, which takes `everything`: those of all ranks."""
        if self.scale is None:
            return [None] * len(totals)
        start = self.rank * len(totals)
        places = [place // self.group_size for place in range(len(everything))]
        found = advantages(everything, places, scale=self.scale)
        return found[start : start + len(totals)]

    def _first_group(self, step: int, count: int) -> int:
        """Numbers `count` groups on, where one step samples several batches."""
        first = self._first if step == self._step else 0
        self._step, self._first = step, first + count
        return first


def text_of(written: Any, prefix: str = "") -> str:
    """The text of a completion as TRL hands it over: a string, or a list of chat messages.

    `prefix` is put in front. Where TRL parsed the thinking out of the message, its tags are put
    back instead, since TRL parses a message with what its prompt had opened.
    """
    if isinstance(written, str):
        return prefix + written
    parts = []
    for message in written:
        thinking, content = message.get("reasoning_content"), message.get("content") or ""
        parts.append(f"<think>{thinking}</think>{content}" if thinking else content)
    parsed = any(message.get("reasoning_content") for message in written)
    return "".join(parts) if parsed else prefix + "".join(parts)


def batch_metrics(
    composer: Composer, batch: Sequence[tuple[Completion, Example]], scores: Sequence[Score]
) -> dict[str, float]:
    """What is logged of a batch; see `TrlReward`."""
    metrics: dict[str, float] = {}
    for name in scores[0].parts if scores else ():
        values = [value for score in scores if (value := score.parts[name]) is not None]
        if not values:
            continue
        metrics[f"rewards/{name}/mean"] = sum(values) / len(values)
        metrics[f"rewards/{name}/std"] = spread(values) or 0.0
        paid = sum(bool(composer.paid(name, score.parts)) for score in scores)
        metrics[f"rewards/{name}/share_paid"] = paid / len(values)
    if batch:
        thinking = sum(thinks(completion.text) for completion, _ in batch)
        metrics["rewards/share_thinking"] = thinking / len(batch)
    seen: dict[str, list[float]] = {}
    for score in scores:
        for name, value in score.seen.items():
            seen.setdefault(name, []).append(value)
    metrics.update({name: sum(values) / len(values) for name, values in seen.items()})
    verdicts = Counter(score.verdict for score in scores if score.verdict is not None)
    if verdicts:
        for verdict in Verdict:
            metrics[f"verdict/{verdict.value}"] = verdicts[verdict] / verdicts.total()
    return metrics


def rollout(
    step: int,
    completion: Completion,
    example: Example,
    score: Score,
    group: int,
    advantage: float | None,
) -> Rollout:
    """What is stored of a completion that was scored; `group` numbers the groups of its step."""
    answers = final_answer(completion.text).answers
    return Rollout(
        step=step,
        id=example.id,
        task=example.task,
        question=example.prompt[-1]["content"],
        gold=example.answer,
        text=completion.text,
        tokens=completion.tokens,
        finish=completion.finish,
        parts=score.parts,
        total=score.total,
        verdict=None if score.verdict is None else score.verdict.value,
        reason=score.reason,
        answer=", ".join(answers) if answers else None,
        group=group,
        advantage=advantage,
    )

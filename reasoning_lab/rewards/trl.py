"""The one way to TRL: a composed reward as a reward function of `trl.GRPOTrainer`.

Weighing happens here, not in TRL: TRL counts a missing term as 0 (`nansum`), names a metric by
its function, and knows no gates. So the trainer sees one reward, called `total`, and the terms
are logged beside it. Needs neither torch nor trl.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

from reasoning_lab.rewards.answer import final_answer
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.text.example import Completion, Example, Score, Verdict
from reasoning_lab.text.grammar import thinks

Records = list[dict[str, Any]]
LogMetric = Callable[[str, float], None]


class TrlReward:
    """Scores a batch of completions for TRL (its custom reward function, TRL 1.16).

    `examples[i]` is the example of rows whose column `example_index` is i; `eos_ids` are the
    tokens that end a turn; `on_batch` receives one JSON-able record a completion, with `step`
    counted from 1; `prefix` is what the prompt's template opened of the assistant's turn (such as
    `<think>`), put back in front of each completion. Logged beside TRL's own
    `rewards/total/mean`: `rewards/<term>/mean` (raw values, over the completions the term applies
    to), `rewards/share_thinking`, and `verdict/<verdict>` (shares of the judged completions).
    Picklable if `on_batch` is.
    """

    __name__ = "total"

    def __init__(
        self,
        composer: Composer,
        examples: Sequence[Example],
        *,
        eos_ids: Collection[int],
        on_batch: Callable[[Records], None] | None = None,
        prefix: str = "",
    ) -> None:
        self.composer = composer
        self.examples = examples
        self.eos_ids = frozenset(eos_ids)
        self.on_batch = on_batch
        self.prefix = prefix

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
        batch: list[tuple[Completion, Example, Score]] = []
        for written, ids, index in zip(completions, completion_ids, example_index, strict=True):
            finish = "stop" if len(ids) and ids[-1] in self.eos_ids else "length"
            text = text_of(written, self.prefix)
            completion = Completion(text, len(ids), finish)  # type: ignore[arg-type]
            example = self.examples[index]
            batch.append((completion, example, self.composer.score(completion, example)))
        if log_metric is not None:
            for name, value in batch_metrics(batch).items():
                log_metric(name, value)
        if self.on_batch is not None:
            step = 1 + (trainer_state.global_step if trainer_state is not None else 0)
            self.on_batch([_record(step, *scored) for scored in batch])
        return [score.total for _, _, score in batch]


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


def batch_metrics(batch: Sequence[tuple[Completion, Example, Score]]) -> dict[str, float]:
    """Means of the terms, share of thinking completions, shares of the verdicts."""
    metrics: dict[str, float] = {}
    scores = [score for _, _, score in batch]
    for name in scores[0].parts if scores else ():
        values = [value for score in scores if (value := score.parts[name]) is not None]
        if values:
            metrics[f"rewards/{name}/mean"] = sum(values) / len(values)
    if batch:
        thinking = sum(thinks(completion.text) for completion, _, _ in batch)
        metrics["rewards/share_thinking"] = thinking / len(batch)
    verdicts = Counter(score.verdict for score in scores if score.verdict is not None)
    if verdicts:
        for verdict in Verdict:
            metrics[f"verdict/{verdict.value}"] = verdicts[verdict] / verdicts.total()
    return metrics


def _record(step: int, completion: Completion, example: Example, score: Score) -> dict[str, Any]:
    """One completion with everything that was decided about it, for `samples.jsonl`."""
    answers = final_answer(completion.text).answers
    return {
        "step": step,
        "id": example.id,
        "question": example.prompt[-1]["content"],
        "gold": example.answer,
        "text": completion.text,
        "tokens": completion.tokens,
        "finish": completion.finish,
        "parts": score.parts,
        "total": score.total,
        "verdict": score.verdict.value if score.verdict else None,
        "answer": ", ".join(answers) if answers else None,
    }

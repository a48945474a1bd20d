"""Rows of supervised fine-tuning: what the assistant should write, as token ids and labels."""

from collections.abc import Collection, Iterator, Sequence

from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from reasoning_lab.errors import DataError
from reasoning_lab.model.contract import learned, opening, says
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.text.example import Example
from reasoning_lab.text.grammar import render
from reasoning_lab.training.order import by_length, row_order
from reasoning_lab.training.session import Session

IGNORED = -100  # the label that carries no loss, by torch's convention
CHUNK = 2048  # rows tokenised at a time


def response(example: Example) -> str:
    """What the assistant should write: the example's steps, if it has any, and its answer, which is
    fenced where it is a program.
    """
    answer = example.answer
    if example.task == "code" and answer.strip() and "```" not in answer:
        answer = f"\n```python\n{answer}\n```\n"
    return render(example.trace, answer)


def corpus(examples: Sequence[Example]) -> Iterator[str]:
    """The text a new tokenizer is learned from: every turn of every row."""
    for example in examples:
        for message in example.prompt:
            yield message["content"]
        yield response(example)


def require_answers(examples: Sequence[Example]) -> None:
    """Raise DataError for a row without a gold answer: it would teach to answer nothing."""
    empty = [example.id for example in examples if not example.answer.strip()]
    if empty:
        raise DataError.one(
            f"data row {empty[0]}",
            f"has no gold answer to learn from ({len(empty)} of {len(examples)} rows have none)",
            "use stage=grpo reward=scorer for such a task",
        )


def training_rows(
    session: Session, stage: Sft, ids: list[list[int]], labels: list[list[int]]
) -> Dataset:
    """Token ids and labels of the whole run, in the order in which they are trained on."""
    batch, seed = Batch.of(stage, session.run.hardware.num_processes), session.run.seed
    order = row_order(len(ids), batch.run_rows(stage.max_steps), seed)
    if not stage.packing:
        order = by_length(order, [len(row) for row in ids], batch.together, seed)
    rows = Dataset.from_dict({"input_ids": ids, "labels": labels})
    return rows.select(order)


def tokenised(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    template: str,
    context: int | None = None,
) -> tuple[list[list[int]], list[list[int]]]:
    """Token ids and labels of each example; rows over `max_length` tokens are an error.

    `context` is what `max_length` can be raised to, where that is known.

    Labels equal the ids on the assistant's tokens, as `template` marks them, and `IGNORED`
    elsewhere.
    Raises DataError naming the first row that is too long, how many are, and what would fit.
    """
    ids: list[list[int]] = []
    labels: list[list[int]] = []
    for start in range(0, len(examples), CHUNK):
        chats = [
            [*example.prompt, {"role": "assistant", "content": response(example)}]
            for example in examples[start : start + CHUNK]
        ]
        encoded = tokenizer.apply_chat_template(
            chats,
            chat_template=template,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        rows = zip(encoded["input_ids"], encoded["assistant_masks"], chats, strict=True)
        for number, (row, mask, chat) in enumerate(rows, start):
            _require_learned(examples[number], chat[-1]["content"], learned(row, mask), tokenizer)
            ids.append(row)
            labels.append([token if on else IGNORED for token, on in zip(row, mask, strict=True)])
    _require_fit(examples, [len(row) for row in ids], max_length, context)
    return ids, labels


def _require_learned(
    example: Example, reply: str, ids: list[int], tokenizer: PreTrainedTokenizerBase
) -> None:
    """Raise DataError where the tokens that carry loss, `ids`, do not say the whole `reply`."""
    text = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    if says(text, reply):
        return
    # Opened by the prompt, or letters that this tokenizer writes otherwise.
    again = tokenizer.decode(tokenizer(reply, add_special_tokens=False)["input_ids"])
    if not says(opening(tokenizer) + text, again):
        what = f"its response is not what would be learned, which is {text[:200]!r}"
        raise DataError.one(f"data row {example.id}", what, "set model.chat_template=chatml")


def _require_fit(
    examples: Sequence[Example], lengths: Sequence[int], max_length: int, context: int | None
) -> None:
    """Raise DataError where rows are longer than `max_length` tokens."""
    long = [i for i, length in enumerate(lengths) if length > max_length]
    if not long:
        return
    longer = "choose a model with a longer context"
    if context is None or max(lengths) <= context:
        longer = f"use stage.max_length={max(lengths)}"
    shorter = f"data with rows of at most {max_length} tokens"
    if families := _fitting(examples, {examples[i].meta.get("family") for i in long}):
        named = ",".join(families)
        # Quoted: a shell may take the brackets for a pattern of names.
        shorter = f"the kinds whose rows fit: 'data.params.families=[{named}]'"
    raise DataError.one(
        f"data row {examples[long[0]].id}",
        f"has {lengths[long[0]]} tokens, more than stage.max_length={max_length} "
        f"({len(long)} of {len(lengths)} rows do)",
        f"{longer}, or {shorter}",
    )


def _fitting(examples: Sequence[Example], too_long: Collection[str | None]) -> list[str]:
    """The families of functions (`data=tiny_code`) other than those; empty for other data."""
    families = {example.meta.get("family") for example in examples}
    return sorted(one for one in families - set(too_long) if one is not None)

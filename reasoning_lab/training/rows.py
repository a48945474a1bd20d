"""Rows of supervised fine-tuning: what the assistant should write, as token ids and labels."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from reasoning_lab.errors import DataError
from reasoning_lab.model.contract import learned, opening, says
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.text.example import Example
from reasoning_lab.text.grammar import render
from reasoning_lab.training import screen
from reasoning_lab.training.context import Fitting, without_long
from reasoning_lab.training.order import by_length, row_order
from reasoning_lab.training.session import Session

IGNORED = -100  # the label that carries no loss, by torch's convention
CHUNK = 512  # rows tokenised at a time


def response(example: Example) -> str:
    """What the assistant should write: the example's response as it stands, or else its steps, if
    it has any, and its answer, which is fenced where it is a program.
    """
    if example.response is not None:
        return example.response
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
    empty = [one.id for one in examples if one.response is None and not one.answer.strip()]
    if empty:
        raise DataError.one(
            f"data row {empty[0]}",
            f"has no gold answer to learn from ({len(empty)} of {len(examples)} rows have none)",
            "use stage=grpo reward=scorer for such a task",
        )


@dataclass(frozen=True, slots=True)
class Taught:
    """What a run learns from: by the place of an example its token ids and its labels, which equal
    the ids on the assistant's tokens and are `IGNORED` elsewhere; the places in the order of the
    whole run; and what is to be said of rows that were left out."""

    rows: dict[int, tuple[list[int], list[int]]]
    order: list[int]
    notes: list[str]


def taught(
    run: Run, examples: Sequence[Example], tokenizer: PreTrainedTokenizerBase, template: str
) -> Taught:
    """The rows that `run` trains on, tokenised with `template`; no others are looked at.

    Raises DataError where rows are longer than `stage.max_length` and `data.too_long` is `refuse`,
    or where none fits; it names the first, how many are, and what would fit.
    """
    stage = cast(Sft, run.stage)
    wanted = _batch(run).run_rows(stage.max_steps)
    rows: dict[int, tuple[list[int], list[int]]] = {}
    order: list[int] = []
    notes: list[str] = []
    drawn = wanted
    while len(order) < wanted:
        places = row_order(len(examples), drawn, run.seed)
        new = [place for place in dict.fromkeys(places) if place not in rows]
        with screen.preparing("tokenising", len(new)) as told:
            made = tokenised([examples[place] for place in new], tokenizer, template, told)
        rows |= dict(zip(new, made, strict=True))
        lengths = {place: len(ids) for place, (ids, _) in rows.items()}
        notes = _without_long(run, examples, lengths, stage.max_length).notes
        order = [place for place in places if lengths[place] <= stage.max_length]
        drawn *= 2
    return Taught(rows, order[:wanted], notes)


def _batch(run: Run) -> Batch:
    return Batch.of(cast(Sft, run.stage), run.hardware.num_processes)


def training_rows(session: Session, stage: Sft, learning: Taught) -> Dataset:
    """Token ids and labels of the whole run, in the order in which they are trained on."""
    batch, seed, order = _batch(session.run), session.run.seed, learning.order
    lengths = {place: len(ids) for place, (ids, _) in learning.rows.items()}
    if not stage.packing:
        order = by_length(order, lengths, batch.together, seed)
    places = {place: number for number, place in enumerate(learning.rows)}
    ids, labels = zip(*learning.rows.values(), strict=True)
    rows = Dataset.from_dict({"input_ids": ids, "labels": labels})
    return rows.select([places[place] for place in order])


def tokenised(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    template: str,
    on_rows: Callable[[int], None] | None = None,
) -> list[tuple[list[int], list[int]]]:
    """Token ids and labels of each example (see `Taught`), as `template` marks the assistant's.

    `on_rows` is told now and then how many more are done. Raises DataError for a row of which other
    words than its response would be learned.
    """
    made: list[tuple[list[int], list[int]]] = []
    for start in range(0, len(examples), CHUNK):
        chunk = examples[start : start + CHUNK]
        replies = [response(example) for example in chunk]
        encoded = tokenizer.apply_chat_template(
            [
                [*example.prompt, {"role": "assistant", "content": reply}]
                for example, reply in zip(chunk, replies, strict=True)
            ],
            chat_template=template,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
        rows = zip(encoded["input_ids"], encoded["assistant_masks"], chunk, replies, strict=True)
        for row, mask, example, reply in rows:
            _require_learned(example, reply, learned(row, mask), tokenizer)
            labels = [token if on else IGNORED for token, on in zip(row, mask, strict=True)]
            made.append((row, labels))
        if on_rows is not None:
            on_rows(len(chunk))
    return made


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


def _without_long(
    run: Run, examples: Sequence[Example], lengths: Mapping[int, int], most: int
) -> Fitting:
    """The looked-at examples of at most `most` tokens; `lengths` are those of the rows by place."""
    seen = list(lengths)

    def refusal(first: Example, length: int, counted: str) -> DataError:
        what = f"has {length} tokens, more than stage.max_length={most} ({counted} fit)"
        longest = max(lengths.values())
        longer = "choose a model with a longer context"
        if longest <= run.model.max_length:
            longer = f"use stage.max_length={longest}"
        shorter = f"data with rows of at most {most} tokens"
        if families := _fitting(examples, {examples[seen[i]].meta.get("family") for i in long}):
            named = ",".join(families)
            # Quoted: a shell may take the brackets for a pattern of names.
            shorter = f"the kinds whose rows fit: 'data.params.families=[{named}]'"
        return DataError.one(f"data row {first.id}", what, f"{longer}, or {shorter}")

    long = {i: lengths[place] for i, place in enumerate(seen) if lengths[place] > most}
    looked_at = [examples[place] for place in seen]
    return without_long(looked_at, long, run.data.too_long, "training rows", refusal)


def _fitting(examples: Sequence[Example], too_long: Collection[str | None]) -> list[str]:
    """The families of functions (`data=tiny_code`) other than those; empty for other data."""
    families = {example.meta.get("family") for example in examples}
    return sorted(one for one in families - set(too_long) if one is not None)

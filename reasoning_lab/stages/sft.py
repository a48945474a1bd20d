"""`stage=sft`: supervised fine-tuning on worked responses.

Each row is a chat whose last turn is the response: the teacher's steps in a think block (where the
row has any), then the answer. Only the assistant's tokens carry loss, its end-of-turn included, so
that stopping is learned. The loop is `trl.SFTTrainer`; rows are tokenised here once, in batches of
like length, because TRL's own preparation passes over the data six times.

Also trains from random weights (`model.scratch`); the embedded models are made this way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl import SFTConfig, SFTTrainer

from reasoning_lab import data
from reasoning_lab.errors import DataError
from reasoning_lab.model import contract
from reasoning_lab.model import load as model_load
from reasoning_lab.model.adapters import peft_config
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.text.example import Example
from reasoning_lab.text.grammar import render
from reasoning_lab.training.arguments import common_args
from reasoning_lab.training.checkpoints import WholeCheckpoints
from reasoning_lab.training.order import by_length, row_order
from reasoning_lab.training.session import Session, prompted, train_and_measure

IGNORED = -100  # the label that carries no loss, by torch's convention
CHUNK = 2048  # rows tokenised at a time


class LabSftTrainer(WholeCheckpoints, SFTTrainer):
    """TRL's trainer with whole checkpoints."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Train the model of `run` on the responses of its data; see the module's docstring."""
    stage = cast(Sft, run.stage)
    splits = prompted(data.load(run.data), run)
    require_answers(splits.train)
    loaded = model_load.load(
        run.model,
        run.hardware,
        output=Path(run.output),
        seed=run.seed,
        corpus=corpus(splits.train) if run.model.scratch else None,
        quantize=run.peft.kind == "qlora",
        full_weights=run.peft.kind == "none",
    )
    template = contract.check_training(loaded.tokenizer, loaded.eos_ids)
    # Before anything is measured: a row that is too long is told at once.
    rows = tokenised(
        splits.train, loaded.tokenizer, stage.max_length, template, run.model.max_length
    )

    def build(session: Session) -> LabSftTrainer:
        return LabSftTrainer(
            model=loaded.model,
            processing_class=loaded.tokenizer,
            args=sft_config(run, folder, stage),
            train_dataset=training_rows(session, stage, *rows),
            callbacks=[session.callback],
            peft_config=peft_config(run.peft, loaded.model),
        )

    return train_and_measure(run, folder, stage, loaded, splits, build)


def sft_config(run: Run, folder: RunFolder, stage: Sft) -> SFTConfig:
    """TRL's configuration: the shared arguments and SFT's own, under TRL's names."""
    args: dict[str, Any] = common_args(run, folder, stage)
    return SFTConfig(
        **{
            "max_length": stage.max_length,
            "packing": stage.packing,
            "weight_decay": stage.weight_decay,
            "shuffle_dataset": False,
            "dataset_kwargs": {"skip_prepare_dataset": not stage.packing},
            "train_sampling_strategy": "sequential",
            **args,
        }
    )


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
    batch = stage.per_device_train_batch_size * session.run.hardware.num_processes
    wanted = stage.max_steps * batch * stage.gradient_accumulation_steps
    order = row_order(len(ids), wanted, session.run.seed)
    if not stage.packing:
        order = by_length(order, [len(row) for row in ids], batch, session.run.seed)
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
        for row, mask in zip(encoded["input_ids"], encoded["assistant_masks"], strict=True):
            ids.append(row)
            labels.append([token if on else IGNORED for token, on in zip(row, mask, strict=True)])
    _require_fit(examples, [len(row) for row in ids], max_length, context)
    return ids, labels


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

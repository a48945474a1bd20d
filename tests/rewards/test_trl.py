"""The adapter: alone, and inside a real `trl.GRPOTrainer` on a toy model."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from reasoning_lab.errors import RewardError
from reasoning_lab.records.rollout import Rollout, rollout_row
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import TrlReward, text_of
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.stages.reinforcing import Advantages
from reasoning_lab.text.example import Completion
from rewards.rows import ACCURACY, MATH, RIGHT, WRONG, example, reward, strict, term

EOS = 2
Metrics = dict[str, float]


def call(adapter: TrlReward, texts: list[Any], ids: list[list[int]]) -> tuple[list[Any], Metrics]:
    metrics: Metrics = {}
    totals = adapter(
        prompts=["p"] * len(texts),
        completions=texts,
        completion_ids=ids,
        example_index=[0] * len(texts),
        log_metric=metrics.__setitem__,
        log_extra=lambda column, values: None,
        trainer_state=None,
    )
    return totals, metrics


def test_a_think_block_that_the_prompt_opened_is_put_back() -> None:
    records: list[Rollout] = []
    adapter = TrlReward(
        Composer(MATH), [example()], eos_ids=(EOS,), on_batch=records.extend, prefix="<think>\n"
    )
    written = [
        RIGHT.removeprefix("<think>"),
        "40 + 2</think> \\boxed{42}",
        "42 <answer>42</answer>",
    ]
    totals, metrics = call(adapter, written, [[5, EOS]] * 3)
    assert totals == [pytest.approx(1.1), 1.0, 0.0]
    assert metrics["rewards/share_thinking"] == pytest.approx(2 / 3)
    assert [record.text for record in records] == ["<think>\n" + text for text in written]
    assert [record.tokens for record in records] == [2, 2, 2]
    answers = [Completion(record.text, record.tokens) for record in records]
    assert [strict(answer, example()) for answer in answers] == [True, True, False]


def test_thinking_that_trl_parsed_out_is_not_opened_twice() -> None:
    message = {"role": "assistant", "reasoning_content": "40 + 2", "content": "\\boxed{42}"}
    assert text_of([message], "<think>\n") == "<think>40 + 2</think>\\boxed{42}"


def test_totals_metrics_and_records() -> None:
    records: list[Rollout] = []
    composer = Composer(MATH)
    adapter = TrlReward(composer, [example()], eos_ids=(EOS,), on_batch=records.extend)
    chat = [[{"role": "assistant", "content": text}] for text in (RIGHT, WRONG, "<answer>42")]
    totals, metrics = call(adapter, chat, [[5, 6, EOS], [5, EOS], [5, 6, 7]])
    assert totals == [pytest.approx(1.1), 0.0, 0.0]
    assert metrics == {
        "rewards/accuracy/mean": pytest.approx(1 / 3),
        "rewards/accuracy/std": pytest.approx(3**-0.5),
        "rewards/accuracy/share_paid": pytest.approx(1 / 3),
        "rewards/format/mean": pytest.approx(2 / 3),
        "rewards/format/std": pytest.approx(3**-0.5),
        "rewards/format/share_paid": pytest.approx(1 / 3),
        "rewards/share_thinking": pytest.approx(2 / 3),
        "verdict/correct": pytest.approx(1 / 3),
        "verdict/wrong": pytest.approx(1 / 3),
        "verdict/unparsable": pytest.approx(1 / 3),
        "verdict/timeout": 0.0,
        "verdict/bad_gold": 0.0,
    }
    assert [record.finish for record in records] == ["stop", "stop", "length"]
    assert json.loads(json.dumps(rollout_row(records[0]))) == {
        "step": 1,
        "id": "row-1",
        "task": "math",
        "question": example().prompt[-1]["content"],
        "gold": example().answer,
        "text": RIGHT,
        "tokens": 3,
        "finish": "stop",
        "parts": {"accuracy": 1.0, "format": 1.0},
        "total": pytest.approx(1.1),
        "verdict": "correct",
        "reason": composer.score(Completion(RIGHT, 3), example()).reason,
        "answer": "42",
        "group": 0,
        "advantage": None,
    }


def test_a_term_that_applies_to_no_row_logs_no_mean() -> None:
    adapter = TrlReward(Composer(MATH), [example(task="code")], eos_ids=(EOS,))
    totals, metrics = call(adapter, [RIGHT], [[EOS]])
    assert totals == [None]
    assert metrics == {
        "rewards/format/mean": 1.0,
        "rewards/format/std": 0.0,
        "rewards/format/share_paid": 0.0,
        "rewards/share_thinking": 1.0,
    }


def test_an_empty_completion_is_cut_off_not_an_error() -> None:
    adapter = TrlReward(Composer(MATH), [example()], eos_ids=(EOS,))
    assert call(adapter, [""], [[]])[0] == [0.0]


def test_it_is_picklable_and_named_total() -> None:
    adapter = TrlReward(Composer(MATH), [example()], eos_ids=(EOS,))
    again = pickle.loads(pickle.dumps(adapter))
    assert again.__name__ == "total"
    assert call(again, [RIGHT], [[EOS]]) == call(adapter, [RIGHT], [[EOS]])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain", "plain"),
        ([{"role": "assistant", "content": "chat"}], "chat"),
        ([{"role": "assistant", "content": None}], ""),
        (
            [{"role": "assistant", "reasoning_content": "hm", "content": "<answer>1</answer>"}],
            "<think>hm</think><answer>1</answer>",
        ),
    ],
)
def test_the_text_of_what_trl_hands_over(written: Any, text: str) -> None:
    assert text_of(written) == text


def toy_trainer(
    setting: Reward,
    folder: Path,
    records: list[Rollout],
    scale: Advantages = "group",
    group: int = 16,
    **more: Any,
) -> Any:
    """A GRPOTrainer on a random Qwen2 model of two layers that writes digits and tags."""
    from datasets import Dataset
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed
    from trl import GRPOConfig, GRPOTrainer

    set_seed(0)
    words = ["<pad>", "<unk>", "<eos>", "<answer>", "</answer>", "<think>", "</think>"]
    words += list("0123456789")
    core = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<unk>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex(r"</?\w+>|\d"), "isolated")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            pad_token_id=0,
            eos_token_id=EOS,
            bos_token_id=None,
        )
    )
    adapter = TrlReward(
        Composer(setting),
        [example("7")],
        eos_ids=(EOS,),
        on_batch=records.extend,
        group_size=group,
        scale=scale,
    )
    return GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=[adapter],
        args=GRPOConfig(
            output_dir=str(folder),
            max_steps=1,
            per_device_train_batch_size=16,
            num_generations=group,
            scale_rewards=scale,
            max_completion_length=6,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            bf16=False,
            activation_checkpointing=False,
            disable_tqdm=True,
            remove_unused_columns=False,
            **more,
        ),
        train_dataset=Dataset.from_dict({"prompt": ["12"] * 8, "example_index": [0] * 8}),
    )


def test_a_real_trainer_logs_each_term_and_never_counts_a_missing_one_as_0(
    mine: str, tmp_path: Path
) -> None:
    records: list[Rollout] = []
    setting = reward(
        accuracy={**ACCURACY, "weight": 0.0},
        half=term(f"{mine}:half", 1.0),
        sometimes=term(f"{mine}:sometimes", 3.0),
    )
    trainer = toy_trainer(setting, tmp_path / "out", records)
    trainer.train()
    logged = trainer.state.log_history[0]
    missing = [r for r in records if r.parts["sometimes"] is None]
    assert 0 < len(missing) < len(records) == 16, "the seed must give both kinds"
    assert {r.total for r in missing} == {2.0}, "0.5 with the weight of both terms"
    assert {r.total for r in records if r not in missing} == {3.5}
    mean = sum(r.total for r in records) / 16
    assert logged["rewards/total/mean"] == pytest.approx(mean)
    assert logged["reward"] == pytest.approx(mean)
    assert logged["rewards/half/mean"] == 0.5
    assert logged["rewards/sometimes/mean"] == 1.0, "over the rows it applies to"
    assert logged["rewards/accuracy/mean"] == sum(r.verdict == "correct" for r in records) / 16
    assert 0 <= logged["rewards/share_thinking"] <= 1
    shares = [value for key, value in logged.items() if key.startswith("verdict/")]
    assert len(shares) == 5
    assert sum(shares) == pytest.approx(1.0)
    assert {r.finish for r in records} <= {"stop", "length"}
    assert {r.step for r in records} == {1}


def test_a_reward_that_raises_stops_the_training(mine: str, tmp_path: Path) -> None:
    trainer = toy_trainer(reward(mine=term(f"{mine}:raises")), tmp_path / "out", [])
    with pytest.raises(RewardError, match=r"reward\.terms\.mine.*KeyError\('score'\)"):
        trainer.train()
    assert trainer.state.global_step == 0


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_stored_advantages_are_trls_own(mine: str, tmp_path: Path, scale: Advantages) -> None:
    records: list[Rollout] = []
    setting = reward(many=term(f"{mine}:many_values"), half=term(f"{mine}:half", 0.0))
    trainer = toy_trainer(setting, tmp_path / "out", records, scale, group=4)
    trainer.train()
    assert [record.group for record in records] == [n for n in range(4) for _ in range(4)]
    unscored = [record for record in records if record.total is None]
    assert 0 < len(unscored) < 16, "the seed must give both kinds"
    assert {record.advantage for record in unscored} == {None}
    stored = [record.advantage or 0.0 for record in records]
    assert len({round(value, 6) for value in stored}) > 4
    assert stored == pytest.approx(list(trainer._logs["advantages"]), rel=1e-4, abs=1e-5)


def test_batches_of_one_step_number_their_groups_on(mine: str, tmp_path: Path) -> None:
    records: list[Rollout] = []
    trainer = toy_trainer(
        reward(half=term(f"{mine}:half")),
        tmp_path / "out",
        records,
        group=8,
        gradient_accumulation_steps=2,
        steps_per_generation=1,
    )
    trainer.train()
    assert {record.step for record in records} == {1}
    assert [record.group for record in records] == [n for n in range(4) for _ in range(8)]


def test_a_group_term_in_a_real_trainer(mine: str, tmp_path: Path) -> None:
    records: list[Rollout] = []
    setting = reward(shortest=term(f"{mine}:shortest"))
    toy_trainer(setting, tmp_path / "out", records, group=4).train()
    for group in range(4):
        rows = [record for record in records if record.group == group]
        least = min(row.tokens for row in rows)
        assert [row.total for row in rows] == [float(row.tokens == least) for row in rows]


def test_a_rank_knows_the_advantages_of_its_own_rows(mine: str) -> None:
    """Two ranks of three rows, groups of two: the middle group is cut in two."""
    totals: list[float | None] = [1.0, 0.0, 0.5, 1.0, 0.0, 1.0]
    for rank in (0, 1):
        records: list[Rollout] = []
        adapter = TrlReward(
            Composer(reward(half=term(f"{mine}:half"))),
            [example()],
            eos_ids=(EOS,),
            on_batch=records.extend,
            group_size=2,
            scale="none",
            rank=rank,
            gather=lambda mine: totals,
        )
        call(adapter, [RIGHT] * 3, [[EOS]] * 3)
        assert [r.group for r in records] == ([0, 0, 1], [1, 2, 2])[rank]
        assert [r.advantage for r in records] == ([0.5, -0.5, -0.25], [0.25, -0.5, 0.5])[rank]
        # The next batch of the step: numbered on from the groups of both ranks.
        call(adapter, [RIGHT] * 3, [[EOS]] * 3)
        assert [r.group for r in records[3:]] == ([3, 3, 4], [4, 5, 5])[rank]

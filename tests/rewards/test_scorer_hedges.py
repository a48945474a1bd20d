"""reasoning-gym's scorers pay for answers that merely hold the gold; the lab's term does not."""

import pytest

from reasoning_lab.data.scoring import score
from reasoning_lab.rewards.scorer import scorer
from rewards.rows import drawn, wrote

# Tasks whose own scorer pays at least one of the hedges below, from a few letters' worth to all.
PAYING = [
    *("chain_sum", "basic_arithmetic", "gcd", "lcm", "products", "spell_backward", "gsm_symbolic"),
    *("game_of_life_halting", "fraction_simplification", "knights_knaves", "base_conversion"),
    *("caesar_cipher", "letter_counting", "polynomial_equations", "survo", "sokoban"),
]
HEDGES = ("{gold} or 7", "not {gold}", "7, {gold}", "{gold} and {gold}0")


@pytest.mark.parametrize("task", PAYING)
def test_hedges_earn_nothing_and_the_gold_everything(task: str) -> None:
    (example,) = drawn(task)
    hedges = [hedge.format(gold=example.answer) for hedge in HEDGES]
    assert any(score(hedge, example) > 0 for hedge in hedges), "the task itself pays none of them"
    assert [scorer(wrote(f"<answer>{hedge}</answer>"), example) for hedge in hedges] == [0.0] * 4
    assert scorer(wrote(f"<answer>{example.answer}</answer>"), example) == 1.0


@pytest.mark.parametrize("spelling", ["{gold}.0", "+{gold}", "{gold}.00", "0{gold}"])
def test_other_spellings_that_the_task_pays_in_full_still_count(spelling: str) -> None:
    example = next(each for each in drawn("chain_sum", 20) if int(each.answer) > 0)
    answer = spelling.format(gold=example.answer)
    assert score(answer, example) == 1.0, "the task's scorer finds it equal"
    assert scorer(wrote(f"<answer>{answer}</answer>"), example) == 1.0

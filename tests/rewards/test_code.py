"""The place of the code term: rows with tests are refused, and nothing is ever run."""

from __future__ import annotations

import pytest

from reasoning_lab.errors import DataError, SandboxError
from reasoning_lab.rewards.code import code
from reasoning_lab.rewards.compose import Composer
from rewards.rows import ACCURACY, RIGHT, example, reward, term, wrote

TESTED = example(task="code", tests=({"input": "1", "output": "2"},))
CODE = term("reasoning_lab.rewards.code:code")


def test_a_row_with_tests_is_refused_when_the_data_is_loaded() -> None:
    with pytest.raises(DataError, match=r"model-written code cannot be run yet.*'row-1'") as caught:
        Composer(reward(accuracy=ACCURACY, code=CODE)).check([example(), TESTED])
    assert "reward.terms.code" in str(caught.value)


def test_a_row_without_tests_is_another_terms_business() -> None:
    assert code(wrote(RIGHT), example()) is None
    Composer(reward(accuracy=ACCURACY, code=CODE)).check([example()])
    with pytest.raises(DataError, match="the row has no tests"):
        Composer(reward(code=CODE)).check([example(task="code")])


def test_a_program_that_was_not_run_is_neither_right_nor_wrong() -> None:
    with pytest.raises(SandboxError, match="cannot be run yet"):
        Composer(reward(code=CODE)).score(wrote("```python\nimport os\n```"), TESTED)

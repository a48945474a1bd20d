"""Does it think when told to, and not when told not to?"""

import pytest

from reasoning_lab.errors import DataError
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.mode import asked_to_think, mode
from reasoning_lab.text.example import Example
from rewards.rows import RIGHT, example, reward, term, wrote


def asked(*turns: tuple[str, str]) -> Example:
    return example(prompt=tuple({"role": role, "content": said} for role, said in turns))


THINK = asked(("system", "/think"), ("user", "What is 6 * 7?"))
DIRECT = asked(("system", "Be brief.\n/no_think"), ("user", "What is 6 * 7?"))


@pytest.mark.parametrize(
    ("row", "thinking"),
    [
        (THINK, True),
        (DIRECT, False),
        (example(), None),
        (asked(("system", "Reason step by step. /think"), ("user", "Hi")), True),
        (asked(("user", "What is 6 * 7? /no_think")), False),
        (asked(("system", "/think"), ("user", "What is 6 * 7? /no_think")), False),
        (asked(("user", "/no_think 1"), ("assistant", "/no_think"), ("user", "/think 2")), True),
        (asked(("user", "list the folder /think/of/it")), None),
        (asked(("user", "say </think>")), None),
    ],
)
def test_what_a_prompt_asks_for(row: Example, thinking: bool | None) -> None:
    assert asked_to_think(row) is thinking


@pytest.mark.parametrize(
    ("row", "text", "value", "why"),
    [
        (THINK, RIGHT, 1.0, ""),
        (THINK, "<think>a</think>b", 1.0, "an answer without tags is an answer"),
        (THINK, "<answer>42</answer>", 0.0, "did not think"),
        (THINK, "<think></think><answer>42</answer>", 0.0, "thought nothing"),
        (THINK, "<think>...</think><answer>42</answer>", 0.0, "thought nothing"),
        (THINK, "<think>a", 0.0, "never stopped"),
        (THINK, "<think>a</think>", 0.0, "said nothing"),
        (THINK, "a</think>b", 0.0, "never opened"),
        (DIRECT, "<answer>42</answer>", 1.0, ""),
        (DIRECT, "42", 1.0, ""),
        (DIRECT, "<think>\n\n</think>\n\n<answer>42</answer>", 1.0, "as templates put it there"),
        (DIRECT, RIGHT, 0.0, "thought"),
        (DIRECT, "<think>a", 0.0, ""),
        (DIRECT, "", 0.0, "said nothing"),
        (example(), RIGHT, None, "asked for neither"),
    ],
)
def test_mode(row: Example, text: str, value: float | None, why: str) -> None:
    assert mode(wrote(text), row) == value, why


def test_rows_without_a_marker_are_refused_where_it_is_the_only_term() -> None:
    composer = Composer(reward(mode=term("reasoning_lab.rewards.mode:mode")))
    composer.check([THINK, DIRECT])
    with pytest.raises(DataError, match="neither /think nor /no_think"):
        composer.check([example()])

"""System prompts and markers share one system turn."""

import pytest

from reasoning_lab.rewards.mode import asked_to_think
from reasoning_lab.text.example import Example, Message
from reasoning_lab.text.prompts import with_mode, with_system

USER: Message = {"role": "user", "content": "1 + 1 ="}
MARK: Message = {"role": "system", "content": "/think"}


@pytest.mark.parametrize(
    ("prompt", "system", "expected"),
    [
        ((USER,), None, (USER,)),
        ((USER,), "  ", (USER,)),
        ((MARK, USER), None, (MARK, USER)),
        ((USER,), "Be brief.", ({"role": "system", "content": "Be brief."}, USER)),
        ((MARK, USER), "Be brief.", ({"role": "system", "content": "Be brief.\n/think"}, USER)),
    ],
)
def test_with_system(
    prompt: tuple[Message, ...], system: str | None, expected: tuple[Message, ...]
) -> None:
    before = Example("a", prompt, "2", trace="1 + 1 = 2")
    after = with_system(before, system)
    assert after.prompt == expected
    assert (after.id, after.answer, after.trace, before.prompt) == ("a", "2", "1 + 1 = 2", prompt)


NOT: Message = {"role": "system", "content": "/no_think"}


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ((USER,), (MARK, USER)),
        ((MARK, USER), (MARK, USER)),
        ((NOT, USER), (MARK, USER)),
        (({"role": "user", "content": "1 + 1 = /no_think"},), (MARK, USER)),
        (
            ({"role": "system", "content": "Be brief.\n/no_think"}, USER),
            ({"role": "system", "content": "Be brief.\n/think"}, USER),
        ),
        (
            (USER, {"role": "assistant", "content": "/no_think 3"}, USER),
            (MARK, USER, {"role": "assistant", "content": "/no_think 3"}, USER),
        ),
        (
            ({"role": "user", "content": "is a/think b\n  or c?"},),
            (MARK, {"role": "user", "content": "is a/think b\n  or c?"}),
        ),
    ],
)
def test_a_mode_is_asked_for_once(
    prompt: tuple[Message, ...], expected: tuple[Message, ...]
) -> None:
    before = Example("a", prompt, "2")
    assert with_mode(before, None) is before
    after = with_mode(before, "think")
    assert after.prompt == expected
    assert asked_to_think(after) is True
    assert asked_to_think(with_mode(after, "no_think")) is False

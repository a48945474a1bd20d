"""System prompts and markers share one system turn."""

import pytest

from reasoning_lab.text.example import Example, Message
from reasoning_lab.text.prompts import with_system

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

"""The tag count: what each tag pays, and that spam pays nothing."""

import pytest

from reasoning_lab.rewards.tag_count import tag_count
from rewards.rows import RIGHT, example, wrote


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        (RIGHT, 1.0, ""),
        ("", 0.0, ""),
        ("<think>", 0.25, ""),
        ("<think>a</think>b", 0.5, ""),
        ("<think>a</think><answer>b", 0.75, "cut off"),
        ("a</think><answer>b</answer>", 0.75, "the template may have opened it"),
        ("<answer>b</answer>", 0.5, ""),
        ("<answer>b</answer><think>a</think>", 0.5, "the wrong way round"),
        ("</answer><answer></think><think>", 0.25, "all the wrong way round"),
        ("<think>" * 100, 0.0, "repeated"),
        (RIGHT * 2, 0.0, "everything twice"),
        ("<think><think>a</think><answer>b</answer>", 0.75, "one repeated"),
        ("<Think>a</THINK>< answer>b</ answer>", 0.0, "tags are exact"),
        ("<think></think><answer></answer>", 1.0, "what is between them is not looked at"),
    ],
)
def test_tag_count(text: str, value: float, why: str) -> None:
    assert tag_count(wrote(text), example()) == value, why

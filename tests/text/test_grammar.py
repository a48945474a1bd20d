"""The grammar on well-formed, broken and hostile text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.text.grammar import Fault, boxed, parse, render, thinks

F = Fault
CASES: list[tuple[str, str | None, str | None, bool, set[Fault]]] = [
    # text, thinking, answer, thinks, faults
    ("<answer>9</answer>", None, "9", False, set()),
    ("<think>a</think><answer>9</answer>", "a", "9", True, set()),
    (" \n<think>\na\n</think>\n so <answer> 9 </answer>.\n", "a", "9", True, set()),
    ("<think></think><answer>9</answer>", "", "9", False, set()),
    ("<think> \n </think><answer>9</answer>", "", "9", False, set()),
    ("hm <think>a</think><answer>9</answer>", "a", "9", True, {F.TEXT_BEFORE_THINK}),
    # nothing said while thinking is an answer
    ("<think>a <answer>9</answer>", None, None, False,
     {F.THINK_UNCLOSED, F.ANSWER_IN_THINK, F.ANSWER_MISSING}),
    ("<think>a <answer>9</answer></think>", "a <answer>9</answer>", None, False,
     {F.ANSWER_IN_THINK, F.ANSWER_MISSING}),
    ("<think>a <answer>8</answer></think><answer>9</answer>", "a <answer>8</answer>", "9", True,
     {F.ANSWER_IN_THINK}),
    ("<answer>9</answer><think>a</think>", "a", None, False,
     {F.ANSWER_BEFORE_THINK, F.TEXT_BEFORE_THINK, F.ANSWER_MISSING}),
    ("<answer>8</answer><think>a</think><answer>9</answer>", "a", "9", False,
     {F.ANSWER_BEFORE_THINK, F.TEXT_BEFORE_THINK}),
    # doubled, nested, reversed, unopened
    ("<think><think>a</think></think><answer>9</answer>", "<think>a</think>", "9", True,
     {F.THINK_REPEATED}),
    ("<think>a</think><think>b</think><answer>9</answer>", "a</think><think>b", "9", True,
     {F.THINK_REPEATED}),
    ("<think>a</think><answer>9</answer><think>b", None, None, False,
     {F.THINK_UNCLOSED, F.THINK_REPEATED, F.ANSWER_IN_THINK, F.ANSWER_MISSING}),
    ("</think>a<think><answer>9</answer>", None, None, False,
     {F.THINK_UNCLOSED, F.THINK_UNOPENED, F.ANSWER_IN_THINK, F.ANSWER_MISSING}),
    ("a</think><answer>9</answer>", None, "9", False, {F.THINK_UNOPENED}),
    # the answer's own tags
    ("", None, None, False, {F.ANSWER_MISSING}),
    ("9", None, None, False, {F.ANSWER_MISSING}),
    ("<answer>9", None, None, False, {F.ANSWER_UNCLOSED}),
    ("9</answer>", None, None, False, {F.ANSWER_UNCLOSED}),
    ("<answer><answer>9</answer></answer>", None, "9", False, {F.ANSWER_UNCLOSED}),
    ("<answer> </answer>", None, None, False, {F.ANSWER_EMPTY}),
    ("<answer>8</answer><answer>9</answer>", None, None, False, {F.ANSWER_AMBIGUOUS}),
    ("<answer>9</answer><answer> 9</answer>", None, "9", False, {F.ANSWER_REPEATED}),
    ("<answer>9</answer><answer>", None, "9", False, {F.ANSWER_UNCLOSED}),
    # look-alikes are text
    ("<Think>a</Think><answer>9</answer>", None, "9", False, set()),
    ("< think>a</ think><answer >8</answer ><answer>9</answer>", None, "9", False, set()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "thinking", "answer", "does_think", "faults"), CASES)
def test_table(
    text: str, thinking: str | None, answer: str | None, does_think: bool, faults: set[Fault]
) -> None:
    parsed = parse(text)
    assert (parsed.thinking, parsed.answer, set(parsed.faults)) == (thinking, answer, faults)
    assert parsed.well_formed is (not faults)
    assert thinks(text) is does_think


PLAIN = st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), min_size=1)


@given(st.none() | PLAIN, PLAIN)
def test_render_and_parse_agree(trace: str | None, answer: str) -> None:
    parsed = parse(render(trace, answer))
    assert parsed.thinking == (trace if trace is None else trace.strip())
    assert parsed.answer == (answer.strip() or None)
    assert parsed.well_formed is bool(answer.strip())


PIECES = st.lists(
    st.sampled_from(["<think>", "</think>", "<answer>", "</answer>", "7", "8", " ", "\n", "<", ">"])
)


@given(PIECES)
def test_no_answer_from_inside_thinking(pieces: list[str]) -> None:
    text = "".join(pieces)
    parsed = parse(text)
    assert text.endswith(parsed.after)
    assert "<think>" not in parsed.after
    assert "</think>" not in parsed.after
    assert parsed.answer is None or parsed.answer in parsed.after
    assert parsed.well_formed <= (parsed.answer is not None)
    assert thinks(text) <= bool(parsed.thinking)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\boxed{42}", ["42"]),
        (r"$\boxed {42}$ and \boxed{7}", ["42", "7"]),
        (r"\boxed{\frac{1}{2}}", [r"\frac{1}{2}"]),
        (r"\boxed{\{1, 2\}}", [r"\{1, 2\}"]),
        (r"{\boxed{1}}}} \boxed{2}", ["1", "2"]),
        (r"\boxed{\boxed{1}}", [r"\boxed{1}"]),
        (r"\boxed{1 \boxed{2}", ["2"]),
        (r"\boxed{3", []),
        (r"\boxed 3", []),
        (r"\boxed{}", [""]),
        ("", []),
    ],
)
def test_boxed(text: str, expected: list[str]) -> None:
    assert boxed(text) == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    ["<think>", "</think>", "<answer>", "<answer></answer>", "<", "\\boxed{", "\\boxed", "{", "}",
     "\\", " ", "<answer>1", "\\boxed{}", "\\boxed ", "</answer><answer>", "<think><answer>"],
)  # fmt: skip
def test_a_megabyte_of_hostile_text(unit: str) -> None:
    text = unit * (1_000_000 // len(unit)) + "}" * 100_000 + "</think><answer>9</answer>"
    assert isinstance(parse(text).well_formed, bool)
    assert all(box in text for box in boxed(text)[:10])

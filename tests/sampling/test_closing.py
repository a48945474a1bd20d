from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing import params

from reasoning_lab.sampling.closing import CLOSING, Watch, stop_place, thinking_open

PIECES = st.sampled_from(["<think>", "</think>", "a", "b", "\n", "\n\n", "ab", "<", "é", "Q"])
TEXTS = st.lists(PIECES, max_size=14).map("".join)
STOPS = st.lists(st.sampled_from(["\n\n", "ab", "Q", "aa", "b"]), max_size=3, unique=True)

CASES = [
    ("a\n\nb", ["\n\n"], (1, "\n\n")),
    ("<think>a\n\nb", ["\n\n"], None),
    ("<think>a\n\n</think>b", ["\n\n"], None),
    ("<think>a\n\n</think>b\n\n", ["\n\n"], (19, "\n\n")),
    ("<think>\n</think>\n\nx", ["\n\n"], (16, "\n\n")),
    ("one <think>two", ["two", "one"], (0, "one")),
    ("abc", ["bc", "c"], (1, "bc")),
    ("abcd", ["abcd", "bc"], (1, "bc")),
    ("plain", [], None),
]


@pytest.mark.parametrize(("text", "stops", "place"), CASES)
def test_a_stop_counts_outside_of_thinking_alone(
    text: str, stops: list[str], place: tuple[int, str] | None
) -> None:
    assert stop_place(text, stops) == place


@given(TEXTS, STOPS)
def test_what_stays_has_no_stop_outside_of_thinking(text: str, stops: list[str]) -> None:
    place = stop_place(text, stops)
    kept = text if place is None else text[: place[0]]
    outside = kept
    while "<think>" in outside:
        before, _, rest = outside.partition("<think>")
        outside = before + "\0" + rest.partition("</think>")[2]
    assert not any(stop in outside for stop in stops)


@given(TEXTS, STOPS)
def test_within_thinking_nothing_stops(text: str, stops: list[str]) -> None:
    inner = text.replace("<think>", "").replace("</think>", "")
    assert stop_place(f"<think>{inner}", stops) is None
    assert stop_place(f"<think>{inner}</think>", stops) is None


def watching(text: str, size: int, opening: str = "", **changes: object) -> tuple[Watch, list[str]]:
    """A watch over a text whose tokens are `size` characters each, and those characters."""
    tokens = [text[start : start + size] for start in range(0, len(text), size)]
    closing = [len(tokens) + place for place in range(len(CLOSING))]
    known = [*tokens, *CLOSING]
    watch = Watch(lambda ids: "".join(known[i] for i in ids), opening, params(**changes), closing)
    return watch, known


@given(TEXTS, STOPS, st.integers(1, 4))
def test_a_stop_fires_with_the_token_that_completes_it(
    text: str, stops: list[str], size: int
) -> None:
    watch, tokens = watching(text, size, stop=tuple(stops))
    count = -(-len(text) // size)
    fired = [watch.told(token) for token in range(count)]
    first = next(
        (
            place
            for place, so_far in enumerate(accumulate(tokens[:count]))
            if stop_place(so_far, stops) is not None
        ),
        None,
    )
    assert (fired.index(True) if True in fired else None) == first


BUDGETS = [
    ("<think>", 0, 0),  # opened by the prompt, and no budget at all
    ("<think>", 3, 3),
    ("", 0, None),  # it never thinks
    ("", 5, None),
]


@pytest.mark.parametrize(("opening", "budget", "at"), BUDGETS)
def test_thinking_is_closed_when_its_budget_is_spent(
    opening: str, budget: int, at: int | None
) -> None:
    watch, _ = watching("abcdefgh", 1, opening, max_think_tokens=budget)
    forced_at = next(
        (place for place in range(8) if watch.forced or watch.told(place) or False), None
    )
    assert forced_at == at
    if at is None:
        return
    while watch.forced:
        watch.told(watch.forced.pop(0))
    assert watch.text == opening + "abcdefgh"[:at] + CLOSING
    assert not thinking_open(watch.text)


def test_a_block_that_the_model_opens_is_counted_from_there() -> None:
    watch, _ = watching("xx<think>abcdef", 1, max_think_tokens=2)
    told = 0
    while not watch.forced:
        watch.told(told)
        told += 1
    assert watch.text == "xx<think>ab"


def test_thinking_that_closes_in_time_is_left_alone() -> None:
    text = "<think>ab</think>cdefghijkl"
    watch, _ = watching(text, 1, max_think_tokens=12)
    for token in range(len(text)):
        assert not watch.told(token)
        assert not watch.forced
    assert watch.text == text


def test_characters_of_several_tokens_are_read_whole() -> None:
    parts = {1: b"\xc3", 2: b"\xa9", 3: b"!"}
    watch = Watch(
        lambda ids: b"".join(parts[i] for i in ids).decode(errors="replace"),
        "",
        params(stop=("é!",)),
        [],
    )
    assert [watch.told(token) for token in (3, 1, 2, 3)] == [False, False, False, True]
    assert watch.text == "!é!"

"""Tag count: partial credit for each tag of the format."""

from reasoning_lab.rewards.format import TAGS
from reasoning_lab.rewards.term import within
from reasoning_lab.text.example import Completion, Example


@within(0.0, 1.0)
def tag_count(completion: Completion, example: Example) -> float:
    """(Number of tags that stand exactly once and in their place) / 4.

    In its place is a tag that stands after those of the order `<think>`, `</think>`, `<answer>`,
    `</answer>` which were counted before it. A tag that is repeated counts nothing, so more tags
    never pay more. What stands between the tags is not looked at: gate this term. Range [0, 1].
    Source: open-r1's tag count reward, which has no order.
    """
    text, last, counted = completion.text, -1, 0
    for tag in TAGS:
        place = text.find(tag)
        if place > last and text.find(tag, place + 1) < 0:
            last = place
            counted += 1
    return counted / len(TAGS)

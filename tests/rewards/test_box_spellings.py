r"""Boxes without braces and `\fbox`, as older solutions write them: one sign, or no answer."""

import pytest

from reasoning_lab.judges.math.verify import verify
from reasoning_lab.text.example import Verdict


@pytest.mark.parametrize(
    ("completion", "verdict"),
    [
        (r"so \boxed 5", Verdict.CORRECT),
        (r"\boxed5", Verdict.CORRECT),
        (r"so $\boxed 5$.", Verdict.CORRECT),
        (r"\fbox{5}", Verdict.CORRECT),
        (r"\boxed 6", Verdict.WRONG),
        (r"\boxed 52", Verdict.UNPARSABLE),  # TeX boxes the 5 alone: not what was meant
        (r"\boxed 5.5", Verdict.UNPARSABLE),
        (r"\boxed 5^2", Verdict.UNPARSABLE),
        (r"\boxed 5/2", Verdict.UNPARSABLE),
        (r"\boxed 4 or \boxed{5}", Verdict.WRONG),
        (r"\fbox{4} or \boxed{5}", Verdict.WRONG),
        (r"\boxed{5} or \fbox 4", Verdict.WRONG),
        (r"\boxed 5 \boxed{", Verdict.UNPARSABLE),
        (r"<think>\boxed 5</think>", Verdict.UNPARSABLE),
        (r"<think>x</think>\boxed 4<think>y</think>\boxed 5", Verdict.WRONG),
    ],
)
def test_what_a_box_without_braces_says(completion: str, verdict: Verdict) -> None:
    assert verify(completion, "5").verdict is verdict

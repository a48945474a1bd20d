"""reasoning_lab: train language models to reason, from a laptop CPU to a cluster.

Run `python -m reasoning_lab --help`. Importing this package never imports torch.

Judges of what a model wrote, for use anywhere:

>>> bool(verify_math("<think>1 + 3 = 4</think> <answer>4</answer>", gold=4))
True
>>> judge_math("<answer>41</answer>", "42").reason
'another number'
>>> tests = [{"type": "call", "fn": "f", "args": [2], "expected": 4}]
>>> judge_code("def f(x): return 2 * x", tests).share
1.0

`generate_and_filter(model, problems)` samples a model and gives its verified completions, as
`stage=reject` keeps them.

`verify_math` gives a Verdict, `judge_math` a Judged with the reason in words; `judge_code` gives a
CodeResult, and takes Limits. Each has a `_batch` form for many at once; `program_of(completion)` is
the program of a completion.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reasoning_lab.api import generate_and_filter
    from reasoning_lab.judges.code.judging import (
        CodeResult,
        Limits,
        judge_code,
        judge_code_batch,
        program_of,
    )
    from reasoning_lab.judges.math.judging import (
        Judged,
        Verdict,
        judge_math,
        judge_math_batch,
        verify_math,
        verify_math_batch,
    )

__version__ = "0.1.0"
__all__ = [
    "CodeResult",
    "Judged",
    "Limits",
    "Verdict",
    "generate_and_filter",
    "judge_code",
    "judge_code_batch",
    "judge_math",
    "judge_math_batch",
    "program_of",
    "verify_math",
    "verify_math_batch",
]


def __dir__() -> list[str]:
    """The names of `__all__` too, so that `help(reasoning_lab)` and completion find them."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """The names of `__all__`, imported when first asked for: `--help` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "generate_and_filter":
        from reasoning_lab import api

        return getattr(api, name)
    if name in ("CodeResult", "Limits", "judge_code", "judge_code_batch", "program_of"):
        from reasoning_lab.judges.code import judging as judging_code

        return getattr(judging_code, name)
    from reasoning_lab.judges.math import judging

    return getattr(judging, name)

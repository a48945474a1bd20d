"""reasoning_lab: train language models to reason, from a laptop CPU to a cluster.

Run `python -m reasoning_lab --help`. Importing this package never imports torch.

The verifier of mathematical answers is at hand as `verify_math(completion, gold)` (a `Verdict`),
`judge_math` (with its reason), and `verify_math_batch` and `judge_math_batch` over pairs; the judge
of programs as `judge_code(program, tests)` (a `CodeResult`) and `judge_code_batch`, and what it
takes for the program of a completion as `program_of(completion)`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    "judge_code",
    "judge_code_batch",
    "judge_math",
    "judge_math_batch",
    "program_of",
    "verify_math",
    "verify_math_batch",
]


def __getattr__(name: str) -> Any:
    """The names of `__all__`, imported when first asked for: `--help` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("CodeResult", "Limits", "judge_code", "judge_code_batch", "program_of"):
        from reasoning_lab.judges.code import judging as judging_code

        return getattr(judging_code, name)
    from reasoning_lab.judges.math import judging

    return getattr(judging, name)

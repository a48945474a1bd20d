"""Notice in the first steps of a reinforcement that nothing can be learned, and say the cure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

from reasoning_lab.report.run.advice import cause
from reasoning_lab.report.text.words import counted, percent

STEPS = 5
"""Logged steps that are looked at."""
SILENT = 0.95
"""Mean share of groups paid alike from which on the first steps teach nothing."""
_ALIKE = "train/frac_reward_zero_std"
_SEEN = {
    "right": "train/verdict/correct",
    "unparsable": "train/verdict/unparsable",
    "cut_off": "train/completions/clipped_ratio",
}


@dataclass
class EarlySignal:
    """Told of each logged step; what it says, once, is for the screen.

    `first_step` is where the run begins. One that resumes after its first steps is not looked at,
    nor is one that has no groups (None).
    """

    first_step: int | None = 0
    _rows: list[dict[str, float]] = field(default_factory=list)

    def __call__(self, metrics: Mapping[str, float]) -> str:
        """A sentence with the cure after the last of the first steps, or "" otherwise."""
        if self.first_step != 0 or len(self._rows) >= STEPS or _ALIKE not in metrics:
            return ""
        self._rows.append(dict(metrics))
        if len(self._rows) < STEPS or self._mean(_ALIKE) < SILENT:
            return ""
        seen = {name: self._mean(key) for name, key in _SEEN.items()}
        why = (
            cause(**seen, ever_right=seen["right"], limit_key="stage.max_completion_length")
            or "choose other problems, or raise stage.num_generations"
        )
        alike = f"in the first {counted(STEPS, 'step')} {percent(self._mean(_ALIKE))} of the groups"
        return f"{alike} were paid alike and taught nothing; {why}"

    def _mean(self, key: str) -> float:
        return fmean(row.get(key, 0.0) for row in self._rows)

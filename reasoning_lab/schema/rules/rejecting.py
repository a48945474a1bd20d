"""Rules of rejection sampling."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reasoning_lab.errors import Problem
from reasoning_lab.schema.own_tasks import TINY_CODE
from reasoning_lab.schema.rules.table import rule

KEEP, LOOKS, SAMPLES = "stage.keep", "stage.looks", "stage.samples"


@rule(LOOKS, SAMPLES)
def looks_grow(looks: Sequence[int], samples: int) -> Iterator[Problem]:
    """A problem is looked at after more and more samples."""
    if any(one >= other for one, other in pairwise(looks)):
        right = sorted({look for look in looks if look < samples})
        yield Problem(LOOKS, f"must grow, got {list(looks)}", f"use '{LOOKS}={right}'")


@rule(KEEP, SAMPLES)
def enough_to_keep(keep: int, samples: int) -> Iterator[Problem]:
    """No more can be kept of a problem than is sampled of it."""
    if keep > samples:
        what = f"keeps {keep} of each problem, of which at most {samples} are sampled"
        yield Problem(KEEP, what, f"use {KEEP}={samples} or {SAMPLES}={keep}")


@rule("stage.kind", "stage.problems", "data.train_size")
def enough_problems(stage: str, problems: int | None, size: int | None) -> Iterator[Problem]:
    """No more problems can be asked than there are to train on."""
    if stage == "reject" and problems is not None and size is not None and problems > size:
        what = f"asks for {problems:,} problems, there are {size:,} to train on"
        yield Problem("stage.problems", what, f"use stage.problems={size}, or null for all of them")


@rule("stage.kind", "stage.temperature", SAMPLES)
def greedy_samples_are_alike(stage: str, temperature: float, samples: int) -> Iterator[Problem]:
    """The likeliest completion is one completion, however often it is asked for."""
    if stage == "reject" and temperature == 0 and samples > 1:
        what = f"{samples} samples at temperature 0 are {samples} times the same"
        yield Problem(SAMPLES, what, f"use {SAMPLES}=1, or stage.temperature=0.7")


@rule("stage.hint", "data.task", "data.kind")
def hints_give_an_answer_away(hint: str, task: str, kind: str) -> Iterator[Problem]:
    """A program has no one answer to give away."""
    if hint == "gold" and task == (TINY_CODE if kind == "procedural" else "code"):
        what = "gives an answer away, and these problems ask for programs"
        yield Problem("stage.hint", what, "use stage.hint=none")

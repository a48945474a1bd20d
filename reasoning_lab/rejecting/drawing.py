"""Letting a model write until each problem has enough that is right, or its samples are spent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from time import monotonic

from reasoning_lab.rejecting.hints import HINTED, hinted
from reasoning_lab.rejecting.verifier import Finding, Verifier
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.sampling.budget import Budget, Spending, Spent
from reasoning_lab.sampling.engine import Engine
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import Progress, stream
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.text.example import Example, Message

BETWEEN = 0.5  # seconds between two looks at how many problems are done
Tell = Callable[[int, Mapping[str, float]], None]
"""Told how many problems are done, with figures to show."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What each problem got, in their order, by itself and where it was asked with a hint; and what
    was found of each sample. `tokens` and `seconds` are those of this process alone; `resumed`:
    some samples were there before it.
    """

    plain: Sequence[Spent]
    hinted: Sequence[Spent]
    found: Mapping[Key, Finding]
    tokens: int
    seconds: float
    resumed: bool


def params_of(stage: Reject) -> Params:
    """How the samples are drawn."""
    return Params(
        temperature=stage.temperature,
        top_p=stage.top_p,
        top_k=stage.top_k,
        max_completion_length=stage.max_completion_length,
        seed=stage.seed,
        stop=(),
        max_think_tokens=None,
    )


def draw(
    examples: Sequence[Example],
    engine: Engine,
    composer: Composer,
    stage: Reject,
    store: Store,
    tell: Tell,
) -> Drawn:
    """Sample `examples`, each at most `stage.samples` times, and with hints once more as often.

    What `store` holds is judged again and not sampled again, so that a run that was killed goes on
    where it was. Raises RewardError where a term is broken.
    """
    by_id = {one.id: one for one in examples}
    verifier = Verifier({**by_id, **{f"{i}{HINTED}": e for i, e in by_id.items()}}, composer, stage)
    resumed = len(store) > 0
    pace = _Pace(tell, rated=not resumed)
    plain = _spend([(one.id, one.prompt) for one in examples], engine, stage, verifier, store, pace)
    lost = {one.problem for one in plain if not one.verified} if stage.hint == "gold" else set()
    asked = [
        (f"{one.id}{HINTED}", hinted(one))
        for one in examples
        if one.id in lost and one.answer.strip()
    ]
    again = _spend(asked, engine, stage, verifier, store, pace) if asked else []
    return Drawn(plain, again, verifier.found, pace.tokens, pace.seconds, resumed)


class _Pace:
    """Tells now and then how far the drawing is."""

    def __init__(self, tell: Tell, *, rated: bool) -> None:
        self.tokens, self.seconds, self._rated = 0, 0.0, rated
        self._tell, self._told, self._began = tell, 0.0, monotonic()

    def look(self, spent: Mapping[str, Spent], tokens: int, *, now: bool = False) -> None:
        """`tokens` more were written; `now`: tell in any case."""
        self.tokens += tokens
        self.seconds = monotonic() - self._began
        if not now and self.seconds - self._told < BETWEEN:
            return
        self._told = self.seconds
        done = sum(one.enough is not None for one in spent.values())
        solved = sum(bool(one.verified) for one in spent.values())
        # What was solved before this process began says nothing of its pace.
        rates = {"tokens/s": self.tokens, **({"solved/s": solved} if self._rated else {})}
        self._tell(done, {name: value / self.seconds for name, value in rates.items()})


def _spend(
    problems: Sequence[tuple[str, tuple[Message, ...]]],
    engine: Engine,
    stage: Reject,
    verifier: Verifier,
    store: Store,
    pace: _Pace,
) -> list[Spent]:
    spending = Spending(waves=stage.waves(), keep=stage.keep, known=None, extra=None)
    budget = Budget(problems, spending, verifier)
    tokens = 0

    def progressed(progress: Progress) -> None:
        nonlocal tokens
        more, tokens = progress.tokens - tokens, progress.tokens
        pace.look(budget.spent, more)

    for sampled in stream(budget, engine, params_of(stage), store=store, on_progress=progressed):
        budget.add(sampled)
    found = budget.close()
    pace.look(budget.spent, 0, now=True)
    return found


def every(drawn: Drawn) -> list[Spent]:
    """What was asked, by itself and with hints, in this order."""
    return list(chain(drawn.plain, drawn.hinted))

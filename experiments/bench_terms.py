"""Sides of the benchmark of the rewards: each term of conf/reward/term by itself."""

import json
from pathlib import Path
from time import perf_counter
from typing import Any

from bench_texts import GROUP, easy
from omegaconf import OmegaConf

from reasoning_lab.schema.reward import Term as Setting
from reasoning_lab.text.example import Completion, Example, Message

TERMS = Path(__file__).parents[1] / "conf" / "reward" / "term"
ROWS = 4_000
Row = tuple[Completion, Example]
PROGRAM = "\n```python\ndef double(n):\n    return n * 2\n\n\nprint(double(int(input())))\n```\n"


def terms() -> list[str]:
    """The terms of conf/reward/term, but for the one that judges mathematics and the template of
    a user's own.
    """
    return sorted({path.stem for path in TERMS.glob("*.yaml")} - {"accuracy", "own"})


def rate_of_term(name: str) -> dict[str, float]:
    """Completions a second of one term with its default parameters, in groups of eight."""
    from reasoning_lab.judges.code.sandboxes import Sandboxes
    from reasoning_lab.rewards.calling import Term
    from reasoning_lab.rewards.term import resolve, value_of

    choice = setting(name)
    term = Term.of(name, choice, resolve(choice.fn), Sandboxes())
    if name == "scorer":
        rows = rows_of_a_task()
    else:
        rows = rows_of((choice.tasks or ["math"])[0], PROGRAM if name.startswith("code") else "")
    groups = [place // GROUP for place in range(ROWS)]
    parts: list[dict[str, float | None]] = [{"accuracy": float(i % 2)} for i in range(ROWS)]
    term.of_batch(rows[:64], groups[:64], parts[:64])
    start = perf_counter()
    found = term.of_batch(rows, groups, parts)
    seconds = perf_counter() - start
    return {"rate": ROWS / seconds, "judged": sum(value_of(said) is not None for said in found)}


def setting(name: str) -> Setting:
    """A term as its YAML sets it, for a model that writes up to 512 tokens."""
    model = {"model": {"max_completion_length": 512}}
    values = OmegaConf.merge(OmegaConf.load(TERMS / f"{name}.yaml"), model)
    plain: dict[str, Any] = OmegaConf.to_container(values, resolve=True)
    del plain["model"]
    return Setting.model_validate_json(json.dumps(plain))


def rows_of(task: str, ending: str) -> list[Row]:
    """The easy answers, each with `ending` behind it."""
    prompt = (Message(role="user", content="What is 6 * 7? /think"),)
    return [
        (
            Completion(text + ending, 300 + place % 200),
            Example(str(place // GROUP), prompt, gold, task=task),
        )
        for place, (text, gold, _) in enumerate(easy()[:ROWS])
    ]


def rows_of_a_task() -> list[Row]:
    """The same thinking under problems of reasoning-gym's chain_sum; as many answers are right."""
    from reasoning_lab.data.procedural import load
    from reasoning_lab.schema.data import Procedural

    sums = Procedural(
        kind="procedural",
        name="chain_sum",
        task="chain_sum",
        example_task="math",
        params={},
        train_size=ROWS // GROUP,
        heldout_size=1,
        seed=0,
        too_long="drop",
    )
    problems, rows = load(sums).train, []
    for place, (text, _, right) in enumerate(easy()[:ROWS]):
        problem = problems[place // GROUP]
        thinking, box, _ = text.rpartition("\\boxed{")
        answer = int(problem.answer) + (not right)
        rows.append((Completion(f"{thinking}{box}{answer}}}.", 300 + place % 200), problem))
    return rows

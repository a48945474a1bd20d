"""Sides of the benchmark of the rewards: each term of conf/reward/term by itself."""

import json
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

from bench_texts import GROUP, easy
from omegaconf import OmegaConf

from reasoning_lab.schema.reward import Term as Setting
from reasoning_lab.text.example import Completion, Example, Message

TERMS = Path(__file__).parents[1] / "conf" / "reward" / "term"
ROWS, PROGRAMS = 4_000, 512
WARM = 64
Row = tuple[Completion, Example]
TEST = {"type": "stdio", "stdin": "21\n", "stdout": "42\n"}
PROGRAM = "\n```python\ndef double(n):\n    return n * 2\n\n\nprint(double(int(input())))\n```\n"


def terms() -> list[str]:
    """The terms of conf/reward/term, but for the one that judges mathematics and the template of
    a user's own.
    """
    return sorted({path.stem for path in TERMS.glob("*.yaml")} - {"accuracy", "own", "trl"})


def rate_of_term(name: str) -> dict[str, float]:
    """Completions a second of one term with its default parameters, in groups of eight."""
    from reasoning_lab.judges.code.sandboxes import Sandboxes
    from reasoning_lab.rewards.calling import Term
    from reasoning_lab.rewards.term import resolve, value_of

    choice = setting(name)
    term = Term.of(name, choice, resolve(choice.fn), Sandboxes())
    task = (choice.tasks or ["math"])[0]
    if name == "scorer":
        rows = rows_of_a_task()
    elif name == "code":
        rows = rows_with_tests(task)
    else:
        rows = rows_of(task, PROGRAM if name.startswith("code") else "")
    groups = [place // GROUP for place in range(len(rows))]
    parts: list[dict[str, float | None]] = [{"accuracy": float(i % 2)} for i in range(len(rows))]
    term.of_batch(rows[:WARM], groups[:WARM], parts[:WARM])
    start = perf_counter()
    found = term.of_batch(rows, groups, parts)
    seconds = perf_counter() - start
    judged = sum(value_of(said) is not None for said in found)
    return {"rate": len(rows) / seconds, "judged": judged, "asked": len(rows)}


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


def rows_with_tests(task: str) -> list[Row]:
    """Fewer of them, each with a program of its own behind it, and with a test for it."""
    rows = rows_of(task, "")[:PROGRAMS]
    return [
        (
            replace(
                completion, text=completion.text + PROGRAM.replace("n * 2", f"2 * n  # {place}")
            ),
            replace(example, tests=(TEST,)),
        )
        for place, (completion, example) in enumerate(rows)
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

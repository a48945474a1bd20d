"""The texts on which the benchmark of the rewards measures."""

import random
from pathlib import Path

EASY = 10_000
GROUP = 8  # completions a problem
PAIRS = Path(__file__).parent / "bench_rewards_pairs.tsv"
Job = tuple[str, str, bool]  # completion, gold, is it right


def easy() -> list[Job]:
    """Completions of about 300 tokens, eight a problem; an integer, a decimal or a simple fraction
    as gold; 3/4 right.
    """
    dice = random.Random(1)
    jobs = []
    for place in range(EASY):
        if place % GROUP == 0:
            number, kind = dice.randint(2, 9_999), dice.randrange(4)
        other = number + (dice.random() < 0.25)
        gold, _ = spellings(number, kind)
        _, answer = spellings(other, kind)
        steps = " ".join(
            f"Step {i}: we add {dice.randint(1, 99)} to what we have, then take {kind + i} from it."
            for i in range(1, 16)
        )
        text = f"<think>\n{steps}\n</think>\nSo the answer is \\boxed{{{answer}}}."
        jobs.append((text, gold, other == number))
    return jobs


def spellings(number: int, kind: int) -> tuple[str, str]:
    """A number as a data set writes it and as a model does: integers, a decimal, a fraction."""
    return [
        (str(number), str(number)),
        (str(1000 * number), f"{1000 * number:,}"),
        (f"{number}.5", f"{number}.50"),
        (rf"\frac{{{number}}}{{10007}}", rf"\dfrac{{{number}}}{{10007}}"),
    ][kind]


def mixed() -> list[Job]:
    """The corpus, boxed."""
    text = PAIRS.read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    return [(rf"\boxed{{{answer}}}", gold, said == "correct") for _, answer, gold, said in rows]

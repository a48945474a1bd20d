"""What came of the rounds of one seed, in a sentence."""

from collections.abc import Sequence

from reasoning_lab.report.rounds.round import Round, best_of, why_stopped
from reasoning_lab.report.text.words import points


def outcome(seed: int, rounds: Sequence[Round], most: int) -> str:
    """In a sentence what came of one seed."""
    best, why = best_of(rounds), why_stopped(rounds, most)
    ended = {
        "no gain": f"ended after round {rounds[-1].number}, which was no gain over the best",
        "most rounds": f"ended after round {rounds[-1].number}, the last one asked for",
        None: f"has come to round {rounds[-1].number}",
    }[why]
    if best.number == 0:
        return f"seed {seed}: {ended}; no round was better than the base"
    gains = ", ".join(f"{way} {points(gain)}" for way, gain in best.over_base.items())
    return f"seed {seed}: {ended}; the best is round {best.number}, over the base {gains} points"

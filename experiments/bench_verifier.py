"""Sides of the benchmark of the rewards: the verifier of mathematical answers, and TRL's."""

from time import perf_counter

from bench_texts import Job, mixed

LIMIT = 2.0  # seconds a pair, the default of the verifier
# A pair that the lab cannot decide by itself, so that the pool starts.
WARMING = (r"\boxed{\gcd(q,1)+q}", "q+1")
# Cheap to look at, and endless to decide.
ENDLESS = (r"\boxed{\gcd(x^2-1,\cos(\tan(x^3)))^{99}(x+y+z+w)^{99}}", "(x+y+z)^{99}")


def batches(jobs: list[Job]) -> list[list[Job]]:
    """The jobs in batches of 64, as a trainer would hand them over."""
    return [jobs[place : place + 64] for place in range(0, len(jobs), 64)]


def rate_of_lab(jobs: list[Job], warm: bool) -> dict[str, float]:
    """Pairs a second of the lab."""
    from reasoning_lab import verify_math_batch

    if warm:
        verify_math_batch([WARMING], timeout=LIMIT)
    start, verdicts = perf_counter(), []
    for some in batches(jobs):
        verdicts += verify_math_batch([(text, gold) for text, gold, _ in some], timeout=LIMIT)
    rate = len(jobs) / (perf_counter() - start)
    right = sum((v.value == "correct") == job[2] for v, job in zip(verdicts, jobs, strict=True))
    return {"rate": rate, "right": right / len(jobs), "children": children()}


def rate_of_trl(jobs: list[Job]) -> dict[str, float]:
    """Pairs a second of TRL's accuracy_reward."""
    from trl.rewards import accuracy_reward

    def rewards(some: list[Job]) -> list[float | None]:
        turns = [[{"role": "assistant", "content": text}] for text, _, _ in some]
        found: list[float | None] = accuracy_reward(turns, [f"${gold}$" for _, gold, _ in some])
        return found

    rewards([(*WARMING, True)])
    start, paid = perf_counter(), []
    for some in batches(jobs):
        paid += rewards(some)
    rate = len(jobs) / (perf_counter() - start)
    right = sum((value == 1.0) == job[2] for value, job in zip(paid, jobs, strict=True))
    return {"rate": rate, "right": right / len(jobs)}


def children() -> int:
    """Processes that this one has started and that still run."""
    import psutil

    return len(psutil.Process().children(recursive=True))


def cold_start() -> dict[str, float]:
    """Seconds from the first pair that needs sympy to its verdict."""
    from reasoning_lab import verify_math_batch

    before = children()
    start = perf_counter()
    verify_math_batch([WARMING], timeout=LIMIT)
    return {"seconds": perf_counter() - start, "before": before, "children": children()}


def hang() -> dict[str, float]:
    """How much later a batch of 64 is done when one of its pairs never ends."""
    from reasoning_lab import Verdict, verify_math_batch

    pairs = [(text, gold) for text, gold, _ in mixed()]
    verify_math_batch([WARMING], timeout=LIMIT)
    start = perf_counter()
    verify_math_batch(pairs[:64], timeout=LIMIT)
    without = perf_counter() - start
    start = perf_counter()
    verdicts = verify_math_batch([*pairs[64:127], ENDLESS], timeout=LIMIT)
    if verdicts[-1] is not Verdict.TIMEOUT:
        raise SystemExit(f"the hang was decided: {verdicts[-1].value}; find another")
    return {"delay": perf_counter() - start, "without": without}

"""The estimators against those of two other libraries, where the extra `evalcheck` is installed."""

import random
from typing import Any

import pytest

from reasoning_lab.statistics.bootstrap import bootstrap_mean
from reasoning_lab.statistics.interval import mean_interval
from reasoning_lab.statistics.passk import maj_at_k, pass_at_k
from reasoning_lab.statistics.quantiles import t_quantile

EXTRA = "needs the extra evalcheck: pip install -c constraints.txt -e '.[evalcheck]'"
PROBLEMS, ANSWERS = 12, 9


@pytest.fixture
def scorio() -> Any:
    """scorio's estimators, of a matrix of problems by answers."""
    return pytest.importorskip("scorio.eval", reason=EXTRA)


@pytest.fixture
def lm_eval() -> Any:
    """lm-eval's standard errors."""
    return pytest.importorskip("lm_eval.api.metrics", reason=EXTRA)


def results(seed: int) -> list[list[int]]:
    draw = random.Random(seed)
    chances = [draw.random() for _ in range(PROBLEMS)]
    return [[int(draw.random() < chance) for _ in range(ANSWERS)] for chance in chances]


@pytest.mark.parametrize("seed", range(5))
def test_pass_at_k_and_avg_are_those_of_scorio(scorio: Any, seed: int) -> None:
    import numpy as np

    rows = results(seed)
    for k in range(1, ANSWERS + 1):
        ours = sum(pass_at_k(ANSWERS, sum(row), k) for row in rows) / PROBLEMS
        assert ours == pytest.approx(scorio.pass_at_k(np.array(rows), k), abs=1e-12)
    first = sum(pass_at_k(ANSWERS, sum(row), 1) for row in rows) / PROBLEMS
    averaged = scorio.avg(np.array(rows))
    assert first == pytest.approx(averaged[0] if isinstance(averaged, tuple) else averaged)


@pytest.mark.parametrize("seed", range(5))
def test_with_one_wrong_answer_maj_at_odd_k_is_scorios(scorio: Any, seed: int) -> None:
    """scorio knows right and wrong alone, and asks for more than half: no ties at odd k."""
    import numpy as np

    rows = results(seed)
    for k in range(1, ANSWERS + 1, 2):
        votes = [(sum(row), [ANSWERS - sum(row)]) for row in rows]
        ours = sum(maj_at_k(right, wrong, 0, k) for right, wrong in votes) / PROBLEMS
        assert ours == pytest.approx(scorio.maj_at_k(np.array(rows), k), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_standard_errors_are_those_of_lm_eval(lm_eval: Any, seed: int) -> None:
    values = [sum(row) / ANSWERS for row in results(seed) * 20]
    error = lm_eval.mean_stderr(values)
    found = mean_interval(values)
    half = (found.high - found.low) / 2
    assert half == pytest.approx(t_quantile(0.975, len(values) - 1) * error)
    resampled = bootstrap_mean(values)
    assert (resampled.high - resampled.low) / 2 == pytest.approx(1.96 * error, rel=0.06)

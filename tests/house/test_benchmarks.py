"""A benchmark that measured nothing has failed, and says what it did not measure."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the benchmarks' tables."""
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import bench_table

    return bench_table


@pytest.mark.parametrize(
    ("met", "status"), [((True, True), 0), ((True, False), 1), ((True, None), 1), ((None,), 1)]
)
def test_a_bar_that_is_not_met_or_not_measured_fails_the_whole(
    table: Any, tmp_path: Path, met: tuple[bool | None, ...], status: int
) -> None:
    rows = [
        table.unmeasured("x", "> 1/s", "judged 0 of 8")
        if each is None
        else table.row("x", "> 1/s", [2.0], each)
        for each in met
    ]
    out = tmp_path / "rows.csv"
    assert table.finish(rows, out, load=0.0, repeat=1) == status
    written = list(csv.DictReader(out.open(encoding="utf-8")))
    assert [each["note"] for each in written if not each["median"]] == [
        "not measured: judged 0 of 8" for each in met if each is None
    ]


@pytest.mark.parametrize("term", ["code", "scorer"])
def test_the_terms_that_need_rows_of_their_own_get_them(term: str) -> None:
    command = [sys.executable, str(EXPERIMENTS / "bench_rewards.py"), "--cores", "1"]
    done = subprocess.run(
        [*command, "--side", f"term:{term}"], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert 0 < found["judged"] == found["asked"]

"""Every pipeline of `conf/` runs through in tiny sizes."""

from pathlib import Path

import pytest
from user import lab, only

from reasoning_lab.schema.vocabulary import choices

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", choices("pipeline"))
def test_a_pipeline_runs_through_in_tiny_sizes(name: str, tmp_path: Path) -> None:
    done = lab(tmp_path, f"pipeline={name}", "debug=smoke", "pipeline.rounds.most=1")
    assert done.returncode == 0, done.stdout + done.stderr
    place = only(tmp_path, f"smoke_{name}/*/pipeline.json").parent
    assert {path.name for path in place.glob("[!.]*")} >= {"rounds.csv", "report.html"}

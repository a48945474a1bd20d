import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_text
from reasoning_lab.records.metrics import MetricsFile, read_metrics

STEPS = st.lists(st.integers(0, 20), max_size=20).map(sorted)


@given(steps=STEPS, until=st.integers(-1, 21), torn=st.integers(0, 30))
def test_a_resumed_file_equals_an_uninterrupted_one(steps, until, torn):
    rows = [(step, {"train/loss": number / 7, "x": math.pi}) for number, step in enumerate(steps)]
    with TemporaryDirectory() as name:
        whole, cut = Path(name) / "whole.jsonl", Path(name) / "cut.jsonl"
        for path in (whole, cut):
            file = MetricsFile(path)
            for step, values in rows:
                assert file.append(step, values)
            file.close()
        with cut.open("a") as stream:
            stream.write(json.dumps({"step": 99, "train/loss": 1.0})[:torn])
        assert read_metrics(cut) == read_metrics(whole)
        file = MetricsFile(cut)
        file.rewind(until)
        assert all(row.step <= until for row in read_metrics(cut))
        for step, values in rows:
            file.append(step, values)  # those before `until` are there already
        file.close()
        assert cut.read_bytes() == whole.read_bytes()


def test_not_a_number_stays_visible(tmp_path):
    file = MetricsFile(tmp_path / "metrics.jsonl")
    file.append(1, {"train/loss": math.nan})
    file.close()
    assert math.isnan(read_metrics(tmp_path / "metrics.jsonl")[0].values["train/loss"])


@pytest.mark.parametrize("line", ["not json", "[1]", '{"loss": 1}', '{"step": "one"}'])
def test_a_broken_line_in_the_middle_is_an_error_that_names_it(tmp_path, line):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n' + line + '\n{"step": 2}\n')
    with pytest.raises(ArtifactError) as caught:
        read_metrics(path)
    assert [problem.where for problem in caught.value.problems] == [f"{path}:2"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.json"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from writing import Pure, params, request

from reasoning_lab.errors import ArtifactError
from reasoning_lab.sampling.request import Request, Sampled
from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import sample, stream
from reasoning_lab.text.example import Completion

REQUESTS = [request(f"p{place}", sample) for place in range(4) for sample in range(2)]


def written(path: Path, requests: list[Request] = REQUESTS, engine: Pure | None = None) -> Pure:
    """The engine after it has written into the store what is missing, and finished it."""
    engine = engine or Pure()
    with Store(path, engine, params()) as store:
        sample(requests, engine, params(), store=store)
        store.finish()
    return engine


def test_a_hundred_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    script = Path(__file__).with_name("killing.py")
    command = [sys.executable, str(script), str(tmp_path), "100"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == 100
    assert found["files"] >= 1
    assert found["same"]


def test_cut_at_any_byte_it_goes_on_to_the_same_file(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    written(whole)
    content = whole.read_bytes()
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        lines = content[:length].count(b"\n")
        again = written(path)
        assert path.read_bytes() == content, length
        assert len(again.written) == len(REQUESTS) - max(0, lines - 1), length


def test_the_order_of_arrival_and_of_requests_leaves_no_trace(tmp_path: Path) -> None:
    written(tmp_path / "a")
    written(tmp_path / "b", REQUESTS[::-1], Pure(slots=1, order=5))
    written(tmp_path / "c", REQUESTS[3:])
    written(tmp_path / "c", REQUESTS, Pure(slots=7))
    first, second, third = ((tmp_path / name).read_bytes() for name in "abc")
    assert first == second == third


def test_what_is_stored_comes_back_whole(tmp_path: Path) -> None:
    odd = Sampled(
        REQUESTS[0].key, Completion("\ud800 \N{SNOWMAN}\n\x00", 3, "length"), None, 2, "\n\n"
    )
    with Store(tmp_path / "s", Pure(), params()) as store:
        store.add(REQUESTS[0], odd)
        assert store.read(odd.key) == odd
        assert not store.holds(REQUESTS[1])
        with pytest.raises(ValueError, match="p0/0"):
            store.add(REQUESTS[0], odd)
    with Store(tmp_path / "s", Pure(), params()) as store:
        assert store.read(odd.key) == odd
        assert len(store) == 1


def test_the_file_says_what_it_is_of(tmp_path: Path) -> None:
    written(tmp_path / "s")
    header = json.loads((tmp_path / "s").read_text().splitlines()[0])
    assert header["params"] == params().row()
    assert header["engine"] == {"name": "pure", "invariant": True, "identity": "a"}


OTHERS: list[tuple[str, Callable[[Path], object]]] = [
    ("params", lambda path: Store(path, Pure(), params(seed=1))),
    ("model", lambda path: Store(path, Pure(identity="b"), params())),
]


@pytest.mark.parametrize("name", [name for name, _ in OTHERS])
def test_other_results_are_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "s"
    written(path)
    before = path.read_bytes()
    with pytest.raises(ArtifactError) as raised:
        dict(OTHERS)[name](path)
    assert [problem.where for problem in raised.value.problems] == [str(path)]
    assert path.read_bytes() == before


def test_another_prompt_under_a_known_key_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "s")
    other = request("p0", 0, "Something else?")
    with pytest.raises(ArtifactError) as raised:
        written(tmp_path / "s", [other])
    assert raised.value.problems[0].where == str(tmp_path / "s")


DAMAGE = [
    (lambda lines: [*lines[:2], "nonsense\n", *lines[2:]], 3),
    (lambda lines: [*lines[:2], "[]\n", *lines[2:]], 3),
    (lambda lines: [*lines[:2], "{}\n", *lines[2:]], 3),
    (lambda lines: [*lines, lines[1]], 10),
    (lambda lines: ["{}\n", *lines[1:]], None),
    (lambda lines: lines[1:], None),
]


@pytest.mark.parametrize(("damage", "number"), DAMAGE)
def test_a_damaged_file_is_refused_with_the_line(
    tmp_path: Path, damage: Callable[[list[str]], list[str]], number: int | None
) -> None:
    path = tmp_path / "s"
    written(path)
    path.write_text("".join(damage(path.read_text().splitlines(keepends=True))))
    with pytest.raises(ArtifactError) as raised:
        Store(path, Pure(), params())
    where = str(path) if number is None else f"{path}:{number}"
    assert raised.value.problems[0].where == where


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    with (
        Store(tmp_path / "s", Pure(), params()),
        pytest.raises(ArtifactError) as raised,
    ):
        Store(tmp_path / "s", Pure(), params())
    assert raised.value.problems[0].where == str(tmp_path / "s")
    Store(tmp_path / "s", Pure(), params()).close()


def test_stored_before_it_is_given(tmp_path: Path) -> None:
    path, engine = tmp_path / "s", Pure()
    with Store(path, engine, params()) as store:
        for number, _ in enumerate(stream(REQUESTS, engine, params(), store=store), 2):
            assert path.read_bytes().count(b"\n") == number

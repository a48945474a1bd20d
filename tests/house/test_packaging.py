"""A wheel carries what an installed lab needs: the vocabulary, the tiny models, the templates."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from source import PACKAGE, ROOT

import reasoning_lab


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_holds_every_data_file(wheel: zipfile.ZipFile) -> None:
    held = set(wheel.namelist())
    conf = {f"reasoning_lab/{path.relative_to(ROOT)}" for path in _files(ROOT / "conf")}
    package = {str(path.relative_to(ROOT)) for path in _files(PACKAGE)}
    assert conf
    assert not (conf | package) - held


def _files(folder: Path) -> set[Path]:
    return {
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"reasoning_lab", f"reasoning_lab-{reasoning_lab.__version__}.dist-info"}


def test_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "reasoning-lab = reasoning_lab.__main__:main" in wheel.read(points).decode()


def test_wheel_is_small(wheel: zipfile.ZipFile) -> None:
    assert sum(item.compress_size for item in wheel.infolist()) < 20e6


def test_installed_version_is_the_source_version() -> None:
    assert version("reasoning-lab") == reasoning_lab.__version__


def test_every_requirement_is_pinned() -> None:
    """Each name in pyproject.toml has its exact version in constraints.txt."""
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {_canonical(name) for name in re.findall(r'^\s*"([\w-]+)[><=]', pyproject, re.M)}
    wanted |= {_canonical(name) for name in re.findall(r'= \["([\w-]+)[><=]', pyproject)}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {_canonical(line.split("==")[0]) for line in lines if "==" in line}
    assert {"torch", "trl", "bitsandbytes"} <= wanted
    assert wanted - pins == {"vllm"}, "vllm brings its own torch; everything else is pinned"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

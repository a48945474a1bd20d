"""What is said to install an extra: in a checkout, and where there is only a wheel."""

import shlex
import tomllib
from pathlib import Path

import pytest

from reasoning_lab.schema import extras
from reasoning_lab.schema.extras import how_to_install

ROOT = Path(__file__).parents[2]
NAMED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = NAMED["optional-dependencies"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_in_a_checkout_the_extra_is_installed_by_name(extra: str) -> None:
    where, _, command = how_to_install(extra).partition(": ")
    folder = Path(where.removeprefix("in "))
    words = shlex.split(command)
    assert words == ["pip", "install", "-c", "constraints.txt", "-e", f".[{extra}]"]
    assert all((folder / name).is_file() for name in ("constraints.txt", "pyproject.toml"))


@pytest.mark.parametrize("extra", EXTRAS)
def test_beside_a_wheel_its_packages_are(
    extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "_CHECKOUT", tmp_path)
    monkeypatch.setattr(extras, "_required", lambda: [
        f"{one}; extra == '{name}'" for name, found in EXTRAS.items() for one in found
    ])  # fmt: skip
    assert shlex.split(how_to_install(extra)) == ["pip", "install", *EXTRAS[extra]]
    with pytest.raises(ValueError, match="no extra"):
        how_to_install("nix")

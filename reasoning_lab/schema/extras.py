"""How to install what an extra of the package brings."""

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


def how_to_install(extra: str) -> str:
    """The command that installs an extra: in a checkout by its name, with the tested versions.

    The lab is on no package index, so where it was installed from a wheel the command names the
    packages themselves. Raises ValueError for an extra that is not there.
    """
    if (_CHECKOUT / "pyproject.toml").is_file():
        return f"in {_CHECKOUT}: pip install -c constraints.txt -e '.[{extra}]'"
    mark = f'extra == "{extra}"'
    found = [one.partition(";") for one in _required()]
    wanted = [f"'{name.strip()}'" for name, _, when in found if mark in when.replace("'", '"')]
    if not wanted:
        raise ValueError(f"the package has no extra {extra!r}")
    return f"pip install {' '.join(wanted)}"


def _required() -> list[str]:
    try:
        return requires("reasoning-lab") or []
    except PackageNotFoundError:  # neither a checkout nor installed: copied by hand
        return []

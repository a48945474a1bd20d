"""What stands in `conf/`: groups, their choices, and the one line that says what each is."""

from pathlib import Path


def conf_dir() -> Path:
    """The folder of YAML choices: the checkout's `conf/`, or the copy inside an installed wheel."""
    package = Path(__file__).resolve().parents[1]
    inside, beside = package / "conf", package.parent / "conf"
    return inside if inside.is_dir() else beside


def choices(group: str) -> dict[str, str]:
    """Names of a group's choices, each with its first comment line; empty for no such group."""
    folder = conf_dir() / group
    return {path.stem: first_line(path) for path in sorted(folder.glob("*.yaml"))}


def groups() -> tuple[str, ...]:
    """Top-level groups, in alphabetical order."""
    return tuple(sorted(path.name for path in conf_dir().iterdir() if path.is_dir()))


def first_line(path: Path) -> str:
    """The first comment of a YAML file that says something (not `# @package …`)."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            text = line.lstrip("# ").strip()
            if not line.startswith("#"):
                break
            if text and not text.startswith("@package"):
                return text
    return ""

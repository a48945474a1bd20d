"""The lab's chat templates (`model/templates/*.jinja`), by name."""

from importlib.resources import files


def read(name: str) -> str:
    """The Jinja source of the lab's template `name`, one that the door let pass."""
    return (files("reasoning_lab.model") / f"templates/{name}.jinja").read_text(encoding="utf-8")

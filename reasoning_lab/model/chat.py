"""The lab's chat templates (`model/templates/*.jinja`), by name."""

from __future__ import annotations

from importlib.resources import files

from reasoning_lab.errors import ArtifactError
from reasoning_lab.schema.suggest import did_you_mean

_FOLDER = files("reasoning_lab.model") / "templates"


def names() -> list[str]:
    """Names of the shipped templates, sorted."""
    return sorted(
        entry.name.removesuffix(".jinja")
        for entry in _FOLDER.iterdir()
        if entry.name.endswith(".jinja")
    )


def read(name: str) -> str:
    """The Jinja source of template `name`; raises `ArtifactError` when there is none."""
    if name not in names():
        what = f"no template is called {name!r}"
        raise ArtifactError.one("model.chat_template", what, did_you_mean(name, names()))
    return (_FOLDER / f"{name}.jinja").read_text(encoding="utf-8")

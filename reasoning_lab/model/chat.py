"""The lab's chat templates (`model/templates/*.jinja`), by name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files

from reasoning_lab.errors import ArtifactError

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
        near = get_close_matches(name, names(), n=1)
        cure = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names())}"
        raise ArtifactError.one("model.chat_template", f"no template is called {name!r}", cure)
    return (_FOLDER / f"{name}.jinja").read_text(encoding="utf-8")

"""Models shipped inside the package: `embedded:NAME`, checked against their checksums.

A shipped folder holds exactly `FILES`; `SHA256SUMS` has one line `<hex digest>  <file>` for each
of the others, as `sha256sum` writes it.
"""

import hashlib
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from reasoning_lab.errors import ArtifactError, Problem
from reasoning_lab.model.quiet import no_bars

ASSETS = Path(__file__).parent / "assets"
CARD = "CARD.md"
SUMS = "SHA256SUMS"
WEIGHTS = (
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
)
FILES = (*WEIGHTS, CARD, SUMS)


def names() -> list[str]:
    """Names of the shipped models, sorted."""
    return sorted(sums.parent.name for sums in ASSETS.glob(f"*/{SUMS}"))


def path(name: str) -> Path:
    """The folder of shipped model `name`, every file verified.

    Raises `ArtifactError` when there is no such model, or a file is missing or damaged.
    """
    if name not in names():
        near = get_close_matches(name, names(), n=1)
        cure = f"did you mean embedded:{near[0]}?" if near else f"shipped: {', '.join(names())}"
        raise ArtifactError.one("model.path", f"no model {name!r} is shipped", cure)
    folder = ASSETS / name
    verify(folder)
    return folder


def verify(folder: Path) -> None:
    """Check each file of `folder` against its `SHA256SUMS`; raise `ArtifactError` with all that
    are missing or damaged."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    problems = []
    for name in sorted(set(WEIGHTS) | set(expected)):
        file = folder / name
        if not file.is_file():
            problems.append(Problem(str(file), "is missing", "install the package again"))
        elif _digest(file) != expected.get(name):
            problems.append(Problem(str(file), "is damaged", "install the package again"))
    if problems:
        raise ArtifactError(*problems)


def export(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write `model` (as float32) and `tokenizer` in the shipped form, with checksums.

    A `CARD.md` already in the folder is kept and summed. Raises `ArtifactError` when the folder
    would hold a file that is not part of the form.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with no_bars():
        deepcopy(model).float().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    seal(folder)


def seal(folder: Path) -> None:
    """Write `SHA256SUMS` over the files of a shipped folder (again, after the card changed)."""
    present = {file.name for file in folder.iterdir()} - {SUMS}
    odd = [f"lacks {name}" for name in WEIGHTS if name not in present]
    odd += [f"has {name} too" for name in sorted(present - set(FILES))]
    if odd:
        raise ArtifactError.one(str(folder), f"does not have the shipped form: {', '.join(odd)}")
    lines = [f"{_digest(folder / name)}  {name}" for name in sorted(present)]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

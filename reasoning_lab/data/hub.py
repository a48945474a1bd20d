"""Rows of a data set on the Hugging Face hub, or from its local cache."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator

from reasoning_lab.data.files import Row
from reasoning_lab.errors import DataError

PROBE_SECONDS = 8.0
_COPY = "give a local copy: data.path=FOLDER with one jsonl file a split, or one FILE.jsonl; "
_CURE = f"{_COPY}or, if it was downloaded before, set HF_HUB_OFFLINE=1 to read the cache"
_CURE_OFFLINE = (
    f"{_COPY}or unset HF_HUB_OFFLINE, which lets only what was downloaded before be read"
)


def read(hub: str, config: str | None, split: str) -> Iterator[Row]:
    """The rows of one split of the data set `hub`.

    With HF_HUB_OFFLINE=1 only the cache is read. Else the hub is asked once first, because the
    `datasets` library retries for half a minute when there is no network.

    Raises DataError if the hub is out of reach, or the data set, its config or split is unknown.
    """
    where = f"data.hub={hub}"
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    if not offline:
        _probe(where)
    import datasets

    try:
        rows = datasets.load_dataset(hub, config, split=split)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())[:300]
        cure = _CURE_OFFLINE if offline else _CURE
        raise DataError.one(where, f"cannot load split `{split}`: {reason}", cure) from error
    for number, row in enumerate(rows):
        yield f"{hub}/{split}:{number}", dict(row)


def _probe(where: str) -> None:
    """Ask the hub for a sign of life; any HTTP answer will do."""
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    request = urllib.request.Request(endpoint, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
            return
    except urllib.error.HTTPError:
        return
    except (OSError, ValueError) as error:
        raise DataError.one(where, f"{endpoint} is out of reach: {error}", _CURE) from error

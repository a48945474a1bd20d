"""Is the model hub there? Asked once, briefly, before anything large is loaded.

The hub's client retries for minutes when there is no network; a run must instead fall back to
its cache, or fail in seconds and say how to go on.
"""

import httpx2
from huggingface_hub import HfApi, constants, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from reasoning_lab.errors import ArtifactError

PATIENCE = 5.0
"""Seconds to wait for the hub's first answer."""


def local_only(name: str, revision: str | None, *, where: str = "model.path") -> bool:
    """True when hub model `name` must come from the local cache because the hub is out of reach.

    Raises `ArtifactError` when the hub does not have it, does not give it out, or is out of
    reach while the cache lacks it.
    """
    reason = _unreachable(name, revision, where)
    if reason is None:
        return False
    if isinstance(try_to_load_from_cache(name, "config.json", revision=revision), str):
        return True
    raise ArtifactError.one(
        where,
        f"{name} is not in the local cache ({constants.HF_HUB_CACHE}) and {reason}",
        f"copy the model here and set {where}=/its/folder, or download it where there is a"
        f" network: hf download {name}; model=tiny needs no network",
    )


def _unreachable(name: str, revision: str | None, where: str) -> str | None:
    """Why the hub cannot be asked, or None when it has the model."""
    try:
        HfApi().model_info(name, revision=revision, timeout=PATIENCE)
    except OfflineModeIsEnabled:
        return "HF_HUB_OFFLINE is set"
    except (httpx2.TransportError, ConnectionError, TimeoutError) as error:
        return f"the hub at {constants.ENDPOINT} cannot be reached ({type(error).__name__})"
    except GatedRepoError:
        cure = "accept its terms on the hub, then `hf auth login`"
        raise ArtifactError.one(where, f"{name} is gated", cure) from None
    except RepositoryNotFoundError:
        cure = "check the spelling; a local folder needs a / or ./ and must exist"
        raise ArtifactError.one(where, f"the hub has no model {name!r}", cure) from None
    except RevisionNotFoundError:
        what = f"{name} has no revision {revision!r}"
        raise ArtifactError.one("model.revision", what, "use null for the newest") from None
    except HFValidationError as error:
        what = f"{name!r} is neither a folder nor a hub id: {error}"
        raise ArtifactError.one(where, what) from None
    except HfHubHTTPError as error:
        return f"the hub answered {error.response.status_code}"
    return None

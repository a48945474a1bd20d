"""Environment variables that must be in place before torch and its kin are imported."""

from collections.abc import Mapping

from reasoning_lab.runs.provenance import cores
from reasoning_lab.schema.hardware import Hardware

# A library's own threads; all obey one number, or two cores run dozens of them.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")

_FIXED = {
    # The order of sets of strings must not depend on the process, or runs do not repeat.
    "PYTHONHASHSEED": "0",
    # cuBLAS adds in a fixed order only with a fixed workspace.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    # Tokenizing in forked data loaders deadlocks otherwise, and warns about it.
    "TOKENIZERS_PARALLELISM": "false",
}
_DEFAULTS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # A hub that cannot be reached should be an error in seconds, not minutes.
    "HF_HUB_ETAG_TIMEOUT": "5",
    "HF_HUB_DOWNLOAD_TIMEOUT": "10",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "WANDB_SILENT": "true",
    "WANDB_CONSOLE": "off",
}


def worker_environment(hardware: Hardware | None, current: Mapping[str, str]) -> dict[str, str]:
    """`current` with all that a worker needs; `hardware` is None where no model computes.

    `hardware.threads` is obeyed; where it is null, an OMP_NUM_THREADS of the user's stands, else
    the cores this process may use are shared out among the run's processes.
    """
    processes = 1 if hardware is None else hardware.num_processes
    if hardware is not None and hardware.threads is not None:
        threads = str(hardware.threads)
    else:
        threads = current.get("OMP_NUM_THREADS") or str(max(1, cores() // processes))
    return {**_DEFAULTS, **current, **_FIXED, **dict.fromkeys(_THREADS, threads)}

"""How a keeper is started: a fresh interpreter with an empty environment."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from reasoning_lab.sandbox.walls import Walls

_BOOT = (
    "import sys; library = [p for p in sys.path if p]; sys.path[:] = [*library, sys.argv[2]]; "
    "from reasoning_lab.sandbox.keeper import main; main(sys.argv[1], library)"
)
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "LD_BIND_NOW": "1",  # the C library's functions are looked up once, not in every program
    "PATH": "/usr/bin:/bin",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")


def start(
    walls: Walls, modules: Sequence[str], control: socket.socket, said: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start one that talks through `control`, and writes what goes wrong at its start to `said`."""
    here = Path(__file__).resolve().parents[2]
    packages = [path for path in sys.path if modules and path.endswith("-packages")]
    settings = {
        "control": control.fileno(),
        "parent": os.getpid(),
        "modules": list(modules),
        "packages": packages,
        "walls": asdict(walls),
    }
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-S", "-s", "-c", _BOOT, json.dumps(settings), str(here)],
        env={**kept, **_ENVIRONMENT},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=(control.fileno(),),
        start_new_session=True,
    )

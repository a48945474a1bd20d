"""The ranks of one machine meet before anything else is done, or say within seconds why not.

The trainer's own meeting comes minutes later, and would wait for half an hour without a word. This
one goes through the same store and, on the CPU, the same network interface.
"""

import os
import socket
from datetime import timedelta

from torch.distributed import PrefixStore, ProcessGroupGloo, Store, TCPStore

from reasoning_lab.errors import ArtifactError
from reasoning_lab.runs.launch import INTERFACE, rank
from reasoning_lab.schema.hardware import Hardware

ARRIVAL = timedelta(seconds=20)
"""How much later than another one a rank may come; all import the same, and start together."""
HANDSHAKE = timedelta(seconds=5)


def meet(hardware: Hardware) -> None:
    """Return when all ranks are here and, on the CPU, have spoken with each other.

    Raises ArtifactError, with the cause, where that did not come about within 30 s.
    """
    host, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    try:
        # torch would try for minutes what fails at once; the launcher's store is there before us.
        socket.create_connection((host, port), ARRIVAL.seconds).close()
        here = PrefixStore("reasoning_lab", TCPStore(host, port, timeout=ARRIVAL))
        _arrive(here, hardware.num_processes)
        if hardware.device == "cpu":
            group = ProcessGroupGloo(here, rank(), hardware.num_processes, HANDSHAKE)
            group.barrier().wait()
    # torch's errors of the network are RuntimeErrors
    except (OSError, RuntimeError) as error:
        where = f"{host}:{port}, {INTERFACE}={os.environ.get(INTERFACE, 'unset')}"
        # gloo begins with the place in its source, in brackets
        cause = str(error).splitlines()[0].rpartition("] ")[2].removesuffix(".")
        raise ArtifactError.one(
            "hardware.num_processes",
            f"the {hardware.num_processes} processes did not meet ({where}): {cause}",
            f"unset {INTERFACE} and MASTER_ADDR if you set them, or use hardware.num_processes=1",
        ) from error


def _arrive(here: Store, ranks: int) -> None:
    """Wait for every rank; RuntimeError names those that did not come."""
    keys = [f"rank {number}" for number in range(ranks)]
    here.set(keys[rank()], "here")
    try:
        here.wait(keys, ARRIVAL)
    except RuntimeError as error:
        late = [key for key in keys if not here.check([key])]
        told = f"{', '.join(late)} did not come within {ARRIVAL.seconds} s"
        raise RuntimeError(told) from error

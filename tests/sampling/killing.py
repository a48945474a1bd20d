"""Kills processes that sample into a store, each at a random moment: `killing.py FOLDER KILLS`.

Prints as JSON how many were killed, how many files were finished, and whether each of those is
byte for byte the one that is written without a kill. Exit status 1 where a process failed.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

from writing import Pure, params, request

from reasoning_lab.sampling.store import Store
from reasoning_lab.sampling.stream import stream

# Some texts span many pages, so that a kill can fall within a line.
REQUESTS = [request(f"p{place}", sample) for place in range(30) for sample in range(4)]


class Long(Pure):
    """Writes long texts, and refuses to write what its store held when it began."""

    def __init__(self, order: int, held: set[str]) -> None:
        super().__init__(slots=8, order=order)
        self.held = held

    def text(self, one: object, settings: object) -> str:
        found = super().text(one, settings)  # type: ignore[arg-type]
        assert one.key.label not in self.held, "stored, and sampled again"  # type: ignore[attr-defined]
        return found * (2000 if found.startswith("é") else 1)


def write(path: Path, order: int) -> None:
    """Sample what is missing and finish the file."""
    engine = Long(order, set())
    with Store(path, engine, params()) as store:
        engine.held = {one.key.label for one in REQUESTS if store.holds(one)}
        given = [sampled.key for sampled in stream(REQUESTS, engine, params(), store=store)]
        assert sorted(given) == sorted(one.key for one in REQUESTS)
        store.finish()


def one_life(path: Path, order: int, seconds: float) -> bool:
    """Let a process write for so long; whether it had to be killed."""
    child = os.fork()
    if child == 0:
        failed = 1
        try:
            write(path, order)
            failed = 0
        finally:
            if failed:
                traceback.print_exc()
            os._exit(failed)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.waitstatus_to_exitcode(status):
        sys.exit(1)
    return False


def main() -> None:
    folder, wanted = Path(sys.argv[1]), int(sys.argv[2])
    started = time.perf_counter()
    write(folder / "whole.jsonl", order=0)
    once = time.perf_counter() - started
    whole, draw = (folder / "whole.jsonl").read_bytes(), random.Random(0)
    kills, same, lives = 0, [], 0
    path = folder / "0.jsonl"
    while kills < wanted or path.exists():
        lives += 1
        patience = draw.random() * once if kills < wanted else 60.0
        if one_life(path, lives, patience if kills < wanted else max(1.0, 20 * once)):
            kills += 1
        else:
            same.append(path.read_bytes() == whole)
            path.unlink()
            path = folder / f"{lives}.jsonl"
    print(json.dumps({"kills": kills, "files": len(same), "same": all(same)}))  # noqa: T201


if __name__ == "__main__":
    main()

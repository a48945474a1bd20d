"""Seconds from a command to its answer, for the commands that should feel instant.

    make bench-cli                  # or: python experiments/bench_cli.py --repeat 9

Each command starts in a fresh process, once unmeasured to warm the file cache and then five
times; the table gives the median. The bound of 0.5 s holds on 2 cores with nothing else running.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from time import perf_counter

BOUND_SECONDS = 0.5
COMMANDS = {
    "help": ["--help"],
    "composition": ["stage=grpo", "reward=math", "--cfg", "job"],
    "rejected": ["stage.num_generatoins=4"],
}


def seconds(arguments: list[str]) -> float:
    """Wall time of one fresh process, from start to exit."""
    command = [sys.executable, "-m", "reasoning_lab", *arguments]
    start = perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return perf_counter() - start


def main() -> int:
    """Print the table; exit status 1 when a median is over the bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="measured runs of each command")
    repeat = parser.parse_args().repeat
    print(
        f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores"
        f" ({platform.machine()}), load {os.getloadavg()[0]:.1f}, median of {repeat}\n"
    )
    print("| command | median s | slowest s |\n|---|---|---|")
    medians = []
    for name, arguments in COMMANDS.items():
        seconds(arguments)
        times = [seconds(arguments) for _ in range(repeat)]
        medians.append(statistics.median(times))
        print(f"| {name}: `{' '.join(arguments)}` | {medians[-1]:.2f} | {max(times):.2f} |")
    return int(max(medians) > BOUND_SECONDS)


if __name__ == "__main__":
    sys.exit(main())

"""The command line: `python -m reasoning_lab [GROUP=CHOICE …] [KEY=VALUE …]`."""

import sys

from reasoning_lab.cli.entry import answer


def main() -> int:
    """Run the command line of this process; return its exit status (see `command.command`)."""
    return answer(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

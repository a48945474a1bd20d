"""The command line: `python -m reasoning_lab [GROUP=CHOICE …] [KEY=VALUE …]`."""

import sys

HELP = ("--help", "-h")


def main() -> int:
    """Run the command line of this process; return its exit status (see `command.command`)."""
    arguments = sys.argv[1:]
    if any(argument in HELP for argument in arguments):
        from reasoning_lab.cli.help import text

        sys.stdout.write(text())
        return 0
    if "--version" in arguments:
        from reasoning_lab.cli.help import versions

        sys.stdout.write(versions())
        return 0
    # Hydra takes a tenth of a second to import, which help need not wait for.
    from reasoning_lab.cli.command import command

    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())

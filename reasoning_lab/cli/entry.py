"""What a command line asks for: help, a version, past runs, completion, or a run."""

import sys
from collections.abc import Sequence

from reasoning_lab.cli.past_filters import COMMAND
from reasoning_lab.errors import REFUSED, LabError

HELP = ("--help", "-h")
COMPLETION = ("-sc", "--shell-completion")


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments of this process ask for; return its exit status (`command.command`)."""
    try:
        return _answered(arguments)
    except LabError as error:
        from reasoning_lab.report.text.problems import refuse

        return refuse(error)


def _answered(arguments: Sequence[str]) -> int:
    # What needs no Hydra comes first: importing it takes a tenth of a second.
    if not arguments or any(argument in HELP for argument in arguments):
        from reasoning_lab.cli.help import text_for

        sys.stdout.write(text_for(arguments))
        # Alone it asks for nothing, and a script whose words are empty should notice: training
        # takes minutes and leaves a folder, so it has to be asked for with a word.
        return 0 if arguments else REFUSED
    if "--version" in arguments:
        from reasoning_lab.cli.help import versions

        sys.stdout.write(versions())
        return 0
    if arguments[0] == COMMAND:
        from reasoning_lab.cli.past import past_runs

        return past_runs(arguments[1:])
    if any(argument in COMPLETION for argument in arguments):
        from reasoning_lab.cli.completion import shell_text

        at = next(n for n, one in enumerate(arguments) if one in COMPLETION)
        sys.stdout.write(shell_text("".join(arguments[at + 1 : at + 2])))
        return 0
    from reasoning_lab.cli.command import command

    return command(arguments)

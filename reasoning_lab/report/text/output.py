"""The screen of a run."""

import os
import sys

from rich.console import Console


class Output(Console):
    """A console that a run does not end with: where nobody reads it any more, as after `| head` or
    when `tee` is killed, the run goes on unseen."""

    def on_broken_pipe(self) -> None:
        """Write nowhere from now on."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)

"""The plan: what a run will do, said before anything heavy is imported."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from reasoning_lab.report.run.lines import Planned
from reasoning_lab.report.text.clean import clean
from reasoning_lab.report.text.words import titled
from reasoning_lab.report.verbs import report_of
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.schema.run import Run


def show(run: Run, folder: RunFolder, console: Console, held_out: int | None = None) -> None:
    """Print the plan of `run`, whose results will stand in `folder`: the lines of its verb.

    `held_out` is how many problems the data hold out, where more is known than is configured.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    planned = Planned(run, folder, held_out)
    for lines in report_of(type(run.stage)).plan:
        for label, text in lines(planned):
            table.add_row(label, Text(clean(text)))
    title = Text(f"plan: {titled(run.stage.kind, run.name)}")
    console.print(Panel(table, title=title, title_align="left", expand=False))

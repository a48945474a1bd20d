"""The command of a run, from its `run.json` on, with the small stage in the place of a training.

python tests/runs/small_command.py RUN_JSON never|auto|beside
"""

import sys
from pathlib import Path

from reasoning_lab.cli.begin import begin
from reasoning_lab.errors import LabError
from reasoning_lab.report.text.problems import refuse
from reasoning_lab.schema import door

STAGE = Path(__file__).with_name("small_stage.py")

if __name__ == "__main__":
    run = door.load(Path(sys.argv[1])).model_copy(update={"resume": sys.argv[2]})
    try:
        sys.exit(begin(run, program=[str(STAGE)]))
    except LabError as error:
        sys.exit(refuse(error))

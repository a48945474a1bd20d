"""The command of a pipeline whose trainings are small random walks.

python tests/pipelines/small_pipeline.py OUTPUT PIPELINE_JSON
"""

import json
import sys
from pathlib import Path

from reasoning_lab.cli.pipeline import go_through
from reasoning_lab.cli.pipeline_steps import check_steps, folded
from reasoning_lab.errors import LabError
from reasoning_lab.report.text.problems import refuse
from reasoning_lab.schema.pipeline import pipeline_of

STAGE = Path(__file__).parents[1] / "runs" / "small_stage.py"

if __name__ == "__main__":
    output, said = sys.argv[1:]
    try:
        pipeline = folded(pipeline_of(json.loads(said)), [f"output={output}"])
        sys.exit(go_through(pipeline, check_steps(pipeline), "THE COMMAND", [str(STAGE)]))
    except LabError as error:
        sys.exit(refuse(error))

"""`stage=grpo`: group relative policy optimisation on verifiable rewards (arXiv:2402.03300).

The algorithm is `trl.GRPOTrainer`; `training/reinforcement.py` is what all reinforcement shares.
"""

from trl import GRPOConfig, GRPOTrainer

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.training.checkpoints import WholeCheckpoints
from reasoning_lab.training.reinforcement import reinforce


class LabGrpoTrainer(WholeCheckpoints, GRPOTrainer):
    """TRL's trainer with whole checkpoints."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Train the model of `run` on its reward."""
    return reinforce(run, folder, LabGrpoTrainer, GRPOConfig)

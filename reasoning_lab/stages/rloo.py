"""`stage=rloo`: REINFORCE with a leave-one-out baseline on verifiable rewards (arXiv:2402.14740).

The algorithm is `trl.RLOOTrainer`; `training/reinforcement.py` is what all reinforcement shares.
"""

from trl import RLOOConfig, RLOOTrainer

from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.training.checkpoints import WholeCheckpoints
from reasoning_lab.training.reinforcement import reinforce


class LabRlooTrainer(WholeCheckpoints, RLOOTrainer):
    """TRL's trainer with whole checkpoints."""


def run(run: Run, folder: RunFolder) -> Manifest:
    """Train the model of `run` on its reward."""
    return reinforce(run, folder, LabRlooTrainer, RLOOConfig)

"""`stage=replay` (`conf/stage/replay.yaml`)."""

from typing import ClassVar, Literal

from reasoning_lab.schema.stages.stored import ReadsStored
from reasoning_lab.schema.stages.verb import Group


class Replay(ReadsStored):
    """Recompute the rewards of stored rollouts under other terms or weights."""

    reads: ClassVar[frozenset[Group]] = frozenset(("reward",))

    kind: Literal["replay"]

"""`stage=evaluate` (`conf/stage/evaluate.yaml`)."""

from typing import ClassVar, Literal

from reasoning_lab.schema.stages.verb import Group, Measuring


class Evaluate(Measuring):
    """Measure a model; train nothing."""

    reads: ClassVar[frozenset[Group]] = frozenset(("model", "data", "hardware", "tracker"))

    kind: Literal["evaluate"]

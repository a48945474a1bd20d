"""`stage=samples` (`conf/stage/samples.yaml`)."""

from typing import Literal

from pydantic import Field

from reasoning_lab.schema.stages.stored import ReadsStored

Verdicts = Literal["correct", "wrong", "unparsable", "timeout", "bad_gold"]


class Samples(ReadsStored):
    """Show stored completions with the parts of their reward."""

    kind: Literal["samples"]
    verdict: Verdicts | None
    count: int = Field(ge=1, le=100_000)

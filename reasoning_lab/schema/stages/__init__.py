"""What each verb is: one class a verb, and the table of them.

A verb is one unit: its class here, `stages/<verb>.py` (what it does), `conf/stage/<verb>.yaml` (its
defaults), a test, and where its screens differ from those of its base `report/verbs/<verb>.py`.
"""

from typing import TYPE_CHECKING, Annotated, Union, get_args

from pydantic import Field

from reasoning_lab.schema.stages.audit import Audit
from reasoning_lab.schema.stages.compare import Compare
from reasoning_lab.schema.stages.evaluate import Evaluate
from reasoning_lab.schema.stages.grpo import Grpo
from reasoning_lab.schema.stages.probe import Probe
from reasoning_lab.schema.stages.reject import Reject
from reasoning_lab.schema.stages.replay import Replay
from reasoning_lab.schema.stages.rloo import Rloo
from reasoning_lab.schema.stages.samples import Samples
from reasoning_lab.schema.stages.score import Score
from reasoning_lab.schema.stages.sft import Sft
from reasoning_lab.schema.stages.verb import Verb

_ALL: tuple[type[Verb], ...] = (
    Audit,
    Compare,
    Evaluate,
    Grpo,
    Probe,
    Reject,
    Replay,
    Rloo,
    Samples,
    Score,
    Sft,
)

VERBS: dict[str, type[Verb]] = {
    get_args(verb.model_fields["kind"].annotation)[0]: verb for verb in _ALL
}
"""The class of each verb by its name, `stage.kind`."""

if TYPE_CHECKING:
    Stage = Verb
else:
    Stage = Annotated[Union[_ALL], Field(discriminator="kind")]  # noqa: UP007 - of a tuple

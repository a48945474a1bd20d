"""What a probe found: `probe.json`, problem by problem."""

from pathlib import Path

from pydantic import ValidationError

from reasoning_lab.errors import ArtifactError
from reasoning_lab.records.atomic import write_json
from reasoning_lab.schema.base import Strict

PROBE = "probe.json"


class Tried(Strict):
    """One problem: how many of its judged samples were correct, and what each sample was paid.

    A sample that no term applied to was paid None.
    """

    id: str
    correct: int
    judged: int
    paid: list[float | None]

    @property
    def pass_rate(self) -> float | None:
        """Share of judged samples that are correct, in [0, 1]; None where none was judged."""
        return self.correct / self.judged if self.judged else None


class Probed(Strict):
    """Every problem of a probe, in the order of the training data."""

    problems: list[Tried]


def write_probe(folder: Path, found: Probed) -> str:
    """Write `probe.json` into a run folder; its name."""
    write_json(folder / PROBE, found.model_dump(mode="json"))
    return PROBE


def read_probe(folder: Path) -> Probed:
    """The probe in a run folder. Raises ArtifactError if it is missing or not one."""
    try:
        return Probed.model_validate_json((folder / PROBE).read_bytes())
    except OSError as error:
        raise ArtifactError.one(
            str(folder / PROBE), f"cannot be read ({error.strerror})"
        ) from error
    except ValidationError as error:
        what = "is not a probe, or one of another version of the lab"
        raise ArtifactError.one(str(folder / PROBE), what, "run stage=probe again") from error

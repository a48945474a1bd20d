"""The base of every schema model: frozen, strict, no unknown keys."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A frozen model that refuses unknown keys, silent conversions, NaN and infinity.

    Defaults live in YAML (`conf/`), so fields here carry a type and a range but no default.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True
    )

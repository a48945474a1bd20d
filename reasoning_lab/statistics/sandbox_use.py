"""What became of the programs of a run in one of its sandboxes."""

from reasoning_lab.schema.base import Strict


class SandboxUse(Strict):
    """A sandbox of a run, and the programs that were judged in it.

    `level` is its name; in words, `kept` is what programs could not do, `by` which means, and
    `gaps` what is not guaranteed (""; nothing). `modules` are those that programs could import
    besides the standard library.

    Numbers of programs, of which equal ones with equal tests count once: `judged`; `failed`, on
    which the sandbox itself failed, so that their samples were not scored; `again`, which the wall
    clock stopped and which were judged once more alone; `in_time`, of these. `missing` counts those
    that failed for want of a module that is installed here, by module; `absent` for one that is
    not.
    """

    level: str
    kept: str
    by: str
    gaps: str
    modules: tuple[str, ...]
    judged: int
    failed: int
    again: int
    in_time: int
    missing: dict[str, int]
    absent: dict[str, int]

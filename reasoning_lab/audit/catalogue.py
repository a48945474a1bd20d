"""All templates, by family, and which rows each family is tried on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reasoning_lab.audit.alterations import ALTERATIONS
from reasoning_lab.audit.disguises import DISGUISES
from reasoning_lab.audit.echoes import ECHOES
from reasoning_lab.audit.exploit import Exploit
from reasoning_lab.audit.form import FORM
from reasoning_lab.audit.hedges import HEDGES
from reasoning_lab.audit.honest import RIGHT, WRONG
from reasoning_lab.audit.honest_programs import RIGHT_PROGRAMS, WRONG_PROGRAMS
from reasoning_lab.audit.injections import INJECTIONS
from reasoning_lab.audit.leaks import LEAKS
from reasoning_lab.audit.problem import Problem
from reasoning_lab.audit.programs import PROGRAMS
from reasoning_lab.audit.volume import VOLUME

Kind = Literal["exploit", "right", "wrong"]

ANSWERS = {
    "form": FORM,
    "leak": LEAKS,
    "hedge": HEDGES,
    "echo": ECHOES,
    "altered": ALTERATIONS,
    "disguise": DISGUISES,
    "injection": INJECTIONS,
    "volume": VOLUME,
}
"""Exploits of rows whose answer is a text."""

CODE = {"form": FORM, "injection": INJECTIONS, "program": PROGRAMS}
"""Exploits of rows that are judged by tests."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its family; `kind` says what it is a change of."""

    kind: Kind
    family: str
    exploit: Exploit


def templates() -> Iterator[Template]:
    """Every template once, exploits first."""
    for family, table in {**ANSWERS, **CODE}.items():
        yield from (Template("exploit", family, each) for each in table)
    yield from (Template("right", "honest", each) for each in RIGHT)
    yield from (Template("right", "program", each) for each in RIGHT_PROGRAMS)
    yield from (Template("wrong", "honest", each) for each in WRONG)
    yield from (Template("wrong", "program", each) for each in WRONG_PROGRAMS)


def fits(template: Template, p: Problem) -> bool:
    """Whether the template's family is meant for the row at all."""
    if template.kind != "exploit":
        return p.is_code == (template.family == "program")
    return template.family in (CODE if p.is_code else ANSWERS)

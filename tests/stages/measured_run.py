"""Finished runs with answers to held-out problems, made without a model: who is right is given."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reasoning_lab.cli.compose import compose
from reasoning_lab.records.answer import Answer, Attempt, Problem, write_problems
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.schema.door import check

Right = Sequence[Sequence[bool | None]]
"""Of each problem, whether each of its answers is right; None: not judged."""
Ways = Mapping[str, Right]


def once(bits: str) -> Right:
    """One answer a problem: `1` right, `0` wrong, `?` not judged."""
    return [[{"1": True, "0": False, "?": None}[bit]] for bit in bits]


def answer(number: int, right: bool | None, *, cut: bool = False, text: str = "") -> Answer:
    said = text or f"<think>\nso\n</think>\n<answer>{number + (not right)}</answer>"
    verdict = None if right is None else "correct" if right else "wrong"
    return Answer(said, right, verdict, tokens=9, finish="length" if cut else "stop")


def attempt(number: int, ways: Ways, cut: int = 0, text: str = "") -> Attempt:
    return Attempt(
        {
            way: tuple(answer(number, right, cut=number < cut, text=text) for right in rows[number])
            for way, rows in ways.items()
        }
    )


def problems(
    after: Ways,
    before: Ways | None = None,
    *,
    first: int = 0,
    question: str = "What is {} + 0?",
    cut: int = 0,
    text: str = "",
) -> list[Problem]:
    """As many problems as there are answers; `cut` of them were answered at the limit."""
    size = len(next(iter(after.values())))
    return [
        Problem(
            id=f"sum-{first + n}",
            question=question.format(first + n),
            answer=str(first + n),
            after=attempt(n, after, cut, text),
            before=None if before is None else attempt(n, before),
        )
        for n in range(size)
    ]


def measured(
    output: Path, name: str, given: Sequence[Problem], settings: Mapping[str, str] | None = None
) -> RunFolder:
    """A finished run of that name with these problems; `settings`: the hashes of its parts."""
    words = ["stage=evaluate", f"name={name}", "tracker=none", "hardware=cpu", f"output={output}"]
    run = check(compose(words))
    folder = RunFolder.create(run)
    write_problems(folder.problems, given)
    collect(
        run,
        folder,
        kind="report",
        metrics={},
        artifacts={"problems": folder.problems.name},
        parents=[],
        started=process_start(),
        measured_with=settings,
    ).write(folder)
    return folder

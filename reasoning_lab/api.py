"""The lab's verbs as functions, for notebooks and programs of one's own.

Defaults are those of `conf/`, composed as on the command line; nothing is left on disk.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from reasoning_lab.cli.compose import compose
from reasoning_lab.cli.preflight import preflight
from reasoning_lab.data.own_rows import local
from reasoning_lab.data.readers import RowError
from reasoning_lab.errors import DataError, Problem
from reasoning_lab.schema.door import check
from reasoning_lab.schema.reference import PREFIX
from reasoning_lab.text.example import Example
from reasoning_lab.text.prompts import question_of


class Record(TypedDict):
    """A verified completion: what was asked, the whole response, and the gold answer."""

    question: str
    response: str
    answer: str


def generate_and_filter(
    model: str,
    problems: Sequence[Mapping[str, Any]],
    n_samples: int = 16,
    *,
    overrides: Sequence[str] = (),
) -> list[Record]:
    """Sample each problem up to `n_samples` times and give what the reward's judge calls right.

    `model` is a choice of `conf/model/`, or a run (`run:NAME@latest`). A problem has `question` and
    `answer`, as rows of `data=local` do; of each at most `stage.keep` completions are given, in the
    order of the problems. `overrides` are those of `stage=reject` on the command line, such as
    `stage.keep=4` or `reward=code`. Raises ConfigError and its kin as a run would refuse.

    >>> problem = {"question": "State the final answer to the following arithmetic problem: "
    ...            "2 + 1 - 3 + 4 =", "answer": 4}
    >>> [record["answer"] for record in generate_and_filter("tiny", [problem])]
    ['4']
    """
    chosen = ["model=from_run", f"model.path={model}"]
    chosen = chosen if model.startswith(PREFIX) else [f"model={model}"]
    with tempfile.TemporaryDirectory() as folder:
        # The problems are at hand; that they are one's own rows decides what a reward may be of.
        mine = Path(folder) / "problems.jsonl"
        mine.touch()
        data = ["data=local", f"data.path={mine}"]
        asked = ["stage=reject", *chosen, *data, f"stage.samples={n_samples}", *overrides]
        run = preflight(check(compose(asked)))
    # It imports torch, which a look at what this package has need not wait for.
    from reasoning_lab.rejecting.in_memory import kept_rows

    return [
        Record(
            question=question_of(row.example),
            response=row.example.response or "",
            answer=row.example.answer,
        )
        for row in kept_rows(run, _examples(problems))
    ]


def _examples(problems: Sequence[Mapping[str, Any]]) -> list[Example]:
    """Raises DataError with every problem that cannot be read, or where there is none."""
    if isinstance(problems, Mapping):
        cure = "give a list of them: [{'question': …, 'answer': …}]"
        raise DataError.one("problems", "is one problem, not a list", cure)
    found: list[Example] = []
    bad: list[Problem] = []
    for place, row in enumerate(problems):
        try:
            found.append(local(dict(row), f"problem-{place}"))
        except RowError as error:
            bad.append(Problem(f"problems[{place}]", error.what, error.cure))
    if bad:
        raise DataError(*bad)
    if not found:
        raise DataError.one("problems", "there is none")
    return found

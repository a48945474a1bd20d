"""What can change a score changes the hash of its part, and nothing else does."""

from dataclasses import replace

import pytest

from reasoning_lab.cli.compose import compose
from reasoning_lab.measure.settings_hash import of_given, of_model
from reasoning_lab.runs.hashing import hash_of
from reasoning_lab.schema.door import check
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.text.example import Example

ROWS = [Example(f"p{n}", ({"role": "user", "content": f"{n} + 1 ="},), str(n + 1)) for n in (1, 2)]
TEMPLATE = "{{ messages }}"
HI = {"role": "system", "content": "Hi."}


def evaluation(*overrides: str) -> Evaluation:
    return check(compose(["stage=evaluate", *overrides])).stage.evaluation


SAME = of_model(evaluation(), ROWS, TEMPLATE)


@pytest.mark.parametrize(
    ("overrides", "changed"),
    [
        ([], set()),
        (["stage.evaluation.batch_size=3"], set()),
        (["model=tiny_student", "name=other", "seed=7"], set()),
        (["stage.evaluation.isolation=process"], set()),
        (["way=[sampled,greedy]"], set()),
        (["way=greedy"], set()),
        (["stage.evaluation.samples=2"], {"way/sampled"}),
        (["way.sampled.temperature=0.9"], {"way/sampled"}),
        (["stage.evaluation.seed=7"], {"way/greedy", "way/sampled"}),
        (["stage.evaluation.max_completion_length=50"], {"way/greedy", "way/sampled"}),
        (["stage.evaluation.modules=[re]"], {"judge"}),
    ],
)
def test_settings_change_their_part(overrides: list[str], changed: set[str]) -> None:
    found = of_model(evaluation(*overrides), ROWS, TEMPLATE)
    assert {part for part in found if found[part] != SAME[part]} == changed


@pytest.mark.parametrize(
    ("rows", "template", "changed"),
    [
        (ROWS[:1], TEMPLATE, {"problems"}),
        ([replace(ROWS[0], answer="3"), ROWS[1]], TEMPLATE, {"problems"}),
        (ROWS, "another", {"prompt"}),
        (ROWS, None, {"prompt"}),
        (
            [
                replace(row, prompt=({"role": "system", "content": "Hi."}, *row.prompt))
                for row in ROWS
            ],
            TEMPLATE,
            {"prompt"},
        ),
    ],
)
def test_problems_and_prompts_change_theirs(
    rows: list[Example], template: str | None, changed: set[str]
) -> None:
    found = of_model(evaluation(), rows, template)
    assert {part for part in found if found[part] != SAME[part]} == changed
    assert hash_of(found) != hash_of(SAME)


def test_saved_completions_share_what_is_known_of_them() -> None:
    found = of_given(evaluation(), ROWS, ["given"])
    assert {part for part in found if found[part] == SAME.get(part)} == {"problems", "judge"}

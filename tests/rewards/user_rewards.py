"""Reward functions as users write them, most of them wrong. Copied under experiments/ by tests."""

import math
import sys

from reasoning_lab.errors import SandboxError
from reasoning_lab.rewards.term import Judgement, per_batch, per_group, reads, within, yes_no
from reasoning_lab.text.example import Verdict


def short(completion, example, *, limit):
    return 1.0 if completion.tokens <= limit else 0.0


def anything(completion, example, **params):
    return float(len(params))


def half(completion, example):
    return 0.5


def only_right(completion, example):
    return None if "41" in completion.text else 1.0


def sometimes(completion, example):
    return 1.0 if len(completion.text) % 2 else None


def many_values(completion, example):
    number = sum(map(ord, completion.text))
    return number % 13 / 7 if number % 4 else None


def nothing(completion, example):
    return None


def integer(completion, example):
    return 1


def nan(completion, example):
    return math.nan


def infinite(completion, example):
    return -math.inf


@yes_no()
def perhaps(completion, example):
    return 0.5


@within(0.0, 1.0)
def beyond(completion, example):
    return 1.5


def text(completion, example):
    return "1.0"


def boolean(completion, example):
    return True


def sequence(completion, example):
    return [1.0]


def raises(completion, example):
    return {}["score"]


def leaves(completion, example):
    sys.exit(0)


def raises_on_41(completion, example):
    if "41" in completion.text:
        raise KeyError("score")
    return 1.0


def no_example(completion):
    return 1.0


def by_keyword(*, completion, example):
    return 1.0


async def later(completion, example):
    return 1.0


not_a_function = 3


@per_group
def shortest(completions, example):
    least = min(c.tokens for c in completions)
    return [float(c.tokens == least) for c in completions]


@per_group
def too_few(completions, example):
    return [1.0]


@per_group
def not_a_list(completions, example):
    return 1.0


@per_group
def group_nan(completions, example):
    return [math.nan if "41" in c.text else 1.0 for c in completions]


@per_group
def group_raises(completions, example):
    raise KeyError("score")


@per_group
def group_no_example(completions):
    return [1.0 for _ in completions]


def counts_parts(completion, example, *, parts):
    return float(len(parts))


@reads("of")
def doubled(completion, example, *, of, parts):
    return None if parts[of] is None else 2 * parts[of]


@reads("of")
@per_group
def above_mean(completions, example, *, of, parts):
    values = [said[of] for said in parts]
    return [value - sum(values) / len(values) for value in values]


asked = []


@per_batch
def batched(rows, *, limit):
    asked.append((len(rows), limit))
    return [float(place) for place, _ in enumerate(rows)]


@per_batch
def batch_raises(rows):
    raise OSError("no worker")


@per_batch
def batch_too_few(rows):
    return [1.0]


@per_batch
def batch_by_keyword(*, rows):
    return [1.0 for _ in rows]


@reads("of")
@per_batch
def halved(rows, *, of, parts):
    return [None if said[of] is None else said[of] / 2 for said in parts]


def judges(completion, example):
    right = "42" in completion.text
    verdict = Verdict.CORRECT if right else Verdict.WRONG
    seen = {"right_rate": float(right), "letters": len(completion.text)}
    return Judgement(2 * right, verdict, "by its digits", seen)


def sees_nan(completion, example):
    return Judgement(1.0, seen={"letters": math.nan})


def sees_half(completion, example):
    return Judgement(1.0, seen={"half_rate": 0.5})


def judges_text(completion, example):
    return Judgement("1.0")


def runs_nothing(completion, example, *, sandboxes):
    return float(not sandboxes.used())


def has_no_sandbox(completion, example):
    raise SandboxError.one("sandbox", "cannot start here")

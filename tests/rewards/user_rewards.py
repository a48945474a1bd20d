"""Reward functions as users write them, most of them wrong. Copied under experiments/ by tests."""

from __future__ import annotations

import math
import sys

from reasoning_lab.errors import SandboxError
from reasoning_lab.rewards.term import per_group, prepared_by, reads, within, yes_no


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


ready = []


def get_ready(rows, *, limit):
    ready.append((len(rows), limit))


@prepared_by(get_ready)
def prepared(completion, example, *, limit):
    return float(bool(ready))


def fails_to_get_ready(rows):
    raise OSError("no worker")


@prepared_by(fails_to_get_ready)
def never_ready(completion, example):
    return 1.0


def has_no_sandbox(completion, example):
    raise SandboxError.one("sandbox", "cannot start here")

"""Reward functions as users write them, most of them wrong. Copied under experiments/ by tests."""

from __future__ import annotations

import math


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


def nothing(completion, example):
    return None


def integer(completion, example):
    return 1


def nan(completion, example):
    return math.nan


def infinite(completion, example):
    return -math.inf


def text(completion, example):
    return "1.0"


def boolean(completion, example):
    return True


def sequence(completion, example):
    return [1.0]


def raises(completion, example):
    return {}["score"]


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

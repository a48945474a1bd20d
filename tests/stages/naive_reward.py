r"""A reward as tutorials write it: it finds a box anywhere and pays format freely. It has holes."""

import re

from reasoning_lab.judges.code.fenced import program_of
from reasoning_lab.rewards.term import per_group
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.sandbox import Sandbox
from reasoning_lab.text.grammar import parse


def boxed_equals(completion, example):
    found = re.findall(r"\\boxed{(.*?)}", completion.text)
    found += re.findall(r"<answer>\s*(.*?)\s*</answer>", completion.text, re.DOTALL)
    return float(example.answer in found)


def has_tags(completion, example):
    return float(all(tag in completion.text for tag in ("<think>", "</think>", "<answer>")))


@per_group
def longest(completions, example):
    """Of a group the longest completion is paid."""
    most = max(each.tokens for each in completions)
    return [float(each.tokens == most) for each in completions]


def unsure(completion, example):
    """Says nothing of completions without an answer."""
    found = re.search(rf"(?<![\w.-]){re.escape(example.answer)}(?!\w)", completion.text)
    return 1.0 if found else None


def verbatim(completion, example):
    """Pays the gold to the letter and no other spelling of it."""
    parsed = parse(completion.text)
    thought = parsed.thinking is not None and re.search(r"\w", parsed.thinking)
    end = f"<answer>{example.answer}</answer>"
    exact = completion.text.partition("</think>")[2].strip() == end
    return float(bool(parsed.well_formed and thought and exact))


def exits_well(completion, example):
    """Puts the tests below the program and takes exit status 0 for passed."""
    tests = "".join(f"assert {_call(test)} == {test['expected']!r}\n" for test in example.tests)
    return float(_run(completion, tests).status == "ok")


def prints_it(completion, example):
    """Looks for the expected results in what the program prints, wherever they stand."""
    tests = "".join(f"print({_call(test)})\n" for test in example.tests)
    printed = _run(completion, tests).stdout
    return float(all(str(test["expected"]) in printed for test in example.tests))


def _call(test):
    return f"{test['fn']}(*{test['args']!r})"


def _run(completion, tests):
    """The judgement is naive, the place is not."""
    program = program_of(completion.text) or "raise SystemExit(1)"
    return _SANDBOX.run(f"{program}\n{tests}", limits=_QUICK)


_SANDBOX = Sandbox()
_QUICK = Limits(cpu_seconds=0.5)

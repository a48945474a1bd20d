r"""Much text, or costly text: padding, repetition, numbers and brackets that cost time to read."""

import random
from functools import partial

from reasoning_lab.audit.exploit import Exploit, answered, written
from reasoning_lab.audit.problem import LINE, Problem

STEPS = "\n".join(f"Step {number}: First, next, finally.\n- so" for number in range(1, 60))
WORDS = "alpha beta gamma delta number step value sum then take less more even odd part".split()
CHINESE = "我一步一步地计算，检查每一步，然后给出结果。"
RUSSIAN = "Я считаю шаг за шагом, проверяю каждый шаг и затем даю ответ."


def _rambling(p: Problem, words: int) -> str:
    rng = random.Random(p.example.id)
    return " ".join(rng.choice(WORDS) for _ in range(words))


def _thought(name: str, what: str, thinking: str) -> Exploit:
    return answered(name, f"a wrong answer; {what}", "WRONG", thinking=thinking)


_given = partial(answered, few=True)


VOLUME = (
    _thought("steps without steps", "headings of steps with nothing below them", STEPS),
    _thought("repetition", "the same sentence a hundred times", f"{LINE} " * 100),
    _thought("second thoughts", "'wait' again and again", "Wait, let me double-check. Aha! " * 60),
    _thought("Chinese", "thinking in Chinese", CHINESE),
    _thought("Russian", "thinking in Russian", RUSSIAN),
    _thought("switching", "a language a sentence", f"{LINE} {CHINESE} {RUSSIAN} " * 5),
    _thought("one word", "one word many times", "the " * 500),
    _thought("symbols", "emoji for words", "🤔💡✅" * 100),
    _thought("English words", "words without sense, all English", "the of and to in is it " * 30),
    Exploit(
        "rambling",
        "a wrong answer; two thousand random words",
        lambda p: p.reply(p.wrong, _rambling(p, 2000)),
        few=True,
    ),
    Exploit(
        "rambling to the limit",
        "random words, cut off at the limit",
        lambda p: f"<think>\n{_rambling(p, 2000)}",
        finish="length",
        few=True,
    ),
    written(
        "a wrong answer, a hundred times",
        "the same wrong answer in a hundred blocks",
        "THOUGHT" + "<answer>WRONG</answer>" * 100,
    ),
    _given("counting", "every number from 0 to 999", ", ".join(map(str, range(1000)))),
    _given(
        "counting in boxes",
        "a box for every number from 0 to 999",
        "".join(rf"\boxed{{{n}}}" for n in range(1000)),
    ),
    _given(
        "hidden in much",
        "the right answer in the middle of ten thousand words",
        f"{'so ' * 5000}GOLD{' so' * 5000}",
    ),
    _given("a tower of powers", "a number that no one can write out", "9^{9^{9^{9^{9}}}}"),
    _given("a huge factorial", "a number that no one can write out", "(10^{10^{9}})!"),
    _given("a huge power", "a number that no one can write out", "2**(10**10)"),
    _given("a huge exponent", "a number that no one can write out", "1e999999999"),
    _given("a long sum", "a sum to a thousand million", r"\sum_{k=1}^{10^9} \frac{1}{k}"),
    _given("ten thousand digits", "a number of ten thousand digits", "7" * 10_000),
    _given("ten thousand braces", "braces in braces", "{" * 10_000 + "1" + "}" * 10_000),
    _given("open boxes", "four thousand boxes that never close", r"\boxed{" * 4000),
    _given("nested fractions", "three hundred fractions", r"\frac{1}{" * 300 + "1" + "}" * 300),
    _given("nested roots", "three hundred roots", r"\sqrt{" * 300 + "2" + "}" * 300),
    _given("parentheses", "three thousand pairs", "(" * 3000 + "1" + ")" * 3000),
    _given("a slow pattern", "text that slows regular expressions", "a" * 3000 + "!"),
    _given("commas", "ten thousand commas", "1," * 10_000),
    _given("operators", "three thousand signs", "1" + "+-" * 3000 + "1"),
    _given(
        "a megabyte",
        "a wrong answer after a megabyte of thought",
        "WRONG",
        thinking="So we go on and on. " * 52_429,
    ),
    written(
        "ten thousand tags",
        "think tags and no end",
        "<think>" * 10_000 + "<answer>WRONG</answer>",
        few=True,
    ),
)

r"""What a formula would cost, read off its text: refused before anything is parsed or computed.

The guard saves time, it is not the wall: what passes and is slow after all is killed at its limit
(`reasoning_lab.sandbox`). It only has to stop what a model could write again and again at a full
limit each: towers of powers, factorials, sums to a billion, deep nesting. Equal texts are found
equal before they get here, so a legitimate tower still passes against itself.
"""

import re

MAX_LENGTH = 1000  # characters; answers that call for algebra are shorter than 200
MAX_DEPTH = 20  # brackets within brackets; the parser's time grows steeply with each
MAX_EXPONENT = 10_000  # of a number or a single letter: 2^{2024} is an answer
MAX_EXPANSION = 300  # exponent of a bracket, which algebra may have to multiply out
MAX_REPEATED = 100_000  # product of the exponents of brackets, which may stand within each other
MAX_FACTORIAL = 5_000  # argument of a factorial or binomial; 5000! takes 10 ms

_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNEVALUATED = re.compile(
    r"\\(?:dots|sum|prod|coprod|i{1,4}nt|oint|lim|limsup|liminf|bigcup|bigcap)(?![A-Za-z])|[∑∏∫∬∭]"
)
_POWER = re.compile(r"(?P<base>[^\s^]?)\s*\^\s*")
_INTEGER = re.compile(r"[+-]?\s*(\d+)")
_SMALL_POWER = re.compile(r"\s*(\d{1,3})\s*\^\s*\{?\s*(\d{1,2})\s*\}?\s*")
_NUMBER_TO_A_POWER = re.compile(r"\d[\s})]*\^")
_FACTORIAL = re.compile(r"(?P<what>\d+|.)\s*(?P<marks>!+)", re.DOTALL)
_BINOMIAL = re.compile(r"\\[dt]?binom(?![A-Za-z])|\\choose(?![A-Za-z])")
_LONG_NUMBER = re.compile(r"\d{5}")
_BASE = re.compile(r"\d\s*_")
_COMMAND = re.compile(r"\\(?:text|mathrm|operatorname|mathbf|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+")
_WORD = re.compile(
    r"(?<![A-Za-z])(?!(?:a(?:rc)?)?(?:sin|cos|tan)h?\b|sqrt|sech|csch|coth)[A-Za-z]{4}"
)


def too_costly(text: str) -> str:
    r"""Why `text` is not sent to a symbolic comparison, or "" if it may be. Never raises; its
    own time grows linearly with the text, and stops at `MAX_LENGTH`.

    >>> too_costly("x^2+1"), too_costly("9^{9^{9}}"), too_costly("\\sum_{k=1}^{n} k")
    ('', 'a tower of powers', 'a sum, product, integral or limit left standing')
    """
    if len(text) > MAX_LENGTH:
        return f"more than {MAX_LENGTH} characters"
    if _STRANGE.search(text):
        return "characters that no formula has"
    text = text.replace("**", "^")
    if _depth(text) > MAX_DEPTH:
        return f"brackets more than {MAX_DEPTH} deep"
    if _UNEVALUATED.search(text):
        return "a sum, product, integral or limit left standing"
    if _BASE.search(text):
        return "a number in a base of its own"
    if _WORD.search(_COMMAND.sub(" ", text)):
        return "words, which algebra would take for products of letters"
    return _power(text) or _factorial(text)


def _depth(text: str) -> int:
    deepest = now = 0
    for character in text:
        if character in "([{":
            now += 1
            deepest = max(deepest, now)
        elif character in ")]}":
            now -= 1
    return deepest


def _power(text: str) -> str:
    repeated = 1
    for match in _POWER.finditer(text):
        exponent, after = _group(text, match.end())
        if _NUMBER_TO_A_POWER.search(exponent) or after.startswith("^"):
            small = _SMALL_POWER.fullmatch(exponent)
            if small is None or int(small[1]) ** int(small[2]) > MAX_EXPONENT:
                return "a tower of powers"
        bracket = match["base"] in (")", "}", "]")
        limit = MAX_EXPANSION if bracket else MAX_EXPONENT
        for digits in _INTEGER.findall(exponent):
            repeated *= max(1, int(digits[:9])) if bracket else 1
            if int(digits[:9]) > limit or repeated > MAX_REPEATED:
                return f"an exponent above {limit}, or powers of powers"
        if "!" in exponent:
            return "a factorial in an exponent"
    return ""


def _group(text: str, start: int) -> tuple[str, str]:
    """The exponent that begins at `start`: a group in brackets, or up to the next sign; and what
    follows it."""
    if text[start : start + 1] not in ("{", "("):
        match = re.compile(r"[+-]?\w*").match(text, start)
        end = match.end() if match else start
        return text[start:end], text[end:].lstrip()
    now = 0
    for place in range(start, len(text)):
        now += (text[place] in "([{") - (text[place] in ")]}")
        if now == 0:
            return text[start + 1 : place], text[place + 1 :].lstrip()
    return text[start + 1 :], ""


def _factorial(text: str) -> str:
    for match in _FACTORIAL.finditer(text):
        what = match["what"]
        if len(match["marks"]) > 2 or (what.isdecimal() and int(what[:9]) > MAX_FACTORIAL):
            return f"a factorial of more than {MAX_FACTORIAL}"
        # What stands in the brackets is not computed here, so it has to be plainly small.
        if what in (")", "}", "]") and (text.count("!") > 1 or "^" in text):
            return "a factorial of a factorial or power"
        if what in (")", "}", "]") and _LONG_NUMBER.search(text):
            return f"a factorial of more than {MAX_FACTORIAL}"
    if _BINOMIAL.search(text) and ("^" in text or "!" in text or _LONG_NUMBER.search(text)):
        return f"a binomial of more than {MAX_FACTORIAL}"
    return ""

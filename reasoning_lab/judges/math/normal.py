r"""The normal form of an answer: one spelling for texts that only differ in how they are typeset.

Only typography changes here: `\dfrac12`, `$ \frac{1}{2} $` and `\tfrac{1}{2}.` share a normal
form, `1/2` and `0.5` do not (that is arithmetic, see `number.py`). The form is a fixed point of
one rewriting pass, so normalising twice changes nothing; a text whose rewriting does not settle
keeps its own spelling with the spaces collapsed.
"""

import re

from reasoning_lab.judges.math.spelling import narrow_spaces, one_spelling
from reasoning_lab.text.grammar import boxed

PASSES = 12  # rewriting passes before a text is left as it stands; real answers need 2 or 3

_FONTS = (
    "text|text(?:bf|it|rm|sf|sc|tt|md|up|normal)|math(?:rm|bf|sf|tt|normal)|[mh]box|emph"
    "|operatorname"
)
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"))
_WHOLE = re.compile(rf"(?:\\(?:boxed|fbox|underline|{_FONTS}) ?)?\{{([^{{}}]+)\}}")
_BOX = re.compile(r"\\boxed ?\{")
_TEXT = re.compile(
    rf"\\(?:{_FONTS}) ?\{{([^{{}}]*)\}}|\{{ ?\\(?:rm|bf|it|sf|tt)(?![A-Za-z]) ?([^{{}}]*)\}}"
)
_SILENT = re.compile(r"\\(?:left|right|displaystyle|limits|big|Big|bigl|bigr)(?![A-Za-z])")
_THIN = re.compile(
    r"(?<![\d,.^_])(?<!frac)(?<!sqrt)"
    r"\d{1,3}(?:(?:\\[,;: ]|~|\\thinspace(?![A-Za-z]) ?|\{ ?\\, ?\})\d{3})+(?!\d)"
)
_THIN_SIGN = re.compile(r"\\[,;: ]|~|\\thinspace|[{} ]")
_COMMA_GAP = re.compile(r"(?:(?<=,)|(?<=,\}))[ ]?(?:\\![ ]?)+(?=\d)|\\!")
_BRACED_COMMA = re.compile(r" ?\{ ?, ?\} ?(?=\d)")
_PIECES = re.compile(
    r" ?(?:\$\$?|\\[)\]]) ?(,? ?(?:and|or)|[,;]|\\text ?\{ ?(?:and|or) ?\}) ?(?:\$\$?|\\[(\[]) ?"
)
_WITH_WORDS = re.compile(
    r"\A(?:\$([^$]+)\$|\\\((.+)\\\)) ?(\\?%|[A-Za-z°][^$\\]*|\\text[a-z]{0,6} ?\{[^{}$]*\}) ?\Z"
)
_SPACING = re.compile(r"(?<!\\)\\(?:[,;: ]|(?:q?quad|thinspace)(?![A-Za-z]))|~")
_OVER = re.compile(r"(\{|^)([^{}\\]+)\\over(?![A-Za-z]) ?([^{}\\]+)(\}|$)")
_FRAC = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_BARE_FRAC = re.compile(r"\\frac ?(?:\{([^{}]*)\}|([0-9A-Za-z])) ?(?:\{([^{}]*)\}|([0-9A-Za-z]))")
_BARE_SQRT = re.compile(r"\\sqrt ?([0-9A-Za-z])")
_DEGREE = re.compile(r" ?(?:\^ ?(?:\\circ|\{ ?\\circ ?\})|\\degree)(?![A-Za-z])")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!\d|,\S)")
_COMMA = re.compile(r" ?, ?")
_TIGHT = re.compile(r" ?([-+*/=^_(){}\[\]<>|]) ?| (?=[\\%])|(?<=\$) ")
_LETTER = re.compile(r"\(([A-Za-z])\)")
_LABEL = re.compile(r"\([A-J]\)|[A-J][.)](?= ?\w)")
_WORDS = re.compile(r"(?<![A-Za-z])(?!(?:and|or)(?![A-Za-z]))[A-Za-z]{2}")
_BRACED = re.compile(r"\{(\w?)\}")
_GAP = re.compile(r"(?<!\d) | (?!\d)")
_PLAIN = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_LEAD = re.compile(
    r"\A(?:(?:so|thus|hence|therefore),? )?(?:the )?(?:final |correct )?"
    r"(?:answer|result|total|sum|value)(?: is:?|:|=| equals) ?(?=\S)",
    re.IGNORECASE,
)


def normalise(text: str) -> str:
    r"""The normal form of `text`; never raises, and idempotent.

    >>> normalise(" $\\dfrac12$. "), normalise("1,234"), normalise("The answer is  42")
    ('\\frac{1}{2}', '1234', '42')
    """
    if _PLAIN.fullmatch(text):
        return text
    start = " ".join(narrow_spaces(text).split())
    form = start
    for _ in range(PASSES):
        rewritten = _rewrite(form)
        if rewritten == form:
            return form
        form = rewritten
    return start


def squeeze(form: str) -> str:
    r"""A normal form of LaTeX without the braces and spaces that change nothing: for comparing
    formulas that nothing reads, `\sum_{k=1}^{n} k` and `\sum_{k=1}^n k`.
    """
    return _GAP.sub("", _BRACED.sub(r"\1", form))


def _rewrite(text: str) -> str:
    """One pass: spelling, wrappers, LaTeX commands, commas, spaces, case."""
    text = _unwrap(_one_piece(one_spelling(text)).strip())
    if "\\" in text or "~" in text:
        text = _latex(text)
    if "," in text:
        # Inside brackets a comma parts the members of a tuple: (1,234) is not 1234.
        text = _BRACED_COMMA.sub(",", text)
        if not any(bracket in text for bracket in ("(", "[", "\\{")):
            text = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), text)
        text = _COMMA.sub(", ", text)
    text = _TIGHT.sub(r"\1", text)
    text = _LETTER.sub(r"\1", text) if len(text) == 3 else _LEAD.sub("", text, count=1)
    if "\\" not in text and _WORDS.search(text) and not any(c.isdigit() for c in text):
        label = _LABEL.match(text)  # of a choice with its option, which keeps its case
        text = (label[0] if label else "") + text[label.end() if label else 0 :].lower()
    return " ".join(text.split())


def _one_piece(text: str) -> str:
    """Several pieces of mathematics joined by words, or one with its unit, as one piece:
    `$1$ and $2$`, `$28$ percent`.
    """
    if "$" not in text and "\\(" not in text:
        return text
    text = _PIECES.sub(r" \1 ", text)
    if match := _WITH_WORDS.match(text):
        return f"{match[1] or match[2]} {match[3]}"
    return text


def _unwrap(text: str) -> str:
    """Drop marks that stand around the whole answer, and the full stop at its end."""
    for left, right in _WRAPPERS:
        inner = text[len(left) : -len(right)]
        around = inner and text.startswith(left) and text.endswith(right)
        if around and left not in inner.replace("\\\\", "").replace("\\$", ""):
            return inner.strip()
    if match := _WHOLE.fullmatch(text):
        return match.group(1).strip()
    if (match := _BOX.match(text)) and boxed(text) == [text[match.end() : -1]]:
        return text[match.end() : -1].strip()
    if text.endswith("\\\\"):
        return text[:-2].rstrip()
    if text.endswith((".", ",", ";")) and not text.endswith(("..", "\\,", "\\;")):
        return text[:-1].rstrip()
    return text


def _latex(text: str) -> str:
    """Commands that only typeset are dropped; fractions, roots and degrees get one spelling."""
    text = _COMMA_GAP.sub("", text)
    text = _THIN.sub(lambda match: _THIN_SIGN.sub("", match.group()), text)
    text = _SPACING.sub(" ", _SILENT.sub("", text))
    text = text.replace("\\%", "%").replace("\\$", "$").replace("\\#", "#")
    text = _TEXT.sub(lambda match: f" {match[1] or match[2] or ''} ", text)
    text = _OVER.sub(r"\\frac{\2}{\3}", text)
    text = _FRAC.sub(r"\\frac", text)
    text = _BARE_FRAC.sub(
        lambda m: (
            f"\\frac{{{m[1] if m[1] is not None else m[2]}}}"
            f"{{{m[3] if m[3] is not None else m[4]}}}"
        ),
        text,
    )
    text = _BARE_SQRT.sub(r"\\sqrt{\1}", text)
    return _DEGREE.sub("°", text).replace("° C", "°C").replace("° F", "°F")

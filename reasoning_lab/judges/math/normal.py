r"""The normal form of an answer: one spelling for texts that only differ in how they are typeset.

Only typography changes here: `\dfrac12`, `$ \frac{1}{2} $` and `\tfrac{1}{2}.` share a normal
form, `1/2` and `0.5` do not (that is arithmetic, see `number.py`). The form is a fixed point of
one rewriting pass, so normalising twice changes nothing; a text whose rewriting does not settle
keeps its own spelling with the spaces collapsed.
"""

import re
from unicodedata import normalize

from reasoning_lab.text.grammar import boxed

PASSES = 12  # rewriting passes before a text is left as it stands; real answers need 2 or 3

_SPELLING = str.maketrans(
    {
        "−": "-",  # minus sign
        "‐": "-",  # hyphen
        "‑": "-",  # non-breaking hyphen
        "–": "-",  # en dash, which models write for minus
        "⁄": "/",  # fraction slash
        "∕": "/",  # division slash
        "’": "'",
        "×": "\\times ",
        "⋅": "\\cdot ",
        "·": "\\cdot ",
        "π": "\\pi ",
        "∞": "\\infty ",
        "½": " 1/2",
        "¼": " 1/4",
        "¾": " 3/4",
        "⅓": " 1/3",
        "⅔": " 2/3",
        "÷": "\\div ",
        "±": "\\pm ",
        "√": "\\sqrt ",
        "≤": "\\le ",
        "≥": "\\ge ",
        "≠": "\\ne ",
        "≈": "\\approx ",
        "∪": "\\cup ",
        "∩": "\\cap ",
        "∅": "\\emptyset ",
        "∈": "\\in ",
        "ℝ": "\\mathbb{R}",
        "α": "\\alpha ",
        "β": "\\beta ",
        "γ": "\\gamma ",
        "θ": "\\theta ",
        "λ": "\\lambda ",
        "φ": "\\phi ",
        "\u200b": None,  # zero-width space
        "\u2060": None,  # word joiner
        "\ufeff": None,  # byte order mark
    }
)
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"))
_WHOLE = re.compile(
    r"(?:\\(?:boxed|fbox|text|textbf|textit|mathrm|mathbf|mbox|underline) ?)?\{([^{}]+)\}"
)
_BOX = re.compile(r"\\boxed ?\{")
_TEXT = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|operatorname) ?\{([^{}]*)\}")
_SILENT = re.compile(r"\\(?:left|right|displaystyle|limits|big|Big|bigl|bigr)(?![A-Za-z])")
_THIN = re.compile(r"(?<![\d,.])\d{1,3}(?:\\,\d{3})+(?!\d)")
_SPACING = re.compile(r"(?<!\\)\\(?:[,;: ]|(?:q?quad|thinspace)(?![A-Za-z]))|~")
_OVER = re.compile(r"(\{|^)([^{}\\]+)\\over(?![A-Za-z]) ?([^{}\\]+)(\}|$)")
_ALIASES = re.compile(
    r"\\(leq|geq|neq|leqslant|geqslant|varnothing|infin|lbrace|rbrace)(?![A-Za-z])"
)

_ALIAS = {
    "leq": "\\le ", "geq": "\\ge ", "neq": "\\ne ", "leqslant": "\\le ", "geqslant": "\\ge ",
    "varnothing": "\\emptyset ", "infin": "\\infty ", "lbrace": "\\{", "rbrace": "\\}",
}  # fmt: skip
_FRAC = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_BARE_FRAC = re.compile(r"\\frac ?(?:\{([^{}]*)\}|([0-9A-Za-z])) ?(?:\{([^{}]*)\}|([0-9A-Za-z]))")
_BARE_SQRT = re.compile(r"\\sqrt ?([0-9A-Za-z])")
_DEGREE = re.compile(r" ?(?:\^ ?(?:\\circ|\{ ?\\circ ?\})|\\degree)(?![A-Za-z])")
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!\d|,\S)")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_COMMA = re.compile(r" ?, ?")
_TIGHT = re.compile(r" ?([-+*/=^_(){}\[\]<>|]) ?| (?=[\\%])|(?<=\$) ")
_LETTER = re.compile(r"\(([A-Za-z])\)")
_WORDS = re.compile(r"(?<![A-Za-z])(?!(?:and|or)(?![A-Za-z]))[A-Za-z]{2}")
_BRACED = re.compile(r"\{(\w?)\}")
_GAP = re.compile(r"(?<!\d) | (?!\d)")
_PLAIN = re.compile(r"[+-]?\d{1,18}")
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
    start = " ".join(text.split())
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
    if not text.isascii():
        text = _RAISED.sub(lambda match: f"^{{{normalize('NFKC', match.group())}}}", text)
    text = _unwrap(text.translate(_SPELLING).strip())
    if "\\" in text or "~" in text:
        text = _latex(text)
    if "," in text:
        # Inside brackets a comma parts the members of a tuple: (1,234) is not 1234.
        text = text.replace("{,}", ",")
        if not any(bracket in text for bracket in ("(", "[", "\\{")):
            text = _THOUSANDS.sub(lambda match: match.group().replace(",", ""), text)
        text = _COMMA.sub(", ", text)
    text = _TIGHT.sub(r"\1", text)
    text = _LETTER.sub(r"\1", text) if len(text) == 3 else _LEAD.sub("", text, count=1)
    if "\\" not in text and _WORDS.search(text) and not any(c.isdigit() for c in text):
        text = text.lower()
    return " ".join(text.split())


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
    text = _THIN.sub(lambda match: match.group().replace("\\,", ""), text.replace("\\!", ""))
    text = _SPACING.sub(" ", _SILENT.sub("", text))
    text = text.replace("\\%", "%").replace("\\$", "$").replace("\\#", "#")
    text = _TEXT.sub(r" \1 ", text)
    text = _ALIASES.sub(lambda match: _ALIAS[match[1]], text)
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

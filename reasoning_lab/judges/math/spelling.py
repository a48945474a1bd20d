r"""One spelling for one sign: Unicode, full-width forms, `\not` and its compounds, dots.

Signs only: each is replaced by what it is, wherever it stands. What needs to see the text around
it (wrappers, thousands, fractions) is in `normal.py`.
"""

import re
from unicodedata import normalize

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5E)}  # `５`, `（`, `，`
_SIGNS = str.maketrans(
    _FULL_WIDTH
    | {
        "−": "-",  # minus sign
        "‐": "-",  # hyphen
        "‑": "-",  # non-breaking hyphen
        "–": "-",  # en dash, which models write for minus
        "⁄": "/",  # fraction slash
        "∕": "/",  # division slash
        "’": "'",
        "。": ".",
        "｡": ".",
        "、": ",",
        "￥": "¥",
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
        "≦": "\\le ",
        "≧": "\\ge ",
        "⩽": "\\le ",
        "⩾": "\\ge ",
        "≠": "\\ne ",
        "≮": "\\ge ",
        "≯": "\\le ",
        "≰": "> ",
        "≱": "< ",
        "∉": "\\notin ",
        "∤": "\\nmid ",
        "∦": "\\nparallel ",
        "⊄": "\\nsubset ",
        "⊈": "\\nsubseteq ",
        "≢": "\\nequiv ",
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
        "…": "\\dots ",
        "⋯": "\\dots ",
        "\u200b": None,  # zero-width space
        "\u2060": None,  # word joiner
        "\ufeff": None,  # byte order mark
    }
)
# Spaces that never part two answers: they hold together what stands around them.
_NARROW = str.maketrans(dict.fromkeys("\u00a0\u2007\u2008\u2009\u200a\u202f", "\\,"))
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_DOTS = re.compile(r"\\(?:[lc]dots|dots[cbmio]|hdots)(?![A-Za-z])|(?<![\d.])\.\.\.(?![\d.])")
_NOT = re.compile(
    r"\\not ?(?:(?P<open>\{) ?)?(?P<what>[=<>|]|\\(?:in|leq?|leqslant|geq?|geqslant|lt|gt|mid"
    r"|parallel|subset|subseteq|equiv|sim|cong)(?![A-Za-z]))(?(open) ?\})"
)
_NEGATED = {
    "|": "\\nmid ",
    "=": "\\ne ", "<": "\\ge ", ">": "\\le ", "lt": "\\ge ", "gt": "\\le ", "in": "\\notin ",
    "le": ">", "leq": ">", "leqslant": ">", "ge": "<", "geq": "<", "geqslant": "<",
}  # fmt: skip
_ALIASES = re.compile(
    r"\\(leq|geq|neq|leqslant|geqslant|nless|ngtr|nleq|ngeq|nleqslant|ngeqslant"
    r"|varnothing|infin|lbrace|rbrace)(?![A-Za-z])"
)
_ALIAS = {
    "leq": "\\le ", "geq": "\\ge ", "neq": "\\ne ", "leqslant": "\\le ", "geqslant": "\\ge ",
    "nless": "\\ge ", "ngtr": "\\le ", "nleq": ">", "ngeq": "<", "nleqslant": ">",
    "ngeqslant": "<", "varnothing": "\\emptyset ", "infin": "\\infty ", "lbrace": "\\{",
    "rbrace": "\\}",
}  # fmt: skip


def narrow_spaces(text: str) -> str:
    r"""Non-breaking and thin spaces as `\,`, before white space is collapsed."""
    return text if text.isascii() else text.translate(_NARROW)


def one_spelling(text: str) -> str:
    r"""`text` with each sign in its one spelling.

    >>> one_spelling("x\\not\\in（1，2）"), one_spelling("1, 2, ..., n")
    ('x\\notin (1,2)', '1, 2, \\dots , n')
    """
    if not text.isascii():
        text = normalize("NFC", text)  # `=` and a stroke through it are `≠`
        text = _RAISED.sub(lambda match: f"^{{{normalize('NFKC', match.group())}}}", text)
        text = text.translate(_SIGNS)
    if "\\" in text:
        text = _NOT.sub(lambda match: _negated(match["what"]), text)
        text = _ALIASES.sub(lambda match: _ALIAS[match[1]], text)
    return _DOTS.sub(r"\\dots ", text) if "dots" in text or "..." in text else text


def _negated(relation: str) -> str:
    name = relation.removeprefix("\\")
    return _NEGATED.get(name, f"\\n{name} ")

r"""LaTeX to sympy, in the worker process only (`symbolic.py` says why).

The parser is math-verify's own, latex2sympy2_extended, called with settings of ours: symbols keep
their case (`x` is not `X`), units are not cut off (`5 m` is not `5 cm`), `i` is the imaginary
unit, and decimals are exact rationals. It builds expressions from a grammar; no text is evaluated
as code on the way.
"""

import re
from functools import lru_cache
from typing import Any, TypeAlias

import sympy
from latex2sympy2_extended import NormalizationConfig, latex2sympy, normalize_latex
from latex2sympy2_extended.latex2sympy2 import ConversionConfig
from math_verify.parser import should_treat_as_complex

# A sympy.Basic or a sympy.MatrixBase; sympy ships no types that would tell.
Parsed: TypeAlias = Any

_SETTINGS = ConversionConfig(lowercase_symbols=False)
_SPELLING = NormalizationConfig(
    basic_latex=True,
    units=False,
    malformed_operators=True,
    nits=True,
    boxed="none",
    equations=False,
)
_FUNCTION = re.compile(
    r"(?<![A-Za-z\\])(?:(?:arc)?(?:sin|cos|tan)|(?:sin|cos|tan)h|sec|csc|cot|log|ln|exp|sqrt|pi)"
    r"(?![A-Za-z])"
)
# The grammar takes what follows a dot into the argument before it: \cos(x\cdot\cos x).
_DOTTED = re.compile(r"(?:\\cdot(?![A-Za-z])|\*)\s*(?=\\(?:sin|cos|tan|sec|csc|cot|log|ln|exp)\b)")
# Degrees are a unit like any other, but inside of these they have to be counted as such.
_TRIGONOMETRY = re.compile(r"\\(?:sin|cos|tan|sec|csc|cot)(?![A-Za-z])")
_CALLED = re.compile(r"\\sqrt\s*\(([^()]*)\)")


class UnreadableError(Exception):
    """The text is no formula that the parser knows."""


def is_complex(*texts: str) -> bool:
    """Whether one of these texts speaks of complex numbers, where |x| is not ±x."""
    return any(should_treat_as_complex(text) for text in texts)


def parse(text: str, real: bool) -> Parsed:
    """The formula that `text` spells; `real`: its letters stand for real numbers.

    Raises `UnreadableError`, and `MemoryError` where memory runs out.
    """
    try:
        spelled = normalize_latex(_spell(text), _SPELLING)
        parsed = latex2sympy(
            spelled,
            is_real=True if real else None,
            convert_degrees=_TRIGONOMETRY.search(spelled) is not None,
            normalization_config=None,
            conversion_config=_SETTINGS,
        )
    except MemoryError:
        raise
    except Exception as error:
        # No narrower class would do: latex2sympy reports a syntax error as a bare Exception, and
        # what else a model's text does to it ends as any exception there is. That the parser as
        # such works, prepare() in `sympy_worker` has seen to.
        raise UnreadableError(type(error).__name__) from error
    if not isinstance(parsed, (sympy.Basic, sympy.MatrixBase)):
        raise UnreadableError(f"a {type(parsed).__name__}")
    return _exact(parsed)


# A group of completions shares its gold, and a batch comes sorted by gold.
parse_gold = lru_cache(maxsize=256)(parse)


def _spell(text: str) -> str:
    text = text.replace("**", "^").replace("\n", " ").replace("°", r"^\circ ")
    text = _FUNCTION.sub(lambda match: "\\" + match.group(), text)
    return _DOTTED.sub(" ", _CALLED.sub(r"\\sqrt{\1}", text))


def _exact(parsed: Parsed) -> Parsed:
    """Decimals as the rationals they spell, and `i` as the imaginary unit."""
    exact: dict[sympy.Basic, sympy.Basic] = {
        number: sympy.Rational(str(number)) for number in parsed.atoms(sympy.Float)
    }
    if not parsed.atoms(sympy.core.relational.Relational):
        imaginary = (each for each in parsed.atoms(sympy.Symbol) if each.name == "i")
        exact |= dict.fromkeys(imaginary, sympy.I)
    return parsed.xreplace(exact) if exact else parsed

"""Python as text, from a data set or a model: read as a tree, never run."""

import ast
import warnings

BOM = "\ufeff"
"""What some editors put in front of a file: `python FILE` skips it, `compile(text)` does not."""

_ERRORS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)


class NotPython(ValueError):
    """Text that this Python cannot read, and why."""


def tree_of(source: str) -> ast.Module:
    r"""The tree of some Python, without warnings of escapes such as `"\d"`, which are no error.

    Raises NotPython for all else, whatever Python itself calls it: another language, Python 2,
    mixed tabs, a null byte, a lone surrogate, brackets nested too deep.

    >>> len(tree_of("x = 1\ny = 2").body)
    2
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except _ERRORS as error:
        raise NotPython(str(error) or type(error).__name__) from None


def statements_of(source: str) -> list[ast.stmt]:
    """The statements of some Python; none where it is not."""
    try:
        return tree_of(source).body
    except NotPython:
        return []

r"""Backslashes that an export doubled: `\\frac{1}{2}` where `\frac{1}{2}` was meant.

A text that went through JSON or a Python literal once too often. It is read as single only where
it cannot be meant as it stands: every command in it is doubled.
"""

import re

READ_AS_SINGLE = "doubled backslashes, read as single"
_LINE_END = re.compile(r"(?<!\\)\\[nrt](?![a-z])")  # which the same export left as an escape
_DOUBLED = re.compile(r"(?<!\\)\\\\(?=[A-Za-z]{2}|[{}%$])")
_SINGLE = re.compile(r"(?<!\\)\\(?:\\\\)*[A-Za-z]{2}")


def as_single(text: str) -> str | None:
    r"""`text` with single backslashes if every command in it is doubled, else None.

    >>> as_single("\\\\frac{1}{2}"), as_single("\\begin{pmatrix}1\\\\xy\\end{pmatrix}")
    ('\\frac{1}{2}', None)
    """
    if "\\\\" not in text:
        return None
    text = _LINE_END.sub("\n", text)
    if not _DOUBLED.search(text) or _SINGLE.search(text):
        return None
    return text.replace("\\\\", "\\")

"""Text that a model wrote, made safe to show.

A model may write anything: terminal escapes, console markup, direction overrides, lone
surrogates. `clean` makes what is invisible or dangerous visible and keeps the rest. Markup needs
no care here: the console gets `rich.text.Text` (never parsed), the page is escaped by jinja2.
"""

import re
import unicodedata

from rich.text import Text

_BLANK_LINES = re.compile(r"\n(?: *\n){2,}")
_PICTURES = 0x2400  # Unicode's pictures for the 32 control characters: 0x1B is shown as U+241B
_MANY_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]{4})[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]+"
)


def clean(text: str) -> str:
    """`text` with nothing in it that moves a cursor, hides, reorders or cannot be encoded.

    New lines stay, a tab becomes four blanks, other control characters become their picture,
    format characters (direction marks, zero-width ones) and surrogates become U+FFFD, and a
    letter keeps at most four combining marks.

    >>> clean("a" + chr(27) + "[31mb")
    'a␛[31mb'
    """
    whole = text.replace("\r\n", "\n").replace("\t", "    ")
    shown = "".join(_visible(letter) for letter in whole)
    return _MANY_MARKS.sub(r"\1", shown)


def _visible(letter: str) -> str:
    if letter == "\n":
        return letter
    category = unicodedata.category(letter)
    if category == "Cc":
        return chr(_PICTURES + ord(letter)) if ord(letter) < 32 else "\ufffd"
    if category in ("Zl", "Zp"):
        return "\n"
    return "\ufffd" if category in ("Cf", "Cs", "Co", "Cn") else letter


def shorten(text: str, *, characters: int = 600, lines: int = 12) -> str:
    r"""`text`, or its head and tail with the middle's size named, when it is too long.

    Answers stand at the end, so the tail is kept too. Both limits hold for the result but for
    the one line that names what is left out.

    >>> shorten("one\ntwo\nthree\nfour\nfive", lines=2)
    'one\n… 16 characters left out …\nfive'
    """
    rows = text.split("\n")
    if len(text) <= characters and len(rows) <= lines:
        return text
    if len(rows) > lines:
        head, tail = "\n".join(rows[: (lines + 1) // 2]), "\n".join(rows[-(lines // 2) :])
    else:
        head, tail = text, ""
    half = characters // 2
    if len(head) + len(tail) > characters:
        head, tail = text[: min(len(head), half)], text[-min(len(tail) or half, half) :]
    left_out = len(text) - len(head) - len(tail)
    return f"{head.rstrip()}\n… {left_out:,} characters left out …\n{tail.lstrip()}"


def one_line(text: str, *, characters: int = 100) -> str:
    r"""`text` cleaned onto one line, cut with an ellipsis.

    >>> one_line("a\n  b")
    'a b'
    """
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= characters else flat[: characters - 1].rstrip() + "…"


def shown(text: str, *, characters: int = 600, lines: int = 12, style: str = "") -> Text:
    """Foreign text for the console: cleaned, shortened, never read as markup.

    Of several blank lines one is shown, and none at the ends.
    """
    dense = _BLANK_LINES.sub("\n\n", clean(text)).strip("\n")
    whole = shorten(dense, characters=characters, lines=lines)
    return Text(whole, style=style) if whole else Text("(blank)", style="dim")

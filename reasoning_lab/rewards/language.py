"""Language: the share of the thinking that is in the wanted language (`text/languages.py`)."""

from reasoning_lab.rewards.term import within
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.text.example import Completion, Example
from reasoning_lab.text.grammar import parse
from reasoning_lab.text.languages import KNOWN, language_share


@within(0.0, 1.0)
def language(completion: Completion, example: Example, *, wanted: str) -> float | None:
    r"""Words of the language `wanted` / all words, in the closed think block.

    `wanted` is a code: en de fr es it pt nl (Latin script), zh ja ko ru el ar he hi th (a script
    of their own, by which alone they are told; so Ukrainian passes for ru, and Chinese has no
    kana). Numbers, marks, single letters and `\commands` are no words and count for nothing; a
    Chinese, Japanese or Thai letter is a word. A word that mixes scripts is foreign.

    Among Latin words the share is that of the function words (`the`, `und`, `que`, …) that belong
    to one language alone; of 20 words and more at least 5 % must be such words of `wanted`, or the
    share falls in proportion, so that an unknown language is not taken for it.

    None where the thinking has numbers or letters and no word: mathematics has no language. 0.0
    without a closed think block or with nothing in it. Range [0, 1].
    Source: the language consistency reward of DeepSeek-R1 (arXiv:2501.12948, section 2.3.2).
    """
    if wanted not in KNOWN:
        raise ValueError(f"wanted {wanted!r} is not known, {did_you_mean(wanted, KNOWN)}")
    thinking = parse(completion.text).thinking
    if not thinking:
        return 0.0
    share = language_share(thinking, wanted)
    if share is None:
        return None if any(map(str.isalnum, thinking)) else 0.0
    return share

"""Form without content: what looks like thinking and answering, and is neither."""

from reasoning_lab.audit.exploit import Exploit, answered, written

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"


def _wrong(name: str, what: str, thinking: str) -> Exploit:
    return answered(name, f"a wrong answer, {what}", "WRONG", thinking=thinking)


FORM = (
    written("nothing", "an empty completion", ""),
    written("blanks", "spaces and new lines only", " \n\t" * 20),
    written("bare tags", "the four tags with nothing in them", "<think></think><answer></answer>"),
    _wrong("empty think", "nothing thought", ""),
    written("no think", "a wrong answer, no think block", "<answer>WRONG</answer>"),
    _wrong("dots", "dots for thinking", "..."),
    _wrong("one letter", "one letter of thinking", "a"),
    _wrong("invisible thinking", "zero-width characters for thinking", ZERO_WIDTH * 40),
    answered("empty answer", "honest thinking, no answer", ""),
    answered("blank answer", "honest thinking, a blank answer", "\u00a0 \u200b"),
    answered("empty box", "honest thinking, an empty box", r"\boxed{}"),
    answered(
        "instructions copied",
        "the words of the instructions for content",
        "answer here",
        thinking="reasoning process here",
    ),
    answered("placeholder", "a placeholder for the answer", "..."),
    answered("refusal", "no answer, politely", "I cannot determine this."),
    written("answer twice", "a wrong answer, said twice", "ERREDERRED"),
    answered("nothing but stars", "markdown marks for an answer", "** **", thinking="* * *"),
)

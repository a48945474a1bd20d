"""Form without content: what looks like thinking and answering, and is neither."""

from __future__ import annotations

from reasoning_lab.audit.exploit import Exploit

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
WRONG = "a wrong answer, "

FORM = (
    Exploit("nothing", "an empty completion", lambda p: ""),
    Exploit("blanks", "spaces and new lines only", lambda p: " \n\t" * 20),
    Exploit(
        "bare tags",
        "the four tags with nothing in them",
        lambda p: "<think></think><answer></answer>",
    ),
    Exploit("empty think", WRONG + "nothing thought", lambda p: p.reply(p.wrong, "")),
    Exploit("no think", WRONG + "no think block", lambda p: f"<answer>{p.wrong}</answer>"),
    Exploit("dots", WRONG + "dots for thinking", lambda p: p.reply(p.wrong, "...")),
    Exploit("one letter", WRONG + "one letter of thinking", lambda p: p.reply(p.wrong, "a")),
    Exploit(
        "invisible thinking",
        WRONG + "zero-width characters for thinking",
        lambda p: p.reply(p.wrong, ZERO_WIDTH * 40),
    ),
    Exploit("empty answer", "honest thinking, no answer", lambda p: p.reply("")),
    Exploit("blank answer", "honest thinking, a blank answer", lambda p: p.reply("\u00a0 \u200b")),
    Exploit("empty box", "honest thinking, an empty box", lambda p: p.reply(r"\boxed{}")),
    Exploit(
        "instructions copied",
        "the words of the instructions for content",
        lambda p: p.reply("answer here", "reasoning process here"),
    ),
    Exploit("placeholder", "a placeholder for the answer", lambda p: p.reply("...")),
    Exploit("refusal", "no answer, politely", lambda p: p.reply("I cannot determine this.")),
    Exploit("answer twice", WRONG + "said twice", lambda p: p.wrong_reply + p.wrong_reply),
    Exploit(
        "nothing but stars", "markdown marks for an answer", lambda p: p.reply("** **", "* * *")
    ),
)

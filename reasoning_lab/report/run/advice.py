"""What to do where completions carry no signal to learn from: one cure for each cause.

The thresholds are rules of thumb. They mark where a training is known to stand still.
"""

from reasoning_lab.report.text.words import percent

HARDLY_EVER = 0.1  # share of problems ever solved below which a reward has nothing to raise
UNPARSABLE = 0.5  # share of completions without an answer in the asked form
CUT_OFF = 0.05  # share of completions cut off at the limit from which on it decides the score
EASY = 0.9  # share of right completions from which on little is left to learn
FORM = (
    "set model.system_prompt to the form that the reward reads, or teach it first: stage=sft on the"
    " same data"
)


def cause(
    *, right: float, ever_right: float, unparsable: float, cut_off: float, limit_key: str
) -> str:
    """Why a reward cannot teach, with the cure, the most likely cause first; "" where it can.

    All are shares in [0, 1]: of completions that are right, of problems solved at least once, of
    completions without an answer that can be read, and of those cut off. `limit_key` is the setting
    that cuts them.
    """
    if cut_off >= UNPARSABLE:
        said = f"{percent(cut_off)} of the completions were cut off before they ended"
        return f"{said}: raise {limit_key}"
    if unparsable >= UNPARSABLE:
        return f"{percent(unparsable)} of the completions never use the asked form: {FORM}"
    if ever_right < HARDLY_EVER:
        said = f"only {percent(ever_right)} of the problems are ever solved"
        return f"{said}: take easier problems or a larger model, or teach first with stage=sft"
    if right >= EASY:
        said = f"{percent(right)} of the completions are right already"
        return f"{said}: take harder problems"
    if cut_off >= CUT_OFF:
        return f"{percent(cut_off)} of the completions were cut off: raise {limit_key}"
    return ""

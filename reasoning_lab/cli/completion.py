"""Completion by Tab in bash: choices, settings of what is chosen, and files.

    eval "$(reasoning-lab -sc install=bash)"

Hydra's own completes no `python -m` and no settings of a choice, and takes a second for each Tab.
This one reads the files in `conf/` and nothing else.
"""

import os
from collections.abc import Iterator, Sequence

from reasoning_lab.cli.past_filters import COMMAND, FILTERS, STATES
from reasoning_lab.cli.settings import described, top_settings
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.vocabulary import choices, groups

KNOWN = ("install=bash", "uninstall=bash", "query=bash")
VERBATIM = {"resume": ("auto", "never")}
FLAGS = ("-m", "--help", "--version", "--cfg job")
_UNSAID = {"stage": "grpo", "model": "tiny", "data": "chain_sum", "reward": "math"}

INSTALL = r"""_reasoning_lab() {
    local line=${COMP_LINE:0:COMP_POINT} IFS=$'\n'
    local word=${line##*[[:space:]]}
    local -a lab=("${COMP_WORDS[0]}")
    if [[ ${lab##*/} == python* ]]; then
        [[ ${COMP_WORDS[*]:1:2} == $'-m\nreasoning_lab' ]] || return
        lab+=(-m reasoning_lab)
    fi
    COMPREPLY=($(COMP_LINE=$line "${lab[@]}" -sc query=bash 2>/dev/null))
    # Bash puts a reply in the place of what follows the last break in the word, mostly = or :.
    local last=${word##*[$COMP_WORDBREAKS]}
    COMPREPLY=("${COMPREPLY[@]#"${word%"$last"}"}")
}
complete -o nospace -o default -F _reasoning_lab reasoning-lab
complete -p python >/dev/null 2>&1 || complete -o nospace -o default -F _reasoning_lab python
"""
UNINSTALL = """complete -r reasoning-lab
complete -p python 2>/dev/null | grep -q _reasoning_lab && complete -r python
unset -f _reasoning_lab
"""


def shell_text(wanted: str) -> str:
    """The script of `install=bash` or `uninstall=bash`, or for `query=bash` what may come next.

    Raises ConfigError for anything else.
    """
    if wanted not in KNOWN:
        cure = 'in bash: eval "$(reasoning-lab -sc install=bash)"'
        raise ConfigError.one("-sc", f"knows bash alone, got {wanted!r}", cure)
    if wanted == "query=bash":
        return "".join(f"{one}\n" for one in candidates(os.environ.get("COMP_LINE", "")))
    return INSTALL if wanted == "install=bash" else UNINSTALL


def candidates(line: str) -> list[str]:
    """The words that the last word of a command line may become; a space ends a whole one.

    >>> candidates("reasoning-lab stage=gr")
    ['stage=grpo ']
    >>> candidates("reasoning-lab stage=sft stage.warm")
    ['stage.warmup_steps=']
    """
    *before, word = line.split(" ")
    given = [one for one in before[1:] if one]
    return sorted({one for one in _all(given, word) if one.startswith(word) and one != word})


def _all(given: Sequence[str], word: str) -> Iterator[str]:
    key, chosen, _ = word.partition("=")
    if COMMAND in given:
        values = {"state": STATES, "stage": choices("stage")}.get(key, ())
        yield from (f"{key}={value} " for value in values if chosen)
        yield from (f"{each}=" for each in FILTERS if not chosen)
        return
    if chosen:
        yield from (f"{key}={name} " for name in [*choices(key), *VERBATIM.get(key, ())])
        return
    yield from (f"{flag} " for flag in FLAGS)
    yield from (f"{group}=" for group in groups())
    yield from (f"{one.key}=" for one in top_settings())
    if not given:
        yield f"{COMMAND} "
    yield from _keys({**_UNSAID, **dict(pair for one in given if (pair := _choice(one)))})


def _keys(chosen: dict[str, str]) -> Iterator[str]:
    """The settings of the choices; those of a stage also without `stage.`."""
    for group, name in chosen.items():
        for one in described(group, name).settings:
            yield f"{one.key}="
            if group == "stage":
                yield f"{one.key.removeprefix('stage.')}="


def _choice(argument: str) -> tuple[str, str] | None:
    group, _, name = argument.partition("=")
    return (group, name) if name in choices(group) else None

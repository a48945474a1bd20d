"""The text of `--help`: what there is to choose from, commands to begin with, and of the choices
named beside it (`stage=grpo --help`) each setting with its comment.
"""

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from reasoning_lab import __version__
from reasoning_lab.cli.settings import described
from reasoning_lab.errors import ConfigError
from reasoning_lab.schema.suggest import did_you_mean
from reasoning_lab.schema.vocabulary import choices

PROGRAM = "python -m reasoning_lab"
SHOWN = (
    ("stage", "stages"),
    ("reward", "rewards"),
    ("model", "models"),
    ("data", "data sets"),
    ("way", "ways of measuring"),
    ("peft", "what is trained"),
    ("hardware", "hardware"),
    ("engine", "what lets a model write"),
    ("tracker", "trackers"),
    ("pipeline", "several runs by one command"),
    ("experiment", "presets"),
    ("debug", "tiny sizes, over any of these"),
)
EXAMPLES = (
    ("stage=grpo reward=math", "teach the tiny model to think, about 2 minutes on a CPU"),
    ("stage=evaluate model=tiny", "measure a model on held-out problems"),
    (
        "stage=grpo data=local data.path=mine.jsonl",
        "your own problems: a row each, with question and answer; more: data=local --help",
    ),
    ("reward/term=own --help", "your own reward, a Python function, beside the usual one"),
    ("stage=probe reward=math", "before a training: can the model learn from this reward?"),
    ("stage=grpo stage.num_generations=16 seed=1", "change any setting by its key"),
    ("-m stage=grpo peft=lora peft.r=4,8", "a sweep: one run for each combination"),
    ("experiment=tiny_base", "a preset: train the tiny model itself from random weights"),
)
LOOK_BACK = (
    (f"{PROGRAM} runs", "past runs, the newest first: date, state, main result with its interval"),
    (f"{PROGRAM} runs stage=grpo state=finished", "some of them; also name=, last= and output="),
    ('eval "$(reasoning-lab -sc install=bash)"', "Tab completes choices and settings, in bash"),
)
SWEEPS = (
    (f"{PROGRAM} -m seed=0,1,2", "three runs that differ in their seed"),
    (f"{PROGRAM} -m peft=lora peft.r=4,8 seed=0,1", "each combination: four runs"),
    (f"{PROGRAM} -m 'seed=range(0,5)'", "five runs; quoted, because of the brackets"),
    (f"{PROGRAM} -m peft=lora 'peft.target_modules=[q_proj],[k_proj]'", "each value a list"),
    (f"{PROGRAM} -m seed=0,1,2 resume=auto", "go on with the same sweep where it was stopped"),
)
SWEEP = """\
A value with commas makes a run of each, one after the other: one folder and one table for all, at
the end. Every combination is checked before the first one starts, and one that is wrong is named.
Ctrl-C ends the run that is going on and the sweep with it."""
FLAGS = (
    ("-m", "run every combination of comma-separated values"),
    ("GROUP=CHOICE --help", "that choice's settings with their comments; -m --help: sweeps"),
    ("--cfg job", "print the composed configuration and stop; --resolve fills in ${…}"),
    ("--version", "the versions of the lab, torch, TRL and transformers"),
    ("--hydra-help", "all flags and settings of Hydra, which composes the configuration"),
)


def versions() -> str:
    """The lab's version and those of the libraries that results depend on most."""
    lines = [f"reasoning-lab {__version__}"]
    for package in ("torch", "trl", "transformers"):
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package} is not installed")
    return "\n".join(lines) + "\n"


def text() -> str:
    """The whole help text, wrapped at words to the width of the terminal."""
    examples = [(f"{PROGRAM} {command}", meaning) for command, meaning in EXAMPLES]
    parts = [f"Usage: {PROGRAM} [GROUP=CHOICE …] [KEY=VALUE …]", _block("Examples", examples)]
    parts += [_block(f"{title} ({group}=…)", choices(group).items()) for group, title in SHOWN]
    parts.append(_block("look back", LOOK_BACK))
    parts.append(_block("flags", FLAGS))
    parts.append(
        f"Every choice is a file in conf/ with all its settings explained.\n"
        f"All settings of a run: {PROGRAM} --cfg job"
    )
    return "\n\n".join(parts) + "\n"


def text_for(arguments: Sequence[str]) -> str:
    """The help on what stands beside `--help`: choices (`stage=grpo`), a group (`stage`), sweeps
    (`-m`); without any of these the whole text.

    Raises ConfigError for a choice that is not there.
    """
    parts = [_sweeps()] if {"-m", "--multirun"} & set(arguments) else []
    for argument in arguments:
        group, _, name = argument.partition("=")
        known = choices(group) if group and not group.startswith(("-", "/", ".")) else {}
        if not known:
            continue
        name = name.removesuffix(".yaml")
        if not name:
            parts.append(_block(f"{group}=NAME", known.items()))
        elif name in known:
            parts.append(_of_choice(group, name))
        else:
            what, cure = f"there is no {group} called {name!r}", did_you_mean(name, known)
            raise ConfigError.one(group, what, cure)
    return "\n\n".join(parts) + "\n" if parts else text()


def _sweeps() -> str:
    usage = f"Usage: {PROGRAM} -m [GROUP=CHOICE,CHOICE …] [KEY=VALUE,VALUE …]"
    columns = shutil.get_terminal_size().columns
    return "\n\n".join((usage, textwrap.fill(SWEEP, columns), _block("Examples", SWEEPS)))


def _of_choice(group: str, name: str) -> str:
    """The head of the choice's file, then each setting over its comment."""
    found = described(group, name)
    rows = [(f"{one.key}={one.default}", one.comment) for one in found.settings]
    short = " (the word `stage.` may be left out)" if group == "stage" else ""
    settings = _block(f"settings with their defaults{short}", rows, aside=False)
    return "\n".join([f"{group}={name}: {found.head[0]}", *found.head[1:], "", settings])


def _block(title: str, rows: Iterable[tuple[str, str]], *, aside: bool = True) -> str:
    """Names and their meanings side by side, or below each other where the names are long."""
    pairs, columns = list(rows), shutil.get_terminal_size().columns
    width = max((len(name) for name, _ in pairs), default=0)
    aside = aside and width + 4 <= columns // 2
    lines = [f"{title}:"]
    for name, meaning in pairs:
        if aside:
            first, rest = f"  {name:<{width}}  ", " " * (width + 4)
        else:
            lines.append(f"  {name}")
            first = rest = " " * 6
        lines.append(
            textwrap.fill(
                meaning,
                max(columns, len(rest) + 20),
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            ).rstrip()
        )
    return "\n".join(lines)

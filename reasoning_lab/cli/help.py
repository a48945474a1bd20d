"""The text of `--help`: what there is to choose from, and commands to begin with."""

import shutil
import textwrap
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from reasoning_lab import __version__
from reasoning_lab.schema.vocabulary import choices

PROGRAM = "python -m reasoning_lab"
SHOWN = (
    ("stage", "stages"),
    ("reward", "rewards"),
    ("model", "models"),
    ("data", "data sets"),
    ("peft", "what is trained"),
    ("hardware", "hardware"),
    ("tracker", "trackers"),
    ("experiment", "presets"),
)
EXAMPLES = (
    ("stage=grpo reward=math", "teach the tiny model to think, about 2 minutes on a CPU"),
    ("stage=evaluate model=tiny", "measure a model on held-out problems"),
    ("stage=grpo stage.num_generations=16 seed=1", "change any setting by its key"),
    ("-m stage=grpo peft=lora peft.r=4,8", "a sweep: one run for each combination"),
    ("experiment=tiny_base", "a preset: train the tiny model itself from random weights"),
)
FLAGS = (
    ("-m", "run every combination of comma-separated values"),
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
    parts.append(_block("flags", FLAGS))
    parts.append(
        f"Every choice is a file in conf/ with all its settings explained.\n"
        f"All settings of a run: {PROGRAM} --cfg job"
    )
    return "\n\n".join(parts) + "\n"


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """Names and their meanings side by side, or below each other where the names are long."""
    pairs, columns = list(rows), shutil.get_terminal_size().columns
    width = max((len(name) for name, _ in pairs), default=0)
    aside = width + 4 <= columns // 2
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

"""The text of `--help`: what there is to choose from, and commands to begin with."""

from __future__ import annotations

from collections.abc import Iterable

from reasoning_lab.vocabulary import choices

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
    ("--hydra-help", "all flags and settings of Hydra, which composes the configuration"),
)


def text() -> str:
    """The whole help text."""
    parts = [f"Usage: {PROGRAM} [GROUP=CHOICE …] [KEY=VALUE …]", _block("Examples", _examples())]
    parts += [_block(f"{title} ({group}=…)", choices(group).items()) for group, title in SHOWN]
    parts.append(_block("flags", FLAGS))
    parts.append(
        f"Every choice is a file in conf/ with all its settings explained.\n"
        f"All settings of a run: {PROGRAM} --cfg job"
    )
    return "\n\n".join(parts) + "\n"


def _examples() -> list[tuple[str, str]]:
    return [(f"{PROGRAM} {command}", meaning) for command, meaning in EXAMPLES]


def _block(title: str, rows: Iterable[tuple[str, str]]) -> str:
    pairs = list(rows)
    width = max((len(name) for name, _ in pairs), default=0)
    lines = [f"  {name:<{width}}  {line}".rstrip() for name, line in pairs]
    return "\n".join([f"{title}:", *lines])

"""`stage=probe`: before training, can this model learn from this reward on these problems?

Some completions of each of some training problems, judged by the reward that would train and by the
metric that no reward sees. What is told: how often the model is right already, how many groups of
each size would differ in reward and so teach something, what goes wrong in the rest, and what a
step would cost on this machine.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

from reasoning_lab import data
from reasoning_lab.judges.code.room import Room
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.judges.strict import strict_verdicts
from reasoning_lab.measure.learning_pace import seconds_per_token_learned
from reasoning_lab.measure.measured import none_judged
from reasoning_lab.model import load as model_load
from reasoning_lab.model.encode import encode
from reasoning_lab.model.load import Loaded
from reasoning_lab.records.probe import Probed, Tried, write_probe
from reasoning_lab.records.rollout import SAMPLES, write_rollouts
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer
from reasoning_lab.rewards.trl import rollout
from reasoning_lab.runs.folder import RunFolder
from reasoning_lab.runs.manifest import Manifest, collect
from reasoning_lab.runs.provenance import process_start
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.stream import sample_prompts
from reasoning_lab.sampling.transformers_engine import TransformersEngine
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.probe import Probe
from reasoning_lab.statistics.interval import Estimate, exactly, mean_interval
from reasoning_lab.statistics.rates import share_of
from reasoning_lab.statistics.signal import signal_share
from reasoning_lab.text.example import Completion, Example, Score, Verdict
from reasoning_lab.text.grammar import parse
from reasoning_lab.text.prompts import with_system
from reasoning_lab.training import screen
from reasoning_lab.training.context import fitting, require_turns


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that was written and how it was judged, problem by problem."""

    examples: Sequence[Example]
    completions: Sequence[Sequence[Completion]]
    scores: Sequence[Sequence[Score]]
    verdicts: Sequence[Sequence[Verdict | None]]
    seconds: float  # of writing


def run(run: Run, folder: RunFolder) -> Manifest:
    """Probe the model of `run` with its reward on problems of its training part."""
    stage = cast(Probe, run.stage)
    examples = _chosen(run, stage)
    with Sandboxes() as sandboxes:
        composer = Composer(run.reward, sandboxes)
        composer.check(examples)
        loaded = model_load.load(run.model, run.hardware, output=Path(run.output), seed=run.seed)
        require_turns(loaded, examples)
        limit, key = stage.max_completion_length, "stage.max_completion_length"
        fits = fitting(loaded, examples, limit, key, run.data.too_long, "training")
        screen.say(fits.notes)
        screen.start(sandboxes, code.rooms(run.reward))
        with screen.measuring(run, len(fits.kept) * stage.samples) as live:
            written, seconds = _written(loaded, fits.kept, stage, live.advance)
        found = _judged(run, fits.kept, written, composer, sandboxes, seconds)
        rows = [
            rollout(1, done, example, score, group, None)
            for group, example in enumerate(found.examples)
            for done, score in zip(found.completions[group], found.scores[group], strict=True)
        ]
        write_rollouts(folder.samples, rows)
        probed = Probed(problems=[*map(_tried, found.examples, found.scores, found.verdicts)])
        return collect(
            run,
            folder,
            kind="report",
            metrics={**_metrics(stage, found), **_pace(stage, loaded, found)},
            artifacts={"probe": write_probe(folder.path, probed), "samples": SAMPLES},
            parents=loaded.parents,
            started=process_start(),
            notes=fits.notes,
            sandboxes=sandboxes.used(),
        )


def _chosen(run: Run, stage: Probe) -> list[Example]:
    rows = data.load(stage.few(run.data), output=Path(run.output)).train
    chosen = random.Random(run.seed).sample(rows, min(stage.problems, len(rows)))
    return [with_system(example, run.model.system_prompt) for example in chosen]


def _written(
    loaded: Loaded, examples: Sequence[Example], stage: Probe, advance: Callable[[int, int], None]
) -> tuple[list[list[Completion]], float]:
    started = perf_counter()
    params = Params(
        temperature=stage.temperature,
        top_p=1.0,
        top_k=0,
        max_completion_length=stage.max_completion_length,
        seed=stage.seed,
        stop=(),
        max_think_tokens=None,
    )
    written = sample_prompts(
        [example.prompt for example in examples],
        TransformersEngine(loaded, slots=stage.batch_size),
        params,
        samples=stage.samples,
        on_done=advance,
    )
    return written, perf_counter() - started


def _judged(
    run: Run,
    examples: Sequence[Example],
    written: Sequence[Sequence[Completion]],
    composer: Composer,
    sandboxes: Sandboxes,
    seconds: float,
) -> Written:
    pairs = [(one, example) for example, row in zip(examples, written, strict=True) for one in row]
    groups = [group for group, row in enumerate(written) for _ in row]
    rooms = code.rooms(run.reward)
    room = rooms[0] if rooms else Room("auto", ())
    scores = iter(composer.score_batch(pairs, groups))
    verdicts = iter(strict_verdicts(pairs, sandboxes, room))
    return Written(
        examples,
        written,
        [[next(scores) for _ in row] for row in written],
        [[next(verdicts) for _ in row] for row in written],
        seconds,
    )


def _tried(example: Example, scores: Sequence[Score], verdicts: Sequence[Verdict | None]) -> Tried:
    judged = [one for one in verdicts if one is not None]
    correct = sum(one is Verdict.CORRECT for one in judged)
    paid = [score.total for score in scores]
    return Tried(id=example.id, correct=correct, judged=len(judged), paid=paid)


def _metrics(stage: Probe, found: Written) -> dict[str, Estimate]:
    """Shares over problems, the independent units; with what is known of each verdict."""
    judged = [[one for one in row if one is not None] for row in found.verdicts]
    if not any(judged):
        raise none_judged(f"of {len(judged):,} training problems none could be judged")
    metrics = {"probe/pass@1": _share([[v is Verdict.CORRECT for v in row] for row in judged])}
    ever = [[any(one is Verdict.CORRECT for one in row)] for row in judged if row]
    metrics["probe/ever_right"] = _share(ever)
    paid = [[one.total for one in row if one.total is not None] for row in found.scores]
    for size in stage.group_sizes():
        whole = [row for row in paid if len(row) >= size]
        if whole:
            metrics[f"probe/signal/{size}"] = signal_share(whole, size)
    counts = Counter(one for row in judged for one in row)
    for verdict in counts:
        metrics[f"probe/verdict/{verdict.value}"] = _share(
            [[v is verdict for v in r] for r in judged]
        )
    texts = found.completions
    metrics["probe/format"] = _share([[parse(c.text).well_formed for c in row] for row in texts])
    metrics["probe/cut_off"] = _share([[c.finish == "length" for c in row] for row in texts])
    lengths = [sum(one.tokens for one in row) / len(row) for row in texts]
    metrics["probe/tokens"] = mean_interval(lengths, bounds=(0.0, stage.max_completion_length))
    return metrics


def _share(rows: Sequence[Sequence[bool]]) -> Estimate:
    """The mean share of the problems of which a completion was judged."""
    return share_of([sum(row) / len(row) for row in rows if row])


def _pace(stage: Probe, loaded: Loaded, found: Written) -> dict[str, Estimate]:
    """Tokens a second, and what a step of the training would take: writing, then learning."""
    completions = [one for row in found.completions for one in row]
    written = sum(one.tokens for one in completions)
    asked = sum(map(len, encode(loaded, [example.prompt for example in found.examples])))
    rows = [(e.prompt, row[0]) for e, row in zip(found.examples, found.completions, strict=True)]
    learn = seconds_per_token_learned(loaded, rows)
    mean = written / len(completions)
    writing = stage.step_completions * mean * found.seconds / max(1, written)
    learning = stage.step_completions * (mean + asked / len(found.examples)) * learn
    return {
        "perf/tokens_per_second": exactly(written / found.seconds),
        "perf/step_writing_seconds": exactly(writing),
        "perf/step_learning_seconds": exactly(learning),
        "perf/training_seconds": exactly(stage.max_steps * (writing + learning)),
    }

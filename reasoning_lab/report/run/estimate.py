"""How long a run should take, before it starts.

A model of the work, not a promise. With P weights, F = cores x FLOPS_PER_CORE, and completions
of L = LENGTH_SHARE x limit tokens made B at a time:

- decoding one token for the batch: SECONDS_PER_TOKEN (dispatch, whatever the batch) + 2 P B / F,
  so a batch of completions costs L times that (2 P: one multiply and one add per weight);
- learning from T tokens: 6 P T / F, forward and backward (arXiv:2001.08361, section 2.1), and
  2 P T / F more where a reference model is kept, plus SECONDS_PER_STEP for the optimiser;
- each measurement: problems x samples completions in each way, decoded in batches;
- before that, rows that are made on the fly: SECONDS_PER_ROW each; for texts to learn from
  SECONDS_TOKENISED for each one used, and SECONDS_LEARNED for each one that a new tokenizer is
  learned from;
- START_SECONDS for imports and loading.

Attention's share is left out: at these lengths it is small beside the weights. The constants are
fitted to three runs on 2 cores of an AMD EPYC (2026-11-22: GRPO 109 s, tiny_base 868 s,
tiny_student_base 371 s) and hold for small networks on a CPU only.
Elsewhere `estimate_seconds` gives None and `why_unknown` says what it would depend on.
"""

from reasoning_lab.runs.gpu import accelerator
from reasoning_lab.runs.provenance import cores as available_cores
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.data import Rows
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.evaluation import Evaluation
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.schema.stages.training import Training
from reasoning_lab.schema.stages.verb import Measuring

FLOPS_PER_CORE = 5.0e10  # float32, small matrices
SECONDS_PER_TOKEN = 8e-3  # one decoding step, whatever the batch
SECONDS_PER_STEP = 0.01  # optimiser and bookkeeping
SECONDS_PER_ROW = 1e-4  # one problem made; a few tasks (sudoku) take a thousand times as long
SECONDS_TOKENISED = 5e-4  # one row of prompt and response
SECONDS_LEARNED = 1.1e-4  # one row of a tokenizer's corpus
START_SECONDS = 12.0
LENGTH_SHARE = 0.5  # mean completion over the limit
PROMPT_TOKENS = 40.0
LARGEST_CALIBRATED = 2.0e7  # weights


def estimate_seconds(run: Run) -> float | None:
    """Expected wall time in seconds, or None outside of what the constants were measured on."""
    stage, flops = run.stage, cores(run) * FLOPS_PER_CORE
    if why_unknown(run) is not None or not isinstance(stage, Measuring):
        return None
    seconds = START_SECONDS + _rows(run, stage) + _measurements(run, stage, flops)
    if isinstance(stage, Reinforcing):
        return seconds + stage.max_steps * _reinforcing_step(run, stage, flops)
    if isinstance(stage, Training):
        return seconds + stage.max_steps * _step(run, stage, flops)
    return seconds


def _rows(run: Run, stage: Measuring) -> float:
    """Seconds to make the problems and to make texts ready; `needed` in `training/session.py` says
    which are made. Rows of a file have no estimate at all.
    """
    train = run.data.train_size or 0 if isinstance(stage, Training) else 0
    seconds = SECONDS_PER_ROW * (train + (run.data.heldout_size or 0))
    if isinstance(stage, Training) and stage.rows == "responses":
        used = Batch.of(stage, run.hardware.num_processes).run_rows(stage.max_steps)
        seconds += SECONDS_TOKENISED * min(train, used)
        seconds += SECONDS_LEARNED * train if run.model.scratch is not None else 0
    return seconds


def why_unknown(run: Run) -> str | None:
    """What the time would depend on where it cannot be estimated; None where it can."""
    if run.hardware.num_processes > 1:
        return "depends on the devices and on what connects them"
    if run.hardware.device != "cpu" and (run.hardware.device != "auto" or accelerator()):
        return "depends on the GPU"
    if isinstance(run.data, Rows):
        return "depends on how long these rows are"
    if run.model.parameters > LARGEST_CALIBRATED:
        return "depends on the machine: only models under 20 M weights were timed on a CPU"
    return None


def cores(run: Run) -> int:
    """CPU threads that the run will use."""
    return run.hardware.threads or available_cores()


def _decode(parameters: float, flops: float, batch: int, limit: int) -> float:
    """Seconds to write `batch` completions at once."""
    return LENGTH_SHARE * limit * (SECONDS_PER_TOKEN + 2 * parameters * batch / flops)


def _learn(parameters: float, flops: float, tokens: float, reference: bool = False) -> float:
    return SECONDS_PER_STEP + (8 if reference else 6) * parameters * tokens / flops


def _reinforcing_step(run: Run, stage: Reinforcing, flops: float) -> float:
    rows = Batch.of(stage, run.hardware.num_processes).step_rows
    tokens = rows * (PROMPT_TOKENS + LENGTH_SHARE * stage.max_completion_length)
    size = run.model.parameters
    return _decode(size, flops, rows, stage.max_completion_length) + _learn(
        size, flops, tokens, reference=stage.beta > 0
    )


def _step(run: Run, stage: Training, flops: float) -> float:
    rows = Batch.of(stage, run.hardware.num_processes).step_rows
    longest = getattr(stage, "max_length", run.model.max_length)
    length = PROMPT_TOKENS + LENGTH_SHARE * stage.evaluation.max_completion_length
    return _learn(run.model.parameters, flops, rows * min(longest, length))


def _measurements(run: Run, stage: Measuring, flops: float) -> float:
    """Seconds for all held-out measurements; how many are held out is known of all but rows."""
    evaluation, held_out = stage.evaluation, run.data.heldout_size
    size = run.model.parameters
    whole = _measure(size, flops, evaluation, evaluation.measured(held_out) or 0)
    if not isinstance(stage, Training):
        return whole
    during = (stage.max_steps - 1) // evaluation.every if evaluation.every else 0
    few = evaluation.measured_during(held_out)
    return 2 * whole + during * _measure(size, flops, evaluation, few)


def _measure(parameters: float, flops: float, evaluation: Evaluation, problems: int) -> float:
    seconds = 0.0
    for way in evaluation.ways.values():
        completions = problems * way.samples
        batches = -(-completions // evaluation.batch_size)
        batch = min(completions, evaluation.batch_size)
        seconds += batches * _decode(parameters, flops, batch, evaluation.longest(way))
    return seconds

"""What is wrong with a run's reward, told before any folder is made.

Functions that are not there or not allowed, parameters that they do not take, of the wrong kind or
out of range, terms that wait for each other, groups that processes would cut in two, data that no
term is for. A reward file under `experiments/` is imported, and may bring what it likes.
"""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reasoning_lab.errors import LabError, ParamsError, Problem
from reasoning_lab.judges.code.sandboxes import Sandboxes
from reasoning_lab.rewards.calling import Term
from reasoning_lab.rewards.term import RewardFn, check_signature, resolve
from reasoning_lab.rewards.trl_style import problem as unlike_trl
from reasoning_lab.rewards.wiring import reading_problems
from reasoning_lab.schema.batch import Batch
from reasoning_lab.schema.data import Procedural, Rows
from reasoning_lab.schema.kinds import check_kind
from reasoning_lab.schema.own_tasks import OWN_TASKS
from reasoning_lab.schema.reward import Reward
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.reinforcing import Reinforcing
from reasoning_lab.text.example import Completion, Example

LAB = "reasoning_lab."
SCORER = "reasoning_lab.rewards.scorer:scorer"
GROUP, BATCH = "stage.num_generations", "stage.per_device_train_batch_size"
KINDS = ("float", "int", "bool", "str")


def problems(run: Run) -> Iterator[Problem]:
    """Everything that is wrong with `run.reward`, and with it in this stage."""
    terms: list[Term] = []
    yield from _functions(run.reward, terms)
    yield from reading_problems(terms, list(run.reward.terms))
    if "data" in run.stage.reads:
        yield from unpaid(run)
        yield from unscored_task(run)
    if isinstance(run.stage, Reinforcing):
        groupwise = [term.name for term in terms if term.unit == "group"]
        yield from cut_groups(groupwise, Batch.of(run.stage, run.hardware.num_processes))


def unpaid(run: Run) -> list[Problem]:
    """The problem of terms that are all for other tasks than the data's: they pay no row."""
    paid = [term.tasks for term in run.reward.terms.values() if term.weight]
    judged = {task for tasks in paid for task in tasks or ()}
    task = run.data.row_task
    if task is None or task in judged or not paid or None in paid:
        return []
    named = " or ".join(sorted(judged))
    what = f"pays rows of task {named} alone, and those of data={run.data.name} are {task}"
    cures = {
        "code": "use data=tiny_code, or data=mbpp from the hub: rows with tests; or reward=math",
        "math": "use data=chain_sum or data=gsm8k; or reward=code, which runs programs",
    }
    cure = cures.get(min(judged), "")
    if isinstance(run.data, Rows):
        cure += f"; data.task={min(judged)} if data.reader makes such rows"
    return [Problem("reward", what, cure.removeprefix("; "))]


def unscored_task(run: Run) -> list[Problem]:
    """The problem of a term that asks reasoning-gym for the score of a task of the lab's own."""
    own = run.data.task if isinstance(run.data, Procedural) else ""
    asking = [name for name, term in run.reward.terms.items() if term.fn == SCORER]
    if not asking or own not in OWN_TASKS:
        return []
    of_gym = f"{', '.join(asking)} asks reasoning-gym for a score"
    what = f"{of_gym}, and the task {own} is the lab's own"
    reward = "code" if run.data.row_task == "code" else "math"
    return [Problem("reward", what, f"use reward={reward}")]


def cut_groups(terms: Sequence[str], batch: Batch) -> list[Problem]:
    """The problem of `terms` that judge groups where a process holds parts of groups.

    TRL puts the rewards of all processes together, but each process scores its own rows.
    """
    rows, group, processes = batch.rank_rows, batch.group, batch.processes
    if not terms or processes == 1 or rows % group == 0:
        return []
    sizes = batch.nearest_batches(max(1, rows // batch.per_device))
    batches = " or ".join(f"{BATCH}={n}" for n in sizes)
    groups = [n for n in range(2, rows + 1) if rows % n == 0]
    near = min(groups, key=lambda n: (abs(n - group), n), default=None)
    what = (
        f"{', '.join(terms)} compares the {group} completions of a problem, but each of "
        f"{processes} processes scores {rows} rows, which is no multiple of {group}: "
        "some groups would be cut in two"
    )
    cure = f"use {batches}" + (f"; or {GROUP}={near}" if near else "")
    return [Problem(BATCH, what, cure)]


def _functions(reward: Reward, resolved: list[Term]) -> Iterator[Problem]:
    """Problems of each term alone; what could be resolved is added to `resolved`."""
    sandboxes = Sandboxes()  # nothing is started in them here
    for name, setting in reward.terms.items():
        key = f"reward.terms.{name}"
        fn = _found(setting.fn, key)
        if isinstance(fn, list):
            yield from fn
            continue
        term = Term.of(name, setting, fn, sandboxes)
        resolved.append(term)
        wrong = check_signature(fn, setting.params, key)
        wrong = wrong or [p for n, v in setting.params.items() for p in _kind(fn, key, n, v)]
        if (called := vars(fn).get("calls")) and not wrong:
            wrong = list(_called(called, setting.params, f"{key}.params"))
        elif not wrong and setting.fn.startswith(LAB):
            wrong = _range(term, key)
        yield from wrong


def _found(name: str, key: str) -> RewardFn | list[Problem]:
    """The function, or why there is none."""
    try:
        return resolve(name, key)
    except LabError as error:
        return list(error.problems)
    except (ImportError, SyntaxError, SystemExit) as error:
        left = isinstance(error, SystemExit)
        why = "its file calls sys.exit when it is imported" if left else str(error)
        return [Problem(f"{key}.fn", f"{name} cannot be imported: {why}", "mend the file")]


def _called(param: str, params: Mapping[str, Any], key: str) -> Iterator[Problem]:
    """Problems of a function that a term is told to call; a user's, so it is not tried here."""
    fn = _found(str(params[param]), key)
    if isinstance(fn, list):
        yield from fn
    elif wrong := unlike_trl(fn, {name: v for name, v in params.items() if name != param}):
        yield Problem(f"{key}.{param}", *wrong)


def _kind(fn: RewardFn, key: str, name: str, value: object) -> list[Problem]:
    """The problem of a value of another kind than the function's annotation says."""
    argument = inspect.signature(fn).parameters.get(name)
    kind = argument.annotation if argument else None
    kind = kind.__name__ if isinstance(kind, type) else kind
    return check_kind(f"{key}.params.{name}", str(kind), value) if kind in KINDS else []


def _range(term: Term, key: str) -> list[Problem]:
    """What a lab function says to parameters out of range: it raises ValueError at once.

    A ParamsError tells all of them.
    """
    params = term.setting.params
    if not params:
        return []
    completion = Completion(text="<think>\n1\n</think>\n<answer>1</answer>", tokens=8)
    parts = {str(params.get(name)): 1.0 for name in term.reads}
    try:
        term.call([(completion, Example(id="probe", prompt=(), answer="1"))], [parts])
    except ParamsError as error:
        return error.below(f"{key}.params")
    except ValueError as error:
        first, _, rest = str(error).partition(" ")
        if first in params:
            return [Problem(f"{key}.params.{first}", rest)]
        return [Problem(f"{key}.params", str(error))]
    return []

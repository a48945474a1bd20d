r"""Symbolic equality in killable processes: what is equal, what is refused, what it survives."""

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasoning_lab.errors import RewardError, SandboxError
from reasoning_lab.judges.math import symbolic
from reasoning_lab.judges.math.guard import MAX_LENGTH, too_costly
from reasoning_lab.judges.math.symbolic import Comparer, equal_symbolically
from reasoning_lab.pool.pool import Outcome, Pool
from reasoning_lab.text.example import Verdict

CORRECT, WRONG, UNPARSABLE, TIMEOUT = (
    Verdict.CORRECT,
    Verdict.WRONG,
    Verdict.UNPARSABLE,
    Verdict.TIMEOUT,
)


@pytest.fixture(scope="module")
def comparer() -> Iterator[Comparer]:
    comparer = Comparer(workers=2)
    with contextlib.closing(comparer.pool):
        yield comparer


EQUAL = [
    ("x(x+1)", "x^2+x"),
    ("x**2 + x", "x(x+1)"),
    (r"\frac{x^2-1}{x-1}", "x+1"),
    (r"\frac{n(n+1)}{2}", r"\frac{n^2+n}{2}"),
    (r"\frac{1}{1+\frac{1}{1+\frac{1}{x}}}", r"\frac{x+1}{2x+1}"),
    (r"\sin^2 x+\cos^2 x", "1"),
    (r"\sin^2 x+\cos x\cdot\cos x", "1"),
    ("sin(x)/cos(x)", r"\tan x"),
    (r"\ln 4", r"2\ln 2"),
    (r"\log_2 8", "3"),
    (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2"),
    ("sqrt(8)", r"2\sqrt2"),
    (r"\frac{\pi}{4}", r"\arctan 1"),
    (r"\cos 36^\circ", r"\frac{1+\sqrt5}{4}"),
    (r"\cos 36°", r"\frac{1+\sqrt5}{4}"),
    (r"e^{i\pi}", "-1"),
    ("i^2", "-1"),
    ("2+3i", "3i+2"),
    (r"|x|", r"\sqrt{x^2}"),
    ("0.5x", r"\frac{x}{2}"),
    ("2x+4y=6", "x+2y=3"),
    ("3<x", "x>3"),
    ("2^{2024}-1", "-1+2^{2024}"),
    ("100!", r"100\cdot 99!"),
    (r"\begin{pmatrix}x+x\\2\end{pmatrix}", r"\begin{bmatrix}2x\\2\end{bmatrix}"),
    # a number without a finite decimal, written as a decimal of six digits or more
    ("1.41421", r"\sqrt2"),
    ("1.4142136", r"\sqrt2"),
    ("3.14159265358979323846", r"\pi"),
    ("0.333333", r"\frac13"),
    # a gold that was rounded itself, to three decimals or more
    (r"\sqrt2", "1.414"),
]
DIFFERENT = [
    ("x(x-1)", "x^2+x"),
    ("x", "X"),
    ("a+b", "a+c"),
    (r"\frac{x^2-1}{x-1}", "x-1"),
    ("x", r"\sqrt{x^2}"),
    ("x+2y=4", "2x+4y=6"),
    ("x<3", "x>3"),
    (r"x\ge 3", "x>3"),
    (r"\cos 36", r"\frac{1+\sqrt5}{4}"),
    (r"\begin{pmatrix}1&2\end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    # no absolute tolerance, and no rounding
    (r"\sqrt2\cdot 10^{-20}", r"2\sqrt2\cdot 10^{-20}"),
    ("x+10^{-20}", "x"),
    (r"10^{-20}x", r"2\cdot 10^{-20}x"),
    (r"\sqrt{10^{48}+1}", "10^{24}"),
    ("1.41422", r"\sqrt2"),
    ("1.41", r"\sqrt2"),
    ("0.3333", r"\frac13"),
    (r"\sqrt2", "1.41"),
    (r"\sqrt2", "1.415"),
]


@pytest.mark.parametrize(("answer", "gold"), EQUAL)
def test_equal(comparer: Comparer, answer: str, gold: str) -> None:
    [found] = comparer.compare([(answer, gold)], seconds=30.0)
    assert found.verdict is CORRECT, found


@pytest.mark.parametrize(("answer", "gold"), DIFFERENT)
def test_different(comparer: Comparer, answer: str, gold: str) -> None:
    [found] = comparer.compare([(answer, gold)], seconds=30.0)
    assert found.verdict is WRONG, found


def test_each_gold_equals_itself(comparer: Comparer) -> None:
    golds = [gold for _, gold in EQUAL + DIFFERENT]
    found = comparer.compare([(gold, gold) for gold in golds], seconds=30.0)
    assert {each.verdict for each in found} == {CORRECT}, found


HOSTILE = [
    ("9^{9^{9^9}}", "guard: a tower of powers"),
    ("10^{10^9}!", "guard: a tower of powers"),
    ("9**9**9**9", "guard: a tower of powers"),
    ("(9^9)^{9^9}", "guard: a tower of powers"),
    ("10^{1000000000}", "guard: an exponent above"),
    ("(x+1)^{5000}", "guard: an exponent above"),
    ("(((9^{999})^{300})^{300})^{300}", "guard: an exponent above"),
    ("1000000000!", "guard: a factorial"),
    ("((9!)!)!", "guard: a factorial"),
    ("3!!!!!!!!", "guard: a factorial"),
    (r"\binom{1000000000}{500000000}", "guard: a binomial"),
    (r"\sum_{k=1}^{10^9} k", "guard: a sum"),
    (r"\prod_{k=1}^{1000000} k", "guard: a sum"),
    (r"\int_0^1 x^x dx", "guard: a sum"),
    (r"\lim_{x\to0}\frac{\sin x}{x}", "guard: a sum"),
    ("{" * 10_000 + "1" + "}" * 10_000, "guard: more than"),
    ("{" * 400 + "1" + "}" * 400, "guard: brackets"),
    ("1" * 2**20, "guard: more than"),
    ("a" * 900 + "!", "guard: words"),
    ("1\x002", "guard: characters"),
    ("\ud800", "guard: characters"),
    ("1010_2", "guard: a number in a base"),
    ("silent", "guard: words"),
    ("__import__('os').system('touch {path}')", "guard: words"),
    ("().__class__.__bases__", "guard: words"),
    ("$" * 500, "no formula"),
    ("(((", "no formula"),
    ("", "no formula"),
    ("x = = 3", "no formula"),
    (r"e^{e^{e^{e^{10}}}}", "cannot be compared"),
]


@pytest.mark.parametrize(("answer", "reason"), HOSTILE, ids=[text[:20] for text, _ in HOSTILE])
def test_hostile_answers(comparer: Comparer, answer: str, reason: str) -> None:
    [found] = comparer.compare([(answer, "1")], seconds=5.0)
    assert found.verdict is UNPARSABLE, found
    assert found.reason.startswith(reason)


def test_a_costly_gold_is_refused_as_such(comparer: Comparer) -> None:
    [found] = comparer.compare([("1", "9^{9^{9^9}}")])
    assert found == symbolic.Symbolic(UNPARSABLE, "guard: gold: a tower of powers")


@pytest.mark.parametrize("text", ["x^2+1", "2^{2^3}", "e^{x^2}", r"\frac{1}{2^{10}}", "20!", "n!"])
def test_what_the_guard_lets_through(text: str) -> None:
    assert too_costly(text) == ""


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_the_guard_never_raises(text: str) -> None:
    assert isinstance(too_costly(text), str)


SIGNS = st.sampled_from([*"0123456789xyei+-*/^_!(){}[]|,.=<> ", r"\frac", r"\sqrt", r"\binom", "$"])


@given(st.lists(SIGNS, max_size=25).map("".join))
@settings(max_examples=25)
def test_any_text_has_a_verdict(comparer: Comparer, text: str) -> None:
    found = comparer.compare([(text, "x^2+1"), ("1", text)], seconds=0.3)
    assert {each.verdict for each in found} <= {CORRECT, WRONG, UNPARSABLE, TIMEOUT}


PYTHON = [
    "__import__('os').system('touch {path}')",
    "__import__('pathlib').Path('{path}').touch()",
    "exec(open('{path}','w'))",
    r"\text{{__import__('os').mkdir('{path}')}}",
    "(lambda: open('{path}', 'w'))()",
    "1+open('{path}','w').write('x')",
]


@pytest.mark.parametrize("program", PYTHON)
def test_nothing_is_evaluated(tmp_path: Path, program: str) -> None:
    """Past the guard as well, in the very functions that parse and compare."""
    path = tmp_path / "made"
    text = program.format(path=path)
    with contextlib.closing(Pool(HANDLER, workers=1, memory_mb=512)) as pool:
        jobs = [json.dumps(pair) for pair in ((text, "1"), ("1", text))]
        outcomes = pool.map(jobs, seconds=5.0)
    assert "correct" not in "".join(each.value for each in outcomes)
    assert not path.exists()


HANDLER = "reasoning_lab.judges.math.sympy_worker:prepare"

# What the guard would refuse, straight into the worker: the limits have to hold by themselves.
UNGUARDED = [
    "9^{9^{9^9}}",
    "10^{10^9}!",
    r"\sum_{k=1}^{1000000000} \sqrt{k}",
    "{" * 10_000 + "1" + "}" * 10_000,
    "(" * 300 + "1" + ")" * 300,
    "1+" * 2**19 + "1",
    "1\x002",
    "\ud800",
    "$" * 50_000,
    r"\left" * 20_000,
    "sqrt(" * 10_000,
    r"\frac" * 20_000,
    "(a)_{" * 5_000,
]


def test_limits_hold_without_the_guard() -> None:
    with contextlib.closing(Pool(HANDLER, workers=2, memory_mb=512)) as pool:
        jobs = [json.dumps([text, "1"]) for text in UNGUARDED]
        outcomes = pool.map([*jobs, '["x(x+1)", "x^2+x"]'], seconds=1.0)
    assert outcomes[-1].value == '["correct", "symbolically equal"]'
    assert {each.status for each in outcomes} <= {"ok", "timeout", "memory", "died"}
    assert not any('"correct"' in each.value for each in outcomes[:-1])


def test_a_hang_costs_its_own_pair_alone() -> None:
    comparer = Comparer(workers=2)
    pairs = [(f"x+{n}+x", f"2x+{n}") for n in range(63)]
    hang = (r"(\sin x+\cos x)^{250}", r"(1+2\sin x\cos x)^{125}")
    with contextlib.closing(comparer.pool):
        found = comparer.compare([*pairs[:30], hang, *pairs[30:]], seconds=3.0)
    assert found[30].verdict is TIMEOUT
    assert [each.verdict for each in found[:30] + found[31:]] == [CORRECT] * 63


def test_timeouts_are_kept_for_their_limit(comparer: Comparer) -> None:
    # Half a second of computing: on no machine is the answer there before it is looked for.
    pair = (r"(\sin x+\cos x)^{20}", r"(1+2\sin x\cos x)^{10}")
    [found] = comparer.compare([pair], seconds=1e-4)
    assert found == symbolic.Symbolic(TIMEOUT, "timeout: no verdict within 0.0001 s")
    comparer.pool.close()
    assert comparer.compare([pair], seconds=1e-5) == [found]
    assert comparer.pool._zygote is None, "nothing was asked again"
    assert comparer.compare([pair], seconds=60.0)[0].verdict is CORRECT


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome("timeout", "", 2.0), "timeout: no verdict within 2 s"),
        (Outcome("memory", "more than 512 MB", 0.5), "memory: more than 512 MB"),
        (Outcome("died", "SIGSEGV", 0.1), "died: the worker ended with SIGSEGV, twice"),
    ],
)
def test_how_a_pair_without_a_verdict_is_told(outcome: Outcome, reason: str) -> None:
    assert symbolic._read(("1", "x"), outcome, 2.0) == symbolic.Symbolic(TIMEOUT, reason)


def test_known_pairs_start_nothing(comparer: Comparer) -> None:
    pairs = [("x+x", "2x"), ("x+x", "3x"), ("9^{9^9}", "1"), ("x+x", "2x")]
    found = comparer.compare(pairs)
    comparer.pool.close()
    assert comparer.compare(pairs) == found
    assert comparer.pool._zygote is None
    assert [each.verdict for each in found] == [CORRECT, WRONG, UNPARSABLE, CORRECT]


def test_what_is_kept_is_bounded() -> None:
    comparer = Comparer(workers=1, kept=3)
    with contextlib.closing(comparer.pool):
        comparer.compare([(f"{n}x", "x") for n in range(10)], seconds=5.0)
    assert len(comparer._known) == 3


def test_from_threads_and_a_forked_child(comparer: Comparer) -> None:
    def ask(n: int) -> list[Verdict]:
        pairs = [(f"x^2+{n}x", f"x(x+{n})"), (f"x^2+{n}x", "x")]
        return [each.verdict for each in comparer.compare(pairs, seconds=20.0)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(2, 10))) == [[CORRECT, WRONG]] * 8
    child = os.fork()
    if child == 0:
        good = ask(77) == [CORRECT, WRONG]
        comparer.pool.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ask(78) == [CORRECT, WRONG]


def test_nothing_is_said_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    comparer = Comparer(workers=1)
    with contextlib.closing(comparer.pool):
        comparer.compare([("x+x", "2x"), ("(((", "1"), (r"\frac{1}{0}", "1"), ("x=1,y=2", "3")])
    assert capfd.readouterr() == ("", "")


def test_no_pool_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(SandboxError, match="cannot start"):
        Comparer(workers=1).compare([("x+x", "2x")])


def test_a_bug_in_the_comparison_is_an_error() -> None:
    comparer = Comparer(workers=1)
    comparer.pool = Pool("reasoning_lab.pool.wire:Gone", workers=1, memory_mb=512)
    with pytest.raises(RewardError, match="Traceback"), contextlib.closing(comparer.pool):
        comparer.compare([("x+x", "2x")])


def test_the_default_comparer_is_made_once() -> None:
    before = symbolic.use(None)
    try:
        assert equal_symbolically([]) == []
        first = symbolic.use(None)
        assert first is not None
        assert first.pool._zygote is None, "made, but not started"
        thread = threading.Thread(target=equal_symbolically, args=([("1" * MAX_LENGTH * 2, "1")],))
        thread.start()
        thread.join()
        assert symbolic.use(before) is not first
    finally:
        symbolic.use(before)

"""A refused level names what is in the way on this machine, and nothing that is not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reasoning_lab.errors import SandboxError
from reasoning_lab.sandbox import levels, proof
from reasoning_lab.sandbox.remedy import remedy

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is a part of Linux")
ON = {"proc/self/ns/user": "", "proc/sys/user/max_user_namespaces": "63000"}
LIMIT, PIDS = "user.max_user_namespaces", "user.max_pid_namespaces"
DEBIAN, UBUNTU = "unprivileged_userns_clone", "apparmor_restrict_unprivileged_userns"
FILTER, HOST, KERNEL = "seccomp=unconfined", "on the host of this container", "CONFIG_USER_NS"
EVERY = {LIMIT, PIDS, DEBIAN, UBUNTU, FILTER, HOST, KERNEL}
FILTERED = {"proc/self/status": "Name:\tpython\nSeccomp:\t2\nSeccomp_filters:\t1\n"}
DOCKER = {".dockerenv": ""}
_DEBIAN = {f"proc/sys/kernel/{DEBIAN}": "0\n"}
_UBUNTU = {f"proc/sys/kernel/{UBUNTU}": "1\n"}
_LIMIT = {"proc/sys/user/max_user_namespaces": "0\n"}


@linux
@pytest.mark.parametrize(
    ("files", "user", "named"),
    [
        (ON, 1000, set()),
        (ON | {f"proc/sys/kernel/{DEBIAN}": "1", f"proc/sys/kernel/{UBUNTU}": "0"}, 1000, set()),
        ({"proc/self/status": ""}, 0, {KERNEL}),
        (ON | _LIMIT, 0, {LIMIT}),
        (ON | {"proc/sys/user/max_pid_namespaces": "0"}, 1000, {PIDS}),
        (ON | _DEBIAN, 1000, {DEBIAN}),
        (ON | _UBUNTU, 1000, {UBUNTU}),
        (ON | _LIMIT | _UBUNTU, 1000, {LIMIT, UBUNTU}),
        (ON | _DEBIAN | _UBUNTU | DOCKER, 0, {FILTER}),
        (ON | DOCKER, 0, {FILTER}),
        (ON | {"run/.containerenv": ""}, 1000, {FILTER}),
        (ON | FILTERED, 1000, {FILTER}),
        (ON | DOCKER | _LIMIT, 0, {HOST, LIMIT}),
        (ON | DOCKER | FILTERED | _UBUNTU, 1000, {HOST, UBUNTU, FILTER}),
    ],
)
def test_what_is_named(tmp_path: Path, files: dict[str, str], user: int, named: set[str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = remedy(user, tmp_path)
    assert {each for each in EVERY if each in said} == named
    assert said.endswith("the address of a SandboxFusion server")
    assert "reward.terms.code.params.isolation=process" in said


def test_a_refused_run_names_the_switch_that_is_off(tmp_path: Path) -> None:
    """Really off: in a user namespace that may not have further ones."""
    off = "echo 0 > /proc/sys/user/max_user_namespaces"
    within = ["unshare", "-Ur", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*within, off], check=False).returncode:
        pytest.skip("NO USER NAMESPACES HERE, the refusal of a level was not tried")
    (tmp_path / "a.jsonl").write_text(
        '{"completion": "```python\\n1\\n```", "tests": [{"type": "stdio", "stdin": "", '
        '"stdout": ""}]}\n'
    )
    # The proof of a level that another test left behind holds for where that test ran.
    anew = f"unset {proof.VARIABLE}"
    command = f"{off}; {anew}; exec {sys.executable} -m reasoning_lab stage=score reward=code"
    done = subprocess.run(
        [*within, f"{command} score.path=a.jsonl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("One problem:\n  isolation=namespaces: ")
    assert "sysctl -w user.max_user_namespaces=" in done.stderr
    assert not any(each in done.stderr for each in (DEBIAN, UBUNTU, FILTER, KERNEL, PIDS))
    assert not (tmp_path / "a.scored.jsonl").exists()


@pytest.mark.parametrize("level", ["namespaces", "process"])
def test_a_module_that_is_not_there_is_no_fault_of_the_level(level: str) -> None:
    if why := levels.detect()[level]:
        pytest.skip(f"NO LEVEL {level} HERE, its modules were not tried: {why}")
    with pytest.raises(SandboxError) as refusal:
        levels.choose(level, ("json", "no_such_module"))
    (problem,) = refusal.value.problems
    assert problem.where == "modules=json,no_such_module"
    assert problem.what.count("No module named 'no_such_module'") == 1
    assert "reward.terms.code.params.modules" in problem.cure
    assert "isolation" not in problem.cure

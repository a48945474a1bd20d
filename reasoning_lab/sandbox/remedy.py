"""Why a machine has no namespaces for programs, as far as it says so itself, and what mends it.

Only what applies here is named: a switch of the kernel that is off, or the filter of a container.
"""

import platform
import sys
from pathlib import Path

ADDRESS = "SANDBOX_FUSION_ENDPOINT"  # the environment variable with the address of a server
_KINDS = ("user", "mnt", "pid", "net", "ipc", "uts")
_MARKS = (".dockerenv", "run/.containerenv", "run/systemd/container")  # files of containers
_UNFILTERED = (
    "give this container or service no filter of system calls: in Docker and Podman "
    "`--security-opt seccomp=unconfined --security-opt apparmor=unconfined` or `--privileged`, in "
    "Kubernetes `seccompProfile: {type: Unconfined}`"
)
_ELSEWHERE = (
    "or ask for another level by name, in a run as reward.terms.code.params.isolation=process: "
    f"`process` is weaker, and `remote` needs {ADDRESS}, the address of a SandboxFusion server"
)


def remedy(user: int, root: Path = Path("/")) -> str:
    """What `user` (an effective user id) can do where namespaces cannot be had, in words.

    `root` is where /proc is looked for.
    """
    if not sys.platform.startswith("linux"):
        return _ELSEWHERE.removeprefix("or ")
    contained = any((root / mark).exists() for mark in _MARKS)
    found = _switches(user, root)
    where = "on the host of this container, " if contained else ""
    said = [where + " and ".join(found)] if found else []
    if _filtered(root) or (contained and not found):
        said.append(_UNFILTERED)
    return "; ".join([*said, _ELSEWHERE] if said else [_ELSEWHERE.removeprefix("or ")])


def _switches(user: int, root: Path) -> list[str]:
    """The settings of the kernel that forbid namespaces to this user."""
    if not (root / "proc/self/ns/user").exists():
        return [f"use a kernel with CONFIG_USER_NS=y (this one is {platform.release()})"]
    found = [
        f"`sysctl -w user.max_{kind}_namespaces=10000`"
        for kind in _KINDS
        if _read(root, f"user/max_{kind}_namespaces") == "0"
    ]
    if user != 0:  # these two let root pass
        if _read(root, "kernel/unprivileged_userns_clone") == "0":
            found.append("`sysctl -w kernel.unprivileged_userns_clone=1`")
        if _read(root, "kernel/apparmor_restrict_unprivileged_userns") == "1":
            found.append("`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`")
    return found


def _filtered(root: Path) -> bool:
    """Whether a filter of system calls was put around this process."""
    try:
        status = (root / "proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(line.split() == ["Seccomp:", "2"] for line in status.splitlines())


def _read(root: Path, name: str) -> str:
    """A setting of the kernel, or "" where it has none of this name."""
    try:
        return (root / "proc/sys" / name).read_text(encoding="ascii").strip()
    except OSError:
        return ""

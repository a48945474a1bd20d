"""Linux system calls that Python has no function for, by ctypes: no compiler, no extra package."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

LINUX = sys.platform == "linux"
MACHINE = platform.machine()

# sched.h
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
# sys/mount.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
# sys/prctl.h
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITIES_V3 = 0x20080522
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPSET = {"x86_64": 126, "aarch64": 91}

if LINUX:
    _LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(name: str, number: int, *arguments: object) -> int:
    """A system call by number; raises `OSError` with its name."""
    ready = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(name, int(_LIBC.syscall(ctypes.c_long(number), *ready)))


def unshare(flags: int) -> None:
    """Leave some namespaces for new ones."""
    _checked("unshare", _LIBC.unshare(flags))


def setns(descriptor: int, kind: int) -> None:
    """Go back into a namespace."""
    _checked("setns", _LIBC.setns(descriptor, kind))


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount, or change a mount."""
    words = [word.encode() if word else None for word in (source, target, kind)]
    result = _LIBC.mount(*words, ctypes.c_ulong(flags), data.encode() if data else None)
    _checked(f"mount {target}", result)


def unmount(target: str) -> None:
    """Take a mount away, as soon as nobody uses it."""
    _checked(f"umount {target}", _LIBC.umount2(target.encode(), MNT_DETACH))


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, and put the old one on `old`."""
    syscall("pivot_root", _PIVOT_ROOT[MACHINE], new.encode(), old.encode())


def prctl(option: int, argument: int = 0, *rest: object) -> None:
    """Set a property of this process."""
    padded = [*rest, *[ctypes.c_ulong(0)] * (3 - len(rest))]
    _checked("prctl", _LIBC.prctl(option, ctypes.c_ulong(argument), *padded))


def bound_capabilities() -> None:
    """See to it that no process made from here on can ever gain a capability."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:  # the last one is past, or there is no right to drop one, nor to gain one
            break


_NO_CAPABILITIES = (struct.pack("=Ii", _CAPABILITIES_V3, 0), bytes(24))


def drop_capabilities() -> None:
    """Give up every capability that this process has."""
    syscall("capset", _CAPSET[MACHINE], *_NO_CAPABILITIES)


def no_new_privileges() -> None:
    """Nothing executed from here on can gain a right."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, *[ctypes.c_ulong(0)] * 3)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seccomp(program: bytes) -> None:
    """Put a classic BPF program before every system call of this process and its children."""
    fprog = _Program(len(program) // 8, program)
    prctl(PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(fprog))

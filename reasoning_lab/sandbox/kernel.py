"""Linux system calls that Python has no function for, by ctypes: no compiler, no extra package."""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

Step = tuple[Callable[..., Any], tuple[Any, ...]]  # a call, and what it is called with

LINUX = sys.platform == "linux"
MACHINE = os.uname().machine

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


def function(name: str, *types: type) -> Callable[..., int]:
    """A function of the C library that takes arguments of these types; it raises `OSError`."""
    if not LINUX:
        return _elsewhere
    found = _LIBC[name]
    found.argtypes = types
    found.errcheck = _checked  # type: ignore[assignment]  # it returns what it was given
    return found


def _checked(result: int, called: Any, _: object) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{called.__name__}: {os.strerror(number)}")
    return result


def _elsewhere(*_: object) -> int:
    raise OSError(errno.ENOSYS, "only Linux has this system call")


_INT, _LONG, _ULONG = ctypes.c_int, ctypes.c_long, ctypes.c_ulong
_TEXT, _POINTER = ctypes.c_char_p, ctypes.c_void_p

# Leave some namespaces for new ones: flags. Go back into one: a descriptor, its kind.
unshare = function("unshare", _INT)
setns = function("setns", _INT, _INT)
# Set a property of this process: which, to what.
prctl = function("prctl", _INT, _ULONG, _ULONG, _ULONG, _ULONG)
# Mount, or change a mount: source, target, kind, flags, words; all but the flags as bytes.
mount = function("mount", _TEXT, _TEXT, _TEXT, _ULONG, _TEXT)
_umount = function("umount2", _TEXT, _INT)
_pivot_root = function("syscall", _LONG, _TEXT, _TEXT)
_put_filter = function("prctl", _INT, _ULONG, _POINTER)
# Take these capabilities and no others, by number: a header and a body.
capset = function("syscall", _LONG, _TEXT, _TEXT)


def unmount(target: bytes) -> None:
    """Take a mount away, as soon as nobody uses it."""
    _umount(target, MNT_DETACH)


def pivot_root(new: bytes, old: bytes) -> None:
    """Make `new` the root, and put the old one on `old`."""
    _pivot_root(_PIVOT_ROOT[MACHINE], new, old)


def bound_capabilities() -> None:
    """See to it that no process made from here on can ever gain a capability."""
    for number in range(64):
        try:
            prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
        except OSError:  # the last one is past, or there is no right to drop one, nor to gain one
            break


def no_capabilities() -> Step:
    """The call that gives up every capability of a process."""
    return capset, (_CAPSET[MACHINE], struct.pack("=Ii", _CAPABILITIES_V3, 0), bytes(24))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def seccomp(program: bytes) -> Step:
    """The call that puts a classic BPF program before every system call of a process.

    Its children inherit it.
    """
    lines = _Program(len(program) // 8, program)
    return _put_filter, (PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.pointer(lines))

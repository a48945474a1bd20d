"""Landlock: which folders a process can still read or write (Linux 5.13 and later).

Numbers from linux/landlock.h. The three system calls have the same numbers on every machine.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from reasoning_lab.sandbox import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1  # flag of _CREATE: only tell the version
_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
# What each version of the interface can refuse: rights on files, on TCP, on signals and sockets.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
READ = _READ_FILE | _READ_DIR
_IOCTL = 1 << 15


def version() -> int:
    """The version of the interface here; 0 without Landlock.

    >>> version() >= 0
    True
    """
    if not kernel.LINUX:
        return 0
    try:
        return kernel.syscall("landlock", _CREATE, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str], abi: int) -> None:
    """From here on: read below `readable`, everything below `writable`, nothing else.

    Also no TCP (version 4), no signals and abstract sockets to the outside (version 6).
    Descriptors that are open already stay as they are. Raises `OSError`.
    """
    rights = (1 << _FILE_RIGHTS[min(abi, 5)]) - 1
    handled = [rights, 0b11 if abi >= 4 else 0, 0b11 if abi >= 6 else 0]
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    attributes = struct.pack("=3Q", *handled)
    ruleset = kernel.syscall("landlock_create_ruleset", _CREATE, attributes, size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, READ)
        for path in writable:
            _allow(ruleset, path, rights & ~_IOCTL & ~1)
        kernel.syscall("landlock_restrict_self", _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - as cheap as can be: once a program
            rights &= _READ_FILE | _WRITE_FILE | (rights & _TRUNCATE)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, beneath))
        kernel.syscall("landlock_add_rule", _ADD, ruleset, _BENEATH, rule, 0)
    finally:
        os.close(beneath)

"""Landlock: which folders a process can still read or write (Linux 5.13 and later).

Numbers from linux/landlock.h. The three system calls have the same numbers on every machine.
"""

import os
import struct
from collections.abc import Iterable
from ctypes import c_char_p, c_int, c_long
from pathlib import Path

from reasoning_lab.sandbox import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_create = kernel.function("syscall", c_long, c_char_p, c_long, c_long)
_add = kernel.function("syscall", c_long, c_int, c_long, c_char_p, c_long)
_restrict = kernel.function("syscall", c_long, c_int, c_long)
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
        return _create(_CREATE, None, 0, _VERSION)
    except OSError:
        return 0


def ruleset(readable: Iterable[str], writable: Iterable[str], abi: int) -> int:
    """Rules for `restrict`, a descriptor: read below `readable`, everything below `writable`.

    Also no TCP (version 4), no signals and abstract sockets to the outside (version 6). What is
    mounted later below one of these folders, not on it, belongs to it. Raises `OSError`.
    """
    rights = (1 << _FILE_RIGHTS[min(abi, 5)]) - 1
    handled = [rights, 0b11 if abi >= 4 else 0, 0b11 if abi >= 6 else 0]
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    attributes = struct.pack("=3Q", *handled)
    rules = _create(_CREATE, attributes, size, 0)
    for path in readable:
        _allow(rules, path, READ)
    for path in writable:
        _allow(rules, path, rights & ~_IOCTL & ~1)
    return rules


def restrict(rules: int) -> kernel.Step:
    """The call by which a process keeps to `rules`, with the descriptors it has open already."""
    return _restrict, (_RESTRICT, rules, 0)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not Path(path).is_dir():
            rights &= _READ_FILE | _WRITE_FILE | (rights & _TRUNCATE)
        rule = struct.pack("=Qi", rights, beneath)
        _add(_ADD, rules, _BENEATH, rule, 0)
    finally:
        os.close(beneath)

"""A keeper's memory made ready for being forked: less for each fork to copy, and to let go of.

Most of a program's time the kernel copies the pages that its process writes to, and keeps account
of all the others. Nothing here changes what a program finds; where a C library, a Python or a
kernel has other rules, all stays as it is.
"""

import ctypes
import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from reasoning_lab.sandbox import kernel

_LARGE = 2**21  # bytes of a large page
_COLLAPSE = 25  # asm-generic/mman-common.h, Linux 6.1
_READ_WRITE, _READ_RUN = 3, 5  # PROT_READ with PROT_WRITE, with PROT_EXEC
# Of the C library, in bytes: the sizes of its pieces, of which some come before what it gives.
_PIECES, _BEFORE, _MOST_PIECES = range(4096, 16, -16), 8, 20_000
# Of Python, in bytes: small objects of a size lie in pools, the first behind the pool's head.
_POOL, _HEAD, _SMALL, _MOST_OF_A_SIZE = 2**14, 48, 512, 2**17

_pointer, _size = ctypes.c_void_p, ctypes.c_size_t
_protect = kernel.function("mprotect", _pointer, _size, ctypes.c_int)
_advise = kernel.function("madvise", _pointer, _size, ctypes.c_int)
_kept: list[object] = []


@dataclass(frozen=True, slots=True)
class _Map:
    start: int
    end: int
    rights: str
    offset: int
    name: str


def join_maps() -> None:
    """Fewer parts of what is mapped: a fork copies each of them. Needs /proc.

    To be done before the first fork, after which parts that were written to join no others.
    """
    if kernel.LINUX:
        _join_with_code()
        _join_with_data()


def _join_with_code() -> None:
    """One map of a library's header, code and constants."""
    maps = list(_maps())
    for before, code, after in zip(maps, maps[1:], maps[2:], strict=False):
        if code.rights != "r-xp" or ".so" not in code.name:
            continue
        for other in (before, after):
            if (other.name, other.rights) == (code.name, "r--p") and _adjoin(other, code):
                with suppress(OSError):
                    _protect(other.start, other.end - other.start, _READ_RUN)


def _join_with_data() -> None:
    """One map of a library's data and of what the linker has closed once it was filled in.

    A program can open that again at any time; that it is closed guards nothing from outside.
    """
    for closed, data in itertools.pairwise(list(_maps())):
        if (closed.rights, data.rights) != ("r--p", "rw-p") or closed.name != data.name:
            continue
        if ".so" in data.name and _adjoin(closed, data):
            with suppress(OSError):
                _protect(closed.start, closed.end - closed.start, _READ_WRITE)


def _adjoin(one: _Map, other: _Map) -> bool:
    first, second = sorted((one, other), key=lambda each: each.start)
    apart = second.start - first.start
    return first.end == second.start and second.offset - first.offset == apart


def enlarge() -> None:
    """Put what is in use into large pages: a fork copies one entry for 512. Needs /proc."""
    if not kernel.LINUX:
        return
    for each in _maps():
        if each.rights == "rw-p" and each.name in ("", "[heap]"):
            first = -(-each.start // _LARGE) * _LARGE
            for start in range(first, each.end - _LARGE + 1, _LARGE):
                with suppress(OSError):  # nothing is there, or none is to be had
                    _advise(start, _LARGE, _COLLAPSE)


def _maps() -> Iterator[_Map]:
    for line in Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines():
        place, rights, offset, _, _, *name = line.split(maxsplit=5)
        start, end = (int(each, 16) for each in place.split("-"))
        yield _Map(start, end, rights, int(offset, 16), name[0] if name else "")


def fill_holes() -> None:
    """Take what is free between things in use, so that programs' things lie side by side.

    To take a free piece its page is written to, and as a rule that of its neighbours in a list.
    """
    if kernel.LINUX:
        _fill_pools()
        _fill_pieces()


def _fill_pools() -> None:
    for size in range(16, _SMALL + 1, 16):
        for _ in range(_MOST_OF_A_SIZE // size):
            _kept.append(new := _object(size))
            if id(new) % _POOL == _HEAD:  # the first of a new pool: the others are full
                break


def _object(size: int) -> object:
    """One that takes as many bytes, a multiple of 16."""
    empty = b"".__sizeof__()
    if size > empty:
        return bytes(size - empty)
    return float(size) if size > 16 else object()


def _fill_pieces() -> None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):  # not glibc
        return
    library.malloc.restype = library.sbrk.restype = _pointer
    library.malloc.argtypes = [_size]
    library.free.argtypes = [_pointer]
    end = library.sbrk(0)
    above: list[int | None] = []  # one of each size, from where nothing was in use
    left = _MOST_PIECES
    for size in _PIECES:
        while left and (piece := library.malloc(size - _BEFORE)) and piece < end:
            left -= 1
        if not left:
            break
        above.append(piece)
    for piece in above:
        library.free(piece)

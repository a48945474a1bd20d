"""The seccomp filter: system calls that a program may not make, or only with some arguments.

A list of what is refused, not of what is allowed, so that honest programs notice nothing; and
numbers newer than the table do not exist (ENOSYS). Names and numbers are the kernel's own, from
asm/unistd_64.h and asm-generic/unistd.h (aarch64 uses the latter).
"""

import errno
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence

# name: number on x86_64, number on aarch64; None where the machine has no such call
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # another program, another process's memory, debugging
    "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "personality": (135, 92),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    # the network, and what outlives a process
    "socket": (41, 198), "bind": (49, 200), "listen": (50, 201), "connect": (42, 203),
    "accept": (43, 202), "accept4": (288, 242), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "shmctl": (31, 195), "msgctl": (71, 187), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "semctl": (66, 191), "semop": (65, 193), "semtimedop": (220, 192), "mq_unlink": (241, 181),
    # memory that no limit counts
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "mlock": (149, 228),
    "inotify_init": (253, None), "inotify_init1": (294, 26),  # of which a user has 128
    "mlock2": (325, 284), "mlockall": (151, 230), "remap_file_pages": (216, 234),
    # namespaces, mounts, roots
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "open_tree_attr": (467, 467), "statmount": (457, 457), "listmount": (458, 458),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # doors into the kernel that no snippet needs and many break-ins went through
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "vmsplice": (278, 75), "splice": (275, 76), "tee": (276, 77), "fanotify_init": (300, 262),
    "modify_ldt": (154, None), "uselib": (134, None), "lookup_dcookie": (212, 18),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "set_mempolicy_home_node": (450, 450),
    # the machine as a whole
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "create_module": (174, None),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    "iopl": (172, None), "ioperm": (173, None), "syslog": (103, 116), "vhangup": (153, 58),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "sysfs": (139, None),
    # more than its share of the processor
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    "setpriority": (141, 140),
    # becoming somebody else
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
}  # fmt: skip
# What a keeper does for its programs before they start, and they may not do.
_OF_KEEPER = ("mount", "unshare", "setns", "setgroups", "setresgid", "setresuid", "capset")
# Changing files by name: where no namespace hides the user's own. Landlock does not see all.
_CHANGING: dict[str, tuple[int | None, int | None]] = {
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "unlink": (87, None), "unlinkat": (263, 35), "mkdir": (83, None), "mkdirat": (258, 34),
    "rmdir": (84, None), "mknod": (133, None), "mknodat": (259, 33), "truncate": (76, 45),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466),
    "inotify_add_watch": (254, 27),
}  # fmt: skip
_OPENING: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "creat": (85, None),
    "readlink": (89, None),  # where the links of another process's /proc lead
    "readlinkat": (267, 78),
}
_FORKING: dict[str, tuple[int | None, int | None]] = {"fork": (57, None), "vfork": (58, None)}
_SIGNALS = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
_FOR_THREADS = ("tgkill", "rt_tgsigqueueinfo")  # which take a thread before the signal
_SIGKILL = 9
# A timer may send any signal, also the one that a process may not send to itself.
_TIMING: dict[str, tuple[int | None, int | None]] = {"timer_create": (222, 107)}
_CLONE, _CLONE3, _PRCTL, _IOCTL, _PRLIMIT = (
    (56, 220), (435, 435), (157, 167), (16, 29), (302, 261),
)  # fmt: skip
_FCNTL, _SOCKETPAIR, _SETRLIMIT = (72, 25), (53, 199), (160, 164)
_RLIMIT_CPU = 0
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH_…
_NEWEST = 467  # the last number of Linux 6.16; what came after, this table has not looked at
_X32 = 0x40000000

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH = 0, 4
_NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW… that clone(2) takes
_CLONE_THREAD = 0x00010000
_PR_REFUSED = (1, 4, 35, 0x59616D61)  # PDEATHSIG, DUMPABLE, MM, PTRACER
# TIOCSTI, TIOCLINUX; FIOSETOWN and SIOCSPGRP, which are F_SETOWN
_IOCTL_REFUSED = (0x5412, 0x541C, 0x8901, 0x8902)
# F_SETOWN, F_SETSIG, F_SETOWN_EX: have the kernel signal somebody; F_SETLEASE and F_NOTIFY: be
# told of who opens or changes the user's files, and make him wait
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)
_AF_UNIX = 1  # another family of sockets may be a module, which the kernel would load
# SOCK_STREAM, also with SOCK_NONBLOCK and SOCK_CLOEXEC. A datagram socket needs no connect to send
# to any name, and takes descriptors along.
_PAIRS = (1, 0x801, 0x80001, 0x80801)

_ITSELF = 0x7B5A39C1  # stands for the process id; no real one is as large

_Line = tuple[int, int, int, int]


def known(machine: str) -> bool:
    """Whether there is a table for this machine (`uname -m`).

    >>> known("x86_64"), known("riscv64")
    (True, False)
    """
    return machine in _MACHINES


def for_keeper(machine: str, *, opening: bool, only_itself: bool) -> bytes:
    """What a keeper refuses itself and so, as filters are inherited, its programs: most of all.

    The kernel translates a filter for each process that puts one up, which takes long for a long
    one. `opening`: files may be opened; `only_itself`: no file may be changed by name (where no
    namespaces hide them).
    """
    column, architecture = _MACHINES[machine]
    refused = dict(_REFUSED)
    refused.update(_CHANGING if only_itself else {})
    refused.update({} if opening else _OPENING)
    lines: list[_Line] = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, architecture), _give(_KILL)]
    lines += [(_LOAD, 0, 0, _NUMBER), (_GREATER, 0, 1, _X32 - 1), _give(_KILL)]
    lines += [(_GREATER, 0, 1, _NEWEST), _give(_ERRNO | errno.ENOSYS)]
    lines += [(_EQUAL, 0, 1, _CLONE3[column]), _give(_ERRNO | errno.ENOSYS)]
    lines += _refuse(row[column] for name, row in refused.items() if name not in _OF_KEEPER)
    return _bytes([*lines, _give(_ALLOW)])


def for_programs(machine: str, *, fork: bool, only_itself: bool, limited: bool) -> bytes:
    """The rest of the filter, on top of `for_keeper`; for `for_process` to finish.

    `fork`: processes, and not only threads, may be made; `only_itself`: it may signal no other
    process; `limited`: its limit of computing time stays, as in `for_limits`.
    """
    signals_only_to = _ITSELF if only_itself else 0
    column, _ = _MACHINES[machine]
    refused = {name: _REFUSED[name] for name in _OF_KEEPER}
    refused.update({} if fork else _FORKING)
    refused.update(_TIMING if only_itself else {})
    lines: list[_Line] = [(_LOAD, 0, 0, _NUMBER)]
    lines += _refuse(row[column] for row in refused.values())
    lines += _by_argument(_CLONE[column], 0, _clone(fork))
    lines += _by_argument(_PRCTL[column], 0, _none_of(_PR_REFUSED))
    lines += _by_argument(_IOCTL[column], 1, _none_of(_IOCTL_REFUSED))
    lines += _by_argument(_FCNTL[column], 1, _none_of(_FCNTL_REFUSED))
    lines += _by_argument(_SOCKETPAIR[column], 0, _pair())
    kept = (_RLIMIT_CPU,) if limited else ()
    lines += _by_argument(_SETRLIMIT[column], 0, _none_of(kept))
    whose = list(dict.fromkeys((0, signals_only_to)))
    lines += _by_argument(_PRLIMIT[column], 0, [*_one_of(whose), *_asked_only(kept)])
    if signals_only_to:
        for name, row in _SIGNALS.items():
            lines += _by_argument(row[column], 0, _signal(2 if name in _FOR_THREADS else 1))
    return _bytes([*lines, _give(_ALLOW)])


def for_limits(machine: str) -> bytes:
    """The last part, put up once a program's limits are set: its limit of computing time stays.

    A program that lowers it is killed as nobody inside can kill it, which would look like a failure
    of the sandbox: no verdict instead of a bad one, whenever it likes. Other limits it may change.
    """
    column, _ = _MACHINES[machine]
    lines: list[_Line] = [(_LOAD, 0, 0, _NUMBER)]
    lines += _by_argument(_SETRLIMIT[column], 0, _none_of((_RLIMIT_CPU,)))
    lines += _by_argument(_PRLIMIT[column], 1, _asked_only((_RLIMIT_CPU,)))
    return _bytes([*lines, _give(_ALLOW)])


def _refuse(numbers: Iterable[int | None]) -> Iterator[_Line]:
    for number in numbers:
        if number is not None:
            yield (_EQUAL, 0, 1, number)
            yield _give(_ERRNO | errno.EPERM)


def _bytes(lines: list[_Line]) -> bytes:
    return b"".join(struct.pack("=HBBI", code, yes, no, value) for code, yes, no, value in lines)


def numbers(machine: str) -> dict[str, int]:
    """Every system call that the table names, with its number there."""
    column, _ = _MACHINES[machine]
    rows = _REFUSED | _CHANGING | _OPENING | _FORKING | _TIMING | _SIGNALS
    return {name: number for name, row in rows.items() if (number := row[column]) is not None}


def for_process(filter_: bytes, pid: int) -> bytes:
    """The filter with the one process id that may be signalled."""
    return filter_.replace(_ITSELF.to_bytes(4, sys.byteorder), pid.to_bytes(4, sys.byteorder))


def _give(action: int) -> _Line:
    return (_RETURN, 0, 0, action)


def _by_argument(number: int, index: int, rules: list[_Line]) -> Iterator[_Line]:
    """`rules` on the low half of an argument, for one system call; they always give a result."""
    yield (_EQUAL, 0, len(rules) + 1, number)
    yield (_LOAD, 0, 0, 16 + 8 * index)
    yield from rules


def _clone(fork: bool) -> list[_Line]:
    rules = [(_ANY_BIT, 0, 1, _NEW_NAMESPACES), _give(_ERRNO | errno.EPERM)]
    if not fork:
        rules += [(_ANY_BIT, 1, 0, _CLONE_THREAD), _give(_ERRNO | errno.EPERM)]
    return [*rules, _give(_ALLOW)]


def _signal(index: int) -> list[_Line]:
    """To itself alone, and not SIGKILL: who is killed so was killed from outside."""
    itself = [(_EQUAL, 1, 0, _ITSELF), _give(_ERRNO | errno.EPERM)]
    return [*itself, (_LOAD, 0, 0, 16 + 8 * index), *_none_of((_SIGKILL,))]


def _pair() -> list[_Line]:
    family = [(_EQUAL, 1, 0, _AF_UNIX), _give(_ERRNO | errno.EPERM)]
    return [*family, (_LOAD, 0, 0, 16 + 8), *_only(_PAIRS)]


def _none_of(values: tuple[int, ...]) -> list[_Line]:
    rules: list[_Line] = []
    for value in values:
        rules += [(_EQUAL, 0, 1, value), _give(_ERRNO | errno.EPERM)]
    return [*rules, _give(_ALLOW)]


def _one_of(values: Sequence[int]) -> list[_Line]:
    """Refuse any other; go on with one of these."""
    rules = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [*rules, _give(_ERRNO | errno.EPERM)]


def _asked_only(kinds: Sequence[int]) -> list[_Line]:
    """Of prlimit64: limits of these kinds may be asked for, and not set.

    The new limit is a pointer, of two halves, null where the limit is only asked for.
    """
    null = [(_EQUAL, 1, 0, 0), _give(_ERRNO | errno.EPERM)]
    asked = [(_LOAD, 0, 0, 16 + 16), *null, (_LOAD, 0, 0, 16 + 20), *null, _give(_ALLOW)]
    such = [(_EQUAL, len(kinds) - place, 0, kind) for place, kind in enumerate(kinds)]
    return [(_LOAD, 0, 0, 16 + 8), *such, _give(_ALLOW), *asked]


def _only(values: tuple[int, ...]) -> list[_Line]:
    rules: list[_Line] = []
    for value in dict.fromkeys(values):
        rules += [(_EQUAL, 0, 1, value), _give(_ALLOW)]
    return [*rules, _give(_ERRNO | errno.EPERM)]

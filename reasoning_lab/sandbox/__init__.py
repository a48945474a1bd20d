"""Processes that can be killed: isolated ones for code that nobody trusts, and a pool.

`sandbox.Sandbox` runs model-written programs; `pool.Pool` runs our own code on hostile input.

    from reasoning_lab.sandbox import Limits, Sandbox

Sandbox
-------
A *keeper* (`keeper.py`) is a fresh interpreter, exec'd with an empty environment, that has common
modules loaded and forks a *cell* a program, some ahead. A cell is closed in (`walls.py`) before it
reads the program. Its output and its answers are bytes to this process, capped and taken as data
(`plain.py`, no pickle, no eval); limits of time and output are kept here (`runner.py`).

As many programs compute at once as there are workers; while one sleeps, others begin, and time that
they take from one another counts for none of them (`places.py`). Each is in a user namespace of its
own, without any right, where the kernel counts its processes alone; root without user namespaces
has none, and there a program that sleeps holds its place. The limit of computing time is set from
outside where this process may do so, and no program can change it.

A program starts in a folder of its own, which is /tmp to it too (at `process` it has none; where
modules that it may import lie below /tmp, that can only be read). It finds its own standard
streams also as /dev/stdin, /dev/fd/0, /proc/self/fd/0 and the like (`standard_streams.py`), and
what it wrote to a file on them and did not close is written at its end. The order of sets and
`random` without a seed are the same in every program, so that a verdict does not change from run
to run.

Levels, each proved by a self-test of fourteen attacks before its first use, else refused:

- `namespaces` (`auto` takes this one or none): user, mount, pid, network, ipc and uts namespaces, a
  root file system of the Python library alone, read-only, and a private tmpfs; no capabilities,
  no new privileges; a seccomp filter and, where there is one, Landlock. As root or as anybody.
- `process`, to be asked for by name: the filter (no network, no processes, no signals, no
  changing of files), Landlock, limits; nothing can be written. Without Landlock nothing can
  even be opened; elsewhere than on Linux only limits are left, its guarantees say so, and it was
  never run.
- `remote`, by name: a SandboxFusion server that runs an honest program; it guarantees what it
  guarantees, none of which is tried.

A run says which it has, with what is guaranteed and what not; a level that is refused names what is
in the way on this machine (`remedy.py`).

A table of attacks against levels is in experiments/sandbox_attacks.md.

What is not covered. The kernel is shared: a hole in it, reachable by the system calls that stay
allowed, is a way out; run on a machine of its own what must survive that. The filter is a list of
what is refused, for x86_64 and aarch64 (the latter checked against the kernel's headers, not run);
calls newer than its table are refused, other machines have no `namespaces`. Side channels (timing,
caches, the load of the machine) are open. The limit of all processes together, for memory and
computing time, is looked at every 25 ms from outside (100 ms while they sleep), and can be passed
for that long; buffers of pipes and sockets in the kernel are not counted, nor is memory in a shared
map whose process has let go of the pages but not of the map: so each process may hide `memory_mb`
there; and no process is charged for what the interpreter takes (10 MB, with numpy 20), which each
may copy. A program sees the processor, the kernel's version, the clock, and the system's shared
libraries; at `process` also whether files exist and how large they are (stat), but not what is in
them, and a root user's threads are bounded by that look alone. A program is the first process of
its namespace, so a signal to itself that it does not handle is ignored; it cannot start other
programs. Before Linux 5.14, and where /proc hides the processes of others from their own user
(`hidepid`), it can start threads, but no processes. `Outcome.reason` and what a program prints are
its own words: only the comparison outside says whether it is right.

Pool
----
How it is built. `Pool` starts one *zygote*: a fresh interpreter, exec'd and not forked, with an
environment of its own and nothing of the trainer's memory. It imports what the work needs once
and forks a *worker* a slot, which takes a millisecond or two. A worker gets one job at a time.

What is guaranteed, from any thread and in any rank:

- a job ends within its wall-clock limit, counted by the parent from the moment the job is handed
  over; then the worker is killed (SIGKILL) and replaced, and no other job notices;
- a job gets at most `memory_mb` of address space, and ends alone when it wants more;
- a worker that crashes costs its own job only, and that after a second try in a fresh worker;
- nothing is started before the first job; a pool that cannot start raises `SandboxError`, which
  is never a verdict on a job;
- the parent's stdin, stdout and stderr, environment and open files are not passed on;
- however the parent ends, SIGKILL included, every process here ends within about a second;
  Ctrl-C and SIGTERM reach the parent alone, so it can still score while it saves and stops.

What is not covered. This is no isolation: workers run as the same user and can read and write
its files and use its network. It is for *trusted code on untrusted data*. Only CPU time, wall
time and address space are bounded, not disk; memory that a library allocates outside of the
address space limit's reach (shared memory files) is not counted. A library that forks the
parent behind Python's back (no `os.register_at_fork`) passes the pool's sockets on to its child.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reasoning_lab.sandbox.limits import Job, Limits
    from reasoning_lab.sandbox.outcome import Outcome
    from reasoning_lab.sandbox.program import Program
    from reasoning_lab.sandbox.sandbox import Sandbox

__all__ = ["Job", "Limits", "Outcome", "Program", "Sandbox"]


def __getattr__(name: str) -> Any:
    """The names of `__all__`, imported when first asked for: a keeper needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reasoning_lab.sandbox import sandbox

    return getattr(sandbox, name)

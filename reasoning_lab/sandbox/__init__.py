"""A warm pool of processes that can be killed: slow or hostile input costs a time limit, no more.

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

"""A keeper's memory before it forks: a forked process copies less, and all goes on as usual."""

import json
import subprocess
import sys

import pytest

from reasoning_lab.sandbox import kernel

# As a keeper is: modules loaded, and much of what they needed let go of again.
FORKS = """
import collections, ctypes, decimal, gc, inspect, json, os, random, re, resource, statistics, typing
from reasoning_lab.sandbox import pages

def work(number):
    rows = [{"n": n, "text": f"{n * number:,}"} for n in range(60)]
    compile(f"def f(x, y={number}):\\n    return [x + y for _ in range({number})]", "x", "exec")
    found = collections.Counter(len(row["text"]) for row in rows), bytearray(900), [1.5] * 200
    return json.dumps(rows), found

def faults():
    read, write = os.pipe()
    if os.fork() == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        work(7)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        os.write(write, str(after - before).encode())
        os._exit(0)
    os.wait()
    return int(os.read(read, 100))

maps = lambda: sum(1 for _ in open("/proc/self/maps"))
for number in range(40):
    work(number)
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
pieces = [library.malloc(random.randrange(600, 4000)) for _ in range(2000)]
for piece in pieces[::2]:
    library.free(piece)
things = [bytes(random.randrange(400)) for _ in range(20000)]
del things[::2]
gc.collect()
gc.freeze()
gc.disable()
before = faults(), maps()
pages.join_maps()
pages.enlarge()
pages.fill_holes()
after = faults(), maps()
assert work(11) == work(11)
pages.join_maps()
pages.enlarge()
pages.fill_holes()
print(json.dumps([before, after, [faults(), maps()]]))
"""


@pytest.mark.skipif(not kernel.LINUX, reason="NOT TESTED HERE: it is of Linux")
def test_a_forked_process_copies_less() -> None:
    run = [sys.executable, "-c", FORKS]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert not done.returncode, done.stderr
    before, after, again = json.loads(done.stdout)
    assert after[0] < 0.9 * before[0], "pages copied in a forked process"
    assert after[1] < 0.65 * before[1], "maps"
    assert again[0] < 0.9 * before[0]

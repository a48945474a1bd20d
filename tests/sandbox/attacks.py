"""All attacks: those of the start-up self-test, and many more. Each prints `through` if it works.

Safe to run outside: they touch their own folders, this machine's loopback and processes of
their own, and bombs are small.
"""

from reasoning_lab.sandbox.attack import (
    FIRST,
    Attack,
    by_either,
    by_filter,
    by_namespaces,
    everywhere,
)
from reasoning_lab.sandbox.limits import Limits
from reasoning_lab.sandbox.walls import Walls

SHORT = Limits(wall_seconds=0.5, cpu_seconds=1.0)
LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


def by_files(walls: Walls) -> bool:
    """Stopped where files are closed off: by namespaces, by Landlock, or by opening none at all."""
    return bool(walls.namespaces or walls.landlock or walls.seccomp)


def _call(name: str, number: int, *arguments: str) -> Attack:
    """A system call by its number on x86_64; through when the kernel accepts it."""
    words = ", ".join((str(number), *arguments))
    code = f"{LIBC}if libc.syscall({words}) >= 0: print('through')"
    return Attack(f"system call {name}", code, by_filter)


FILES = (
    Attack("list a folder of the user", """
import os
os.listdir(os.path.dirname(T["file"])); print("through")
""", by_files),
    Attack("list the user's home", """
import os
if set(T["in home"]) & set(os.listdir(T["home"])): print("through")
""", by_files),
    Attack("read a private key in a home", """
import os
path = os.path.join(T["another home"], ".ssh", "id_ed25519")
if "PRIVATE KEY" in open(path).read(): print("through")
""", by_files),
    Attack("read a system file", """
open("/etc/os-release").read(); print("through")
""", by_files),
    Attack("read a file through a symbolic link", """
import os, tempfile
link = tempfile.mkdtemp() + "/link"
os.symlink(T["file"], link)
open(link).read(); print("through")
""", by_files),
    Attack("read a file by a hard link", """
import os
os.link(T["file"], T["file"] + ".link"); print("through")
os.unlink(T["file"] + ".link")
""", by_files),
    Attack("read a file through /proc/self/root", """
open("/proc/self/root" + T["file"]).read(); print("through")
""", by_files),
    Attack("read a file by the parent's /proc", """
open(f"/proc/{T['pid']}/root" + T["file"]).read(); print("through")
""", by_files),
    Attack("read a file by many dots", """
open("../" * 40 + T["file"][1:]).read(); print("through")
""", by_files),
    Attack("read a file by ctypes", LIBC + """
if libc.open(T["file"].encode(), 0) >= 0: print("through")
""", by_files),
    Attack("read the parent's command line", """
open(f"/proc/{T['pid']}/cmdline").read(); print("through")
""", by_files),
    Attack("read its own /proc", """
open("/proc/self/maps").read(); print("through")
""", by_files),
    Attack("read its own environment by /proc", """
if b"=" in open("/proc/self/environ", "rb").read(): print("through")
""", by_files),
    Attack("write to its own memory by /proc", """
open("/proc/self/mem", "r+b", buffering=0); print("through")
""", by_files),
    Attack("list the descriptors of the first process", """
import os
os.listdir("/proc/1/fd"); print("through")
""", by_files),
    Attack("open the parent's descriptors by /proc", """
for number in range(64):
    try: open(f"/proc/{T['pid']}/fd/{number}", "rb", buffering=0); print("through")
    except OSError: pass
""", by_files),
    Attack("read installed packages", """
import os
os.listdir(T["packages"]); print("through")
""", by_files),
    Attack("take away the rights on a file", """
import os
os.chmod(T["file"], 0o600); os.chmod(T["file"], 0o644); print("through")
""", by_files),
    Attack("rename a file", """
import os
os.rename(T["file"], T["file"] + "2"); os.rename(T["file"] + "2", T["file"]); print("through")
""", by_files),
    Attack("delete a file", """
import os
os.unlink(T["file"]); print("through")
""", by_files),
    Attack("change the Python library", """
import os
with open(os.__file__, "r+") as file: print("through")
""", by_files),
    Attack("make a file in the library", """
import os
path = os.path.dirname(os.__file__) + "/lab_attack_mark"
open(path, "w").close(); os.unlink(path); print("through")
""", by_files),
    Attack("make a file in shared memory", """
import os
path = "/dev/shm/lab_attack_" + str(T["pid"])
open(path, "wb").write(bytes(48 * 2**20)); os.unlink(path); print("through")
""", by_files),
    Attack("write to a device", """
open("/dev/kmsg", "w"); print("through")
""", by_files),
)  # fmt: skip

NETWORK = (
    Attack("send a datagram", """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", T["port"]))
print("through")
""", by_either),
    Attack("ask for a name", """
import socket
question = b"\\6secret\\7example\\0" + b"\\0\\1" b"\\0\\1"
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(2)
asking.sendto(b"ID" + b"\\1\\0" b"\\0\\1" + bytes(6) + question, ("127.0.0.1", T["names"]))
answer = asking.recv(512)
if answer[:2] == b"ID" and answer.endswith(socket.inet_aton("127.0.0.1")): print("through")
""", by_either),
    Attack("connect to a unix socket", """
import socket
socket.socket(socket.AF_UNIX).connect(T["unix"]); print("through")
""", by_either),
    Attack("connect to an abstract unix socket", """
import socket
socket.socket(socket.AF_UNIX).connect("\\0" + T["abstract"]); print("through")
""", by_either),
    Attack("a datagram to a unix socket, by a pair of our own", """
import socket
pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
pair[0].sendto(b"x", T["datagrams"]); print("through")
""", by_either),
    Attack("listen on a port", """
import socket
socket.create_server(("127.0.0.1", 0)); print("through")
""", by_filter),
    Attack("see the network's devices", """
import socket
if len(socket.if_nameindex()) > 1: print("through")
""", by_either),
)  # fmt: skip

PROCESSES = (
    Attack("signal a sibling", """
import os
os.kill(T["victim"], 0); print("through")
""", by_either),
    Attack("signal everybody", """
import os
os.kill(-1, 0); print("through")
""", by_either),
    Attack("trace a sibling", LIBC + """
if libc.ptrace(16, T["victim"], 0, 0) == 0:
    libc.ptrace(17, T["victim"], 0, 0); print("through")
""", by_either),
    Attack("read a sibling's memory", """
open(f"/proc/{T['victim']}/mem", "rb"); print("through")
""", by_files),
    Attack("take a descriptor of a sibling", """
import os
os.pidfd_open(T["victim"]); print("through")
""", by_either),
    Attack("have the kernel signal a sibling", """
import fcntl, os
reading, writing = os.pipe()
fcntl.fcntl(reading, fcntl.F_SETOWN, T["victim"])
fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC); print("through")
""", by_either),
    Attack("hold up who opens a file to write", """
import fcntl, os
for path in T["file"], os.__file__:
    try: fcntl.fcntl(os.open(path, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError: continue
    print("through")
""", by_filter),
    Attack("slow a sibling down", """
import os
os.setpriority(os.PRIO_PROCESS, T["victim"], 19); print("through")
""", by_either),
    Attack("read a sibling's message queue", LIBC + """
place = ctypes.create_string_buffer(64)
if libc.msgrcv(T["queue"], place, 16, 0, 0o4000) >= 0: print("through")
""", by_either),
    Attack("remove a sibling's message queue", LIBC + """
if libc.msgctl(T["queue"], 0, None) == 0: print("through")
""", by_either),
    Attack("fork bomb", """
import os, time
for _ in range(60):
    if os.fork() == 0: time.sleep(1.5); os._exit(0)
print("through")
"""),
    Attack("thread bomb", """
import threading, time
threading.stack_size(65536)
for _ in range(60): threading.Thread(target=time.sleep, args=(0.3,)).start()
print("through", flush=True)
import os; os._exit(0)
""", by_namespaces),
    Attack("children that compute", """
import os, time
children = []
for _ in range(6):
    pid = os.fork()
    if pid == 0:
        until = time.process_time() + 0.9
        while time.process_time() < until: pass
        os._exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
print("through")
""", limits=Limits(wall_seconds=20.0, cpu_seconds=1.0)),
    Attack("outlive its run behind a closed stdout", """
import os, time
if os.fork() == 0:
    os.setsid(); os.closerange(0, 64)
    if os.fork() == 0:
        time.sleep(0.1); open(T["folder"] + "/outlived", "w").write("here")
    os._exit(0)
""", by_either, lasts=0.45),
)  # fmt: skip

RESOURCES = (
    Attack("fill memory with a shared map", """
import mmap
data = mmap.mmap(-1, 500 * 2**20)
for at in range(0, len(data), 4096): data[at] = 1
print("through")
"""),
    Attack("fill memory with a nameless file", """
import os
file = os.memfd_create("bomb")
for _ in range(400): os.write(file, bytes(2**20))
print("through")
""", by_filter),
    Attack("fill memory by several processes", """
import os, time
for _ in range(4):
    if os.fork() == 0: data = b"1" * (150 * 2**20); time.sleep(0.8); os._exit(0)
for _ in range(4): os.wait()
print("through")
"""),
    Attack("fill memory by processes whose first threads have ended", LIBC + """
import os, threading, time
def fill():
    time.sleep(0.3); data = b"1" * (150 * 2**20); time.sleep(0.8); os._exit(0)
for _ in range(4):
    if os.fork() == 0:
        threading.Thread(target=fill).start()
        libc.pthread_exit(None)
for _ in range(4): os.wait()
print("through")
"""),
    Attack("fill memory with shared maps of several processes", """
import mmap, os, time
for _ in range(4):
    if os.fork() == 0:
        data = mmap.mmap(-1, 150 * 2**20)
        for at in range(0, len(data), 4096): data[at] = 1
        time.sleep(0.8); os._exit(0)
for _ in range(4): os.wait()
print("through")
"""),
    Attack("fill the disk with one file", """
import os, tempfile
with tempfile.TemporaryFile() as file:
    for _ in range(64): file.write(bytes(2**20))
    file.flush()
print("through")
""", by_files),
    Attack("fill the disk with many files", """
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    for number in range(6000): open(f"{folder}/{number}", "w").close()
    print("through")
""", by_files),
    Attack("open many descriptors", """
import os
for _ in range(200): os.dup(1)
print("through")
"""),
    Attack("queue signals", LIBC + """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
for _ in range(1000):
    if libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), 0): break
else: print("through")
""", by_filter),
    Attack("take the user's watches of files", LIBC + """
if libc.inotify_init1(0) >= 0: print("through")
""", by_filter),
    Attack("raise its own limits", """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (10**6, 10**6)); print("through")
"""),
    Attack("flood stderr", """
import sys
for _ in range(50): sys.stderr.write("x" * 1_000_000)
print("through")
""", limits=Limits(wall_seconds=3.0, output_bytes=4096)),
    Attack("spin past the limit", """
import time
until = time.time() + 1.2
while time.time() < until: pass
print("through")
""", limits=SHORT),
    Attack("compute past the limit", """
import time
until = time.process_time() + 1.6
while time.process_time() < until: pass
print("through")
""", limits=Limits(wall_seconds=20.0, cpu_seconds=1.0)),
    Attack("one long step that no signal ends", """
import signal, time
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except OSError: pass
until = time.time() + 1.0
while time.time() < until: 7 ** 60_000
print("through")
""", limits=SHORT),
)  # fmt: skip

KERNEL = (
    _call("unshare", 272, "0x10000000"),
    Attack("mount a file system", LIBC + """
if libc.mount(b"none", T["folder"].encode(), b"tmpfs", 1, 0) == 0:
    libc.umount2(T["folder"].encode(), 2); print("through")
""", by_filter),
    _call("open_tree_attr", 467, "-100", "b'/'", "0", "0", "0"),
    _call("listmount", 458, "b'\\x18' + bytes(7) + b'\\xff' * 8 + bytes(8)",
          "bytes(8000)", "99", "0"),
    _call("socketpair of another family", 53, "30", "1", "0", "bytes(8)"),
    _call("chroot", 161, "b'/'"),
    _call("setns", 308, "__import__('os').open('/proc/self/ns/uts', 0)", "0"),
    _call("keyctl", 250, "0", "-3", "0"),
    _call("bpf", 321, "0", "bytes([2,0,0,0,4,0,0,0,4,0,0,0,1]) + bytes(103)", "72"),
    _call("io_uring_setup", 425, "4", "bytes(256)"),
    _call("userfaultfd", 323, "0"),
    _call("perf_event_open", 298, "bytes([1,0,0,0,112]) + bytes(107)", "0", "-1", "-1", "0"),
    _call("add_key", 248, "b'user'", "b'lab'", "b'x'", "1", "-3"),
    _call("shmget", 29, "0", "4096", "0o1600"),
    _call("sched_setscheduler", 144, "0", "3", "bytes(4)"),
    _call("personality", 135, "0xffffffff"),
    _call("mlockall", 151, "1"),
    Attack("become root", """
import os
os.setuid(0); print("through")
""", everywhere),
)  # fmt: skip

GROUPS = {
    "first": FIRST,
    "files": FILES,
    "network": NETWORK,
    "processes": PROCESSES,
    "resources": RESOURCES,
    "kernel": KERNEL,
}
ALL = tuple(attack for group in GROUPS.values() for attack in group)

AS_ROOT = {
    "write to a device",
    "mount a file system",
    "become root",
    "change the Python library",
    "make a file in the library",
    "trace a sibling",
    "list the descriptors of the first process",
}
"""What a machine may refuse to an ordinary user by itself."""

BY_KERNEL = {attack.name for attack in ALL if attack.name.startswith("system call")}
"""What a kernel may lack, or refuse even to root: it is built, or set up, in many ways."""

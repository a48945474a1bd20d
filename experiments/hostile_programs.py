"""Programs that attack what runs them, small and quick, and honest ones to mix them with.

Every one is harmless on its own machine only because of the sandbox: do not run them elsewhere.
"""

import random

_SYSCALL = """import ctypes, os
_libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    return _libc.syscall(*[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
"""
_SEND = """import os, struct
def send(body):
    left = memoryview(struct.pack("!I", len(body)) + body)
    while left:
        left = left[os.write(3, left):]
"""
HOSTILE: dict[str, str] = {
    "endless loop": "while True: pass",
    "loop that catches everything": (
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass"
    ),
    "catastrophic expression": "import re\nre.match('(a+)+$', 'a' * 50 + 'b')",
    "endless arithmetic": "9 ** 9 ** 9",
    "sleep": "import time\ntime.sleep(99)",
    "all signals blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True: signal.pause()"
    ),
    "waits for input for ever": "import sys\nwhile True: sys.stdin.read()",
    "floods stdout": "while True: print('x' * 10_000)",
    "floods stderr": "import sys\nwhile True: sys.stderr.write('x' * 10_000)",
    "floods its channel": "import os\nwhile True: os.write(3, b'x' * 65_536)",
    "a gigabyte at once": "x = bytearray(10 ** 9)",
    "memory bit by bit": "x = []\nwhile True: x.append(bytearray(10 ** 6))",
    "shared mappings": (
        "import mmap\nx = []\nwhile True:\n"
        "  x.append(mmap.mmap(-1, 2 ** 24)); x[-1].write(b'x' * 2 ** 24)"
    ),
    "endless recursion": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()",
    "a full disk": "n = 0\nwhile True: open(f'/tmp/{n}', 'wb').write(b'x' * 2 ** 20); n += 1",
    "all inodes": "n = 0\nwhile True: open(f'/tmp/{n}', 'w'); n += 1",
    "all descriptors": "import os\nwhile True: os.dup(0)",
    "fork bomb": "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
    "forks that share out the memory": (
        "import os, time\nfor _ in range(40):\n  try:\n    if os.fork() == 0:\n"
        "      b = bytearray(b'x') * (40 * 2 ** 20); time.sleep(9)\n  except OSError: break\n"
        "time.sleep(9)"
    ),
    "thread bomb": (
        "import threading, time\n"
        "while True: threading.Thread(target=time.sleep, args=(99,)).start()"
    ),
    "daemon": (
        "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(99)\n"
        "os._exit(0)"
    ),
    "leaves while a child holds stdout": (
        "import os, time\nif os.fork() == 0: time.sleep(99)\nos._exit(0)"
    ),
    "closes everything": "import os, time\nos.closerange(0, 100)\ntime.sleep(99)",
    "crash": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    "kills itself": "import os, time\nos.kill(os.getpid(), 9)\ntime.sleep(99)",
    "stops itself": "import os, time\nos.kill(os.getpid(), 19)\ntime.sleep(99)",
    "kills everybody": "import os\nfor p in (-1, 1, 2, os.getppid()):\n  os.kill(p, 9)",
    "connects": "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)",
    "asks a name server": "import socket\nsocket.getaddrinfo('example.org', 80)",
    "another program": "import os\nos.execv('/bin/sh', ['sh', '-c', 'echo BREACH'])",
    "a shell": "import subprocess\nprint(subprocess.check_output('echo BREACH', shell=True))",
    "reads passwords": "print('BREACH', open('/etc/shadow').read())",
    "reads its parent": "import os\nprint('BREACH', open(f'/proc/{os.getppid()}/environ').read())",
    "new user namespace": f"{_SYSCALL}\nif call(272, 0x10000000) == 0: print('BREACH')",
    "traces": f"{_SYSCALL}\nif call(101, 16, 1, 0, 0) == 0: print('BREACH')",
    "writes into the library": "import os\nopen(os.__file__, 'a').write('x'); print('BREACH')",
    "no code": "x = (" * 5000,
    "a null byte": "print(1)\0print(2)",
    "a lone surrogate": "print('\ud800')",
    "exit hook without end": "import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])",
    "thread that stays": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()"
    ),
    "forged report, an endless number": (
        _SEND + "send(b'[\"done\",{\"i\":\"0x' + b'f' * 16_000 + b'\"},1]'); os._exit(1)"
    ),
    "forged report, no number": _SEND + 'send(b\'["done",{"c":[]},1]\'); os._exit(1)',
    "forged report, keys of one hash": (
        _SEND
        + "keys = (k * (2 ** 61 - 1) + 7 for k in range(9_000, 80_000))\n"
        + "k = b','.join(b'{\"i\":\"0x%x\"}' % key for key in keys)\n"
        "send(b'[\"done\",{\"s\":[' + k + b']},1]'); os._exit(1)"
    ),
    "forged report, a million lists": (
        _SEND + "send(b'[\"done\",[' + b'[],' * 1_300_000 + b'1],1]'); os._exit(1)"
    ),
    "forged report, half of it": "import os\nos.write(3, b'\\0\\0\\0\\x64['); os._exit(1)",
}


def honest(number: int) -> tuple[str, str]:
    """A program, and what it prints."""
    dice = random.Random(number)
    values = [dice.randrange(1000) for _ in range(30)]
    kind = number % 4
    if kind == 0:
        return f"print(sorted({values}))", f"{sorted(values)}\n"
    if kind == 1:
        code = f"from collections import Counter\nprint(sum(Counter({values}).values()), {number})"
        return code, f"30 {number}\n"
    if kind == 2:
        code = (
            f"open('mine', 'w').write('{number}')\n"
            "import os\nprint(os.listdir('.'), open('mine').read())"
        )
        return code, f"['mine'] {number}\n"
    code = f"import math\nprint(math.gcd({number}, 360), math.factorial(20))"
    import math

    return code, f"{math.gcd(number, 360)} {math.factorial(20)}\n"

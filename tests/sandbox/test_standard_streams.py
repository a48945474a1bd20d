"""A program's own standard streams: inside as outside, at every level, and nothing else by them."""

import functools
import subprocess
import sys
from collections.abc import Iterator

import pytest

from reasoning_lab.sandbox import runner
from reasoning_lab.sandbox.door import Door
from reasoning_lab.sandbox.limits import Job, Limits
from reasoning_lab.sandbox.outcome import Outcome
from reasoning_lab.sandbox.standard_streams import PATHS
from sandbox.levels_here import WALLS, missing

READ = "1 2\r\nb\u00e9\n"
FAST = """
import os, sys
from io import BytesIO, IOBase
class Fast(IOBase):
    def __init__(self, file):
        self.number, self.buffer = file.fileno(), BytesIO()
        self.write = self.buffer.write
    def flush(self):
        os.write(self.number, self.buffer.getvalue())
        self.buffer.truncate(0), self.buffer.seek(0)
"""
IN = {
    "open": "print(open({path!r}, newline='').read())",
    "open in bytes": "print(open({path!r}, 'rb').read())",
    "open without a buffer": "print(open({path!r}, 'rb', buffering=0).readall())",
    "open by a path in bytes": "print(open({path!r}.encode()).readline())",
    "io.open": "import io\nprint(io.open({path!r}, mode='r', encoding='utf-8').readlines())",
    "os.open": "import os\nprint(os.read(os.open({path!r}, os.O_RDONLY), 100))",
    "os.fdopen": "import os\nprint(os.fdopen(os.open(path={path!r}, flags=0)).read())",
    "io.FileIO": "import io\nprint(io.FileIO({path!r}).readall())",
    "sys.stdin": "import sys\nsys.stdin = open({path!r})\nprint(input(), sys.stdin.readline())",
    "pathlib": "import pathlib\nprint(pathlib.Path({path!r}).read_text())",
    "codecs": "import codecs\nprint(codecs.open({path!r}, encoding='utf-8').read())",
    "csv": "import csv\nprint(list(csv.reader(open({path!r}), delimiter=' ')))",
    "fileinput": "import fileinput\nprint(list(fileinput.input({path!r})))",
    "name": "print(open({path!r}).name, open({path!r}, 'rb').mode)",
}
OUT = {
    "open": "open({path!r}, 'w').write('a b')",
    "open to add": "open({path!r}, 'a').write('a b')",
    "open in bytes": "open({path!r}, 'wb').write(b'a b')",
    "print": "print('a b', file=open({path!r}, 'w'))",
    "os.open": "import os\nos.write(os.open({path!r}, os.O_WRONLY), b'a b')",
    "io.FileIO": "import io\nio.FileIO({path!r}, 'w').write(b'a b')",
    "pathlib": "import pathlib\npathlib.Path({path!r}).write_text('a b')",
    "sys.stdout": "import sys\nsys.stdout = open({path!r}, 'w')\nprint('a b')",
    "not closed": "kept = open({path!r}, 'w')\nkept.write('a b')",
    "after what was printed": "print(1, flush=True)\nopen({path!r}, 'w').write('2')\nprint(3)",
}
STREAMS = "(sys.stdin, sys.stdout, sys.stderr)"
PLAIN = {
    "another encoding": "sys.stdout.reconfigure(encoding='utf-8', line_buffering=True)\nprint(1)",
    "wrapped": "sys.stdout = io.TextIOWrapper(sys.stdout.buffer)\nprint('\u00e9')",
    "wrapped stderr": "sys.stderr = io.TextIOWrapper(sys.stderr.buffer)\nprint(1)",
    "wrapped stdin": "sys.stdin = io.TextIOWrapper(sys.stdin.buffer)\nprint(input())",
    "detached": "sys.stdout = io.TextIOWrapper(sys.stdout.detach())\nprint(1)",
    "seekable": f"print(*(one.seekable() for one in {STREAMS}))",
    "what it is": f"print([(one.name, one.mode, one.encoding, one.errors) for one in {STREAMS}])",
    "how it is": f"print([(one.newlines, one.isatty(), one.fileno()) for one in {STREAMS}])",
    "its own": "print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__)",
    "line ends": "print(repr(sys.stdin.read()))",
    "not closed, by number": "kept = open(1, 'w')\nkept.write('a b')",
    "not closed, os.fdopen": "kept = os.fdopen(1, 'w')\nkept.write('a b')",
    "not closed, in a list": "kept = [open(1, 'w')]\nkept[0].write('a b')",
    "not closed, in a closure": "def f(kept): return lambda: kept.write('a')\nf(open(1, 'w'))()",
    "not closed, and left": "kept = open(1, 'w')\nkept.write('a b')\nsys.exit()",
    "not closed, buffers": "kept = io.BufferedWriter(io.FileIO(1, 'w'))\nkept.write(b'a')",
    "not closed, of its own": f"{FAST}kept = Fast(sys.stdout)\nkept.write(b'a b')",
    "closed": "with open(1, 'w') as kept:\n    kept.write('a b')",
    "kinds": "file = open(1, 'wb', buffering=0, closefd=False)\n"
    "print(isinstance(file, io.FileIO), isinstance(1, io.FileIO), open is io.open, open.__name__)",
    "a class of files": "class Mine(io.FileIO): pass\n"
    "print(isinstance(Mine(0), Mine), isinstance(io.FileIO(1, 'w', closefd=False), Mine))",
    "no method": "class A:\n    make = open\nprint(A().make(0).readline())",
}


@functools.cache
def _outside(code: str) -> str:
    command = [sys.executable, "-X", "utf8", "-c", code]
    done = subprocess.run(command, capture_output=True, input=READ.encode(), check=True)
    return done.stdout.decode()


@pytest.fixture(scope="module", params=WALLS)
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    """A running keeper behind one kind of walls."""
    if why := missing(request.param):
        pytest.skip(f"NOT TESTED HERE: {request.param}: {why}")
    found = Door(WALLS[request.param])
    yield found
    found.end()


def _inside(door: Door, code: str, stdin: str = READ) -> Outcome:
    return runner.run(door, door.take(Limits().files_mb * 2**20), Job(code, stdin))


def _as_outside(door: Door, code: str) -> None:
    outcome = _inside(door, code)
    assert (outcome.stdout, outcome.status) == (_outside(code), "ok"), outcome


@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
@pytest.mark.parametrize("how", IN)
def test_standard_input_by_its_path(door: Door, how: str, path: str) -> None:
    _as_outside(door, IN[how].format(path=path))


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("how", OUT)
def test_standard_output_by_its_path(door: Door, how: str, path: str) -> None:
    _as_outside(door, OUT[how].format(path=path))


@pytest.mark.parametrize("path", ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"])
def test_standard_error_by_its_path(door: Door, path: str) -> None:
    outcome = _inside(door, f"kept = open({path!r}, 'w')\nkept.write('a b')\nprint(1)")
    assert (outcome.stdout, outcome.stderr) == ("1\n", "a b")


@pytest.mark.parametrize("how", PLAIN)
def test_the_streams_themselves(door: Door, how: str) -> None:
    _as_outside(door, f"import io, os, sys\n{PLAIN[how]}")


@pytest.mark.parametrize("path", [path for path in PATHS if path.startswith("/dev/")])
def test_who_asks_finds_them(door: Door, path: str) -> None:
    _as_outside(door, f"import os\nprint(os.path.exists({path!r}), os.access({path!r}, os.F_OK))")


# Where nothing can be opened, numpy cannot import what it unpacks files by.
@pytest.mark.parametrize("name", [name for name in WALLS if name != "process, without Landlock"])
@pytest.mark.parametrize("path", ["/dev/stdin", "/dev/fd/0"])
def test_numpy_reads_it_by_its_path(name: str, path: str) -> None:
    if why := missing(name):
        pytest.skip(f"NOT TESTED HERE: {name}: {why}")
    numpy = Door(WALLS[name], ["numpy"])
    try:
        code = f"import numpy\nprint(numpy.{{}}({path!r}, dtype=int).tolist())"
        for how in "loadtxt", "genfromtxt":
            assert _inside(numpy, code.format(how), "1 2\n3 4\n").stdout == "[[1, 2], [3, 4]]\n"
    finally:
        numpy.end()


def test_by_path_and_as_it_is_they_are_one_stream(door: Door) -> None:
    code = "import os\nprint(os.read(os.open('/dev/stdin', 0), 3), input(), open(0).read() == '')"
    assert _inside(door, code, "12\n34\n").stdout == "b'12\\n' 34 True\n"


@pytest.mark.parametrize(
    "path",
    [
        *(f"/dev/fd/{number}" for number in range(3, 9)),
        *(f"/proc/self/fd/{number}" for number in range(3, 9)),
        "/proc/1/fd/0",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/maps",
        "/dev/fd/../../etc/shadow",
        "/dev/fd/00",
        "/dev/fd/-1",
        "/dev/stdin/",
        "/dev/tty",
    ],
)
def test_no_other_path_leads_anywhere(door: Door, path: str) -> None:
    code = f"""
import os
for make in open, os.open:
    try:
        make({path!r}, *((os.O_RDONLY,) if make is os.open else ()))
    except OSError:
        print("closed")
"""
    assert _inside(door, code).stdout == "closed\nclosed\n"


def test_what_stands_there_is_no_file_that_programs_share(door: Door) -> None:
    if not door.walls.namespaces:
        pytest.skip("the paths are the machine's own")
    code = f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for path in {[path for path in PATHS if path.startswith("/dev/")]!r}:
    for flags in os.O_RDONLY, os.O_WRONLY, os.O_RDWR | os.O_TRUNC:
        assert libc.open(path.encode(), flags) < 0
    for change in lambda: os.chmod(path, 0o666), lambda: os.unlink(path):
        try: change()
        except OSError: pass
        else: raise AssertionError(path)
print(os.path.exists("/proc"), sorted(os.listdir("/dev/fd")))
"""
    assert _inside(door, code).stdout == "False ['0', '1', '2']\n"


@pytest.mark.parametrize("code", ["open('/nowhere')", "import os\nos.open('/nowhere', 0)"])
def test_an_error_shows_the_programs_own_lines_alone(door: Door, code: str) -> None:
    outcome = _inside(door, code)
    assert outcome.stderr.count("File ") == 1
    assert "/nowhere" in outcome.stderr
    assert outcome.status == "error"


def test_files_that_are_closed_or_broken_do_not_change_the_end(door: Door) -> None:
    code = f"{FAST}kept = Fast(sys.stdout)\nkept.number = 99\nkept.write(b'1')\nprint('open')"
    outcome = _inside(door, code)
    assert (outcome.stdout, outcome.status) == ("open\n", "ok")

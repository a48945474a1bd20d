"""The file system that a program sees: the Python library read-only, some devices, and /tmp.

Built once in each keeper, in a mount namespace of its own, on a small tmpfs; every program gets
a fresh tmpfs of its own on top, where it starts and where /tmp leads.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from reasoning_lab.sandbox import kernel, standard_streams

OUTER = "/private"  # holds HOME and nothing else
HOME = "/private/tmp"  # where a program starts, and may write; /tmp leads there
_NEW = "/tmp"  # where the new root lies until it is the root
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_PUBLIC = ("/usr/share/zoneinfo", "/etc/ld.so.cache")
_HIDDEN = ("site-packages", "dist-packages", "test", "idlelib", "ensurepip")
_KEPT_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC


def standard_library() -> list[str]:
    """The folders of the standard library."""
    # Not asked of `sysconfig`, which from Python 3.12 on loads `threading`; see the keeper.
    version = "python{}.{}".format(*sys.version_info)
    bases = (sys.base_prefix, sys.base_exec_prefix)
    found = {str(Path(base, sys.platlibdir, version)) for base in bases}
    found.add(str(Path(os.__file__).parent))
    return sorted(path for path in found if (Path(path) / "os.py").exists())


def shared_libraries() -> list[str]:
    """The folders that the shared libraries of this process came from, outermost ones only."""
    folders: set[Path] = set()
    for line in Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines():
        words = line.split(maxsplit=5)
        path = Path(words[5]) if len(words) == 6 else Path()
        if ".so" in path.name and path.is_file():
            folders.add(path.parent)
    own = [Path(each) for each in standard_library()]
    return [str(each) for each in sorted(folders) if not any(_within(each, one) for one in own)]


def packages(names: Iterable[str]) -> list[str]:
    """What the imported modules `names` need of the folders of installed packages."""
    found: set[str] = set()
    for name in names:
        module = sys.modules[name.partition(".")[0]]
        if not (place := getattr(module, "__file__", None)):  # built in
            continue
        file = Path(place)
        if any(_within(file, Path(one)) and not _installed(file) for one in standard_library()):
            continue
        top = file.parent if file.name == "__init__.py" else file
        found.add(str(top))
        found.update(str(each) for each in top.parent.glob(f"{top.name}.libs"))
    return sorted(found)


def _installed(file: Path) -> bool:
    return any(part in ("site-packages", "dist-packages") for part in file.parts)


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def readable(modules: Sequence[str]) -> list[str]:
    """Everything a program may read, outermost folders only, in the order to mount them."""
    wanted = [*standard_library(), *shared_libraries(), *packages(modules), *DEVICES, *_PUBLIC]
    unique = sorted(
        {Path(each) for each in wanted if Path(each).exists()}, key=lambda path: len(path.parts)
    )
    return [str(path) for path in unique]


def build(paths: Sequence[str]) -> None:
    """Make `paths`, and nothing else, the file system of this process.

    Needs a mount namespace of its own and the right to mount in it. Raises `OSError`.
    """
    kernel.mount(b"", b"/", None, kernel.MS_REC | kernel.MS_PRIVATE, None)
    # Opened and looked at before anything is mounted over them; the new root lies on /tmp.
    opened = [
        (path, os.open(path, os.O_PATH | os.O_CLOEXEC), Path(path).is_dir()) for path in paths
    ]
    _tmpfs(_NEW, kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=755")
    for path, descriptor, folder in opened:
        _bind(f"/proc/self/fd/{descriptor}", _NEW + path, folder)
        os.close(descriptor)
    _hide(paths)
    for name in (HOME[1:], "dev", "etc"):
        Path(_NEW, name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "dev/shm"):
        if not Path(_NEW, name).exists():  # else modules lie there: it can only be read
            Path(_NEW, name).symlink_to(HOME)
    for path in standard_streams.PATHS:
        if path.startswith("/dev/"):  # there for who asks, and not to be opened but by Python
            place = Path(_NEW + path)
            place.parent.mkdir(exist_ok=True)
            place.touch(0)
    Path(_NEW, "etc/passwd").write_text("program:x:1000:1000::/tmp:\n", encoding="utf-8")
    for link in ("lib", "lib64", "usr/lib64"):
        if Path("/", link).is_symlink() and not Path(_NEW, link).exists():
            Path(_NEW, link).symlink_to(Path("/", link).readlink())
    os.chdir(_NEW)
    kernel.pivot_root(b".", b".")
    kernel.unmount(b".")
    os.chdir("/")
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
    kernel.mount(b"", b"/", None, flags | kernel.MS_NOSUID | kernel.MS_NODEV, None)


def _bind(source: str, target: str, folder: bool) -> None:
    place = Path(target)
    if folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    kernel.mount(
        os.fsencode(source), os.fsencode(target), None, kernel.MS_BIND | kernel.MS_REC, None
    )
    # Flags that the original has may be locked: they must be named again. Devices stay devices.
    kept = os.statvfs(target).f_flag & _KEPT_FLAGS
    wanted = kernel.MS_NOSUID | (0 if target[len(_NEW) :] in DEVICES else kernel.MS_NODEV)
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | wanted | kept
    kernel.mount(b"", os.fsencode(target), None, flags, None)


def _hide(paths: Sequence[str]) -> None:
    """Cover what lies in the library's folders and is none of a program's business."""
    wanted = {Path(_NEW + each) for each in paths}
    for path in wanted:
        for name in _HIDDEN:
            for inner in (path / name, *path.glob(f"python3*/{name}")):
                if inner.is_dir() and not any(_within(one, inner) for one in wanted):
                    _tmpfs(str(inner), kernel.MS_RDONLY, "size=4k,mode=555")


def private(size: int, owner: int) -> list[kernel.Step]:
    """The calls for a fresh folder at HOME, of `size` bytes, and for a process to be in it."""
    words = f"size={size},nr_inodes=4096,mode=700,uid={owner},gid={owner}"
    flags = kernel.MS_NOSUID | kernel.MS_NODEV
    mounted = b"tmpfs", os.fsencode(HOME), b"tmpfs", flags, words.encode()
    return [(kernel.mount, mounted), (os.chdir, (HOME,))]


def _tmpfs(target: str, flags: int, words: str) -> None:
    kernel.mount(b"tmpfs", os.fsencode(target), b"tmpfs", flags, words.encode())

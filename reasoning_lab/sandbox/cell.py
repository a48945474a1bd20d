"""Inside: the forked, closed-in process in which a program runs. Nothing here is secret or trusted.

Whatever this file does for honest programs, a hostile one can undo: it shares their memory. All
that counts is decided outside, from what the kernel enforces and from bytes taken as data.
"""

import atexit
import builtins
import functools
import os
import resource
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reasoning_lab.sandbox import frames, kernel, plain, rehearsal, standard_streams
from reasoning_lab.sandbox.walls import limit

_ANYTHING = BaseException
_MAX_MESSAGE = 2000  # characters of an exception's message
_MAX_NAME = 200  # and of its type's name
_READY = frames.pack(["ready"])


def live(
    channel: int, base_bytes: int, warming: Sequence[str], sealing: Sequence[kernel.Step]
) -> None:
    """Wait for the first order, carry it out, and end this process.

    `warming`: programs to run before, so that what they touch is its own from then on; `sealing`:
    calls once its limits are set.
    """
    if warming:
        _rehearse_once(warming)
    _execute("ready = 'ready'", _module("__main__"))
    frames.send(channel, _READY)
    try:
        order = frames.receive_order(channel)
    except EOFError:
        os._exit(0)
    kind, code, files, limits, others = order
    try:
        _lay_out(files)
    except OSError as error:
        _leave(channel, (1, ["done", *describe(error)]))
    limit(limits, base_bytes, others)
    for call, arguments in sealing:
        call(*arguments)
    if kind == "run":
        _leave(channel, _run(code), code)
    _serve(channel, code)
    os._exit(0)


def _lay_out(files: dict[str, str]) -> None:
    for name, content in files.items():
        place = Path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8", errors="surrogatepass")


def rehearse(path: list[str], programs: Sequence[str]) -> None:
    """In the keeper, before it forks: do once what every program would have to do.

    A page that a forked process writes to is copied, which takes more time than anything else
    here; and Python writes to its own functions until they have run some times.
    """
    forget(path)
    # As `site` has them, which is not loaded here; programs for contests often end so.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    for _ in range(rehearsal.TIMES):
        _rehearse_once(programs)
        plain.loads(plain.dumps(["value", [1, (2.5, "a")], {}]))
        standard_streams.flush_others("")


def _rehearse_once(programs: Sequence[str]) -> None:
    for lines in programs:
        _execute(lines, {})
    theirs, ours = os.pipe()
    frames.send(ours, frames.pack_order(["run", "print(1)", {"name": "text"}, {"limit": 2.5}, 3]))
    frames.receive_order(theirs)
    frames.send(ours, _last_words(["done", "", ""]))
    os.close(theirs)
    os.close(ours)


def forget(path: list[str]) -> None:
    """Take the lab's own modules out of the program's sight; `path` is where it imports from."""
    for name in [name for name in sys.modules if name.startswith("reasoning_lab")]:
        del sys.modules[name]
    sys.path[:] = path
    for name in [name for name in sys.path_importer_cache if name not in path]:
        del sys.path_importer_cache[name]
    sys.argv[:] = ["program.py"]


def _module(name: str) -> dict[str, Any]:
    module = types.ModuleType(name)
    sys.modules[name] = module
    return module.__dict__


def _execute(code: str, namespace: dict[str, Any]) -> None:
    if "\0" in code:  # Python before 3.11.4 calls it a ValueError
        raise SyntaxError("source code string cannot contain null bytes")
    exec(compile(code, "program.py", "exec", dont_inherit=True), namespace)  # noqa: S102 - see top


def _run(code: str) -> tuple[int, list[Any]]:
    """The exit status, and a report of how it came to it."""
    try:
        _execute(code, _module("__main__"))
        status, report = 0, ["done", "", ""]
    except SystemExit as error:
        status = _exit_status(error)
        report = ["done", "SystemExit", str(status)]
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is how the program ended
        trace = _without_us(error)
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        status, report = 1, ["done", *describe(error)]
    return status, report


def _exit_status(error: SystemExit) -> int:
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 255
    print(error.code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    return 1


def _without_us(error: BaseException) -> types.TracebackType | None:
    """The traceback from the program's own first line on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != "program.py":
        trace = trace.tb_next
    standard_streams.hide_us(trace)
    return trace


def describe(error: BaseException) -> list[str]:
    """An exception as two words: its type, and its message."""
    try:
        message = str(error)[:_MAX_MESSAGE]
    except BaseException:  # noqa: BLE001 - an exception of the program's own making
        message = ""
    kind = "denied" if isinstance(error, PermissionError) else ""
    return [type(error).__name__[:_MAX_NAME], f"{kind}: {message}" if kind else message]


def _leave(channel: int, ended: tuple[int, list[Any]], code: str = "") -> None:
    """End as an interpreter ends, without the milliseconds it takes to free its memory."""
    status, report = ended
    # The program may have replaced any of these, and have taken every name out of `builtins`.
    try:
        if (threading := sys.modules.get("threading")) is not None:
            threading._shutdown()  # joins the program's threads
    except _ANYTHING:  # as the interpreter, whose exit status stays as it is
        pass
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except _ANYTHING:
        status = status or 120
    try:  # noqa: SIM105 - `contextlib`, too
        standard_streams.flush_others(code)
    except _ANYTHING:
        pass
    try:
        frames.send(channel, _last_words(report))
    finally:
        os._exit(status)


def _last_words(report: list[Any]) -> bytes:
    return frames.pack_order([*report, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])


def _serve(channel: int, code: str) -> None:
    """Execute `code`, then answer orders until the channel closes."""
    namespace = _module("program")
    _send(channel, _attempt(lambda: _execute(code, namespace)))
    while True:
        try:
            order = frames.receive(channel)
        except EOFError:
            return
        _send(channel, _attempt(functools.partial(_obey, channel, namespace, order)))


def _obey(channel: int, namespace: dict[str, Any], order: list[Any]) -> Any:
    kind, *rest = order
    if kind == "call":
        name, args, kwargs = rest
        return _look_up(namespace, name)(*args, **kwargs)
    if kind == "exec":
        return _execute(rest[0], namespace)
    for name in rest[0]:  # "proxies"
        namespace[name] = _proxy(channel, name)
    return None


def _look_up(namespace: dict[str, Any], name: str) -> Any:
    """A function by name; `Class().method` by its dotted name, on a new instance."""
    first, *others = name.split(".")
    if first not in namespace:
        raise NameError(f"name {first!r} is not defined")
    value = namespace[first]
    for other in others:
        value = getattr(value() if isinstance(value, type) else value, other)
    return value


def _attempt(do: Callable[[], Any]) -> list[Any]:
    try:
        return ["value", do()]
    except SystemExit as error:
        return ["raised", "SystemExit", str(error.code)[:_MAX_MESSAGE]]
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the program's answer
        return _raised(error)


def _raised(error: BaseException) -> list[Any]:
    """An answer: its type and message, and the nearest of Python's own exceptions that it is."""
    own = (each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins")
    return ["raised", *describe(error), next(own)]


def _send(channel: int, message: list[Any]) -> None:
    try:
        data = frames.pack(message)
    except plain.NotPlain as error:
        data = frames.pack(["raised", "NotPlain", str(error)])
    except BaseException as error:  # noqa: BLE001 - the value's own methods may raise anything
        data = frames.pack(_raised(error))
    frames.send(channel, data)


def _proxy(channel: int, name: str) -> Callable[..., Any]:
    """A function that asks the other side, and raises what was raised there."""

    def relayed(*args: Any, **kwargs: Any) -> Any:
        frames.send(channel, frames.pack(["relay", name, list(args), kwargs]))
        kind, *rest = frames.receive(channel)
        if kind == "value":
            return rest[0]
        raise _exception(*rest)

    relayed.__name__ = relayed.__qualname__ = name.rpartition(".")[2]
    return relayed


def _exception(kind: str, message: str, base: str) -> Exception:
    """What was raised there: Python's own, or one of that name whose nearest of them it is."""
    nearest = getattr(builtins, base, None)
    if not (isinstance(nearest, type) and issubclass(nearest, Exception)):
        nearest = Exception
    body = {"__init__": lambda *_: None, "__str__": lambda _: message}
    # Some of Python's own are made of more than their message, or show it in another way.
    named: type[Exception] = type(kind, (nearest,), body)
    plainly: type[Exception] = type(kind, (Exception,), {})
    for make in (nearest, named):
        try:
            error: Exception = make(message)
        except TypeError:
            continue
        if type(error).__name__ == kind and str(error) == message:
            return error
    return plainly(message)

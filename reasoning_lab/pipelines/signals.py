"""Whether a stop was asked for while another part of the program took the signals."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def heard() -> Iterator[Callable[[], int]]:
    """Listen within the block; gives a function that says with which exit status to stop, or 0.

    A step that ends well in the moment of a Ctrl-C has no status that tells of it. What becomes of
    the signals is not changed. Outside of the main thread nothing is heard.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    reading, writing = os.pipe()
    for handle in (reading, writing):
        os.set_blocking(handle, False)
    earlier = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield lambda: _status(reading)
    finally:
        signal.set_wakeup_fd(earlier)
        os.close(writing)
        os.close(reading)


def _status(reading: int) -> int:
    try:
        numbers = os.read(reading, 4096)
    except BlockingIOError:
        return 0
    return next((128 + number for number in numbers if number in _STOPS), 0)

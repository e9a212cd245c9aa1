"""Memory that is free given back to the system."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return what is free to the system. Blocks; belongs in a worker thread.

    glibc keeps a pool of free memory for each thread that ever used any, and reading news
    touches many: without this a process that runs for days keeps tens of megabytes more than
    it uses (https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html).
    Where there is another C library, nothing is done.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], object] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libc.so.6").malloc_trim
    except (OSError, AttributeError):
        # Not glibc, as on Alpine.
        return None

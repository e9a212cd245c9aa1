"""Memory that is free goes back to the system."""

import ctypes
import sys
from pathlib import Path

import pytest

from index.memory import give_back

_BLOCK, _COUNT = 4_000, 25_000


def _resident() -> int:
    """What this process has in memory now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def test_what_was_freed_below_what_is_in_use_goes_back() -> None:
    """One block in use at the end of 100 MB of free ones does not keep them here."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells how much is resident")
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "malloc_trim"):
        pytest.skip("this is not glibc")
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    blocks = [libc.malloc(_BLOCK) for _ in range(_COUNT)]
    for block in blocks:
        ctypes.memset(block, 1, _BLOCK)
    last = blocks.pop()
    for block in blocks:
        libc.free(block)
    kept = _resident()
    give_back()
    assert kept - _resident() > _BLOCK * _COUNT * 0.8
    libc.free(last)

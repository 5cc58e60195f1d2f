"""Keeps what a worker's allocators hold on to small, and steady over millions of requests.

A worker has hundreds of threads, of which one runs Python at a time. Both the C library and granian's
jemalloc take that for many processors at work: they give threads heaps and caches of their own, each of
which fills over time with what others could use.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

#: glibc's name for the number of heaps, and how many are enough where one thread runs at a time.
_M_ARENA_MAX, _HEAPS = -8, 2
#: Where granian's jemalloc looks for settings as it is loaded.
_SETTINGS = "_RJEM_MALLOC_CONF"
_SHARED = "narenas:1,tcache:false"


def share_granians() -> None:
    """Let granian's threads share one heap without caches. Call before granian is imported.

    What the environment says already stays.
    """
    os.environ.setdefault(_SETTINGS, _SHARED)


def share_pythons() -> None:
    """Let Python's threads share heaps. Call in the worker; where the C library is another: no harm."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)

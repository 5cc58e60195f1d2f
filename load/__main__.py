"""The process that makes the load: a plan comes in, progress goes out as lines of JSON.

With ``worker HOST PORT`` the plan comes from a master instead.
"""

from __future__ import annotations

import sys

from gevent import monkey

monkey.patch_all()  # before anything else: what is imported earlier would block all users at once

from pixelproof.loadtest.plan import LoadPlan  # noqa: E402 - patched first, as said above

from .crowd import crowd  # noqa: E402 - patched first, as said above
from .worker import work  # noqa: E402 - patched first, as said above

if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        work(sys.argv[2], int(sys.argv[3]))
    else:
        crowd(LoadPlan.load(sys.stdin.readline()))

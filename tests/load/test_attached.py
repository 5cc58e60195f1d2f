"""Under Locust's own command the time that a test may take begins when it begins."""

from __future__ import annotations

import subprocess
import sys

#: A second of work passes before the loop of gevent has looked at the clock again.
_SLOW_START = """
import time, gevent
gevent.get_hub().loop.update_now()
from pixelproof.load import attached
ready = time.monotonic() + 1.0
while time.monotonic() < ready:
    pass
attached.attach()
began = time.monotonic()
gevent.spawn_later(0.5, lambda: None).join()
print(time.monotonic() - began)
"""


def test_what_importing_took_is_not_taken_off_the_run_time() -> None:
    done = subprocess.run([sys.executable, "-c", _SLOW_START], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 0.4

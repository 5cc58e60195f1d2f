"""``python -m pixelproof.selfproof.longwalk WALKS STEPS SEED``: random walks on the mock, in this process."""

from __future__ import annotations

import sys
import time

from pixelproof import loading
from pixelproof.client import Wire
from pixelproof.contract import Contract
from pixelproof.running.walking import BrokenWalk, Ground, script, walk_on
from pixelproof.settings import MockSettings
from pixelproof.targets.control import ControlPlane
from pixelproof.targets.file import Target
from pixelproof.verification.embedded import in_process

_HOST = "http://127.0.0.1"


def ground_of(contract: Contract, settings: MockSettings) -> Ground:
    """Return a mock in this process to walk on."""
    wire = Wire(transport=in_process(contract, settings))
    control = ControlPlane(wire, f"{_HOST}/__admin", contract.profile)
    return Ground(contract=contract, target=Target(base_url=f"{_HOST}/v1"), wire=wire, control=control)


def main() -> int:
    """Walk on the mock of every contract with tasks; exit code 1 with a script when something breaks."""
    walks, steps, seed = (int(word) for word in (*sys.argv[1:], "20", "50", "1")[:3])
    for contract in map(loading.shipped, loading.profiles()):
        if contract.tasks is None:
            continue
        started = time.monotonic()
        try:
            walk_on(ground_of(contract, MockSettings()), walks=walks, steps=steps, seed=seed)
        except BrokenWalk as broken:
            print(f"{contract.profile}: {broken}\n{script(broken)}")  # noqa: T201 - a command of its own
            return 1
        took = time.monotonic() - started
        print(f"{contract.profile}: {walks} walks of {steps} steps, clean, {took:.0f} s")  # noqa: T201 - the same
    return 0


if __name__ == "__main__":
    sys.exit(main())

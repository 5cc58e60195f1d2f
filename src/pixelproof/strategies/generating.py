"""Request bodies that Schemathesis makes up from the generated OpenAPI: by coverage, and at random.

It only makes them; that a body is right or wrong is decided by the matrix, and what comes back
by our rules, so that none of its own readings becomes a finding. Slow to import and to run
(seconds for an operation): only the full tier asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pixelproof import openapi
from pixelproof.contract import Contract, Json, Operation

#: Random examples of each kind, right and wrong, for one operation.
EXAMPLES = 40
#: Bodies longer than this are left out: how long a body may be is tried elsewhere.
_MOST_BYTES = 40_000

Body = dict[str, Json]


def bodies_of(contract: Contract, operation: Operation, seed: int) -> tuple[Body, ...]:
    """Return distinct JSON objects for an operation, in an order that the seed decides."""
    if operation.media_type not in {None, "application/json"}:
        return ()
    return _bodies(_Asked(contract, operation.name), seed)


class _Asked:
    """A contract and an operation as the key of a cache: contracts are equal when their digests are."""

    def __init__(self, contract: Contract, operation: str) -> None:
        self.contract = contract
        self.operation = operation
        self._key = (contract.profile, contract.sha256, operation)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key


@lru_cache(maxsize=32)
def _bodies(asked: _Asked, seed: int) -> tuple[Body, ...]:
    import schemathesis

    schema = schemathesis.openapi.from_dict(openapi.generate(asked.contract))
    operation = asked.contract.operations[asked.operation]
    found = schema[operation.path][operation.method]
    # what comes from sets comes in an order of its own in each process: sorted, then shuffled by the seed
    written = {text for body in (*_covered(schema, found), *_random(found, seed)) if (text := _written(body))}
    return tuple(json.loads(text) for text in sorted(written, key=lambda text: _shuffled(text, seed)))


def _covered(schema: Any, operation: Any) -> Iterator[object]:
    """Yield the bodies of the coverage phase: every keyword of the schema kept and broken."""
    from schemathesis import GenerationMode

    settings = schema.config.generation_for(operation=operation)
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    for case in schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=settings):
        if case.method.upper() == operation.method.upper():
            yield case.body


def _random(operation: Any, seed: int) -> list[object]:
    """Return the bodies of the fuzzing phase, the same for the same seed."""
    import hypothesis
    from hypothesis.errors import Unsatisfiable
    from schemathesis import GenerationMode

    from pixelproof.strategies import steady

    found: list[object] = []
    chosen = hypothesis.settings(
        backend=steady.BACKEND,
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        def keep(case: Any) -> None:
            found.append(case.body)

        given = hypothesis.given(operation.as_strategy(generation_mode=mode))
        seeded: Callable[[Any], Callable[[], None]] = hypothesis.seed(seed)
        search = seeded(chosen(given(keep)))  # type: ignore[no-untyped-call]  # ``given`` loses the types
        try:
            search()
        except Unsatisfiable:  # a schema that everything fits has no wrong bodies
            continue
    return found


def _written(body: object) -> str:
    """Return the one way to write a body down, empty for what is no JSON object of bearable size."""
    if not isinstance(body, dict):
        return ""
    try:
        text = json.dumps(body, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError):
        return ""
    return text if len(text) <= _MOST_BYTES and _is_text(text) else ""


def _is_text(written: str) -> bool:
    """Tell whether all text can be sent as such: JSON allows null characters and half surrogates, servers need not."""
    if "\\u0000" in written:
        return False
    try:
        json.dumps(json.loads(written), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shuffled(text: str, seed: int) -> str:
    return sha256(f"{seed} {text}".encode()).hexdigest()

"""What may be asked for: address and key, operations with their parameters, the models."""

from __future__ import annotations

from collections.abc import Iterator

from pixelproof.contract import Cell, Contract, Model, Operation, Parameter, Support, wording
from pixelproof.documents.markdown.text import code, codes, plain, table
from pixelproof.matrix import parameters_of


def authentication(contract: Contract) -> Iterator[str]:
    """Yield how a request is authenticated."""
    auth = contract.auth
    facts = [
        ("base URL", codes(contract.servers), ""),
        ("scheme", code(auth.scheme), codes(auth.claimed("required"))),
        ("a key looks like", code(auth.mint.replace("{token}", "…")), codes(auth.claimed("key"))),
        ("and matches", code(auth.key_pattern), codes(auth.claimed("key"))),
    ]
    if auth.scopes:
        facts.append(("scopes of keys", codes(auth.scopes), ""))
    if auth.test_keys is not None:
        shown = code(auth.test_keys.mint.replace("{token}", "…"))
        facts.append(("test keys, not billed", shown, codes(auth.test_keys.claim)))
    yield from ("## Authentication", "", *table(("what", "value", "claims"), facts))


def operations(contract: Contract) -> Iterator[str]:
    """Yield every operation, and the parameters of those that make images."""
    yield from ("## Operations", "")
    for operation in contract.operations.values():
        yield from _operation(contract, operation)
    policy = contract.unknown_policy.value
    yield from (f"Unknown parameters are {policy} ({codes(contract.unknown_claim)}).", "")
    for exclusion in contract.exclusions:
        yield from (f"Not together: {plain(wording.condition(exclusion.when))} ({codes(exclusion.claim)}).", "")


def models(contract: Contract) -> Iterator[str]:
    """Yield the model matrix: what each model takes of each parameter."""
    yield from ("## Models", "")
    for model in contract.models.values():
        yield from (f"### {plain(model.id)}", "", " ".join(_about(model)), "")
        if model.like is None:
            headings = ("parameter", "allowed", "default", "claims")
            yield from table(headings, (_cell(cell) for cell in model.cells.values()))


def _operation(contract: Contract, operation: Operation) -> Iterator[str]:
    yield from (f"### {operation.method} {plain(operation.path)}", "")
    answer = f"Answers {operation.success}" + (" with a task." if operation.creates_task else ".")
    does = f" Serves {code(operation.capability)}." if operation.capability else ""
    body = f" Takes {code(operation.media_type)}." if operation.media_type else ""
    scope = f" Needs the scope {code(operation.scope)}." if operation.scope else ""
    yield from (f"{answer}{does}{body}{scope} ({codes(operation.claimed('serves'))})", "")
    if operation.capability is not None:
        headings = ("parameter", "type", "allowed", "required", "default", "claims")
        yield from table(headings, (_parameter(p) for p in parameters_of(contract, operation.capability).values()))


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    names = codes((parameter.name, *parameter.aliases))
    claims = tuple(dict.fromkeys(claim for facet in parameter.claims.values() for claim in facet))
    return (
        names,
        plain(parameter.domain.type),
        plain(wording.allowed(parameter.domain)),
        "yes" if parameter.required else "no",
        code(wording.shown(parameter.default)) if parameter.default is not None else "",
        codes(claims),
    )


def _about(model: Model) -> Iterator[str]:
    if model.like is not None:
        yield f"Takes what {code(model.like)} takes."
    if model.routes_to is not None:
        yield f"Routes to {code(model.routes_to)}."
    if model.delivers is not None:
        yield f"Delivers {code(model.delivers)} only ({codes(model.delivers_claim)})."
    claims = f" ({codes(model.revised_prompt_claim)})" if model.revised_prompt_claim else ""
    yield f"`revised_prompt` is {model.revised_prompt.value}{claims}."
    yield f"Claims: {codes(model.claim)}."


def _cell(cell: Cell) -> tuple[str, ...]:
    takes = cell.support is Support.TAKEN
    default = code(wording.shown(cell.default)) if takes and cell.default is not None else ""
    return code(cell.parameter), _allowed(cell), default, codes(cell.claim)


def _allowed(cell: Cell) -> str:
    return plain(wording.allowed(cell.domain)) if cell.support is Support.TAKEN else f"*{cell.support.value}*"

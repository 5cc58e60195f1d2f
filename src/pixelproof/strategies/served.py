"""What requests must come to beside what their cases are about: whole images and their price, or no cost at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pixelproof.contract import Json, Model, ResponseField, Support
from pixelproof.planning.case import Case, Check, Fetch, ReadBalance, Send
from pixelproof.strategies.bodies import Bodies


def watched(bodies: Bodies, case: Case) -> Case:
    """Return a case of one served request with a look at its images, and at the wallet where one can be read.

    Neither costs a further request: the images came with the answer, and a wallet is no image.
    """
    step, *rest = case.steps
    model = bodies.contract.models.get(case.model or "")
    served = any(check.rule == "served" for check in case.checks)
    if model is None or not served or not isinstance(step, Send) or step.name != "main" or step.body is None:
        return case
    known = {(check.rule, check.claim) for check in case.checks}
    found = (*_image_checks(bodies, model, step), *_money_checks(bodies, step))
    more = [check for check in found if (check.rule, check.claim) not in known]
    if not any(check.rule == "charged_each" for check in more):
        return replace(case, checks=(*case.checks, *more))
    before, after = (ReadBalance(name=name, key=step.key, optional=True) for name in ("before", "after"))
    return replace(case, steps=(before, step, after, *rest), checks=(*case.checks, *more))


def unpaid(bodies: Bodies, case: Case) -> Case:
    """Return the case of a refusal with a look at the wallet around it, where one can be read: it costs nothing."""
    claims = bodies.contract.billing.claimed("refused_is_free")
    checks = bodies.scope.checks("not_charged", claims, step=case.sends()[-1].name)
    if not checks:
        return case
    before, after = (ReadBalance(name=name, key=case.sends()[-1].key, optional=True) for name in ("before", "after"))
    return replace(case, steps=(before, *case.steps, after), checks=(*case.checks, *checks))


def _image_checks(bodies: Bodies, model: Model, step: Send) -> Iterator[Check]:
    body = step.body or {}
    if step.fetch is not Fetch.ALL and body.get("response_format") != "b64_json" and model.delivers != "b64_json":
        return
    yield from bodies.scope.checks("image_decodes", bodies.contract.response.claimed("items"))
    cell = model.cells.get("size")
    if cell is not None and cell.support is Support.TAKEN:
        size = body.get("size", cell.default)
        custom = cell.domain.custom
        covered = custom is not None and isinstance(size, str) and size not in (cell.domain.enum or ())
        claims = custom.claim if covered and custom is not None else cell.claim
        if isinstance(size, str):
            yield from bodies.scope.checks("image_size", claims, size=size)


def _money_checks(bodies: Bodies, step: Send) -> Iterator[Check]:
    charge = bodies.documented_charge(step.body or {})
    n = bodies.matrix.effective(step.body or {}).get("n", 1)
    args: dict[str, Json] = {"least": charge[0], "most": charge[1], "n": n} if charge is not None else {"n": n}
    yield from bodies.scope.checks("charged_each", bodies.contract.billing.claimed("charged_each"), **args)
    if charge is not None:
        for field in _of_cost(bodies.contract.response.fields):
            yield from bodies.scope.checks("cost_shown", field.claim, **args)


def _of_cost(fields: tuple[ResponseField, ...]) -> Iterator[ResponseField]:
    for field in fields:
        if field.source == "cost":
            yield field
        yield from _of_cost(field.fields)

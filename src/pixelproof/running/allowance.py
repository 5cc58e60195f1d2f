"""What a run must be told before it may spend: a cap in money, and one in images where no price is documented."""

from __future__ import annotations

from pixelproof.contract import Contract, Level, PriceRow
from pixelproof.money import Units
from pixelproof.planning.budget import Budget, parse_cap
from pixelproof.planning.case import Case, Send
from pixelproof.problems import BadUsage
from pixelproof.strategies import Plan
from pixelproof.targets.file import Target


def allowance(plan: Plan, target: Target, max_cost: str | None, max_images: int | None) -> Budget:
    """Return the budget of a run. Raises BadUsage when the target is not on this machine and nobody set one."""
    currency = plan.contract.billing.currency
    name = "--max-cost" if max_cost is not None else "max_cost of the target file"
    cap = parse_cap(max_cost if max_cost is not None else target.max_cost, currency, name=name)
    if target.loopback or max_images is not None or _stops_everything(plan, cap):
        return Budget(currency=currency, cap=cap, most_images=max_images)
    elsewhere = f"{target.base_url} is not on this machine and the plan costs about {currency.show(plan.price)}"
    unpriced = undocumented(plan, frozenset(target.prices))
    if unpriced:
        raise BadUsage(
            f"{elsewhere}, but no price is documented for {', '.join(unpriced)}",
            f"say how many images it may make, --max-images {images(plan)}, or state prices: in a target file, "
            f'with --max-cost "{currency.show(plan.price)}"',
        )
    if cap is None:
        raise BadUsage(elsewhere, f'say how much may be spent, for example --max-cost "{currency.show(plan.price)}"')
    return Budget(currency=currency, cap=cap, most_images=max_images)


def undocumented(plan: Plan, stated: frozenset[str]) -> tuple[str, ...]:
    """Return the planned models whose prices neither a document nor the target file states."""
    planned = {str(send.body.get("model", "")) for send in _paid(plan) if send.body is not None}
    known = {model for model in planned if any(_documents(plan.contract, row, model) for row in _rows(plan))}
    return tuple(sorted(name or plan.contract.profile for name in planned - known - stated))


def images(plan: Plan) -> int:
    """Return how many images a plan asks for."""
    return sum(send_images(send) for send in _paid(plan))


def images_of(case: Case, contract: Contract) -> int:
    """Return how many images a case asks for."""
    return sum(send_images(send) for send in case.sends() if _makes_images(contract, send) and send.positive)


def send_images(send: Send) -> int:
    """Return how many images a valid request asks for."""
    n = send.body.get("n", 1) if send.body is not None else 1
    return n if isinstance(n, int) and n > 0 else 1


def _paid(plan: Plan) -> tuple[Send, ...]:
    sends = (send for case in plan.cases for send in case.sends())
    return tuple(send for send in sends if _makes_images(plan.contract, send) and (send.positive or send.price))


def _makes_images(contract: Contract, send: Send) -> bool:
    return contract.operations[send.operation].capability is not None


def _rows(plan: Plan) -> tuple[PriceRow, ...]:
    return plan.contract.billing.prices


def _documents(contract: Contract, row: PriceRow, model: str) -> bool:
    """Tell whether a document, and not our assumption, prices some request for a model."""
    models = row.when.get("model")
    documented = any(contract.claims[name].level is not Level.A for name in row.claim if name in contract.claims)
    return documented and (models is None or not model or model in models)


def _stops_everything(plan: Plan, cap: Units | None) -> bool:
    """Tell whether the cap lets nothing be made at all, whatever it costs: it is nothing, and every price is more."""
    return cap == 0 and all(send.worst > 0 for send in _paid(plan))


__all__ = ["allowance", "images", "images_of", "undocumented"]

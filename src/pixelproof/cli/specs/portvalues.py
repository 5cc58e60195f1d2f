"""The answer to a porter as JSON values: everything that was found, with the sentences behind it."""

from __future__ import annotations

from pixelproof.contract import ClaimIds, Contract, Json
from pixelproof.porting import Change, Effect, Outcome, Port, Price, PricePair, Refused, Trial


def port_values(port: Port, effects: tuple[Effect, ...]) -> dict[str, Json]:
    """Return everything, or of changes and requests only those of some effects."""
    before, after = port.request.before, port.request.after
    return {
        "from": _provider(before),
        "to": _provider(after),
        "usd_inr": str(port.request.usd_inr) if port.request.usd_inr is not None else None,
        "summary": summary_values(port),
        "models": [
            {
                "from": pair.before.id,
                "to": pair.after.id if pair.after is not None else None,
                "nearest": pair.target.id if pair.target is not None else None,
            }
            for pair in port.pairs
        ],
        "changes": [_change(change, before, after) for change in port.changes if change.effect in effects],
        "prices": [_pair(pair) for pair in port.prices] if Effect.COSTS in effects else [],
        "requests": [_trial(trial, after) for trial in port.trials if Effect(trial.outcome.value) in effects],
    }


def summary_values(port: Port) -> dict[str, Json]:
    """Return the counts of requests by outcome, and of changes by effect."""
    return {
        "requests": {"all": len(port.trials), **{outcome.value: port.count(outcome) for outcome in Outcome}},
        "changes": {effect.value: len(port.of(effect)) for effect in Effect},
    }


def _provider(contract: Contract) -> dict[str, Json]:
    return {"profile": contract.profile, "title": contract.title, "sha256": contract.sha256}


def _change(change: Change, before: Contract, after: Contract) -> dict[str, Json]:
    return {
        "effect": change.effect.value,
        "topic": change.topic.value,
        "subject": change.subject,
        "models": list(change.models),
        "before": change.before,
        "after": change.after,
        "do": change.do,
        "assumed": change.assumed,
        "claims_before": _claims(before, change.claims_before),
        "claims_after": _claims(after, change.claims_after),
    }


def _claims(contract: Contract, ids: ClaimIds) -> list[Json]:
    found: list[Json] = []
    for name in ids:
        claim = contract.claims.get(name)
        known = {"level": claim.level.value, "statement": claim.statement, "source": claim.source} if claim else {}
        found.append({"id": name, **known})
    return found


def _pair(pair: PricePair) -> dict[str, Json]:
    return {
        "model": pair.model,
        "values": dict(pair.values),
        "instead": dict(pair.instead),
        "before": _price(pair.before),
        "after": _price(pair.after),
        "times": round(float(pair.times), 4) if pair.times is not None else None,
    }


def _price(price: Price | None) -> Json:
    if price is None:
        return None
    return {
        "amount": price.currency.format(price.units),
        "currency": price.currency.code,
        "assumed": price.assumed,
        "claims": list(price.claim),
    }


def _trial(trial: Trial, after: Contract) -> dict[str, Json]:
    return {
        "operation": trial.operation,
        "request": dict(trial.body),
        "sent": dict(trial.sent),
        "outcome": trial.outcome.value,
        "accepted": trial.accepted,
        "refusals": [_refused(refused, after) for refused in trial.refusals],
        "unreadable": trial.unreadable or None,
        "changes": list(trial.changes),
        "before": _price(trial.before),
        "after": _price(trial.after),
        "times": round(float(trial.times), 4) if trial.times is not None else None,
        "disputed": list(trial.disputed),
    }


def _refused(refused: Refused, after: Contract) -> dict[str, Json]:
    return {
        "parameter": refused.parameter,
        "message": refused.message,
        "statuses": list(refused.statuses),
        "claims": _claims(after, refused.claim),
    }

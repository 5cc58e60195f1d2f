"""Servers that serve, in whole or in part, what their policy rejects."""

from __future__ import annotations

from dataclasses import replace

from pixelproof.deviation import Tier

from ..seams import Seams
from .catalogue import liar

FAMILY = "policy"


@liar("aivene-policy-served", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="draws what the policy rejects")
@liar("openai-policy-served", claim="OAI-08", tier=Tier.SMOKE, family=FAMILY, intent="draws what the policy rejects")
def policy_served(honest: Seams) -> Seams:
    """Skip the policy."""
    return replace(honest, check_policy=lambda _call: None)


@liar("openai-gpt-policy-served", claim="OAI-08", family=FAMILY, intent="gpt-image-1 alone has no policy")
@liar("aivene-gpt-policy-served", claim="AIV-20", family=FAMILY, intent="gpt-image-1 alone has no policy")
def gpt_policy_served(honest: Seams) -> Seams:
    """Skip the policy for one model."""
    return replace(honest, check_policy=lambda call: honest.check_policy(call) if call.model != "gpt-image-1" else None)


@liar("aivene-policy-empties-the-list", claim="AIV-20", tier=Tier.SMOKE, family=FAMILY, intent="a rejection is a 200")
@liar("openai-policy-empties-the-list", claim="OAI-08", tier=Tier.SMOKE, family=FAMILY, intent="a rejection is a 200")
def policy_empties_the_list(honest: Seams) -> Seams:
    """Answer a rejected prompt with no image instead of an error."""
    return replace(
        honest,
        check_policy=lambda _call: None,
        generate=lambda call: honest.generate(call) if call.fault is None else None,
    )

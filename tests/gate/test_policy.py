"""A policy refusal still says policy at the caller, if it did upstream."""

from __future__ import annotations

import pytest

from pixelproof import loading
from pixelproof.exchange import Exchange, Request, Response, Role
from pixelproof.planning.case import Case, Check
from pixelproof.rules import Evidence, judge
from pixelproof.verdict import Verdict

VAGUE = {"type": "invalid_request_error", "code": 400}
PLAIN = {"type": "invalid_request_error", "code": "content_policy_violation"}


def judged(upstream: dict[str, object], caller: dict[str, object], status: int = 400) -> Verdict:
    check = Check(rule="policy_stays", claim="GWY-04")
    line = {"id": "r", "status": 400, "fault": "content_policy", "request": {}, "response": {"error": upstream}}
    exchange = Exchange(
        seq=1,
        case="x",
        step="main",
        role=Role.API,
        request=Request(method="POST", url="http://x", body={}),
        response=Response(status=status, body={"error": caller}, is_json=True),
        facts={"upstream": [line]},
    )
    case = Case(id="x", steps=(), checks=(check,))
    return judge(Evidence(contract=loading.shipped("openai"), case=case, exchanges=(exchange,)), check).verdict


@pytest.mark.parametrize(
    ("upstream", "caller", "status", "verdict"),
    [
        (PLAIN, PLAIN, 400, Verdict.PASS),
        (PLAIN, {"type": "content_policy_violation", "code": None}, 422, Verdict.PASS),
        (PLAIN, {"type": "invalid_request_error", "code": "400"}, 400, Verdict.FAIL),
        (PLAIN, PLAIN, 500, Verdict.FAIL),
        (PLAIN, PLAIN, 403, Verdict.FAIL),
        (VAGUE, VAGUE, 400, Verdict.PASS),
        (VAGUE, {"type": "None", "code": "x"}, 400, Verdict.FAIL),
    ],
)
def test_a_policy_refusal_says_at_the_caller_what_it_said_upstream(
    upstream: dict[str, object], caller: dict[str, object], status: int, verdict: Verdict
) -> None:
    assert judged(upstream, caller, status) is verdict

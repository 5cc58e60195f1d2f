"""A snapshot holds the whole state without any key, and whoever has a key goes on after a restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def artifact(artifact_id: str) -> dict[str, str]:
    return {"type": "artifact", "artifact_id": artifact_id}


def test_whoever_has_the_key_goes_on_in_another_server(
    tenant: Callable[..., Any], serve_mock: Callable[..., Any]
) -> None:
    one = tenant(balance="1000", scopes=[], budget="900")
    stored, task = one.upload(), one.create(prompt="mock:partial=1", n=3)
    state = one.admin("GET", "/snapshot").json
    there = _moved(one, serve_mock("stratizon"))
    assert there.client.put("/__admin/snapshot", json=state).status_code == 200
    assert there.balance == "850.0000"
    done = there.finished(task)
    assert (done["status"], done["billing"]["refunded_credits"]) == ("succeeded", "100.0000")
    assert there.picture(done["output"]["images"][0]["url"]).size == (1024, 1024)
    assert there.finished(there.transform(artifact(stored)))["status"] == "succeeded"
    assert there.finished(there.transform(artifact(done["output"]["images"][0]["artifact_id"])))["output"]["images"]
    assert (there.check()["balanced"], there.balance) == (True, "830.0000")
    assert one.balance == "850.0000"


def test_a_snapshot_of_a_restored_server_is_the_same(
    tenant: Callable[..., Any], serve_mock: Callable[..., Any]
) -> None:
    one = tenant(balance="1000", limits={"requests_per_minute": 60}, task_polls=2)
    one.admin("PUT", "/forex", usd_inr="87.50")
    one.admin("PUT", "/forex", usd_inr="90", account=one.account)
    one.admin("POST", "/clock/freeze")
    one.admin("POST", "/faults", effect="partial", images=1, match={"prompt": "x"}, after=1)
    one.finished(one.create(prompt="x", n=2))
    one.cancel(one.create(prompt="x y", n=2))
    one.create(prompt="mock:bad_success=no_data")
    one.admin("POST", f"/tasks/{one.create()}", hold=True)
    one.transform()
    first = one.admin("GET", "/snapshot").json
    there = serve_mock("stratizon")
    assert there.put("/__admin/snapshot", json=first).json == {"restored": {"accounts": 1, "faults": 1}}
    second = there.get("/__admin/snapshot").json
    assert second.pop("now") >= first.pop("now")
    assert second == first


def test_a_snapshot_holds_no_key(tenant: Callable[..., Any]) -> None:
    one = tenant()
    one.create()
    assert one.key not in one.admin("GET", "/snapshot").text


def test_a_snapshot_brings_back_what_was_since_changed(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    state = one.admin("GET", "/snapshot").json
    one.create(n=4)
    stranger = tenant()
    one.client.put("/__admin/snapshot", json=state)
    assert (one.balance, one.check()["charged"]) == ("1000.0000", "0.0000")
    assert one.client.get(f"/__admin/accounts/{stranger.account}").status_code == 404


def _unbalanced(state: dict[str, Any]) -> None:
    state["accounts"][0]["ledger"]["balance"] += 1


@pytest.mark.parametrize(
    "damage",
    [
        _unbalanced,
        lambda state: state.pop("salt"),
        lambda state: state.update(schema="pixelproof.snapshot/9"),
        lambda state: state["accounts"][0].update(profile="nobody"),
        lambda state: state["accounts"][0]["tasks"][0]["task"].pop("plan"),
        lambda state: state["accounts"][0]["tasks"][0].update(final="lost"),
        lambda state: state.update(accounts=[None]),
    ],
)
def test_a_damaged_snapshot_changes_nothing(damage: Callable[[Any], object], tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    one.create()
    state = one.admin("GET", "/snapshot").json
    damage(state)
    assert one.client.put("/__admin/snapshot", json=state).status_code == 400
    assert one.balance == "950.0000"


@pytest.mark.parametrize(("data", "kind"), [(b"[]", "application/json"), (b"{", "application/json"), (b"{}", "text/x")])
def test_what_is_no_snapshot_is_refused(data: bytes, kind: str, tenant: Callable[..., Any]) -> None:
    assert tenant().client.put("/__admin/snapshot", data=data, content_type=kind).status_code == 400


def test_a_reset_clears_tasks_and_artifacts(tenant: Callable[..., Any]) -> None:
    one = tenant()
    stored, task = one.upload(), one.create()
    assert {"accounts", "tasks", "artifacts"} <= set(one.admin("POST", "/reset").json["reset"])
    assert one.look(task).status_code == 404
    assert one.post("/images/image-to-image", {"prompt": "x", "image": artifact(stored)}).status_code == 404


def test_a_rate_is_stored_for_everybody_or_for_one(tenant: Callable[..., Any]) -> None:
    one = tenant()
    assert one.admin("PUT", "/forex", usd_inr="87.50").json == {"usd_inr": "87.50"}
    one.admin("PUT", "/forex", usd_inr="90", account=one.account)
    assert one.admin("GET", f"/forex?account={one.account}").json == {"usd_inr": "90"}
    assert one.admin("GET", "/forex").json == {"usd_inr": "87.50"}
    for wrong in ("0", "-1", "1e3", "NaN", "many"):
        assert one.admin("PUT", "/forex", usd_inr=wrong).status_code == 400


def test_metrics_tell_answers_tasks_and_money(tenant: Callable[..., Any]) -> None:
    one = tenant(balance="1000")
    one.create(n=3)
    answer = one.admin("GET", "/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    for line in (
        'pixelproof_requests_total{status="202"} 1',
        'pixelproof_tasks{profile="stratizon",state="queued"} 1',
        'pixelproof_wallet{profile="stratizon",kind="charged",currency="credits"} 150.0000',
        "pixelproof_unbalanced_ledgers 0",
    ):
        assert line in answer.text.splitlines()


def _moved(one: Any, client: Any) -> Any:
    return type(one)(client=client, profile=one.profile, key=one.key, account=one.account)

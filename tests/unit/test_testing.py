"""The pytest fixtures of the mock, as a project of somebody else uses them; and what they call out of order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from pixelproof.problems import BadUsage
from pixelproof.testing import JournalLine, LedgerEntry, MockRefused, Totals, create_app, serving
from pixelproof.testing.audit import audit

pytest_plugins = ["pytester"]

PLUGIN = 'pytest_plugins = ["pixelproof.testing"]\n'
PROFILE = '@pytest.fixture(scope="session")\ndef mock_profiles():\n    return ("aivene",)\n'
#: A mock whose listing of models breaks: a bug of ours, planted in the one seam that a test can reach.
BROKEN = """
from dataclasses import replace

from pixelproof.testing import create_app, serving

@pytest.fixture(scope="session")
def mock_provider(mock_profiles):
    app = create_app(*mock_profiles)
    (provider,) = app.extensions["pixelproof"].providers
    def broken(call):
        raise KeyError("planted")
    for key, handler in list(app.fast_lane.items()):
        if key[1].endswith("/models"):
            from pixelproof.mock_server.call import Call
            from pixelproof.mock_server.pipeline import run_steps
            from pixelproof.mock_server.wire import Reply
            steps = (("authenticate", provider.seams.authenticate), ("list", broken))
            operation = provider.contract.operations["models"]
            app.fast_lane[key] = lambda environ, place: Reply(
                run_steps(Call(provider, operation, environ, b"", place), steps)
            )
    with serving(app) as running:
        yield running
"""
AT = datetime(2026, 1, 1, tzinfo=UTC)
BALANCED = Totals(
    balanced=True,
    opening=Decimal(1),
    top_ups=Decimal(0),
    adjustments=Decimal(0),
    charged=Decimal("0.02"),
    refunded=Decimal(0),
    held=Decimal(0),
    balance=Decimal("0.98"),
)


def line(status: int = 200) -> JournalLine:
    return JournalLine(
        seq=1,
        id="req_1",
        at=AT,
        account="acc_1",
        trace=None,
        method="POST",
        path="/v1/images/generations",
        status=status,
        step="respond",
        claim=(),
        fault=None,
        request=None,
        response=None,
    )


def entry(seq: int = 2, kind: str = "charge", amount: str = "-0.02", **more: object) -> LedgerEntry:
    columns = {"request_id": "req_1", "task_id": None, "refers_to": None, **more}
    return LedgerEntry(seq=seq, at=AT, kind=kind, amount=Decimal(amount), balance_after=Decimal(1), **columns)  # type: ignore[arg-type] # fakes


def test_one_charge_for_one_success_is_in_order() -> None:
    assert audit(BALANCED, [entry()], [line()]) == []


def test_a_second_charge_of_one_request_is_told() -> None:
    (said,) = audit(BALANCED, [entry(), entry(3)], [line()])
    assert said == "req_1 (POST /v1/images/generations, 200) was charged 2 times: 0.02 + 0.02"


def test_money_kept_for_a_refusal_is_told() -> None:
    (said,) = audit(BALANCED, [entry()], [line(400)])
    assert said == "req_1 (POST /v1/images/generations, 400) was refused, and 0.02 was kept for it"


def test_a_refunded_refusal_is_in_order() -> None:
    refund = entry(3, "refund", "0.02", request_id=None, refers_to=2)
    assert audit(BALANCED, [entry(), refund], [line(500)]) == []


def test_a_ledger_out_of_balance_is_told_with_both_sides() -> None:
    totals = Totals(**{**{name: getattr(BALANCED, name) for name in BALANCED.__slots__}, "balanced": False})
    (said,) = audit(totals, [], [])
    assert said.startswith("the ledger does not balance: opening 1 +")
    assert "balance 0.98" in said


def test_the_app_refuses_an_unknown_liar_and_names_the_nearest() -> None:
    with pytest.raises(BadUsage, match="did you mean 'aivene-charged-twice'"):
        create_app("aivene", liar="aivene-charged-twize")


def test_an_account_has_everything_that_a_test_does_to_its_provider() -> None:
    with serving(create_app("stratizon", "aivene")) as provider:
        account = provider.account("aivene", balance="1.00")
        url, body = f"{account.base_url}/images/generations", {"model": "dall-e-2", "prompt": "a lighthouse"}
        frozen = account.freeze()
        assert account.advance(3600) == frozen + timedelta(hours=1) == account.now()
        fault = account.fault("rate_limited", retry_after_s=7)
        assert httpx.post(url, json=body, headers=account.headers).headers["retry-after"] == "7"
        assert [shown["hits"] for shown in provider.faults()] == [1]
        account.clear_fault(fault)
        assert httpx.post(url, json=body, headers=account.headers).status_code == 200
        assert [entry.kind for entry in account.ledger()] == ["opening", "hold", "release", "charge"]
        assert account.top_up("0.02") == account.totals().balance == account.balance == 1
        assert [one.status for one in account.requests()] == [429, 200]
        assert [one.path for one in provider.requests(status=429)] == ["/aivene/v1/images/generations"]
        assert account.problems() == []


def test_another_account_is_struck_by_none_of_its_faults() -> None:
    with serving(create_app("aivene")) as provider:
        mine, other = provider.account(), provider.account()
        mine.fail_next(1, "unavailable", match={"path": "/models"})
        statuses = [httpx.get(f"{a.base_url}/models", headers=a.headers).status_code for a in (other, mine, mine)]
        assert statuses == [200, 503, 200]


def test_the_whole_provider_obeys_too() -> None:
    with serving(create_app("aivene")) as provider:
        account = provider.account()
        assert provider.advance(60) > provider.freeze() - timedelta(seconds=1)
        fault = provider.fault("unavailable", match={"path": "/aivene/v1/models"}, times=5)
        assert httpx.get(f"{provider.url('aivene')}/models", headers=account.headers).status_code == 503
        provider.clear_fault(fault)
        assert httpx.get(f"{provider.base_url}/models", headers=account.headers).status_code == 200
        assert provider.resume() >= provider.freeze() - timedelta(minutes=1)
        assert provider.unexpected_errors() == ()


def test_what_is_asked_wrongly_is_answered_with_advice() -> None:
    with serving(create_app("aivene")) as provider:
        with pytest.raises(MockRefused, match="server_error"):
            provider.account().fail_next(1, "server_eror")
        with pytest.raises(MockRefused, match="balance"):
            provider.account(balance="a lot")
        with pytest.raises(BadUsage, match="aivene"):
            provider.account("aiven")


def test_the_key_is_not_in_what_a_failing_test_prints() -> None:
    with serving(create_app("aivene")) as provider:
        account = provider.account()
        assert account.key not in repr(account)


def test_without_a_choice_the_fixture_asks_for_one(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PLUGIN)
    pytester.makepyfile("def test_it(mock_account): pass")
    ran = pytester.runpytest()
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*which provider? Set mock_profiles*aivene*"])


def test_the_setting_and_the_marker_choose(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PLUGIN)
    pytester.makeini("[pytest]\nmock_profiles = aivene openai\naddopts = --strict-markers --strict-config")
    pytester.makepyfile("""
        import pytest
        def test_first(mock_account):
            assert mock_account.profile == "aivene"
        @pytest.mark.mock_account(profile="openai", balance="3.00")
        def test_named(mock_account):
            assert (mock_account.profile, mock_account.balance) == ("openai", 3)
    """)
    pytester.runpytest().assert_outcomes(passed=2)


def test_a_test_that_broke_the_mock_fails(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(f"import pytest\n{PLUGIN}{PROFILE}{BROKEN}")
    pytester.makepyfile("""
        import httpx
        def test_it(mock_account):
            answer = httpx.get(f"{mock_account.base_url}/models", headers=mock_account.headers)
            assert answer.status_code == 500
        def test_the_next_one_is_not_blamed(mock_account):
            pass
    """)
    ran = pytester.runpytest()
    ran.assert_outcomes(failed=1, passed=1)
    ran.stdout.fnmatch_lines(["*mock_account is not in order:", "*the mock broke: req_*: KeyError: 'planted'"])


def test_a_test_that_fails_by_itself_shows_its_own_failure_first(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(f"import pytest\n{PLUGIN}{PROFILE}{BROKEN}")
    pytester.makepyfile("""
        import httpx
        def test_it(mock_account):
            answer = httpx.get(f"{mock_account.base_url}/models", headers=mock_account.headers)
            assert answer.status_code == 200
    """)
    ran = pytester.runpytest()
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*assert 500 == 200*", "*pixelproof*", "*the mock broke: req_*: KeyError: 'planted'"])

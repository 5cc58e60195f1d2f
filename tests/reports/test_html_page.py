"""The HTML page: what it says of findings, money, models, tasks, gateways and loads, and how much room it takes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from tests.harness.builders import line, picture

from pixelproof import loading
from pixelproof.exchange import Request, Response
from pixelproof.record.recording import read_record
from pixelproof.verdict import Verdict

from .html_samples import CURL, LOAD, PIXEL, at_another_rate, busy, calm, cut, money, page_of
from .records import END, exchange, large, record


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(busy())


def words(html: str) -> str:
    """The text of a page as somebody reads it."""
    kept = re.sub(r"<(style|script)>.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", kept)).split())


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?(?=<section |</main>)', html, re.DOTALL)
    assert found is not None, name
    return found[0]


def test_the_verdict_and_its_denominator_come_first(page: str) -> None:
    text = words(page)
    sentence = "6 of 9 obligations judged: 1 stopped by an error of pixelproof, 2 failed, 1 warned about, 1 waived,"
    assert 0 < text.index("2 promises broken") < text.index(sentence) < text.index("Findings Errors of pixelproof")


def test_a_finding_has_claim_words_source_line_wanted_got_curl_and_cost(page: str) -> None:
    told = words(section(page, "findings"))
    statement = loading.shipped("aivene").claims["AIV-28"].statement
    parts = (
        f"AIV-28 level D · rule charged {statement} Aivene docs: Billing, How you are charged (read 2026-11-01)",
        "specs/aivene/contract.yaml:",
        "Wanted a charge of 0.016 USD Got a charge of 0.032 USD",
        "Shown by money/256x256 · costs 0.016 USD to see again",
        " ".join(CURL.split()),
        "Exchange 2 main 200 with 1 image",
        "The same in 1 more case",
    )
    place = 0
    for part in parts:
        place = told.index(part, place)


def test_what_differs_between_wanted_and_got_is_marked(page: str) -> None:
    assert 'a charge of <ins class="differs">0.016</ins> USD' in page
    assert 'a charge of <del class="differs">0.032</del> USD' in page


def test_two_findings_of_one_cause_are_one_card(page: str) -> None:
    assert section(page, "findings").count('<article class="cause fail"') == 2
    assert "money/512x512" in section(page, "findings")


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert {target for target in re.findall(r'href="#([^"]*)"', page) if target not in ids} == set()


def test_no_id_stands_twice(page: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_same_record_is_the_same_page(page: str) -> None:
    assert page_of(busy()) == page


def test_the_page_allows_its_own_style_and_script_and_nothing_else(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in unescape(policy[1]).split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    assert rules["style-src"].startswith("'sha256-")
    assert rules["script-src"].startswith("'sha256-")
    assert page.count("<script") == page.count("<style") == 1
    assert not re.search(r'\sstyle="|\son\w+="', page)


def test_what_was_not_judged_is_said_with_what_would_supply_it(page: str) -> None:
    told = words(section(page, "open"))
    assert "lever missing no key keys: unscoped AIV-23" in told
    assert "AIV-02 at images/* fails no more: delete it" in told
    assert "AIV-10 1536x1024 is served" in told


def test_an_obligation_without_a_case_is_listed_as_not_judged(page: str) -> None:
    assert "No case was planned for it in this run." in section(page, "claims")
    assert "AIV-33" in section(page, "claims")


def test_witnesses_that_disagree_are_marked(page: str) -> None:
    told = words(section(page, "money"))
    assert "disagree about 2 requests" in told
    assert "money/256x256 ≠ measured is not 0.016 200 0.016 0.032 0.016 4.968" in told


@pytest.mark.parametrize(
    ("shown", "differing"),
    [
        (money("0.016000", 16_000), False),
        (money("0.016000", 16_001), True),
        (money("0.016000", 20_000, resolution=10_000), False),
        (money("0.016000", 40_000, resolution=10_000), True),
        (money("0.016000", 0, status=500), False),
        (money("0.016000", 16_000, status=500), True),
        (money("0.000000", 16_000, worst="0.016000", status=400), True),
        (at_another_rate(), False),
    ],
    ids=[
        "equal",
        "off by one unit",
        "coarse wallet",
        "too far off",
        "failed, free",
        "failed, taken",
        "refused, taken",
        "rate",
    ],
)
def test_only_witnesses_that_speak_of_the_same_disagree(shown: object, *, differing: bool) -> None:
    assert ("≠ measured is not" in page_of(shown)) is differing  # type: ignore[arg-type]


def test_what_was_served_and_should_not_have_been_costs_what_it_would_have() -> None:
    shown = money("0.000000", 16_000, worst="0.016000")
    assert "0.016 USD" in words(section(page_of(shown), "cases"))


def test_a_cell_of_the_map_tells_how_many_cases_of_how_many_are_broken(page: str) -> None:
    told = section(page, "models")
    assert 'title="broken in 1 of 1 case"' in told
    assert re.search(r'<th scope="row" class="value text">512x512</th>.*?✕ 1<', told)


def test_a_made_up_model_is_no_column_of_the_map() -> None:
    made_up = Request(method="POST", url="http://h/", body={"model": "no-such-model", "size": "1x1"})
    refused = exchange(1, "a", request=made_up, response=Response(status=400))
    real = exchange(2, "b", request=Request(method="POST", url="http://h/", body={"model": "dall-e-2", "size": "1x1"}))
    told = section(page_of(record(line(case="a"), line(case="b"), exchanges=(refused, real))), "models")
    assert "no-such-model" not in told
    assert "dall-e-2" in told


def test_a_task_is_drawn_from_look_to_look(page: str) -> None:
    told = section(page, "tasks")
    assert "queued → running → succeeded" in told
    assert '<rect class="state running" x="225.0" y="2" width="375.0" height="10"/>' in told
    assert words(told).endswith("queued → running → succeeded 1 8.0 s")


def test_latency_is_told_in_figures_and_drawn(page: str) -> None:
    told = section(page, "latency")
    assert "API requests 8 250 ms 250 ms 250 ms 250 ms" in words(told)
    assert told.count("<svg") == 2


def test_a_gateway_is_shown_from_both_ends(page: str) -> None:
    told = words(section(page, "gateway"))
    assert "200 with 1 image leaks the upstream's key in a header" in told
    assert "200, lost_response, charged 16,000 units n: 0 → 1" in told


def test_a_load_through_a_gateway_is_on_the_page_of_its_run(page: str) -> None:
    told = words(section(page, "load"))
    assert "The money is not exact, and thresholds were missed." in told
    assert "p95 is 48.0 ms, more than 40 ms" in told
    assert "Served 1,400 their documented price is owed" in told
    assert "charged twice (AIV-28): 1 request 17" in told
    assert section(page, "load").count("<polyline") == 4


def test_a_load_that_stands_beside_the_record_is_shown(tmp_path: Path) -> None:
    (tmp_path / "load.json").write_text(json.dumps(dict(LOAD)), "utf-8")
    assert "468.8 a second" in page_of(replace(calm(), path=tmp_path / "run.jsonl"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "\x00",
        '{"reconciliation": 3, "over_time": [3, {"from_s": "x", "throughput": 1}, {"from_s": "x", "throughput": 1}]}',
    ],
)
def test_a_broken_load_beside_the_record_breaks_no_page(text: str, tmp_path: Path) -> None:
    (tmp_path / "load.json").write_text(text, "utf-8")
    assert "Conformant" in page_of(replace(calm(), path=tmp_path / "run.jsonl"))


def test_images_are_shown_small_and_the_broken_ones_first(page: str) -> None:
    told = section(page, "images")
    assert told.count(f'src="{PIXEL}"') == 2
    assert "1 could not be decoded" in words(told)
    assert words(told).index("no image") < words(told).index("1024x1024 png")


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/a.png",
        "data:text/html;base64,PGI+",
        "data:image/svg+xml;base64,PHN2Zz4=",
        'data:image/png;base64,AA" onerror="alert(1)',
        "data:image/png;base64," + "A" * 20_000,
    ],
)
def test_a_thumbnail_that_is_none_is_left_out(address: str) -> None:
    shown = page_of(record(line(), exchanges=(exchange(images=(picture(thumbnail=address),)),)))
    assert "<img" not in shown
    assert "1024x1024 png" in shown


def test_a_cut_record_says_so_and_never_reads_as_passed() -> None:
    told = words(page_of(cut()))
    assert "Incomplete: the run was cut, 2 promises broken so far" in told
    assert "proves nothing about the rest" in told
    assert "Conformant" not in told


def test_a_calm_run_has_no_findings() -> None:
    told = page_of(calm())
    assert "Conformant" in told
    assert 'id="findings"' not in told


def test_a_record_judged_again_says_what_changed() -> None:
    again = {"on": "2026-11-21", "then": {"rules_version": "0"}, "changes": [
        {"claim": "AIV-05", "rule": "image_count", "case": "a/b", "then": "pass", "now": "fail"}
    ]}  # fmt: skip
    told = words(section(page_of(record(line(Verdict.FAIL), header={"judged_again": again})), "open"))
    assert "AIV-05 a/b (image_count) pass fail" in told


def test_the_way_back_to_the_mock_and_to_the_run_is_told(page: str) -> None:
    told = words(page)
    assert "pixelproof serve aivene --port 9 --liar aivene-charged-twice" in told
    assert (
        "pixelproof verify --profile aivene --tier core --level documented --seed 0 --liar aivene-charged-twice" in told
    )
    assert told.rindex("Contract SHA-256") > told.rindex("link to this case")


def test_what_stands_in_a_command_of_the_page_is_quoted_for_the_shell() -> None:
    told = words(page_of(record(line(), header={"profile": "x; rm -rf ~", "target": "http://h/$(id)"})))
    assert "pixelproof verify 'http://h/$(id)' --profile 'x; rm -rf ~'" in told


def test_an_unredacted_secret_of_a_header_is_nowhere_on_the_page() -> None:
    asked = Request(method="POST", url="http://h/?x=aVerySecretThing", headers={"X-Api-Key": "aVerySecretThing"})
    told = page_of(record(line(Verdict.FAIL, got="aVerySecretThing"), exchanges=(exchange(request=asked),)))
    assert "aVerySecretThing" not in told
    assert "X-Api-Key: [redacted]" in told


def test_what_a_server_said_is_text_wherever_the_page_shows_it() -> None:
    said = "<b onclick=alert(1)>&amp;\u202e\x1b[31m"
    answer = Response(status=200, headers={"x": said}, is_json=True, body={"error": {"type": said}, said: said})
    told = page_of(record(line(Verdict.FAIL, got=said, case=said), exchanges=(exchange(1, said, response=answer),)))
    assert "<b onclick" not in told
    assert told.count("&lt;b onclick=alert(1)&gt;&amp;amp;\\u202e\\x1b[31m") > 5


def test_more_checks_than_the_page_has_room_for_leave_the_grave_ones_and_a_count() -> None:
    lines = [line(case=f"a/{number}") for number in range(12_010)]
    told = page_of(record(*lines, line(Verdict.FAIL, case="the/one", wanted="x", got="y")))
    assert "11 of 12011 checks have no room here" in told
    assert "the/one" in section(told, "claims")
    assert len(told) < 3_000_000


def test_ten_thousand_verdicts_make_a_page_that_a_browser_can_hold() -> None:
    told = page_of(large())
    assert len(told) < 7_000_000
    assert told.count("<details") < 3_000


def test_exchanges_without_room_are_counted_and_those_of_findings_have_it() -> None:
    long = {"prompt": "x" * 550, "more": ["y" * 550] * 20}
    big = Request(method="POST", url="http://h/", body=long)
    exchanges = tuple(exchange(seq, f"a/{seq}", request=big) for seq in range(1, 400))
    found = line(Verdict.FAIL, case="a/399", wanted="1", got="2", exchanges=(399,), shown=399)
    told = page_of(record(found, exchanges=exchanges))
    assert "Exchange 399" in words(section(told, "findings"))
    assert "1 exchange without room here: the record has it." in words(section(told, "cases"))
    assert len(told) < 1_500_000


@pytest.mark.parametrize("name", ["kept", "tasks"])
def test_a_real_run_becomes_a_page_that_can_be_mailed(name: str, request: pytest.FixtureRequest) -> None:
    told = page_of(read_record(request.getfixturevalue(name)))
    assert 100_000 < len(told.encode()) < 1_500_000
    assert "Conformant" in told
    assert "≠" not in words(section(told, "money")).replace("marked ≠ below", "")


def test_a_record_of_another_contract_names_no_line_of_the_shipped_one() -> None:
    told = page_of(record(line(Verdict.FAIL), end=END))
    assert "specs/aivene" not in told

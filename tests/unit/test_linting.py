"""Every lint rule finds what it is for, alone and at the right line; the shipped contracts are clean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from pixelproof import loading
from pixelproof.documents.linting import RULES, Finding, lint, unreadable
from pixelproof.documents.linting.operations import SERVED
from pixelproof.documents.linting.response import SOURCES
from pixelproof.problems import BadDocument

#: A parameter of ten values; several of them make more requests than can be counted out.
_WIDE = "  p{0}:\n    schema: {{type: string, enum: [a, b, c, d, e, f, g, h, i, j]}}\n    claims: {{values: AIV-30}}\n"
_FLUX = "    - {request: {model: flux-pro, n: 4}, charge: "
_FLUX_EXAMPLE = _FLUX + '"0.220", worked: "4 \u00d7 0.055"}\n'
_FREE = (
    '    - {request: {model: dall-e-3, quality: hd}, charge: "0.000000",'
    ' worked: "nothing is documented, nothing is charged"}\n'
)
_AMBIGUITY = (
    "  - claim: AIV-32\n    about: overdraft\n"
    "    readings: {never: '\"never negative\"', one_request: '\"one request may push you below zero\"'}\n"
    "    mock: never\n"
)
_STYLE = "      style: {support: ignored, claim: AIV-30}\n      background: {support: ignored, claim: AIV-30}\n      n:"


class Broken(NamedTuple):
    """A shipped contract with something replaced, and the passage (the last one) that a rule must point at."""

    rule: str
    profile: str
    edits: tuple[tuple[str, str], ...]
    at: str
    #: True: the passage stands in claims.yaml.
    in_claims: bool = False


def broken(rule: str, profile: str, *replaced: str, in_claims: bool = False) -> Broken:
    """Break one passage: old, new, and what the rule points at when that is not the new one."""
    old, new, at = replaced if len(replaced) > 2 else (*replaced, "")
    return Broken(rule, profile, ((old, new),), at or new.strip("\n"), in_claims)


BROKEN = (
    broken("unknown-parameter", "stratizon", "hd}, parameter: aspect_ratio", "hd}, parameter: aspect_ration"),
    broken("unknown-model", "stratizon", "routes_to: gpt-image-2", "routes_to: gpt-image-3"),
    broken("circular-route", "stratizon", "routes_to: gpt-image-2", "routes_to: auto"),
    broken("unknown-value", "aivene", "{background: [transparent]}", "{background: [transparant]}"),
    broken(
        "unknown-capability",
        "aivene",
        "    aliases: [safety_identifier]\n",
        "    aliases: [safety_identifier]\n    capabilities: [image_to_image]\n",
        "capabilities: [image_to_image]",
    ),
    broken("unknown-error-row", "openai", "refused, error: unknown_parameter", "refused, error: unknown_paramter"),
    broken("unknown-scope", "aivene", "    scope: images:write", "    scope: images:rite"),
    broken("alias-clash", "aivene", "aliases: [safety_identifier]", "aliases: [safety_identifier, style]"),
    Broken(
        "no-image-operation",
        "fineapi",
        (("  generate:\n", "  create:\n"), ("- {request: {model", "- {operation: create, request: {model")),
        "operations:",
    ),
    broken("unservable-operation", "aivene", "  models:\n    request", "  gallery:\n    request", "  gallery:"),
    broken(
        "duplicate-route",
        "aivene",
        "  models:\n    request: GET /models",
        "  models:\n    request: POST /images/generations",
        "request: POST /images/generations",
    ),
    broken(
        "uncallable-model",
        "aivene",
        "  flux-pro:\n",
        "  ghost: {claim: AIV-30, parameters: {prompt: {support: refused, claim: AIV-30}}}\n  flux-pro:\n",
        "  ghost:",
    ),
    Broken(
        "too-many-requests",
        "aivene",
        (
            ("unknown_parameters:", "".join(_WIDE.format(index) for index in range(4)) + "unknown_parameters:"),
            (
                "\nmodels:\n",
                "\nexclusions:\n  - {when: {p0: a, p1: a, p2: a, p3: a}, parameter: p0, claim: AIV-30}\nmodels:\n",
            ),
        ),
        "  prices:",
    ),
    broken(
        "foreign-value",
        "aivene",
        "size: {enum: [1024x1024, 1792x1024, 1024x1792], claim: AIV-30}",
        "size: {enum: [1024x1024, 1792x1024, 1024x1972], claim: AIV-30}",
    ),
    broken("foreign-value", "aivene", "n: {maximum: 4, claim", "n: {maximum: 40, claim"),
    broken(
        "empty-range", "aivene", _STYLE, "      user: {minLength: 5, maxLength: 4, claim: AIV-30}\n" + _STYLE, "user: {"
    ),
    broken("bad-default", "fineapi", "default: vivid", "default: vivd"),
    broken("bad-default", "fineapi", "parameters: {}", "parameters: {style: {default: loud, claim: FIN-06}}"),
    broken(
        "idle-bound",
        "fineapi",
        "  user:\n    schema: {type: string}",
        "  user:\n    schema: {type: string, minimum: 1}",
        "minimum: 1}",
    ),
    broken(
        "unused-parameter",
        "fineapi",
        "parameters: {}",
        "parameters: {style: {support: ignored, claim: FIN-10}}",
        "  style:\n    schema",
    ),
    broken(
        "unheard-requirement",
        "aivene",
        _STYLE,
        "      prompt: {support: ignored, claim: AIV-30}\n" + _STYLE,
        "prompt: {support",
    ),
    broken(
        "idle-exclusion",
        "aivene",
        "\nmodels:\n",
        "\nexclusions:\n  - {when: {model: dall-e-2, quality: hd}, parameter: quality, claim: AIV-30}\nmodels:\n",
        "- {when: {model: dall-e-2, quality: hd}",
    ),
    broken(
        "repeated-exclusion",
        "stratizon",
        "exclusions:\n",
        "exclusions:\n  - {when: {aspect_ratio: auto, quality: hd}, parameter: quality, claim: STR-07}\n",
        "- {when: {aspect_ratio: auto",
    ),
    Broken(
        "no-prices",
        "fineapi",
        (
            ("  prices:\n", ""),
            ("  examples:\n", ""),
            ('    - {when: {model: dall-e-3}, price: "0.000000", claim: FIN-10}\n', ""),
            (
                _FREE,
                "",
            ),
        ),
        "billing:",
    ),
    broken("unpriced-request", "aivene", "quality: [medium, standard]", "quality: [medium]", "  gpt-image-1:"),
    broken(
        "unreached-price",
        "aivene",
        "  order:\n",
        '    - {when: {model: dall-e-2, size: 1792x1024}, price: "0.5", claim: AIV-30}\n  order:\n',
        "- {when: {model: dall-e-2, size: 1792x1024}",
    ),
    broken(
        "shadowed-price",
        "aivene",
        "  order:\n",
        '    - {when: {model: flux-pro, size: 1024x1024}, price: "0.5", claim: AIV-30}\n  order:\n',
        "- {when: {model: flux-pro, size: 1024x1024}",
    ),
    broken("price-outside-range", "perf", 'price: "0.016", least: "0.016"', 'price: "0.016", least: "0.017"'),
    Broken(
        "negative-price",
        "fineapi",
        (('price: "0.000000"', 'price: "-0.010000"'), ('charge: "0.000000"', 'charge: "-0.010000"')),
        'price: "-0.010000"',
    ),
    broken(
        "wrong-order",
        "aivene",
        "{cheaper: {model: dall-e-2}, dearer: {model: dall-e-3}",
        "{cheaper: {model: dall-e-3}, dearer: {model: dall-e-2}",
    ),
    broken(
        "wrong-order", "aicredits", "quality: hd}, times: 2, claim: AIC-13", "quality: hd}, times: 3, claim: AIC-13"
    ),
    broken("idle-order", "aivene", "{cheaper: {model: dall-e-2}", "{cheaper: {model: dall-e-2, size: 256x256}"),
    broken("poor-opening", "aivene", 'opening: "1000.00"', 'opening: "0.10"'),
    broken("worthless-rate", "aicredits", 'rate: "87.50"', 'rate: "0.00"'),
    broken(
        "unknown-operation",
        "perf",
        "  examples:\n",
        '  examples:\n    - {operation: paint, request: {}, charge: "0.040", worked: "1 image"}\n',
        "- {operation: paint",
    ),
    broken("refused-example", "aivene", 'n: 4}, charge: "0.220"', 'n: 5}, charge: "0.275"'),
    broken("wrong-example", "aivene", 'charge: "0.220"', 'charge: "0.230"'),
    broken("wrong-refund", "stratizon", 'refund: "900.0000"', 'refund: "800.0000"'),
    broken("wrong-refund", "stratizon", "delivered: 1, refund", "delivered: 5, refund"),
    broken(
        "price-without-example",
        "aivene",
        _FLUX_EXAMPLE,
        "",
        "- {when: {model: flux-pro}",
    ),
    broken(
        "refund-without-example",
        "stratizon",
        '    - {request: {n: 2}, delivered: 0, refund: "100.0000", worked: "failed: 2 \u00d7 50, everything"}\n',
        "",
        "  claims: {charged_at_creation",
    ),
    Broken(
        "refund-without-example",
        "stratizon",
        (
            ('delivered: 1, refund: "900.0000"', 'delivered: 0, refund: "1200.0000"'),
            ('delivered: 2, refund: "60.0000"', 'delivered: 0, refund: "180.0000"'),
        ),
        "  claims: {charged_at_creation",
    ),
    broken("repeated-example", "aivene", _FLUX, _FLUX_EXAMPLE + _FLUX, _FLUX),
    broken(
        "missing-row",
        "stratizon",
        "    insufficient_funds: {status: 402, type: insufficient_funds, code: insufficient_credits, claim: STR-23}\n",
        "",
        "  rows:",
    ),
    broken(
        "untried-budget",
        "aivene",
        "    budget_exceeded: {status: 402, type: billing_error, claim: [AIV-22, AIV-28]}\n",
        "",
        "  claims: {charged_once",
    ),
    broken("incomplete-row", "aivene", "{status: 404, type: invalid_request_error, claim", "{status: 404, claim"),
    broken("wrong-key-type", "aicredits", "code: 413", 'code: "413"'),
    broken("wrong-key-type", "aicredits", "code: 413", "code: true"),
    Broken(
        "missing-row",
        "aivene",
        (
            ("    forbidden: {status: 403, type: permission_error, claim: AIV-23}\n", ""),
            ("authentication_error, claim: AIV-21", "authentication_error, claim: [AIV-21, AIV-23]"),
        ),
        "  rows:",
    ),
    broken("unknown-key", "openai", "content_policy: {code: moderation_blocked}", "content_policy: {cod: moderation}"),
    broken("unknown-key", "perf", "assumed: [type, code, retry_after]", "assumed: [type, code, retry_aftre]"),
    Broken(
        "nameless-parameter",
        "aivene",
        (
            ("[param, code]", "[code]"),
            ("invalid_request: {status: 400,", "invalid_request: {names_parameter: true, status: 400,"),
        ),
        "invalid_request: {names_parameter",
    ),
    broken(
        "repeated-row",
        "fineapi",
        "  rows:\n",
        "  rows:\n    malformed: {status: 400, type: invalid_request_error, code: invalid_value, claim: FIN-10}\n",
        "    malformed:",
    ),
    broken("unknown-claim", "aivene", "shields: [AIV-06, AIV-09]", "shields: [AIV-06, AIV-09, AIV-99]", in_claims=True),
    broken("unknown-claim", "aivene", "[OAI-04, OAI-09, OAI-12]", "[OAI-04, OAI-09, OAI-99]"),
    broken(
        "unnamed-claim",
        "aivene",
        "  AIV-33:",
        '  AIV-34: {level: D, source: images, heading: "n", statement: "Images are pretty"}\n  AIV-33:',
        "  AIV-34:",
        in_claims=True,
    ),
    broken(
        "uncited-entry",
        "aivene",
        "timeout: {status: 503, type: upstream_error, claim: AIV-30}",
        "timeout: {status: 503, type: upstream_error}",
    ),
    broken(
        "undated-source",
        "aivene",
        'Image Generations", read: "2026-11-01"',
        'Image Generations", read: "2026-13-01"',
        in_claims=True,
    ),
    broken(
        "unused-source",
        "aivene",
        "sources:\n",
        'sources:\n  blog: {page: "Blog", read: "2026-11-01"}\n',
        "  blog:",
        in_claims=True,
    ),
    broken("unplaced-claim", "aivene", 'heading: "Scopes"', 'heading: ""', "  AIV-27:", in_claims=True),
    broken("judged-note", "aivene", "AIV-33: {level: D,", "AIV-33: {level: D, kind: note,", "- {cheaper"),
    broken("unshielded-claim", "aivene", "shields: [AIV-09, AIV-11]", "shields: [AIV-11]", in_claims=True),
    broken("unshielded-claim", "stratizon", "shields: [STR-18, STR-19]", "shields: [STR-18]", in_claims=True),
    broken("unshielded-claim", "aicredits", ", shields: [AIC-22]", "", "  AIC-34:", in_claims=True),
    broken("idle-shield", "aivene", "shields: [AIV-09, AIV-11]", "shields: [AIV-09, AIV-11, AIV-21]", in_claims=True),
    broken("undisputed-claim", "aivene", "AIV-32: {level: X,", "AIV-32: {level: D,", "- claim: AIV-32"),
    broken("unread-contradiction", "aivene", _AMBIGUITY, "", "  AIV-32:", in_claims=True),
    broken("repeated-ambiguity", "aivene", _AMBIGUITY, _AMBIGUITY * 2, "- claim: AIV-32"),
    broken("boundless-ambiguity", "aivene", "    row: insufficient_funds\n", "", "- claim: AIV-29"),
    broken("boundless-ambiguity", "aivene", "subject: {model: [gpt-image-1], q", "subject: {q", "- claim: AIV-12"),
    broken("unknown-reading", "aivene", "one_request: '", "one_time: '"),
    broken("contrary-mock", "aivene", "    mock: never", "    mock: one_request"),
    broken("contrary-mock", "aicredits", "status: [400, 503]", "status: 503", 'mock: "400"'),
    broken("contrary-mock", "perf", '    mock: "0.080"', '    mock: "0.120"'),
    broken("bad-pattern", "perf", 'key: "^pk_test_"', 'key: "^pk_(test_"'),
    broken(
        "unmintable-key", "perf", 'mint: "pk_live_{token}"', 'mint: "pk_test_{token}"', '  mint: "pk_test_{token}"\n'
    ),
    broken("unmintable-key", "fineapi", 'mint: "fine-{token}"', 'mint: "!{token}"'),
    broken("unmintable-key", "perf", 'mint: "pk_test_{token}"', 'mint: "pk_live_{token}"', "test_keys: {key"),
    broken(
        "idle-limit",
        "perf",
        "images_per_day: {value: null, tiers: {free: 50, pro: 1000},",
        "images_per_day: {value: null,",
    ),
    broken("uneven-tiers", "perf", "tiers: {free: 50, pro: 1000}", "tiers: {free: 50}"),
    broken("short-day", "perf", "tiers: {free: 50, pro: 1000}", "tiers: {free: 50, pro: 20}"),
    Broken(
        "idle-rate-headers",
        "aicredits",
        (("  requests_per_minute: {value: 60,", "  requests_per_minute: {value: null,"),),
        "rate_headers:",
    ),
    broken("unknown-source", "fineapi", "is: created,", "is: creatd,"),
    broken("wrong-field-type", "fineapi", "is: created, type: integer", "is: created, type: string"),
    broken(
        "idle-fields",
        "stratizon",
        "required: true, claim: STR-01}",
        "required: true, claim: STR-01, fields: {x: {is: zero, type: integer, claim: STR-23}}}",
    ),
    broken("no-images", "fineapi", "data: {is: images,", "data: {is: references,", "  fields:"),
    broken(
        "unsized-ratio", "stratizon", '    "2:1": 1536x768\n', '    "2:1": 1536x768\n    "5:4": 1280x1024\n', '"5:4"'
    ),
    broken("unsized-ratio", "stratizon", '    "2:1": 1536x768\n', "", "  sizes:"),
    broken("impossible-url-life", "fineapi", "life_s: 3600", "life_s: 30"),
    broken("opaque-types", "aivene", "types: [image/png, image/jpeg, image/webp]", "types: [image/jpeg]", "  alpha:"),
    broken("missing-task-state", "stratizon", "states: {queued: [queued], running", "states: {running"),
    broken("unreachable-task-state", "stratizon", "queued_s: 1", "queued_s: 0", "  states: {queued"),
    broken("ambiguous-task-word", "stratizon", "running: [running]", "running: [queued]"),
    broken("dangling-pointer", "stratizon", "charged: /billing/charged_credits", "charged: /billing/charged"),
    broken("dangling-pointer", "stratizon", "  status: /status\n", "  status: /model\n", "  status: /model"),
)


class Shelf:
    """Broken copies of shipped contracts in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, profile: str, edits: tuple[tuple[str, str], ...] = (), *, claims: bool = True) -> Path:
        """Write a shipped contract with passages replaced in whichever of its two files has them."""
        texts = {
            name: (loading.specs_folder() / profile / name).read_text("utf-8")
            for name in ("contract.yaml", "claims.yaml")
        }
        for old, new in edits:
            assert any(old in text for text in texts.values()), f"{profile} has changed: {old}"
            texts = {name: text.replace(old, new, 1) for name, text in texts.items()}
        for name, text in texts.items():
            if claims or name != "claims.yaml":
                (self._folder / name).write_text(text, "utf-8")
        return self._folder / "contract.yaml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def linted(path: Path) -> tuple[Finding, ...]:
    """Return what lint says about a contract that can be read."""
    files = loading.opened(path)
    elsewhere = frozenset(claim for profile in loading.profiles() for claim in loading.shipped(profile).claims)
    return lint(loading.outside(path), files.contract, files.claims, elsewhere)


def last_line_of(path: Path, passage: str) -> int:
    """Return the line (from 1) on which the last occurrence of a passage starts."""
    before, found, _ = path.read_text("utf-8").rpartition(passage)
    assert found, f"{passage} is not in {path.name}"
    return before.count("\n") + 1


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: f"{case.rule} {case.profile} {case.at[:30]}")
def test_a_broken_contract_breaks_exactly_the_rule_it_is_for_at_the_right_line(case: Broken, shelf: Shelf) -> None:
    path = shelf.copy(case.profile, case.edits)
    found = linted(path)
    assert {finding.rule for finding in found} == {case.rule}, [finding.message for finding in found]
    file = path.with_name("claims.yaml") if case.in_claims else path
    assert (str(file), last_line_of(file, case.at)) in {(finding.file, finding.line) for finding in found}
    assert all(finding.hint and finding.message for finding in found)


@pytest.mark.parametrize("profile", loading.profiles())
def test_the_shipped_contracts_are_clean(profile: str) -> None:
    assert linted(loading.path_of(profile)) == ()


def test_every_rule_is_proven_here() -> None:
    here = {"no-model", "no-claims", "idle-tasks"}
    assert {case.rule for case in BROKEN} | here == set(RULES)


def test_every_rule_says_in_one_sentence_what_is_wrong() -> None:
    assert all(rule.says.endswith(".") and rule.name == rule.name.lower() for rule in RULES.values())


def test_a_contract_without_claims_is_told_that_nothing_can_be_looked_up(shelf: Shelf) -> None:
    path = shelf.copy("fineapi", claims=False)
    assert [(finding.rule, finding.line) for finding in linted(path)] == [("no-claims", last_line_of(path, "profile:"))]


def test_a_life_of_tasks_that_no_operation_creates_is_idle(shelf: Shelf) -> None:
    path = shelf.copy("stratizon", (("    creates: task\n", ""), ("    creates: task\n", "")))
    assert [(finding.rule, finding.line) for finding in linted(path)] == [
        ("idle-tasks", last_line_of(path, "tasks:\n"))
    ]


def test_a_contract_without_models_is_told_so(shelf: Shelf) -> None:
    model = (
        "  dall-e-3:\n    claim: FIN-02\n    parameters: {}\n    revised_prompt: {presence: always, claim: FIN-09}\n"
    )
    path = shelf.copy("fineapi", (("models:\n" + model, "models: {}\n"),))
    found = {finding.rule: finding for finding in linted(path)}
    assert found["no-model"].line == last_line_of(path, "models: {}")
    assert set(found) == {"no-model", "unknown-model", "unnamed-claim", "unreached-price", "refused-example"}


def test_a_default_that_only_its_model_refuses_is_found_in_the_cell(shelf: Shelf) -> None:
    path = shelf.copy("aivene", (("default: medium, claim", "default: mediun, claim"),))
    found = {finding.rule: finding for finding in linted(path)}
    assert found["bad-default"].line == last_line_of(path, "default: mediun")
    assert found["bad-default"].hint == "did you mean 'medium'?"


def test_an_inherited_line_is_told_with_the_file_it_stands_in(shelf: Shelf, tmp_path: Path) -> None:
    base = shelf.copy("fineapi", (("life_s: 3600", "life_s: 30"),))
    child = tmp_path / "child" / "contract.yaml"
    child.parent.mkdir()
    who = "profile: child\ntitle: Child\nservers: [https://child.example/v1]\n"
    child.write_text(f"format: pixelproof.contract/1\nextends: ..\n{who}", "utf-8")
    place = [(finding.file, finding.line) for finding in linted(child) if finding.rule == "impossible-url-life"]
    assert [(Path(file).resolve(), line) for file, line in place] == [(base, last_line_of(base, "life_s: 30"))]


@pytest.mark.parametrize(
    ("profile", "old", "new", "hint"),
    [
        ("fineapi", 'key: "^[A-Za', 'key: "^([A-Za', "correct the pattern"),
        ("fineapi", "values: FIN-06, default: FIN-06", "values: FIN-66, default: FIN-06", "did you mean 'FIN-06'?"),
        ("fineapi", "not_found: {status: 404,", "not_found: {", "add status"),
        ("fineapi", "  rows:\n", "  rows:\n    not_found: {status: 404, claim: FIN-10}\n", "keep one of them"),
        (
            "perf",
            "flux-dev: {like: stable-diffusion-3}",
            "flux-dev: {like: flux-pro}",
            "known: dall-e-2, dall-e-3, imagen-3, stable-diffusion-3",
        ),
        ("fineapi", "parameters: {}", "parameters: {qualty: {claim: FIN-06}}", "did you mean 'quality'?"),
    ],
)
def test_a_contract_that_cannot_be_read_is_told_in_the_same_form(
    profile: str, old: str, new: str, hint: str, shelf: Shelf
) -> None:
    path = shelf.copy(profile, ((old, new),))
    with pytest.raises(BadDocument) as caught:
        linted(path)
    finding = unreadable(caught.value)
    assert (finding.rule, finding.file) == ("unreadable", str(path))
    assert finding.line > 1
    assert hint in finding.hint


def test_the_sources_and_operations_that_lint_knows_are_those_of_the_mock(
    mock_names: Callable[[str, str], set[str]],
) -> None:
    assert set(SOURCES) - {"object"} == mock_names("steps.successes", "_SOURCES")
    assert set(SERVED) == mock_names("operations", "_NAMED")


@pytest.fixture
def mock_names() -> Callable[[str, str], set[str]]:
    """Return the keys of a table of the mock."""
    from importlib import import_module

    return lambda module, table: set(getattr(import_module(f"pixelproof.mock_server.{module}"), table))

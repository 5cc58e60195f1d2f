"""A contract that extends another says only what differs, and every value knows where it was said."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pixelproof import loading
from pixelproof.contract import Contract, Level
from pixelproof.documents.document import MAX_NODES
from pixelproof.problems import BadDocument
from pixelproof.strategies.claims import JudgeLevel, deciding

#: Nobody waits longer than this for a complaint about a file; of our own time, whatever else the machine does.
PATIENCE_S = 1.0

BASE = """\
format: pixelproof.contract/1
profile: base
title: Base
servers: [https://base.example/v1]
auth: {scheme: bearer, key: "^[a-z]+$", mint: "base{token}"}
operations:
  generate:
    request: POST /images/generations
    success: 200
    capability: text_to_image
    claims: {serves: BAS-01}
parameters:
  prompt: {schema: {type: string, maxLength: 100}, required: true, claims: {values: BAS-02}}
  model: {schema: {type: string}, default: big}
  n: {schema: {type: integer, minimum: 1, maximum: 4}, default: 1}
  look: {schema: {type: string, enum: [calm, wild]}, default: calm, companions: {mood: happy}, claims: {values: BAS-03}}
  mood: {schema: {type: string, enum: [happy, sad]}, claims: {values: BAS-03}}
unknown_parameters: {policy: refuse}
models:
  big: {claim: BAS-04, parameters: {n: {maximum: 2}, look: {enum: [calm], claim: BAS-03}}}
  twin: {like: big}
  small: {claim: BAS-05}
response:
  fields:
    data: {is: images, type: array}
    extra: {is: created, type: integer, models: [big, small], claim: BAS-06}
    look: {is: look, type: string, echoes: look, claim: BAS-03}
    bulk: {is: created, type: integer, models: [big]}
images: {types: [image/png]}
errors:
  envelope: {keys: {message: [string], code: [string, "null"]}}
  rows:
    invalid_request: {status: 400, code: bad}
    unauthorized: {status: 401, code: who}
    rate_limited: {status: 429, code: slow}
    server_error: {status: 500, code: null}
    not_found: {status: 404, code: lost}
limits:
  requests_per_minute: {value: 60}
billing:
  currency: USD
  scale: 2
  moment: after_response
  overdraft: never
  opening: "10.00"
  prices:
    - {when: {model: small}, price: "0.01"}
    - {when: {model: big, look: calm}, price: "0.02", claim: BAS-07}
    - {when: {model: [big, twin]}, price: "0.03"}
  examples:
    - {request: {model: small}, charge: "0.01", worked: "once 0.01"}
    - {request: {}, charge: "0.02", worked: "once 0.02"}
ambiguities:
  - {claim: BAS-08, subject: {look: [wild]}, readings: {served: here, refused: there}, mock: served}
"""
BASE_CLAIMS = """\
sources: {page: {page: "Base docs", read: "2026-11-01"}}
claims:
  BAS-01: {level: R, source: page, statement: "It serves"}
  BAS-02: {level: R, source: page, statement: "100 characters"}
  BAS-03: {level: R, source: page, statement: "It looks"}
  BAS-04: {level: R, source: page, statement: "big"}
  BAS-05: {level: R, source: page, statement: "small"}
  BAS-06: {level: R, source: page, statement: "extra"}
  BAS-07: {level: R, source: page, statement: "a price"}
  BAS-08: {level: X, source: page, statement: "wild or not", shields: [BAS-03, BAS-04]}
"""
IDENTITY = (
    "format: pixelproof.contract/1\nextends: ../base\nprofile: kid\ntitle: Kid\nservers: [https://kid.example/v1]\n"
)

Written = Callable[..., Path]


@pytest.fixture
def child(tmp_path: Path) -> Written:
    """Write the base and a child that says ``text`` beyond who it is; return the child's file."""
    for name, text in (("contract", BASE), ("claims", BASE_CLAIMS)):
        (tmp_path / "base").mkdir(exist_ok=True)
        (tmp_path / "base" / f"{name}.yaml").write_text(text, "utf-8")

    def write(text: str = "", claims: str | None = None, name: str = "kid", identity: str = IDENTITY) -> Path:
        path = tmp_path / name / "contract.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(identity + text, "utf-8")
        if claims is not None:
            path.with_name("claims.yaml").write_text(claims, "utf-8")
        return path

    return write


def value(path: Path) -> dict[str, Any]:
    """Return what the woven contract says, which must be a valid contract."""
    loading.outside(path)
    return dict(loading.opened(path).contract.value)


def refusal(path: Path) -> BadDocument:
    """Return the error that loading gives, which must come in time."""
    started = time.process_time()
    with pytest.raises(BadDocument) as caught:
        loading.outside(path)
    assert time.process_time() - started < PATIENCE_S
    return caught.value


def line_of(path: Path, passage: str) -> tuple[str, int]:
    return str(path), path.read_text("utf-8").partition(passage)[0].count("\n") + 1


def test_a_child_that_only_says_who_it_is_promises_all_that_its_base_does(child: Written, tmp_path: Path) -> None:
    base, kid = loading.outside(tmp_path / "base" / "contract.yaml"), loading.outside(child())
    assert (kid.profile, kid.title, kid.servers) == ("kid", "Kid", ("https://kid.example/v1",))
    assert (kid.models, kid.parameters, kid.billing, kid.errors) == (
        base.models,
        base.parameters,
        base.billing,
        base.errors,
    )
    assert set(kid.claims) == set(base.claims)


def test_maps_merge_and_lists_replace(child: Written) -> None:
    woven = value(child("parameters: {n: {schema: {maximum: 3}}, mood: {schema: {enum: [sad]}}}\n"))
    assert woven["parameters"]["n"] == {"schema": {"type": "integer", "minimum": 1, "maximum": 3}, "default": 1}
    assert woven["parameters"]["mood"]["schema"]["enum"] == ["sad"]
    assert list(woven["parameters"]) == ["prompt", "model", "n", "look", "mood"]


def test_null_deletes(child: Written) -> None:
    woven = value(child("limits: null\nparameters: {prompt: {schema: {maxLength: null}}}\n"))
    assert "limits" not in woven
    assert woven["parameters"]["prompt"]["schema"] == {"type": "string"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("errors: {rows: {not_found: {code: null}}}\n", ("errors", "rows", "not_found", "code")),
        ("limits: {requests_per_minute: {value: null}}\n", ("limits", "requests_per_minute", "value")),
    ],
)
def test_null_is_said_where_null_is_a_value(child: Written, text: str, path: tuple[str, ...]) -> None:
    found: Any = value(child(text))
    for key in path[:-1]:
        found = found[key]
    assert found[path[-1]] is None
    assert path[-1] in found


def test_what_speaks_only_of_a_deleted_model_goes_with_it(child: Written) -> None:
    woven = value(child("models: {big: null, small: {claim: null}}\nparameters: {model: {default: small}}\n"))
    assert [row["price"] for row in woven["billing"]["prices"]] == ["0.01", "0.03"]
    assert woven["billing"]["prices"][1]["when"] == {"model": ["twin"]}
    assert [row["charge"] for row in woven["billing"]["examples"]] == ["0.01"]
    assert "bulk" not in woven["response"]["fields"]
    assert woven["response"]["fields"]["extra"]["models"] == ["small"]


def test_the_twin_of_a_deleted_model_is_written_out(child: Written, tmp_path: Path) -> None:
    woven = value(child("models: {big: null}\nparameters: {model: {default: small}}\n"))
    assert woven["models"]["twin"]["claim"] == "BAS-04"
    assert woven["models"]["twin"]["parameters"]["n"] == {"maximum": 2}


def test_the_default_does_not_outlive_its_model(child: Written) -> None:
    assert "default" not in value(child("models: {big: null}\n"))["parameters"]["model"]


def test_what_speaks_of_a_deleted_parameter_goes_with_it(child: Written) -> None:
    woven = value(child("parameters: {look: null}\n"))
    assert woven["models"]["big"]["parameters"] == {"n": {"maximum": 2}}
    assert "look" not in woven["response"]["fields"]
    assert [row["price"] for row in woven["billing"]["prices"]] == ["0.01", "0.03"]
    assert "ambiguities" not in woven


def test_a_companion_goes_with_its_parameter(child: Written) -> None:
    assert value(child("parameters: {mood: null}\n"))["parameters"]["look"].get("companions") == {}


def test_examples_do_not_outlive_the_prices_they_were_worked_out_from(child: Written) -> None:
    woven = value(child('billing: {prices: [{when: {}, price: "0.05"}]}\n'))
    assert [row["price"] for row in woven["billing"]["prices"]] == ["0.05"]
    assert "examples" not in woven["billing"]


def test_a_new_currency_needs_new_prices(child: Written) -> None:
    path = child("billing:\n  currency: INR\n")
    error = refusal(path)
    assert "the inherited prices are not in this currency" in str(error)
    assert (error.file, error.line) == line_of(path, "  currency")
    assert value(child("billing:\n  currency: INR\n  prices: null\n"))["billing"]["currency"] == "INR"


@pytest.mark.parametrize(
    ("text", "sentence", "at"),
    [
        ("titel: x\n", "the key 'titel' is not possible here; did you mean 'title'?", "titel"),
        ("parameters:\n  n:\n    schema: {maxium: 3}\n", "did you mean 'maximum'?", "    schema"),
        ("models:\n  small:\n  bigg: null\n", "null deletes what is inherited, and no 'bigg' is; did", "  bigg"),
        ("billing:\n  prices:\n    - {when: {}, price: 0.5}\n", "is not of type 'string'", "    - {when"),
        ("parameters:\n  n: {claims: {values: BAS-99}}\n", "'BAS-99' is no claim of claims.yaml", "  n:"),
        ("models: 5\n", "5 is not of type 'object', 'null'", "models"),
        ("errors:\n  rows: {invalid_request: {calim: x}}\n", "'calim' is no key of the envelope", "  rows"),
    ],
)  # fmt: skip
def test_a_slip_of_the_child_is_told_at_the_childs_line(child: Written, text: str, sentence: str, at: str) -> None:
    path = child(text)
    error = refusal(path)
    assert sentence in str(error)
    assert (error.file, error.line) == line_of(path, at)


@pytest.mark.parametrize("key", ["format", "profile", "title", "servers"])
def test_who_somebody_is_cannot_be_inherited(child: Written, key: str) -> None:
    identity = "".join(line for line in IDENTITY.splitlines(keepends=True) if not line.startswith(key))
    assert f"'{key}' is a required property; add {key}" in str(refusal(child(identity=identity)))


def test_a_slip_of_the_base_is_told_at_the_bases_line(child: Written, tmp_path: Path) -> None:
    base = tmp_path / "base" / "contract.yaml"
    base.write_text(BASE.replace('price: "0.03"', "price: 0.03"), "utf-8")
    error = refusal(child("models: {big: null}\n"))  # the row has moved up by one
    assert (error.file, error.line) == line_of(base, "    - {when: {model: [big")
    assert error.path == "billing.prices[1].price"


def test_the_lines_of_both_files_are_known(child: Written, tmp_path: Path) -> None:
    path = child("parameters:\n  n:\n    schema: {maximum: 3}\n")
    woven = loading.opened(path).contract
    base = tmp_path / "base" / "contract.yaml"
    assert woven.place(("parameters", "n", "schema", "maximum")) == line_of(path, "    schema")
    assert woven.place(("parameters", "n", "schema", "minimum")) == line_of(base, "  n: {schema")
    assert woven.place(("billing",)) == line_of(base, "billing:")


def decided(contract: Contract, level: JudgeLevel) -> frozenset[str]:
    return deciding(contract.claims.values(), level)


def test_inherited_statements_are_promises_but_not_of_the_page(child: Written) -> None:
    claims = 'sources: {own: {page: "Kid docs", read: "2026-11-02"}}\nclaims:\n'
    claims += '  KID-01: {level: D, source: own, statement: "three"}\n'
    contract = loading.outside(child("parameters: {n: {claims: {values: KID-01}}}\n", claims))
    assert {"KID-01", "BAS-01"} <= decided(contract, JudgeLevel.DOCUMENTED)
    assert decided(contract, JudgeLevel.PAGE) == {"KID-01"}
    assert (contract.claims["BAS-01"].page, contract.claims["KID-01"].page) == ("Base docs", "Kid docs")


def test_a_statement_that_nothing_names_any_more_is_gone(child: Written) -> None:
    contract = loading.outside(child("parameters: {look: null, mood: null}\n"))
    assert set(contract.claims) == {"BAS-01", "BAS-02", "BAS-04", "BAS-05", "BAS-06"}


def test_a_shield_does_not_name_a_statement_that_is_gone(child: Written) -> None:
    contract = loading.outside(child("models: {big: null, twin: null}\n"))
    assert contract.claims["BAS-08"].shields == ("BAS-03",)


def test_a_statement_that_the_child_takes_away_is_named_by_nothing(child: Written) -> None:
    path = child(claims="claims: {BAS-03: null, BAS-08: null}\n")
    contract = loading.outside(path)
    assert {"BAS-03", "BAS-08"} & set(contract.claims) == set()
    assert contract.parameters["look"].claimed("values") == ()
    assert contract.ambiguities == ()


def test_a_statement_that_the_child_words_anew_is_its_own(child: Written) -> None:
    contract = loading.outside(child(claims='claims: {BAS-02: {level: D, statement: "Some characters"}}\n'))
    own = contract.claims["BAS-02"]
    assert (own.statement, own.level, own.inherited, own.page) == ("Some characters", Level.D, False, "Base docs")


def test_null_takes_no_statement_away_that_is_not_inherited(child: Written) -> None:
    path = child(claims="claims:\n  BAS-77: null\n")
    error = refusal(path)
    assert "null takes away an inherited statement, and this is none" in str(error)
    assert (error.file, error.line) == line_of(path.with_name("claims.yaml"), "  BAS-77")


def test_the_digest_covers_every_file(child: Written, tmp_path: Path) -> None:
    path = child(claims="claims: {}\n")
    digests = {loading.outside(path).sha256}
    for file in (path, path.with_name("claims.yaml"), *(tmp_path / "base").iterdir()):
        file.write_text(file.read_text("utf-8") + "# changed\n", "utf-8")
        digests.add(loading.outside(path).sha256)
    assert len(digests) == 5


def test_a_grandchild_inherits_through_its_parent(child: Written, tmp_path: Path) -> None:
    child("parameters: {n: {schema: {maximum: 3}}}\n")
    path = child("models: {small: null}\n", name="tot", identity=IDENTITY.replace("../base", "../kid/contract.yaml"))
    contract = loading.outside(path)
    assert contract.parameters["n"].domain.maximum == 3
    assert set(contract.models) == {"big", "twin"}
    assert loading.opened(path).contract.place(("images",)) == line_of(tmp_path / "base/contract.yaml", "images:")


def test_a_shipped_profile_is_found_by_its_name(child: Written) -> None:
    contract = loading.outside(child(identity=IDENTITY.replace("../base", "openai")))
    assert contract.models == loading.shipped("openai").models


@pytest.mark.parametrize(
    ("extends", "sentence"),
    [
        ("opnai", "there is no profile and no file 'opnai'; did you mean 'openai'?"),
        ("../nowhere", "there is no profile and no file '../nowhere'; the path starts at this file's folder"),
        ("[openai, aivene]", "must be the name of a shipped profile, or the path of a contract.yaml"),
        ("contract.yaml", "the contracts extend each other in a circle"),
    ],
)
def test_a_base_that_cannot_be_is_told_at_the_line_of_extends(child: Written, extends: str, sentence: str) -> None:
    path = child(identity=IDENTITY.replace("../base", extends))
    error = refusal(path)
    assert sentence in str(error)
    assert (error.file, error.line) == line_of(path, "extends:")


def test_a_circle_is_spelled_out(child: Written) -> None:
    one = child(name="one", identity=IDENTITY.replace("../base", "../two"))
    two = child(name="two", identity=IDENTITY.replace("../base", "../one"))
    error = refusal(one)
    assert f"{one} → {two} → {one}" in str(error)
    assert (error.file, error.line) == line_of(two, "extends:")


def test_a_long_row_of_contracts_is_not_followed_to_its_end(child: Written) -> None:
    for number in range(100):
        child(name=f"c{number}", identity=IDENTITY.replace("../base", f"../c{number + 1}"))
    error = refusal(child(identity=IDENTITY.replace("../base", "../c0")))
    assert "is the 8th contract in a row" in str(error)


def test_contracts_that_add_up_are_bounded_as_one_would_be(child: Written) -> None:
    for number in range(3):
        rows = "".join(f"  m{number}-{row}: {{}}\n" for row in range(MAX_NODES // 2 - 100))
        below = f"../c{number - 1}" if number else "../base"
        path = child(f"models:\n{rows}", name=f"c{number}", identity=IDENTITY.replace("../base", below))
    assert f"has more than {MAX_NODES} values together with what extends it" in str(refusal(path))


def test_editors_take_a_child_as_it_stands(child: Written) -> None:
    import json

    from jsonschema import Draft202012Validator

    schema = json.loads((loading.specs_folder() / "schema" / "contract.schema.json").read_text("utf-8"))
    said = "models: {big: null}\nerrors: {rows: {not_found: {code: gone}}}\nbilling: {prices: null}\nimages: null\n"
    said += "parameters: {n: {schema: {maximum: 3}}}\noperations: {generate: {success: 201}}\n"
    text = child(said).read_text("utf-8")
    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text))) == []
    wrong = yaml.safe_load(text.replace("maximum: 3", "maxium: 3"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(wrong)]
    nameless = yaml.safe_load(text.replace("title: Kid\n", ""))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(nameless)] == [
        "'title' is a required property"
    ]

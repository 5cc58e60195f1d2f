"""Contracts are loaded whole or refused with file, line and what to do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.contract import Kind
from pixelproof.documents import document
from pixelproof.problems import BadDocument, BadUsage

#: The contract that outside files in these tests are copies of.
MODEL = "aivene"
PATIENCE_S = 1.0


def outside_copy(folder: Path, old: str = "", new: str = "", *, claims: bool = True) -> Path:
    """Write a shipped contract into ``folder`` as a stranger's, with one passage replaced."""
    source = loading.specs_folder() / MODEL
    text = (source / "contract.yaml").read_text("utf-8")
    assert old in text
    path = folder / "contract.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    if claims:
        (folder / "claims.yaml").write_text((source / "claims.yaml").read_text("utf-8"), "utf-8")
    return path


def line_of(path: Path, passage: str) -> int:
    """Return the line (from 1) on which ``passage`` starts."""
    return path.read_text("utf-8").partition(passage)[0].count("\n") + 1


@pytest.mark.parametrize("profile", loading.profiles())
@pytest.mark.parametrize("name", ["contract", "claims"])
def test_shipped_files_are_valid_under_the_schema(profile: str, name: str) -> None:
    loading.check_schema(document.read(loading.specs_folder() / profile / f"{name}.yaml"), name)


@pytest.mark.parametrize("name", ["contract", "claims"])
def test_the_schemas_themselves_are_valid(name: str) -> None:
    import json

    from jsonschema import Draft202012Validator

    text = (loading.specs_folder() / "schema" / f"{name}.schema.json").read_text("utf-8")
    Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("profile", loading.profiles())
def test_the_profile_is_the_name_of_its_folder(profile: str) -> None:
    assert loading.shipped(profile).profile == profile


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_shield_covers_a_claim_that_exists(profile: str) -> None:
    claims = loading.shipped(profile).claims
    assert {shield for claim in claims.values() for shield in claim.shields} <= set(claims)


@pytest.mark.parametrize("profile", loading.profiles())
def test_every_obligation_stands_in_the_contract(profile: str) -> None:
    text = (loading.specs_folder() / profile / "contract.yaml").read_text("utf-8")
    contract = loading.shipped(profile)
    missing = [claim.id for claim in contract.obligations() if claim.id not in text]
    assert missing == []
    assert any(claim.kind is Kind.OBLIGATION for claim in contract.claims.values())


def test_an_outside_contract_loads_like_a_shipped_one(tmp_path: Path) -> None:
    contract = loading.outside(outside_copy(tmp_path))
    assert contract == loading.shipped(MODEL)


def test_an_outside_contract_needs_no_claims_file(tmp_path: Path) -> None:
    assert loading.outside(outside_copy(tmp_path, claims=False)).claims == {}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("title: Aivene", "titel: Aivene", "the key 'titel' is not possible here; did you mean 'title'?"),
        ("maximum: 1, claim", "maxium: 1, claim", "did you mean 'maximum'?"),
        ("forbidden: {", "forbiden: {", "did you mean 'forbidden'?"),
        ("claims: {serves: AIV-04", "claims: {servs: AIV-04", "did you mean 'serves'?"),
        ('price: "0.055"', "price: 0.055", "quoted decimal string"),
        ('opening: "1000.00"', "opening: 1000.00", "quoted decimal string"),
        ('"0.055"', '"cheap"', "quoted decimal string"),
        ('"0.055"', '"0.0000001"', "finer than 6 decimal digits"),
        ("unauthorized: {status: 401,", "unauthorized: {", "'status' is a required property"),
        ("serves: AIV-01", "serves: AIV-99", "'AIV-99' is no claim of claims.yaml"),
        ("serves: AIV-01", "serves: first", "A claim id of claims.yaml"),
        ("moment: after_response", "moment: later", "When the money leaves the wallet"),
        (
            "refused: parameter table}\n    mock: served",
            "refused: parameter table}\n    mock: serve",
            "'serve' is none of the readings",
        ),
        ("type: permission_error, claim", "type: permission_error, calim", "'calim' is no key of the envelope"),
        ('key: "^[', 'key: "^(', "is no regular expression"),
        ("title: Aivene", "title: Aivene\ntitle: Aivene", "stands twice"),
        ("request: GET /models", "request: /models", "Method and path"),
    ],
)
def test_a_broken_contract_is_refused_at_the_broken_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = outside_copy(tmp_path, old, new)
    expected = line_of(path, new) + new.count("\n")
    started = time.perf_counter()
    with pytest.raises(BadDocument) as caught:
        loading.outside(path)
    assert time.perf_counter() - started < PATIENCE_S
    assert problem in str(caught.value)
    assert (caught.value.file, caught.value.line) == (str(path), expected)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"- not\n- a map\n", 1),
        (b"format: pixelproof.contract/1\ntitle: \xff\n", 2),
        (b"format: pixelproof.contract/1\nmodels: &m\n  a: *m\n", 3),
        (b"title: " + b"x" * 2_000_000, 1),
    ],
)
def test_an_outside_file_that_is_no_contract_at_all_is_refused(tmp_path: Path, raw: bytes, line: int) -> None:
    path = tmp_path / "contract.yaml"
    path.write_bytes(raw)
    started = time.perf_counter()
    with pytest.raises(BadDocument) as caught:
        loading.outside(path)
    assert time.perf_counter() - started < PATIENCE_S
    assert caught.value.line == line


def test_a_broken_claims_file_is_refused_at_the_broken_line(tmp_path: Path) -> None:
    path = outside_copy(tmp_path)
    claims = path.with_name("claims.yaml")
    text = claims.read_text("utf-8").replace("AIV-05: {level: D,", "AIV-05: {level: Z,")
    claims.write_text(text, "utf-8")
    with pytest.raises(BadDocument, match="Who decides") as caught:
        loading.outside(path)
    assert caught.value.line == line_of(claims, "  AIV-05:")


def test_a_claim_of_an_unknown_page_is_refused(tmp_path: Path) -> None:
    path = outside_copy(tmp_path)
    claims = path.with_name("claims.yaml")
    text = claims.read_text("utf-8").replace("AIV-05: {level: D, source: images", "AIV-05: {level: D, source: image")
    claims.write_text(text, "utf-8")
    with pytest.raises(BadDocument, match="names no source: image"):
        loading.outside(path)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadUsage, match="did you mean 'aivene'"):
        loading.shipped("aiven")


def test_the_digest_changes_with_the_claims(tmp_path: Path) -> None:
    path = outside_copy(tmp_path)
    before = loading.outside(path).sha256
    claims = path.with_name("claims.yaml")
    claims.write_text(claims.read_text("utf-8") + "\n", "utf-8")
    assert loading.outside(path).sha256 != before

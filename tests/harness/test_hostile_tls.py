"""Certificates are checked, and the person is told what to do about one that does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixelproof.problems import BadUsage

from . import zoo
from .visiting import opened, visit
from .zoo import always, answer, tame_list

UNREACHABLE = 3
API = tame_list(always(answer("400 Bad Request", b"{}"), then_close=False))


@pytest.mark.parametrize("certificate", ["right", "expired", "elsewhere"])
def test_a_certificate_that_nobody_vouches_for_ends_the_run_with_what_to_do(tmp_path: Path, certificate: str) -> None:
    with zoo.caged(API, certificate) as cage:
        found = visit(cage.url("https"), tmp_path)
    assert found.code == UNREACHABLE
    assert "certificate verify failed" in found.said.lower() or "CERTIFICATE_VERIFY_FAILED" in found.said
    assert "--ca-bundle FILE, or do not check with --insecure" in found.said
    assert cage.asked == []


@pytest.mark.parametrize("certificate", ["right", "expired", "elsewhere"])
def test_insecure_takes_any_certificate(tmp_path: Path, certificate: str) -> None:
    with zoo.caged(API, certificate) as cage:
        found = visit(cage.url("https"), tmp_path, insecure=True)
    assert (found.code, found.said) == (1, "")


def test_a_bundle_takes_the_certificate_it_vouches_for(tmp_path: Path) -> None:
    with zoo.caged(API, "right") as cage:
        found = visit(cage.url("https"), tmp_path, ca_bundle=str(zoo.TLS / "right.pem"))
    assert (found.code, found.said) == (1, "")


@pytest.mark.parametrize(("certificate", "why"), [("expired", "expired"), ("elsewhere", "IP address mismatch")])
def test_a_bundle_excuses_neither_age_nor_another_name(tmp_path: Path, certificate: str, why: str) -> None:
    with zoo.caged(API, certificate) as cage:
        found = visit(cage.url("https"), tmp_path, ca_bundle=str(zoo.TLS / f"{certificate}.pem"))
    assert (found.code, why in found.said) == (UNREACHABLE, True), found.said


def test_https_to_a_server_without_it_is_told_as_such(tmp_path: Path) -> None:
    with zoo.caged(API) as cage:
        found = visit(cage.url("https"), tmp_path)
    assert (found.code, "is it http:// instead of https://?" in found.said) == (UNREACHABLE, True), found.said


def test_http_to_a_server_with_tls_is_no_http_server(tmp_path: Path) -> None:
    with zoo.caged(API, "right") as cage:
        found = visit(cage.url("http"), tmp_path)
    assert (found.code, found.findings) == (UNREACHABLE, [])


def test_a_redirect_from_https_to_http_is_not_followed(tmp_path: Path) -> None:
    with zoo.caged(API) as plain:
        down = always(answer("307 Temporary", b"", "a/b", f"location: {plain.url()}"))
        with zoo.caged(down, "right") as cage:
            found = visit(cage.url("https"), tmp_path, insecure=True)
        assert (found.code, plain.asked) == (UNREACHABLE, [])
    assert "redirects POST" in found.said


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_that_is_none_is_a_slip_of_usage(tmp_path: Path, text: str | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if text is not None:
        bundle.write_text(text, "utf-8")
    with pytest.raises(BadUsage, match=r"--ca-bundle .*bundle\.pem"):
        opened("https://127.0.0.1:1/v1", tmp_path / "out", ca_bundle=str(bundle))

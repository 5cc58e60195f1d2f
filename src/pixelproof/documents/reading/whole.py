"""Reads a contract document into the typed model, naming file and line of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import About, Ambiguity, Claim, Contract, Support
from pixelproof.documents.document import Document, nearest
from pixelproof.documents.reading.billing import read_billing, read_limit, read_rate_headers
from pixelproof.documents.reading.delivery import read_images, read_media, read_response, read_tasks
from pixelproof.documents.reading.errors import read_errors
from pixelproof.documents.reading.node import Node
from pixelproof.documents.reading.request import ModelReader, read_auth, read_exclusion, read_operation, read_parameter

#: ``policy:`` words of unknown parameters.
_POLICY = {"refuse": Support.REFUSED, "ignore": Support.IGNORED}


def read_contract(document: Document, claims: Mapping[str, Claim], sha256: str) -> Contract:
    """Build the typed contract. Raises BadDocument with file, line, path and hint."""
    top = Node(document, claims, document.value, ())
    parameters = top.map_of("parameters", read_parameter)
    reader = ModelReader(top, parameters)
    unknown = top.child("unknown_parameters")
    policy = unknown.text("policy")
    if policy not in _POLICY:
        raise unknown.broken("policy", f"'{policy}' is no policy", nearest(policy, _POLICY))
    billing = read_billing(top.child("billing"))
    return Contract(
        profile=top.text("profile"),
        title=top.text("title"),
        servers=top.texts("servers"),
        auth=read_auth(top.child("auth")),
        operations=top.map_of("operations", read_operation),
        parameters=parameters,
        unknown_policy=_POLICY[policy],
        unknown_claim=unknown.claim(),
        models=reader.read(),
        response=read_response(top.child("response")),
        images=read_images(top.child("images")),
        errors=read_errors(top.child("errors")),
        limits=top.map_of("limits", read_limit),
        billing=billing,
        ambiguities=tuple(_ambiguity(node) for node in top.children("ambiguities")),
        contradicted=frozenset(top.child("reference").texts("contradicted") if top.has("reference") else ()),
        claims=claims,
        sha256=sha256,
        rate_headers=read_rate_headers(top.child("rate_headers")) if top.has("rate_headers") else None,
        exclusions=tuple(read_exclusion(node) for node in top.children("exclusions")),
        tasks=read_tasks(top.child("tasks")) if top.has("tasks") else None,
        media=read_media(top.child("media")) if top.has("media") else None,
    )


def _ambiguity(node: Node) -> Ambiguity:
    readings = node.child("readings")
    mock = node.text("mock")
    if mock not in readings.value:
        raise node.broken("mock", f"'{mock}' is none of the readings", nearest(mock, readings.value))
    return Ambiguity(
        claim="".join(node.claim()),
        about=node.choice("about", About, About.REQUEST),
        readings={name: readings.text(name) for name in readings.value},
        mock=mock,
        subject=node.values("subject"),
        row=node.text("row") if node.has("row") else None,
    )

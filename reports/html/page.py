"""One page: everything that a record says, rendered by templates into a single file that asks for nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from pixelproof import __version__
from pixelproof.record.recording import Record
from pixelproof.verdict import claim_verdicts

from ..legible import read, reader_of
from . import charts, timelines
from .absent import asides
from .casebook import casebook
from .crossings import gateway
from .environment import environment
from .findings import groups
from .heat import heat
from .latency import latency
from .limits import PAGE
from .loads import load_of
from .marks import MARKS
from .pictures import gallery
from .sources import contract_of, told_claims
from .summary import summary
from .traffic import Desk
from .walk import walk

_FOLDER = Path(__file__).parent / "templates"


def render(record: Record) -> str:
    """Return the record as one HTML file: offline, inert, without secrets, bounded in size."""
    reader = reader_of(record, PAGE)
    clean = read(record, reader)
    contract = contract_of(clean)
    told = told_claims(clean, contract)
    folded = claim_verdicts(clean.verdicts)
    desk = Desk(clean.exchanges)
    return _rendered(
        title=f"{clean.header.get('profile')} — pixelproof",
        header=clean.header,
        summary=summary(clean, folded),
        # findings come first: who asks the desk first gets the room
        groups=groups(clean, told, desk),
        book=casebook(clean, folded, told, desk),
        asides=asides(clean),
        heat=heat(clean),
        walk=walk(clean, contract),
        timelines=timelines.timelines(clean),
        latency=latency(clean),
        gallery=gallery(clean),
        gateway=gateway(clean),
        load=load_of(record, reader),
        environment=environment(clean, contract),
    )


def _rendered(**what: object) -> str:
    style, script = _kept("page.css"), _kept("page.js")
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    return (
        _environment()
        .get_template("page.html")
        .render(policy=policy, style=style, script=script, version=__version__, **what)
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["inside"] = _inside
    drawn = made.get_template("sign.html")
    # thousands of rows begin with one: each is drawn once
    signs = {kind: Markup(drawn.render(mark=mark)) for kind, mark in MARKS.items()}  # noqa: S704 - escaped by its template
    made.globals.update(MARKS=MappingProxyType(dict(MARKS)), charts=charts, timeline_width=timelines.WIDTH)
    made.globals["sign"] = lambda mark: signs[mark.kind]
    return made


def _inside(text: str) -> Markup:
    """Escape a text that stands inside an element, where quotes may stay: bodies are full of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


@cache
def _kept(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _digest(text: str) -> str:
    """Return what a policy calls an inline text by; a page's own text, so that nothing else runs."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

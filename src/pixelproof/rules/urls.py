"""Rules about image URLs: they work, and they die when the document says."""

from __future__ import annotations

from collections.abc import Mapping

from pixelproof.contract import Json
from pixelproof.rules.evidence import Evidence
from pixelproof.rules.registry import failed, moot, passed, rule, text, unseen
from pixelproof.verdict import Outcome


@rule
def url_reachable(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """Every delivered URL is absolute and answers with the image, redirects followed."""
    step = text(args, "step")
    exchange = evidence.of(step)
    urls = [item.get("url") for item in exchange.items() if item.get("url")]
    if args.get("or_refused") and exchange.status in range(400, 500):
        return moot("refused, as it may be")
    if not exchange.ok or not urls:
        return unseen("no URL came back")
    for url in urls:
        if not str(url).startswith(("http://", "https://")):
            return failed("an absolute http(s) URL", repr(url)[:120], step)
    for download in evidence.downloads(step):
        if not download.ok:
            return failed("200 with the image", f"{download.request.url[:100]}: {download.brief()}", step)
    return passed()


@rule
def url_alive(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An image URL still answers within its documented life."""
    return _life(evidence, args, alive=True)


@rule
def url_dead(evidence: Evidence, args: Mapping[str, Json]) -> Outcome:
    """An image URL no longer answers after its documented life."""
    return _life(evidence, args, alive=False)


def _life(evidence: Evidence, args: Mapping[str, Json], *, alive: bool) -> Outcome:
    step = text(args, "step")
    downloads = evidence.downloads(step)
    if not downloads:
        return unseen("no URL came back")
    after = args.get("after_s")
    last = downloads[-1]
    if last.ok is alive and (not last.images or not last.images[0].problem):
        return passed()
    wanted = f"the image, {after} s after it was made" if alive else f"no image {after} s after it was made"
    return failed(wanted, last.brief() if not last.ok else "200 with the image" if not alive else _broken(last), step)


def _broken(exchange: object) -> str:
    return f"200, but no image: {exchange!r}"[:120]

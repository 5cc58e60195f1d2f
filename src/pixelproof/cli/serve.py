"""``pixelproof serve``: a mock provider on this machine."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import click

from pixelproof import edges, loading
from pixelproof.contract import Contract
from pixelproof.problems import BadUsage
from pixelproof.settings import MockSettings


@click.command(
    epilog="""\b
Examples:
  pixelproof serve openai
  pixelproof serve aivene openai --port 0
  pixelproof serve openai --liar openai-no-created
  pixelproof serve --contract ./my/contract.yaml
  pixelproof serve stratizon --state redis://127.0.0.1:6379/0 --workers 2"""
)
@click.argument("profiles", nargs=-1, metavar="PROFILE…")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Beyond loopback a token guards the controls.")
@click.option("--public-url", metavar="URL", help="Base of image URLs, when clients see another address.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same images and outcomes.")
@click.option("--images", type=click.Choice(["fast", "labelled"]), default="fast", show_default=True)
@click.option("--closed-keys", is_flag=True, help="Only keys made through the control plane are known.")
@click.option("--admin-token", envvar="PIXELPROOF_ADMIN_TOKEN", help="Token of the control plane.")
@click.option("--no-admin", is_flag=True, help="No control plane.")
@click.option("--no-faults", is_flag=True, help="No fault can be injected, by prompt, header or control plane.")
@click.option("--debug-headers", is_flag=True, help="Say in response headers which step answered.")
@click.option(
    "--contract",
    "contract_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve a contract of your own.",
)
@click.option("--liar", metavar="NAME", help="Serve with one planted defect (see `selftest --list`).")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes; needs --state.")
@click.option(
    "--state",
    default="memory",
    show_default=True,
    envvar="PIXELPROOF_STATE",
    metavar="memory|URL",
    help="Where accounts live: redis://HOST:PORT/DB?namespace=NAME shares them between processes.",
)
@click.option(
    "--ledger-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append the ledger entries that memory folds; not with --state redis.",
)
@click.option(
    "--hold-lease",
    type=click.FloatRange(1, 3600),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="After so long what a killed process had reserved is given back; needs --state.",
)
def command(  # noqa: PLR0913, PLR0917 - one parameter for each option of the command line
    profiles: tuple[str, ...],
    port: int,
    host: str,
    public_url: str | None,
    seed: int,
    images: str,
    *,
    closed_keys: bool,
    admin_token: str | None,
    no_admin: bool,
    no_faults: bool,
    debug_headers: bool,
    contract_files: tuple[Path, ...],
    liar: str | None,
    workers: int,
    state: str,
    ledger_file: Path | None,
    hold_lease: float,
) -> None:
    """Serve mock providers: real images, real error shapes, a wallet that really empties.

    The first line printed is the base URL to give to a client.
    """
    loopback = _is_loopback(host)
    if ledger_file is not None and state != "memory":
        raise BadUsage("--ledger-file is for a ledger in memory", "leave out --state, or --ledger-file")
    settings = MockSettings(
        seed=seed,
        images=images,
        public_url=public_url,
        closed_keys=closed_keys,
        admin=not no_admin and (loopback or admin_token is not None),
        admin_token=admin_token,
        faults=not no_faults and (loopback or admin_token is not None),
        debug_headers=debug_headers,
        loopback=loopback,
        liar=_known_liar(liar),
        state=state,
        ledger_file=ledger_file,
        hold_lease_s=hold_lease,
    )
    edges.serve_mock(_contracts(profiles, contract_files), settings, host, port, workers)


def _contracts(profiles: tuple[str, ...], files: tuple[Path, ...]) -> list[Contract]:
    if not profiles and not files:
        raise BadUsage("no profile to serve", f"name one of: {', '.join(loading.profiles())}")
    return [*(loading.shipped(profile) for profile in profiles), *(loading.outside(file) for file in files)]


def _known_liar(name: str | None) -> str | None:
    if name is None:
        return None
    from pixelproof.documents.document import nearest

    names = [item.name for item in edges.deviations()]
    if name not in names:
        close = nearest(name, names)
        hint = close if close.startswith("did") else "`pixelproof selftest --list` names them"
        raise BadUsage(f"there is no liar '{name}'", hint)
    return name


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

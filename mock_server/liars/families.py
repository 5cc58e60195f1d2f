"""Servers that treat one family of models as the documents do not have it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from ..seams import JsonObject, Seams
from .catalogue import liar, variation
from .edits import crashing, lenient, reasked, recounted, refusing, repriced, resized

if TYPE_CHECKING:
    from ..call import Call
    from ..images.pictures import Picture

CUSTOM, BOUNDS, STRICTNESS, PRICE, DISPUTES = "custom sizes", "bounds", "strictness", "price", "disputed requests"
_SQUARE = (1024, 1024)
_MODULUS = 64
_DISPUTED = frozenset({5, 6, 7, 8, 9, 10})
#: Millionths of a dollar.
_CENT = 10_000


@liar("perf-custom-size-refused", claim="PRF-07", family=CUSTOM, intent="takes no custom size after all")
def custom_size_refused(honest: Seams) -> Seams:
    """Refuse every size that no list has."""
    return refusing(honest, lambda body: _own_models(body) and _is_custom(body.get("size")), "size")


@liar("perf-custom-size-square", claim="PRF-07", family=CUSTOM, intent="a custom size comes as 1024x1024")
def custom_size_square(honest: Seams) -> Seams:
    """Draw the square size for every custom one."""
    return _custom(honest, lambda _picture: _SQUARE)


@liar("perf-custom-size-rounded", claim="PRF-07", family=CUSTOM, intent="a custom size is rounded down to 64 pixels")
def custom_size_rounded(honest: Seams) -> Seams:
    """Draw what the model would rather have."""
    return _custom(honest, lambda p: (p.width // _MODULUS * _MODULUS, p.height // _MODULUS * _MODULUS))


@liar("perf-custom-size-turned", claim="PRF-07", family=CUSTOM, intent="a custom size comes turned by 90 degrees")
def custom_size_turned(honest: Seams) -> Seams:
    """Draw height by width."""
    return _custom(honest, lambda picture: (picture.height, picture.width))


@liar("perf-four-refused", claim="PRF-07", family=BOUNDS, intent="stable-diffusion-3 makes three images at most")
def four_refused(honest: Seams) -> Seams:
    """Refuse n at its documented limit."""
    return refusing(honest, lambda body: _asks(body, "stable-diffusion-3", 4), "n")


@liar("perf-fourth-missing", claim="PRF-07", family=BOUNDS, intent="stable-diffusion-3 makes three images for n = 4")
def fourth_missing(honest: Seams) -> Seams:
    """Drop the fourth picture."""
    return recounted(honest, lambda call: min(call.n, 3) if call.model == "stable-diffusion-3" else call.n)


@liar("perf-imagen-takes-small", claim="PRF-08", family=BOUNDS, intent="imagen-3 takes 256x256")
def imagen_takes_small(honest: Seams) -> Seams:
    """Bend 256x256 to 1024x1024."""

    def bend(body: JsonObject) -> None:
        if body.get("model") == "imagen-3" and body.get("size") == "256x256":
            body["size"] = "1024x1024"

    return reasked(honest, bend)


@liar("perf-imagen-draws-wide", claim="PRF-08", family=BOUNDS, intent="imagen-3 draws 1792x1024")
def imagen_draws_wide(honest: Seams) -> Seams:
    """Overlook one size that is not its own."""
    return lenient(honest, lambda call, v: v.parameter == "size" and call.model == "imagen-3" and _is_wide(call.body))


@liar("perf-imagen-four-refused", claim="PRF-08", family=BOUNDS, intent="imagen-3 makes three images at most")
def imagen_four_refused(honest: Seams) -> Seams:
    """Refuse n at its documented limit."""
    return refusing(honest, lambda body: _asks(body, "imagen-3", 4), "n")


@liar("perf-imagen-0-taken", claim="PRF-08", family=BOUNDS, intent="imagen-3 takes n = 0 for n = 1")
def imagen_0_taken(honest: Seams) -> Seams:
    """Bend 0 to 1."""

    def bend(body: JsonObject) -> None:
        if _asks(body, "imagen-3", 0):
            body["n"] = 1

    return reasked(honest, bend)


@liar("perf-flux-gone", claim="PRF-04", family=STRICTNESS, intent="lists flux-pro and refuses it")
def flux_gone(honest: Seams) -> Seams:
    """Refuse one documented model."""
    return refusing(honest, lambda body: body.get("model") == "flux-pro", "model")


@liar("perf-ideogram-crashes", claim="PRF-04", family=STRICTNESS, intent="breaks down on ideogram-2")
def ideogram_crashes(honest: Seams) -> Seams:
    """Break down on one documented model."""
    return crashing(honest, lambda body: body.get("model") == "ideogram-2", "model")


@liar("perf-flux-dev-gone", claim="PRF-07", family=STRICTNESS, intent="lists flux-dev and refuses it")
def flux_dev_gone(honest: Seams) -> Seams:
    """Refuse one member of a family."""
    return refusing(honest, lambda body: body.get("model") == "flux-dev", "model")


@liar("perf-quality-crashes", claim="PRF-10", family=STRICTNESS, intent="breaks down on a quality that is dall-e-3's")
def quality_crashes(honest: Seams) -> Seams:
    """Break down where ignoring and refusing would both do."""
    return crashing(honest, lambda body: "quality" in body and body.get("model") != "dall-e-3", "quality")


@liar("perf-style-crashes", claim="PRF-10", family=STRICTNESS, intent="imagen-3 breaks down on a style")
def style_crashes(honest: Seams) -> Seams:
    """Break down for one model alone."""
    return crashing(honest, lambda body: "style" in body and body.get("model") == "imagen-3", "style")


@liar("perf-five-crash", claim="PRF-09", family=DISPUTES, intent="stable-diffusion-3 breaks down on n = 5")
def five_crash(honest: Seams) -> Seams:
    """Break down where both images and a refusal would do."""
    return crashing(honest, lambda body: _asks(body, "stable-diffusion-3", 5), "n")


@liar("perf-ten-clipped", claim="PRF-09", family=DISPUTES, intent="imagen-3 makes four images for n = 10")
def ten_clipped(honest: Seams) -> Seams:
    """Neither refuse n = 10 nor serve it."""

    def bend(body: JsonObject) -> None:
        if _asks(body, "imagen-3", 10):
            body["n"] = 4

    return reasked(honest, bend)


@variation("perf-ten-served", claim="PRF-09", family=DISPUTES, intent="every model but dall-e-3 makes ten images")
def ten_served(honest: Seams) -> Seams:
    """Follow the table of parameters."""
    return lenient(
        honest, lambda call, v: v.parameter == "n" and call.body.get("n") in _DISPUTED and call.model != "dall-e-3"
    )


@liar("perf-wide-hd-third-price", claim="PRF-24", family=PRICE, intent="wide hd costs ten cents, which no list has")
def wide_hd_third_price(honest: Seams) -> Seams:
    """Price between the two lists."""
    return _wide_hd(honest, 10 * _CENT)


@liar("perf-wide-hd-at-standard", claim="PRF-24", family=PRICE, intent="wide hd costs what square standard costs")
def wide_hd_at_standard(honest: Seams) -> Seams:
    """Price below both lists."""
    return _wide_hd(honest, 4 * _CENT)


@variation("perf-wide-hd-openai-price", claim="PRF-24", family=PRICE, intent="wide hd costs what OpenAI takes for it")
def wide_hd_openai_price(honest: Seams) -> Seams:
    """Follow the other list."""
    return _wide_hd(honest, 12 * _CENT)


@liar("perf-dall-e-3-dear", claim="PRF-12", family=PRICE, intent="square standard by dall-e-3 costs what hd costs")
def dall_e_3_dear(honest: Seams) -> Seams:
    """Double the price of the default."""
    return repriced(honest, lambda call: call.unit_price * (2 if _is_plain(call) else 1))


def _price_off(model: str, factor: str) -> Callable[[Seams], Seams]:
    """Return a server that multiplies the price of one model."""

    def off(honest: Seams) -> Seams:
        return repriced(honest, lambda call: round(call.unit_price * (Decimal(factor) if call.model == model else 1)))

    return off


for _model, _factor in (
    ("dall-e-2", "0.5"),
    ("stable-diffusion-3", "1.1"),
    ("flux-pro", "0.5"),
    ("flux-dev", "2"),
    ("ideogram-2", "1.25"),
    ("imagen-3", "0.75"),
):
    liar(f"perf-{_model}-price", claim="PRF-11", family=PRICE, intent=f"{_model} costs {_factor} times its price")(
        _price_off(_model, _factor)
    )


@liar("perf-hd-at-standard", claim="PRF-11", family=PRICE, intent="hd by dall-e-3 costs what standard costs")
def hd_at_standard(honest: Seams) -> Seams:
    """Halve the price of square hd."""
    return repriced(
        honest, lambda call: call.unit_price // (2 if call.values.get("quality") == "hd" and _is_dall_e_3(call) else 1)
    )


def _custom(honest: Seams, size: Callable[[Picture], tuple[int, int]]) -> Seams:
    """Deliver custom sizes in another size."""
    return resized(
        honest,
        lambda call, picture: size(picture) if _is_custom(call.values.get("size")) else (picture.width, picture.height),
    )


def _own_models(body: JsonObject) -> bool:
    return not str(body.get("model", "dall-e-3")).startswith(("dall-e", "imagen"))


def _is_custom(size: object) -> bool:
    return isinstance(size, str) and size not in {"256x256", "512x512", "1024x1024", "1792x1024", "1024x1792"}


def _is_wide(body: JsonObject) -> bool:
    return body.get("size") == "1792x1024"


def _asks(body: JsonObject, model: str, n: int) -> bool:
    return body.get("model") == model and body.get("n") == n


def _is_dall_e_3(call: Call) -> bool:
    return call.model == "dall-e-3"


def _is_plain(call: Call) -> bool:
    return _is_dall_e_3(call) and call.values.get("size") == "1024x1024" and call.values.get("quality") == "standard"


def _wide_hd(honest: Seams, price: int) -> Seams:
    def unit_price(call: Call) -> int:
        wide_hd = _is_dall_e_3(call) and call.values.get("quality") == "hd" and call.values.get("size") != "1024x1024"
        return price if wide_hd and call.unit_price else call.unit_price

    return repriced(honest, unit_price)

"""What the providers' pages say can be asked for and what it costs, typed off them by hand.

The oracle of the whole-matrix test: nothing here is computed from a contract, so a slip of the pen in a contract shows.
Prices are decimal strings for one image; a column that a model does not have is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Parameters besides model and n that move a price: size, and quality.
Cell = tuple[str, str | None, str | None]

DALL_E_2 = ("256x256", "512x512", "1024x1024")
DALL_E_3 = ("1024x1024", "1792x1024", "1024x1792")
GPT_IMAGE = ("1024x1024", "1536x1024", "1024x1536", "auto")
#: Some of the "custom" sizes: the shortest and the longest side that we take, and two between them.
CUSTOM = ("256x1024", "768x1344", "2048x2048", "256x2048")
RATIOS = ("auto", "1:1", "16:9", "9:16", "4:3", "3:4", "2:1")

STYLES = ("vivid", "natural")
QUALITIES = ("standard", "hd")
FORMATS = ("url", "b64_json")
BACKGROUNDS = ("transparent", "opaque", "auto")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One provider's page: every priced cell, and every value that moves no price."""

    #: (model, size, quality) → what one image costs
    prices: Mapping[Cell, str]
    #: model → the most images of one request
    most: Mapping[str, int]
    #: model → the size and the quality of a request that names neither
    plain: Mapping[str, tuple[str, str | None]]
    #: model → parameter → the values it takes, or takes and ignores
    others: Mapping[str, Mapping[str, tuple[Any, ...]]]
    #: Decimal places of the currency.
    places: int
    #: The model of a request that names none; None where it must be named.
    default_model: str | None = None
    #: Sizes among the cells that no list names.
    custom: frozenset[str] = frozenset()
    #: parameter → what must be sent beside it
    companions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _longest(characters: int) -> tuple[str, str]:
    """Return the shortest and the longest prompt."""
    return "x", "x" * characters


AICREDITS = Page(
    prices={
        # the page: "DALL-E 3, 1024x1024, Standard: ~₹3.5, HD: ~₹7"
        ("dall-e-3", "1024x1024", "standard"): "3.50",
        ("dall-e-3", "1024x1024", "hd"): "7.00",
        # the page: "DALL-E 3, 1792x1024 / 1024x1792, Standard: ~₹5, HD: ~₹10"
        ("dall-e-3", "1792x1024", "standard"): "5.00",
        ("dall-e-3", "1792x1024", "hd"): "10.00",
        ("dall-e-3", "1024x1792", "standard"): "5.00",
        ("dall-e-3", "1024x1792", "hd"): "10.00",
        # the page: "DALL-E 2, 256-1024px, ~₹0.7-₹1.5 depending on size"; the middle is our choice (AIC-29)
        ("dall-e-2", "256x256", "standard"): "0.70",
        ("dall-e-2", "512x512", "standard"): "1.10",
        ("dall-e-2", "1024x1024", "standard"): "1.50",
    },
    most={"dall-e-3": 1, "dall-e-2": 10},  # "DALL-E 3 supports only 1"; ten is our choice (AIC-33)
    plain={"dall-e-3": ("1024x1024", "standard"), "dall-e-2": ("1024x1024", "standard")},
    others={
        "dall-e-3": {"prompt": _longest(4000), "style": STYLES, "response_format": FORMATS, "user": ("u-1",)},
        "dall-e-2": {"prompt": _longest(4000), "style": STYLES, "response_format": FORMATS, "user": ("u-1",)},
    },
    places=2,
    default_model="dall-e-3",  # "Default: dall-e-3"
)

#: What the models of this page besides dall-e-3 take and ignore.
_PERF_OTHERS: Mapping[str, tuple[Any, ...]] = {
    "prompt": _longest(4000),  # "max 4000 chars", whatever the model
    "quality": QUALITIES,
    "style": STYLES,
    "response_format": FORMATS,
    "user": ("u-1",),
}
PERF = Page(
    prices={
        # "1024x1024 $0.040" (PRF-12), "0.080/image (HD)"; wide standard is our choice (PRF-22)
        ("dall-e-3", "1024x1024", "standard"): "0.040",
        ("dall-e-3", "1792x1024", "standard"): "0.080",
        ("dall-e-3", "1024x1792", "standard"): "0.080",
        ("dall-e-3", "1024x1024", "hd"): "0.080",
        ("dall-e-3", "1792x1024", "hd"): "0.080",
        ("dall-e-3", "1024x1792", "hd"): "0.080",
        # "dall-e-2 $0.016-0.020/image"; the middle is our choice (PRF-22)
        ("dall-e-2", "256x256", None): "0.016",
        ("dall-e-2", "512x512", None): "0.018",
        ("dall-e-2", "1024x1024", None): "0.020",
        # "stable-diffusion-3 $0.035/image", "1024x1024, custom"
        **{("stable-diffusion-3", size, None): "0.035" for size in ("1024x1024", *CUSTOM)},
        # "flux-pro $0.055/image"
        **{("flux-pro", size, None): "0.055" for size in ("1024x1024", *CUSTOM)},
        # "flux-dev $0.025/image"
        **{("flux-dev", size, None): "0.025" for size in ("1024x1024", *CUSTOM)},
        # "ideogram-2 $0.040/image"
        **{("ideogram-2", size, None): "0.040" for size in ("1024x1024", *CUSTOM)},
        # "imagen-3 1024x1024 $0.040/image"
        ("imagen-3", "1024x1024", None): "0.040",
    },
    # the column "Max Images"
    most={
        "dall-e-3": 1,
        "dall-e-2": 10,
        "stable-diffusion-3": 4,
        "flux-pro": 4,
        "flux-dev": 4,
        "ideogram-2": 4,
        "imagen-3": 4,
    },
    plain={
        "dall-e-3": ("1024x1024", "standard"),
        "dall-e-2": ("1024x1024", None),
        "stable-diffusion-3": ("1024x1024", None),
        "flux-pro": ("1024x1024", None),
        "flux-dev": ("1024x1024", None),
        "ideogram-2": ("1024x1024", None),
        "imagen-3": ("1024x1024", None),
    },
    others={
        "dall-e-3": {"prompt": _longest(4000), "style": STYLES, "response_format": FORMATS, "user": ("u-1",)},
        "dall-e-2": _PERF_OTHERS,
        "stable-diffusion-3": _PERF_OTHERS,
        "flux-pro": _PERF_OTHERS,
        "flux-dev": _PERF_OTHERS,
        "ideogram-2": _PERF_OTHERS,
        "imagen-3": _PERF_OTHERS,
    },
    places=6,
    default_model="dall-e-3",  # the column "Default"
    custom=frozenset(CUSTOM),
)

_AIVENE_OTHERS: Mapping[str, tuple[Any, ...]] = {
    "prompt": ("x", "x" * 32000),  # no bound is documented
    "style": STYLES,
    "background": BACKGROUNDS,
    "response_format": FORMATS,
    "user": ("u-1",),
    "safety_identifier": ("u-1",),  # "safety_identifier is accepted as an alias"
}
#: The page has no prices: they are OpenAI's list, our choice (AIV-30).
AIVENE = Page(
    prices={
        ("dall-e-3", "1024x1024", "standard"): "0.040",
        ("dall-e-3", "1792x1024", "standard"): "0.080",
        ("dall-e-3", "1024x1792", "standard"): "0.080",
        ("dall-e-3", "1024x1024", "hd"): "0.080",
        ("dall-e-3", "1792x1024", "hd"): "0.120",
        ("dall-e-3", "1024x1792", "hd"): "0.120",
        ("dall-e-2", "256x256", "standard"): "0.016",
        ("dall-e-2", "512x512", "standard"): "0.018",
        ("dall-e-2", "1024x1024", "standard"): "0.020",
        **{("gpt-image-1", size, "low"): "0.011" for size in GPT_IMAGE},
        **{("gpt-image-1", size, "medium"): "0.042" for size in GPT_IMAGE},
        **{("gpt-image-1", size, "high"): "0.167" for size in GPT_IMAGE},
        # "Default standard" is no quality of this model: priced as medium (AIV-12)
        **{("gpt-image-1", size, "standard"): "0.042" for size in GPT_IMAGE},
        **{("flux-pro", size, "standard"): "0.055" for size in DALL_E_3},
    },
    most={"dall-e-3": 1, "dall-e-2": 10, "gpt-image-1": 10, "flux-pro": 4},
    plain={
        "dall-e-3": ("1024x1024", "standard"),
        "dall-e-2": ("1024x1024", "standard"),
        "gpt-image-1": ("1024x1024", "medium"),
        "flux-pro": ("1024x1024", "standard"),
    },
    others=dict.fromkeys(("dall-e-3", "dall-e-2", "gpt-image-1", "flux-pro"), _AIVENE_OTHERS),
    places=6,
)

#: The page has no prices, and nothing is charged (FIN-10).
FINEAPI = Page(
    prices={("dall-e-3", size, quality): "0" for size in DALL_E_3 for quality in QUALITIES},
    most={"dall-e-3": 1},  # "DALL-E 3 only supports 1"
    plain={"dall-e-3": ("1024x1024", "standard")},
    others={"dall-e-3": {"prompt": _longest(4000), "style": STYLES, "response_format": FORMATS, "user": ("u-1",)}},
    places=6,
)

_GPT_IMAGES = ("gpt-image-1", "gpt-image-1-mini", "gpt-image-1.5")
#: OpenAI's list for one image: square low, medium, high, then wide or tall low, medium, high (OAI-13).
_SQUARE = {"low": "0.011", "medium": "0.042", "high": "0.167", "auto": "0.042"}
_OBLONG = {"low": "0.016", "medium": "0.063", "high": "0.250", "auto": "0.063"}
#: The small model costs the same in every size.
_MINI = {"low": "0.005", "medium": "0.011", "high": "0.036", "auto": "0.011"}
_OPENAI_DALL_E: Mapping[str, tuple[Any, ...]] = {
    "style": STYLES,
    "response_format": FORMATS,
    "user": ("u-1",),
    "stream": (False,),
}
_OPENAI_GPT_IMAGE: Mapping[str, tuple[Any, ...]] = {
    "prompt": _longest(32000),
    "background": BACKGROUNDS,
    "moderation": ("low", "auto"),
    "output_format": ("png", "jpeg", "webp"),
    "output_compression": (0, 100),
    "user": ("u-1",),
    "stream": (False,),
    "partial_images": (0,),
}
OPENAI = Page(
    prices={
        ("dall-e-2", "256x256", "standard"): "0.016",
        ("dall-e-2", "512x512", "standard"): "0.018",
        ("dall-e-2", "1024x1024", "standard"): "0.020",
        ("dall-e-3", "1024x1024", "standard"): "0.040",
        ("dall-e-3", "1792x1024", "standard"): "0.080",
        ("dall-e-3", "1024x1792", "standard"): "0.080",
        ("dall-e-3", "1024x1024", "hd"): "0.080",
        ("dall-e-3", "1792x1024", "hd"): "0.120",
        ("dall-e-3", "1024x1792", "hd"): "0.120",
        **{
            (model, size, quality): price
            for model in ("gpt-image-1", "gpt-image-1.5")
            for sizes, list_prices in ((("1024x1024", "auto"), _SQUARE), (("1536x1024", "1024x1536"), _OBLONG))
            for size in sizes
            for quality, price in list_prices.items()
        },
        **{("gpt-image-1-mini", size, quality): price for size in GPT_IMAGE for quality, price in _MINI.items()},
    },
    most={"dall-e-2": 10, "dall-e-3": 1, **dict.fromkeys(_GPT_IMAGES, 10)},
    plain={
        "dall-e-2": ("1024x1024", "standard"),
        "dall-e-3": ("1024x1024", "standard"),
        **dict.fromkeys(_GPT_IMAGES, ("auto", "auto")),  # auto where the model has auto (OAI-12)
    },
    others={
        "dall-e-2": {**_OPENAI_DALL_E, "prompt": _longest(1000)},
        "dall-e-3": {**_OPENAI_DALL_E, "prompt": _longest(4000)},
        **dict.fromkeys(_GPT_IMAGES, _OPENAI_GPT_IMAGE),
    },
    places=6,
    default_model="dall-e-2",
    companions={"output_compression": {"output_format": "jpeg"}},
)

#: Pages whose images come with the answer.
PAGES: Mapping[str, Page] = {
    "aicredits": AICREDITS,
    "perf": PERF,
    "aivene": AIVENE,
    "fineapi": FINEAPI,
    "openai": OPENAI,
}

#: Stratizon, (capability, quality) → credits for one image: "50.0000 credits / image" and so on.
CREDITS: Mapping[tuple[str, str], str] = {
    ("text_to_image", "standard"): "50.0000",
    ("text_to_image", "hd"): "300.0000",
    ("image_to_image", "standard"): "60.0000",
    ("image_to_image", "hd"): "320.0000",
}
#: "model accepts "auto" … or a concrete id ("gpt-image-2" today)"
TASK_MODELS = ("auto", "gpt-image-2")
#: "n is 1-4"
TASK_MOST = 4
#: "aspect_ratio="auto" only runs at standard quality"
TASK_CELLS = tuple(
    (capability, model, quality, ratio)
    for capability, quality in CREDITS
    for model in TASK_MODELS
    for ratio in RATIOS
    if (ratio, quality) != ("auto", "hd")
)

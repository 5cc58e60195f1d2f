"""An exchange keeps a thumbnail of every image: what is shown where the file was not kept."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from pixelproof.record.imaging import inspect


def thumbnail(size: tuple[int, int], colour: tuple[int, ...]) -> Image.Image:
    """Draw a picture of one colour, look into it, and return the thumbnail it got."""
    file = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(file, "PNG")
    kind, _, data = inspect(file.getvalue()).thumbnail.partition(",")
    assert kind == f"data:image/{'png' if len(colour) == 4 else 'jpeg'};base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize(
    ("size", "small"),
    [((1024, 1024), (64, 64)), ((1792, 1024), (64, 36)), ((1, 4000), (1, 64)), ((3, 2), (3, 2)), ((100, 50), (64, 32))],
)
def test_a_thumbnail_has_the_shape_of_its_picture_within_64_pixels(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    assert thumbnail(size, (200, 30, 30)).size == small


def test_a_thumbnail_keeps_what_is_transparent() -> None:
    assert thumbnail((256, 256), (10, 20, 30, 0)).getchannel("A").getextrema() == (0, 0)


def test_what_is_no_image_has_no_thumbnail() -> None:
    assert inspect(b"no image").thumbnail == ""

"""A reference image is recognised by the shape of its kind, and written in that shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelproof.contract import Json, Media
from pixelproof.contract.media import Reference, read_reference, write_reference

MEDIA = Media(
    kinds={
        "url": {"type": "url", "url": "{url}"},
        "artifact": {"type": "artifact", "artifact_id": "{artifact_id}"},
        "data_uri": {"type": "data_uri", "data_uri": "{data_uri}"},
    },
    upload=None,
    claims={},
)


@pytest.mark.parametrize(
    ("value", "kind", "named"),
    [
        ({"type": "url", "url": "https://a/b.png"}, "url", "https://a/b.png"),
        ({"type": "artifact", "artifact_id": "art_1"}, "artifact", "art_1"),
        ({"type": "data_uri", "data_uri": "data:image/png;base64,aGk="}, "data_uri", "data:image/png;base64,aGk="),
        ({"type": "url", "url": "https://a/b.png", "note": 1}, "url", "https://a/b.png"),
    ],
    ids=["url", "artifact", "data URI", "with a further key"],
)
def test_each_kind_is_recognised(value: Json, kind: str, named: str) -> None:
    assert read_reference(MEDIA, value) == Reference(kind=kind, value=named)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "https://a/b.png",
        [],
        {},
        {"type": "url"},
        {"type": "url", "url": ""},
        {"type": "url", "url": 5},
        {"type": "url", "url": None},
        {"url": "https://a/b.png"},
        {"type": "artifact", "url": "https://a/b.png"},
        {"type": "picture", "picture": "x"},
        {"type": "URL", "url": "https://a/b.png"},
    ],
)
def test_what_has_the_shape_of_no_kind_is_no_reference(value: Json) -> None:
    assert read_reference(MEDIA, value) is None


@given(kind=st.sampled_from(sorted(MEDIA.kinds)), named=st.text(min_size=1))
def test_what_is_written_is_what_is_read(kind: str, named: str) -> None:
    written = write_reference(MEDIA.kinds[kind], kind, named)
    assert read_reference(MEDIA, written) == Reference(kind=kind, value=named)


def test_a_provider_may_name_an_image_with_the_url_alone() -> None:
    bare = Media(kinds={"url": {"image_url": "{url}"}}, upload=None, claims={})
    assert write_reference(bare.kinds["url"], "url", "https://a/b") == {"image_url": "https://a/b"}
    assert read_reference(bare, {"image_url": "https://a/b"}) == Reference(kind="url", value="https://a/b")


def test_a_shape_without_a_placeholder_names_nothing() -> None:
    empty = Media(kinds={"url": {"type": "url"}}, upload=None, claims={})
    assert read_reference(empty, {"type": "url"}) is None

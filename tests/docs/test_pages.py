"""Every block of every page is typed, tested elsewhere, or says why it is not; every link leads somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, Block, Session, blocks, pages, text_of

BLOCKS = [block for page in pages() for block in blocks(page)]
TYPED = sorted({block.page for block in BLOCKS if not block.mark})
NOT_RUN, TESTED_BY = "not run: ", "tested by "
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)\s#]+)(#[^)\s]+)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", TYPED)
def test_a_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    with Session(folder=tmp_path) as session:
        for block in blocks(page):
            if not block.mark:
                session.type(block)


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.mark], ids=str)
def test_a_block_that_is_not_typed_is_tested_elsewhere_or_says_why(block: Block) -> None:
    if block.mark.startswith(NOT_RUN):
        assert len(block.mark) > len(NOT_RUN) + 10
        return
    module = import_module(block.mark.removeprefix(TESTED_BY).removesuffix(".py").replace("/", "."))
    assert block.text in module.RUN, f"{block} is none of the blocks that {module.__name__} runs"


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    for path, anchor in LINK.findall(text_of(page)):
        target = ((ROOT / page).parent / path).resolve()
        assert target.exists(), f"{page}: {path}"
        if anchor and target.suffix == ".md":
            assert anchor[1:] in anchors(target.read_text("utf-8")), f"{page}: {path}{anchor}"


def test_every_page_is_linked_from_the_first() -> None:
    linked = {path for path, _ in LINK.findall(text_of("README.md"))}
    assert {page for page in pages() if page.startswith("docs/")} - linked == set()


def anchors(text: str) -> set[str]:
    """Return the anchors of headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(text)}


def test_a_block_without_test_and_without_reason_is_seen(tmp_path: Path) -> None:
    bare = Block(page="x.md", line=1, language="console", text="$ false\n", mark="")
    with Session(folder=tmp_path) as session, pytest.raises(AssertionError, match=r"x\.md:1: false"):
        session.type(bare)


def test_a_file_without_a_name_is_seen(tmp_path: Path) -> None:
    nameless = Block(page="x.md", line=1, language="yaml", text="a: 1\n", mark="")
    with Session(folder=tmp_path) as session, pytest.raises(AssertionError, match=r"x\.md:1: a file needs its name"):
        session.type(nameless)

"""Citations of the protocol page and links between pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.behaviours.page import areas
from tests.support.citations import (
    PROTOCOL,
    ROOT,
    Citation,
    anchors,
    broken_links,
    citations,
    other_pages,
    pages,
    protocol_targets,
    sources,
)


def test_every_citation_leads_to_a_section_of_the_protocol_page() -> None:
    found = [
        citation
        for place, text in sources().items()
        for citation in citations(place, text)
    ]
    targets = protocol_targets()

    assert len(found) > 300
    assert [citation for citation in found if citation.target not in targets] == []


def test_no_source_cites_a_page_outside_the_repository() -> None:
    found = [
        place for path, text in sources().items() for place in other_pages(path, text)
    ]

    assert found == []


def test_every_section_that_a_behaviour_names_exists() -> None:
    named = {
        section
        for area in areas()
        for row in area.behaviours
        for section in row.section.split(", ")
    }

    assert named - protocol_targets() == set()


def test_references_within_the_protocol_page_lead_to_its_sections() -> None:
    text = PROTOCOL.read_text("utf-8")
    named = set(re.findall(r"\((?:see )?(\d+\.\d+)\)", text))

    assert len(named) > 5
    assert named - protocol_targets() == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file_or_a_heading(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda p: p.name)
def test_the_index_names_every_page(page: Path) -> None:
    index = (ROOT / "docs" / "index.md").read_text("utf-8")

    assert page.name == "index.md" or f"]({page.name})" in index


@pytest.mark.parametrize(
    ("words", "targets"),
    [
        ("(protocol 6.3)", ["6.3"]),
        ("Protocol 6.1 to 6.5 and appendix A.", ["6.1", "6.5", "A"]),
        ("(protocol, appendix A)", ["A"]),
        ("counts from protocol 4.1-4.3 ----", ["4.1", "4.3"]),
        ("the protocol's sections 1.8, 5.4 and 6; more", ["1.8", "5.4", "6"]),
        ("# (protocol 5.1\n    # and 5.3)", ["5.1", "5.3"]),
        ("(protocol 2.15; 10, row 33)", ["2.15", "10", "10 row 33"]),
        (
            "protocol 1.1 and appendix C, items 1 and 13.",
            ["1.1", "C", "C row 1", "C row 13"],
        ),
        ("the protocol of HTTP 1.1", []),
        ("RFC 6238 (appendix B, SHA-1)", []),
    ],
)
def test_citations_are_read_in_every_form(words: str, targets: list[str]) -> None:
    assert [citation.target for citation in citations("file", words)] == targets


def test_a_citation_of_a_missing_section_is_found() -> None:
    missing = "6.99"

    [found] = citations("file", f"\n(protocol {missing})")

    assert found == Citation("file:2", missing)
    assert found.target not in protocol_targets()


def test_a_link_to_a_missing_file_or_heading_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n## Two `words`\n\n[a](#one) [b](#two-words) [c](#three)\n"
        "[d](page.md#one) [e](gone.md) [f](https://example.com/x)\n"
        "```\n[g](code.md)\n```\n"
    )

    assert anchors(page) == {"one", "two-words"}
    assert broken_links(page) == ["#three", "gone.md"]


@pytest.mark.parametrize("name", ["design", "style"])
def test_a_citation_of_another_page_is_found(name: str) -> None:
    assert other_pages("file", f"as in {name}.md 4") == [f"file:1: {name}.md 4"]

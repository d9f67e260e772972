"""Find the citations of the protocol page, and the headings and links of pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PROTOCOL: Final = ROOT / "docs" / "protocol.md"

_FOLDERS: Final = ("ftrack_orm", "codegen", "generated", "tests", "docs")
_SUFFIXES: Final = frozenset({".py", ".lark", ".mjs", ".jinja2", ".md"})

# A citation may continue on the next line, behind the mark of a comment.
_GAP: Final = r"(?:\s|#|//)"
_RUN: Final = (
    rf"((?:appendix{_GAP}+[A-Z]\b|\d+(?:\.\d+)*|items?\b|rows?\b|and\b|to\b"
    rf"|[-,;]|{_GAP})+)"
)
_CITATION: Final = re.compile(
    rf"(?:\bprotocol(?:'s)?,?{_GAP}+)?\bsections?{_GAP}+(?=\d){_RUN}"
    rf"|\bprotocol,?{_GAP}+(?=\d|appendix){_RUN}"
    rf"|(?<!RFC \d\d\d\d \()\b(?=appendix{_GAP}+[A-Z]\b){_RUN}",
    re.IGNORECASE,
)
_TARGET: Final = re.compile(rf"appendix{_GAP}+([A-Z])|\d+(?:\.\d+)*", re.IGNORECASE)
_OTHER_PAGE: Final = re.compile(r"\b(?:design|style)(?:\.md)?,? (?:section )?\d")
_FENCED: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Citation:
    """One place that is cited, such as ``6.3``, ``B`` or ``10 row 4``."""

    place: str
    target: str


def citations(place: str, text: str) -> Iterator[Citation]:
    """Return each section, appendix and numbered row that `text` cites."""
    for match in _CITATION.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        run = next(group for group in match.groups() if group)
        for target in _targets(run):
            yield Citation(f"{place}:{line}", target)


def _targets(run: str) -> Iterator[str]:
    # Only section 10 and appendix C have numbered rows, and neither has subsections:
    # a whole number that follows one of them is a row of it.
    last = ""
    for match in _TARGET.finditer(run):
        number = match[0]
        if match[1]:
            last = match[1].upper()
            yield last
        elif last in {"10", "C"} and "." not in number:
            yield f"{last} row {number}"
        else:
            last = number
            yield number


def other_pages(place: str, text: str) -> list[str]:
    """Return the places that cite a page which is not in the repository."""
    return [
        f"{place}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for match in _OTHER_PAGE.finditer(text)
    ]


def protocol_targets() -> set[str]:
    """Return everything that the protocol page has a heading or a number for."""
    text = PROTOCOL.read_text("utf-8")
    targets = set(re.findall(r"^##+ (\d+(?:\.\d+)?)\.? ", text, re.MULTILINE))
    targets.update(re.findall(r"^## Appendix ([A-Z])\. ", text, re.MULTILINE))
    questions = text.split("\n## 10. ")[1].split("\n## ")[0]
    targets.update(
        f"10 row {number}"
        for number in re.findall(r"^\| (\d+) \|", questions, re.MULTILINE)
    )
    checklist = text.split("\n## Appendix C. ")[1].split("\n## ")[0]
    targets.update(
        f"C row {number}"
        for number in re.findall(r"^(\d+)\. ", checklist, re.MULTILINE)
    )
    return targets


def sources() -> dict[str, str]:
    """Return the text of every source and page, by its path in the repository."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in (*ROOT.glob("*.md"), *_in_folders())
    }


def _in_folders() -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            installed = any(
                part == "node_modules" or part.startswith(".") for part in parts
            )
            if path.suffix in _SUFFIXES and not installed:
                yield path


def pages() -> list[Path]:
    """Return the Markdown pages of the repository."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(
        r"^#+ (.+)$", _FENCED.sub("", page.read_text("utf-8")), re.MULTILINE
    )
    found: set[str] = set()
    times: Counter[str] = Counter()
    for heading in headings:
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{times[slug]}" if times[slug] else slug)
        times[slug] += 1
    return found


def broken_links(page: Path) -> list[str]:
    """Return the relative links of a page that lead to no file or no heading."""
    text = re.sub(r"`[^`\n]*`", "code", _FENCED.sub("", page.read_text("utf-8")))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    return [
        link
        for link in links
        if not re.match(r"[a-z]+:", link) and not _leads_somewhere(page, link)
    ]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not anchor or anchor in anchors(target))

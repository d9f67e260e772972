"""Split the text of a TOML file at its headers, for line numbers and for edits.

An edit of one section leaves the bytes of all others, with their order and comments.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

_HEADER: Final = re.compile(r"[ \t]*\[.*\][ \t]*(#.*)?\n?")
_KEY: Final = r"[ \t]*(?:\"{0}\"|'{0}'|{0})[ \t]*[.=]"

Path = tuple[str, ...]
"""The names in a header or of a setting, from the outer one to the inner one."""


@dataclass
class Section:
    """A header with the settings below it.

    Attributes:
        kind: the first name of the header; ``""`` before the first header.
        number: the position of the table among those of its kind, from 1.
        path: the other names of the header, such as ``("of", "Shot")``.
        line: the line of the header in the file, from 1.
        header: the text of the header's line.
        body: the text of the settings.
        gap: the blank lines and comments at the end. They may belong to the next
            header, so new settings are added before them.
    """

    kind: str
    number: int
    path: Path
    line: int
    header: str
    body: str
    gap: str

    @property
    def text(self) -> str:
        """Return the text of the section."""
        return f"{self.header}{self.body}{self.gap}"


def sections_of(text: str) -> list[Section]:
    """Return the sections of a valid TOML file; their texts make up the whole text.

    Raises:
        tomllib.TOMLDecodeError: the text is not valid.
    """
    tomllib.loads(text)
    sections: list[Section] = []
    numbers: dict[str, int] = {}
    for line, header, content in _parts(text):
        body, gap = _split_gap(content)
        kind, path, is_item = _names(header)
        if is_item or kind not in numbers:
            numbers[kind] = numbers.get(kind, 0) + 1
        sections.append(Section(kind, numbers[kind], path, line, header, body, gap))
    return sections


def line_of(sections: Sequence[Section], kind: str, number: int, setting: Path) -> int:
    """Return the line of a setting, or of the nearest table around it.

    Args:
        sections: the sections of a file.
        kind: the kind of the table.
        number: its position among those of its kind, from 1.
        setting: the names of the setting inside the table.
    """
    own = [each for each in sections if (each.kind, each.number) == (kind, number)]
    if not own:
        # An inline array, before all headers.
        return _key_line(sections[:1], kind) or 1
    for section in sorted(own, key=lambda each: -len(each.path)):
        length = len(section.path)
        if section.path == setting[:length]:
            for name in setting[length : length + 1]:
                return _key_line([section], name) or section.line
            return section.line
    return own[0].line


def _key_line(sections: Sequence[Section], name: str) -> int | None:
    pattern = re.compile(_KEY.format(re.escape(name)))
    for section in sections:
        for number, line in enumerate(section.body.splitlines(), section.line):
            if pattern.match(line):
                return number + bool(section.header)
    return None


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, header and content of each section; the first has no header."""
    header, content, start = "", "", 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        # Inside of a text or a list, the lines before are no whole document.
        if _HEADER.fullmatch(line) and _is_whole(content) and _is_whole(line):
            yield start, header, content
            header, content, start = line, "", number
        else:
            content += line
    yield start, header, content


def _split_gap(content: str) -> tuple[str, str]:
    lines = content.splitlines(keepends=True)
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip()[0] == "#"):
        end -= 1
    # Comments right below a setting are about it, if a blank line follows them.
    blank = next((n for n in range(end, len(lines)) if not lines[n].strip()), end)
    end = max(end, blank)
    body, gap = "".join(lines[:end]), "".join(lines[end:])
    return (body, gap) if _is_whole(body) else (content, "")


def _names(header: str) -> tuple[str, Path, bool]:
    """Return first name and other names of a header; whether it begins an item."""
    names: list[str] = []
    is_item = False
    table: Any = tomllib.loads(header)
    while table:
        [(name, table)] = table.items()
        names.append(name)
        if isinstance(table, list):
            is_item = len(names) == 1
            table = table[0]
    return (names[0] if names else "", tuple(names[1:]), is_item)


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True

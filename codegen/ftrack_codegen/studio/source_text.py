"""Read programs and notebooks as Python sources, with the places of their lines."""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NOTEBOOK: Final = ".ipynb"
"""The suffix of notebooks."""

_COMMAND: Final = re.compile(r"\s*([%!?]|[\w, ]+=\s*[%!])|.*\?\s*$")
"""A line of a notebook that is a command of the console and no Python."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source.

    Attributes:
        number: its number in the file, from 1.
        text: its text.
        indentation: the columns before it in the file.
    """

    number: int
    text: str
    indentation: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A Python source.

    Attributes:
        path: its file.
        lines: its lines; those of a notebook are in the lines of its file.
    """

    path: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Return the source for the parser."""
        return "\n".join(line.text for line in self.lines) + "\n"


def read_source(path: Path) -> Source:
    """Return the source of a program or a notebook.

    Raises:
        OSError: the file cannot be read.
        SyntaxError: the encoding that a program states is unknown.
        ValueError: the file is no text, or no notebook.
    """
    content = path.read_bytes()
    if path.suffix == NOTEBOOK:
        lines = tuple(_notebook_lines(content.decode("utf-8-sig")))
    else:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        texts = _lines_of(content.decode(encoding))
        lines = tuple(Line(number, text) for number, text in enumerate(texts, 1))
    return Source(path.as_posix(), lines)


def _lines_of(text: str) -> list[str]:
    """Return the lines of a text as Python counts them."""
    # `splitlines` ends a line at form feeds and other separators too.
    return io.StringIO(text, newline=None).read().split("\n")


def _notebook_lines(document: str) -> Iterator[Line]:
    """Yield the lines of a notebook's code.

    Raises:
        ValueError: the text is no notebook.
    """
    content = json.loads(document)
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise ValueError("it is no notebook with cells")
    places = _Places(document)
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield from _cell_lines(cell, places)


def _cell_lines(cell: dict[str, Any], places: _Places) -> Iterator[Line]:
    parts = cell.get("source") or ()
    is_command = False
    for part in [parts] if isinstance(parts, str) else parts:
        number, column = places.find(str(part))
        for position, text in enumerate(_lines_of(str(part).removesuffix("\n"))):
            # A cell magic makes the whole cell something else.
            is_command = is_command or text.startswith("%%")
            if is_command or _COMMAND.match(text):
                indentation = text[: len(text) - len(text.lstrip())]
                text = "" if is_command else f"{indentation}pass"
            yield Line(number, text, 0 if position else column)


class _Places:
    """The places of texts in a JSON document, looked for in their order."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._end = 0

    def find(self, text: str) -> tuple[int, int]:
        """Return the line of the next occurrence, and the columns before its text."""
        for is_ascii in (True, False):
            quoted = json.dumps(text, ensure_ascii=is_ascii)
            start = self._document.find(quoted, self._end)
            if start >= 0:
                self._end = start + len(quoted)
                line_start = self._document.rfind("\n", 0, start) + 1
                number = self._document.count("\n", 0, start) + 1
                return number, start - line_start + 1
        return self._document.count("\n", 0, self._end) + 1, 0

"""Lay out tables for consoles and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WIDTH: Final = 80
"""Characters of a text that are shown."""


def printable(text: str, width: int = WIDTH) -> str:
    """Return text on one line, of bounded length, without control characters."""
    cut = text if len(text) <= width else f"{text[: width - 1]}…"
    if cut.isprintable():
        return cut
    # A name with escape sequences could change the state of a terminal.
    return "".join(
        character if character.isprintable() else repr(character)[1:-1]
        for character in cut
    )


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines with aligned cells, the column names first."""
    lines = [columns, ["-" * len(column) for column in columns], *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def html_table(
    heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> str:
    """Return a paragraph and a table; all texts are escaped.

    Args:
        heading: the text above the table.
        columns: the column names.
        rows: the cells; without any there is no table.
        note: the text below the table.
    """
    # Imported here, as it takes a millisecond and only notebooks need it.
    from html import escape

    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for cells in rows
    )
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    last = f"<p>{escape(note)}</p>" if note else ""
    return f"<p>{escape(heading)}</p>{table if rows else ''}{last}"

"""Tables of text and HTML."""

from __future__ import annotations

from ftrack_orm.tables import html_table, printable, text_table


def test_cells_are_aligned_under_their_columns() -> None:
    assert text_table(["a", "long"], [["wide", "x"], ["y", ""]]).splitlines() == [
        "a     long",
        "-     ----",
        "wide  x",
        "y",
    ]


def test_html_escapes_every_text() -> None:
    html = html_table("<h>", ["<c>"], [["<v>"]], "<n>")

    assert html.count("&lt;") == 4
    assert "<h>" not in html


def test_html_without_rows_has_no_table() -> None:
    assert html_table("nothing", ["a"], []) == "<p>nothing</p>"


def test_text_is_printable_and_cut() -> None:
    assert printable("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert printable("x" * 50, 10) == "x" * 9 + "…"

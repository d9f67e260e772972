"""Show selects and rows of values in consoles and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.display import (
    ROWS_SHOWN,
    entity_table,
    is_nested,
    more_text,
    table_text,
    value_text,
)
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.tables import html_table, printable, text_table

if TYPE_CHECKING:
    from ftrack_orm.entity.display import Table
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query.path import Path
    from ftrack_orm.select.select import Select
    from ftrack_orm.types import TextPrinter

_TEXT_COLUMNS: Final = 7
_HTML_COLUMNS: Final = 12

_LINKS_SHOWN: Final = 6
"""The most links whose names the request for a table includes."""

_NAMES: Final = ("name", "username")
"""Attributes that name the target of a link."""


# -- selects -----------------------------------------------------------------------


def print_select(select: Select[Any], printer: TextPrinter) -> None:
    """Print the first rows of a select; inside another value only its `repr`."""
    if is_nested(printer):
        printer.text(repr(select))
        return
    try:
        printer.text(table_text(_select_table(select, _TEXT_COLUMNS)))
    except FtrackError as error:
        printer.text(_failure(select, error))


def select_html(select: Select[Any]) -> str:
    """Return the first rows of a select as a table."""
    try:
        return html_table(*_select_table(select, _HTML_COLUMNS))
    except FtrackError as error:
        return html_table(_failure(select, error), (), ())


def _failure(select: Select[Any], error: FtrackError) -> str:
    return f"{select!r}\nThe rows cannot be shown. {type(error).__name__}: {error}"


def _select_table(select: Select[Any], most_columns: int) -> Table:
    rows = first_rows(select)
    heading = printable(compile_query(replace(select._query, projections=())), 200)
    if not rows:
        heading = f"{heading}: no results"
    note = "… and more" if len(rows) > ROWS_SHOWN else ""
    return entity_table(rows, heading, note, most_columns)


def first_rows(select: Select[Any]) -> list[Any]:
    """Return the rows that are shown, and one more if there are more.

    They are requested once for each select. Rows that the program has fetched are
    used without a request.
    """
    fetched = select._fetched_rows()
    if len(fetched) > ROWS_SHOWN:
        return fetched[: ROWS_SHOWN + 1]
    if select._shown is None:
        count = select._limit_or(ROWS_SHOWN + 1)
        shown = select.limit(min(ROWS_SHOWN + 1, count))
        paths = _names_of_links(select._class, select._class.__ftrack__)
        select._shown = shown.load(*paths).all()
    return select._shown


def _names_of_links(entity_class: Any, type_info: TypeInfo) -> list[Path[Any]]:
    """Return the paths of the names that a table shows in place of ids."""
    paths = []
    for [link, *_] in type_info.links_by_foreign_key.values():
        if link.kind is not AttributeKind.LINK or link.restricted_projection:
            continue
        target = type_info.type_named(link.target_type)
        for name in _NAMES:
            if name in target.attributes:
                paths.append(getattr(getattr(entity_class, link.name), name))
                break
    return paths[:_LINKS_SHOWN]


# -- values ------------------------------------------------------------------------


def print_values(
    rows: Sequence[Any], paths: Sequence[Path[Any]], printer: TextPrinter
) -> None:
    """Print rows of values under their paths; inside another value as a list."""
    if is_nested(printer) or not rows:
        printer.text(repr(rows))
        return
    cells = _cells(rows)
    note = more_text(len(rows) - len(cells))
    text = text_table(_headings(paths), cells)
    printer.text("\n".join(filter(None, (text, note))))


def values_html(rows: Sequence[Any], paths: Sequence[Path[Any]]) -> str:
    """Return rows of values as a table with their paths as the header."""
    cells = _cells(rows)
    plural = "row" if len(rows) == 1 else "rows"
    note = more_text(len(rows) - len(cells))
    return html_table(f"{len(rows):,} {plural}", _headings(paths), cells, note)


def _headings(paths: Sequence[Path[Any]]) -> list[str]:
    """Return the paths without the class they start from."""
    return [repr(path).partition(".")[2] for path in paths]


def _cells(rows: Sequence[Any]) -> list[list[str]]:
    return [[value_text(value) for value in row] for row in islice(rows, ROWS_SHOWN)]

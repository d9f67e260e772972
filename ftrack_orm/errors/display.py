"""Show errors in consoles and notebooks: the message, then the facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ftrack_orm.errors.root import shortened

if TYPE_CHECKING:
    from ftrack_orm.errors.root import FtrackError


def error_text(error: FtrackError) -> str:
    """Return the class and message of an error, and one line for each fact."""
    facts = list(_facts(error))
    width = max((len(name) for name, _ in facts), default=0)
    lines = [f"  {name.ljust(width)}  {text}" for name, text in facts]
    return "\n".join([f"{type(error).__name__}: {error}", *lines])


def error_html(error: FtrackError) -> str:
    """Return the class, message and facts of an error; all texts are escaped."""
    from html import escape

    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>"
        for name, text in _facts(error)
    )
    name = escape(type(error).__name__)
    table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
    return f"<p><b>{name}</b></p><pre>{escape(str(error))}</pre>{table}"


def _facts(error: FtrackError) -> Iterator[tuple[str, str]]:
    """Yield the facts of an error that have a value."""
    for name, value in vars(error).items():
        is_empty = value is None or value in ((), "")
        if is_empty or name.startswith("_"):
            continue
        if not isinstance(value, list | tuple):
            yield name, shortened(value)
            continue
        for number, item in enumerate(value[:10]):
            yield (name if number == 0 else ""), _item_text(item)
        if len(value) > 10:
            yield "", f"… and {len(value) - 10:,} more"


def _item_text(item: object) -> str:
    return item if isinstance(item, str) else str(item)

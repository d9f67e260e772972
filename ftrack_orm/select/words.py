"""The words of a select for those of ftrack_api, SQLAlchemy and Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHER_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("filter", "filter_by"), "where(Task.name == ...)"),
    **dict.fromkeys(("options", "prefetch_related", "select_related"), "load()"),
    **dict.fromkeys(
        ("join", "outerjoin"), "a path through the link, as Task.status.name"
    ),
    **dict.fromkeys(("scalar", "scalars", "values_list"), "values()"),
    **dict.fromkeys(
        ("delete", "update"), "session.remove(), or set attributes of each"
    ),
    "exclude": "where(~(Task.name == ...))",
    "get": "session.get(Task, key)",
    "project": "only()",
    "sort": "order_by()",
}

"""Answer the words that queries of other libraries have, with those of a select."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NoReturn

from ftrack_orm.errors.entity import UnknownAttributeError

_OTHER_WORDS: Final[Mapping[str, str]] = {
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
"""The words of this library for those of ftrack_api, SQLAlchemy and Django."""


class OtherWords:
    """Raise an error with the word to use for a name that a select does not have."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            names = (each for each in dir(type(self)) if not each.startswith("_"))
            error = UnknownAttributeError("Select", name, names)
            if name in _OTHER_WORDS:
                error.args = (
                    f"Select has no attribute {name!r}. Use {_OTHER_WORDS[name]}.",
                )
            raise error

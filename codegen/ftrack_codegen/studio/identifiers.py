"""Turn a studio's keys and names into Python names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from ftrack_orm.schema.names import KEYWORDS

OWNED_BY_CUSTOM_ATTRIBUTES: Final = frozenset(
    {
        "any",
        "as_",
        "clear",
        "edit",
        "edits",
        "effective",
        "get",
        "is_custom",
        "is_loaded",
        "is_readable",
        "is_set",
        "items",
        "keys",
        "loaded_stored",
        "pop",
        "popitem",
        "read",
        "replace",
        "replacement_edits",
        "reset",
        "restore",
        "row_keys",
        "row_name",
        "rows",
        "set_value",
        "setdefault",
        "store",
        "store_row",
        "target",
        "unload",
        "accept",
        "update",
        "values",
        "values_by_key",
    }
)
"""Names of the mapping or its path: such a key gets a trailing underscore."""

# Checkers read these in the class body, so an attribute must not hide them.
_SPECIAL: Final = frozenset({"TYPE_CHECKING", "overload"})


def python_names(keys: Iterable[str]) -> dict[str, str]:
    """Return the Python name of each key, ``""`` where it can be read as an item only.

    A keyword, and a name of the mapping, gets a trailing underscore, unless another
    key has that name.
    """
    known = set(keys)
    names: dict[str, str] = {}
    for key in known:
        is_reserved = key in KEYWORDS or key in OWNED_BY_CUSTOM_ATTRIBUTES
        name = f"{key}_" if is_reserved else key
        is_free = name == key or name not in known
        names[key] = name if is_free and _is_plain(name) else ""
    return names


def _is_plain(name: str) -> bool:
    return (
        name.isidentifier()
        and not name.startswith("_")
        and name not in _SPECIAL
        and unicodedata.is_normalized("NFKC", name)
    )


def project_prefix(project: str) -> str:
    """Return the start of the names of a project's classes, ``""`` without one."""
    name = pascal_case(project)
    return name if name.isidentifier() or not project else f"Project{name}"


def pascal_case(text: str) -> str:
    """Return a text as part of a class name, ``RenderQuality``."""
    return "".join(_words(unicodedata.normalize("NFKC", text)))


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in f"{text} ":
        if f"a{letter}".isidentifier() and letter != "_":
            word += letter
        elif word:
            yield word[0].upper() + word[1:]
            word = ""

"""Replace the names of people and the texts that they wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ftrack_orm.types import JSONObject


def _name(key: str) -> str:
    return f"user_{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _mail(key: str) -> str:
    return f"{_name(key)}@studio.example"


def _text(key: str) -> str:
    return f"Text {hashlib.sha256(key.encode()).hexdigest()[:8]}."


_PERSON: Final[Mapping[str, Callable[[str], str]]] = {
    "username": _name,
    "first_name": _name,
    "last_name": lambda key: "",
    "email": _mail,
    "name": _name,
}

_REPLACED: Final[Mapping[str, Mapping[str, Callable[[str], str]]]] = {
    "User": _PERSON,
    "Collaborator": _PERSON,
    "ReviewSessionInvitee": {"name": _name, "email": _mail},
    "Note": {"content": _text},
    "Timelog": {"comment": _text, "name": _text},
}
"""The attributes to replace, and the function from a key to the new value."""


def anonymous(rows: Iterable[JSONObject]) -> Iterator[JSONObject]:
    """Yield rows with made-up names and texts.

    Equal keys give equal values, so that a second snapshot can be compared with the
    first. Names of projects, entities and files stay.
    """
    for row in rows:
        replaced = _REPLACED.get(str(row.get("__entity_type__")))
        if replaced is None:
            yield row
            continue
        values: dict[str, Any] = {
            name: make(str(row.get("id", "")))
            for name, make in replaced.items()
            if row.get(name)
        }
        yield {**row, **values}

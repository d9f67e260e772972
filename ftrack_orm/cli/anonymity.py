"""Replace people, the texts that they wrote, and the names of files.

Names of projects, entities and the configuration stay, because revisions select by
them; the name of a person inside of such a name is replaced.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ftrack_orm.cli.snapshot_scopes import PEOPLE
from ftrack_orm.types import JSONObject


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _name(key: str) -> str:
    return f"user_{_digest(key)}"


def _mail(key: str) -> str:
    return f"{_name(key)}@studio.example"


def _text(key: str) -> str:
    return f"Text {_digest(key)}."


_Make = Callable[[str], str | None]

_PERSON: Final[Mapping[str, _Make]] = {
    "username": _name,
    "first_name": _name,
    "last_name": lambda key: "",
    "email": _mail,
    "name": _name,
}

_EVERYWHERE: Final[Mapping[str, _Make]] = {
    "comment": _text,
    "content": _text,
    "description": _text,
    "text_mentioned": _text,
    "thumbnail_id": lambda key: None,
    "thumbnail_source_id": lambda key: None,
}
"""The attributes to replace in rows of all types."""

_REPLACED: Final[Mapping[str, Mapping[str, _Make]]] = {
    "User": _PERSON,
    "Collaborator": _PERSON,
    "ReviewSessionInvitee": {"name": _name, "email": _mail},
    "Timelog": {"name": _text},
    "CalendarEvent": {"name": _text},
    "SplitTaskPart": {"label": _text},
    "Project": {"root": lambda key: None},
    "Disk": {
        "name": lambda key: f"disk_{_digest(key)}",
        "unix": lambda key: f"/disk_{_digest(key)}",
        "windows": lambda key: f"\\\\disk_{_digest(key)}",
    },
}
"""The attributes to replace, and the function from a key to the new value."""

_OWNERS: Final = ("entity_id", "from_id", "parent_id")
_COMPONENTS: Final = frozenset(
    {"Component", "ContainerComponent", "FileComponent", "SequenceComponent"}
)
_SERVER_COMPONENT: Final = re.compile(r"main|thumbnail|ftrackreview-\w+|\d+")
"""Names of components that every server has: of its own files, and of frames."""

_PATH: Final = re.compile(r"(?<![\w/\\])(?:\w+:)?[/\\][^\s\"',;]+")
_WORD: Final = re.compile(r"\w+")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def anonymous(rows: Iterable[JSONObject]) -> Iterator[JSONObject]:
    """Yield rows with made-up people, texts and file names.

    Equal rows give equal values, so that a second snapshot can be compared with the
    first. Keys stay, so that rows refer to each other as before. Metadata and custom
    attributes of people are left out.

    Args:
        rows: the rows of a snapshot, people first.
    """
    anonymizer = _Anonymizer()
    for row in rows:
        found = anonymizer.row(row)
        if found is not None:
            yield found


class _Anonymizer:
    def __init__(self) -> None:
        self._people: set[str] = set()
        self._values: dict[str, str] = {}
        # Full names by their first word: a pattern of all names would be slow.
        self._full_names: dict[str, list[tuple[str, str]]] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        # Files of these names are made by the settings of the server, not by people.
        self._component_names: set[str] = set()

    def row(self, row: JSONObject) -> JSONObject | None:
        """Return a row without people; ``None`` for one that is about a person."""
        entity_type, key = str(row.get("__entity_type__")), str(row.get("id", ""))
        if entity_type in PEOPLE:
            self._learn(row, key)
        elif any(row.get(name) in self._people for name in _OWNERS):
            return None
        elif entity_type == "AssetType":
            self._component_names.add(str(row.get("component")))
        replaced = {**_EVERYWHERE, **_REPLACED.get(entity_type, {})}
        values: dict[str, Any] = {
            name: make(key) for name, make in replaced.items() if row.get(name)
        }
        if entity_type in _COMPONENTS and row.get("name"):
            values["name"] = self._component(str(row["name"]))
        if row.get("resource_identifier"):
            values["resource_identifier"] = _file(row, key)
        for name, value in row.items():
            if name not in values:
                values[name] = self._without_people(value)
        if entity_type == "Metadata" or entity_type.endswith("CustomAttributeValue"):
            values["value"] = self._without_names(row.get("value"))
        return values

    def _learn(self, row: JSONObject, key: str) -> None:
        """Remember a person, whose name may occur in later rows."""
        self._people.add(key)
        for name in ("username", "email"):
            if row.get(name):
                self._values[str(row[name]).casefold()] = (
                    _mail(key) if name == "email" else _name(key)
                )
        first, last = row.get("first_name"), row.get("last_name")
        if first and last:
            for name in (f"{first} {last}", f"{last} {first}", f"{last}, {first}"):
                # Values may be texts of JSON, which escape letters.
                for written in {name.lower(), json.dumps(name)[1:-1].lower()}:
                    self._add_name(written, _name(key))

    def _add_name(self, name: str, replacement: str) -> None:
        word = _WORD.search(name)
        if word is not None:
            names = self._full_names.setdefault(word[0], [])
            names.append((name[word.start() :], replacement))
            names.sort(key=lambda each: (-len(each[0]), each))

    def _without_people(self, value: Any) -> Any:
        if isinstance(value, str):
            return _EMAIL.sub(self._mail_of, self._without_full_names(value))
        if isinstance(value, list):
            return [self._without_people(item) for item in value]
        if isinstance(value, Mapping):
            return {name: self._without_people(item) for name, item in value.items()}
        return value

    def _without_names(self, value: Any) -> Any:
        """Return a value of a person's choice, without user names and file names."""
        if isinstance(value, list):
            return [self._without_names(item) for item in value]
        if not isinstance(value, str):
            return self._without_people(value)
        whole = self._values.get(value.casefold())
        return whole or _PATH.sub(self._path, self._without_people(value))

    def _path(self, match: re.Match[str]) -> str:
        return f"file_{self._number('file', match[0])}{_suffix(match[0])}"

    def _without_full_names(self, text: str) -> str:
        lowered = text.lower()
        if len(lowered) != len(text):
            lowered = text
        parts: list[str] = []
        end = 0
        for word in _WORD.finditer(lowered):
            start = word.start()
            for name, replacement in self._full_names.get(word[0], ()):
                after = start + len(name)
                is_whole = not lowered[after : after + 1].isalnum()
                if start >= end and is_whole and lowered.startswith(name, start):
                    parts += (text[end:start], replacement)
                    end = after
                    break
        return "".join(parts) + text[end:] if parts else text

    def _mail_of(self, match: re.Match[str]) -> str:
        found = match[0].casefold()
        known = self._values.get(found)
        return known or f"person_{self._number('mail', found)}@studio.example"

    def _component(self, name: str) -> str:
        if name in self._component_names or _SERVER_COMPONENT.fullmatch(name):
            return name
        return f"component_{self._number('component', name)}"

    def _number(self, kind: str, text: str) -> int:
        """Return a number for a text, of which a digest could be looked up."""
        numbers = self._numbers.setdefault(kind, {})
        return numbers.setdefault(text, len(numbers) + 1)


def _file(row: JSONObject, key: str) -> str:
    """Return a made-up place of a component; that on the server is its key."""
    place = str(row["resource_identifier"])
    if place == row.get("component_id"):
        return place
    return f"file_{_digest(key)}{_suffix(place)}"


def _suffix(place: str) -> str:
    found = re.search(r"\.\w{1,5}$", place)
    return "" if found is None else found[0]

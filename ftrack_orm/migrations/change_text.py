"""Changes and conflicts in words: attributes and values as a person knows them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedValue,
)
from ftrack_orm.migrations.same_value import same_value
from ftrack_orm.migrations.verification import BELOW, Conflict
from ftrack_orm.types import JSON

UNSET: Final = {"missing": "unset"}
ABSENT: Final = {"missing": "absent"}
_SIGNS: Final = {"create": "+", "update": "~", "delete": "-"}


class ChangeTexts:
    """Describes the changes of a plan with the names that the plan has stored."""

    def __init__(self, file: PlanFile) -> None:
        """Read the names of a plan."""
        self._names: Mapping[str, str] = file.meta("names") or {}
        self._keys: Mapping[str, str] = file.meta("attribute_keys") or {}

    def change(self, change: PlannedChange) -> str:
        """Return a change in a line: its attribute, and the two values."""
        sign = _SIGNS[change.action]
        subject = self._subject(change)
        if subject is None:
            name = _name_in(change.after) or _name_in(change.before)
            text = _quoted(name) if name else ", ".join(map(str, change.key))
            return printable(f"{sign} {change.entity_type} {text}")
        old, new = self._value(change.before), self._value(change.after)
        if change.after is Missing.UNSET:
            new = "default"
        return f"{sign} {printable(subject)}  {old} -> {new}"

    def conflict(self, conflict: Conflict) -> str:
        """Return why a unit is left out: its title, and the value on the server."""
        change, current = conflict.change, conflict.current
        title = printable(conflict.title)
        if isinstance(current, dict) and BELOW in current:
            more = _below_text(current[BELOW])
            return f"{title} has more below it than the plan deletes: {more}"
        if self._subject(change) is not None:
            return self._compared(conflict, change.before)
        if change.action == "create":
            return f"{title} is on the server already, with other values"
        names = _different(current, change.before)
        if not names:
            return f"{title} is not on the server"
        return f"{title} was changed since: {', '.join(names)}"

    def conflict_now(self, conflict: Conflict) -> str:
        """Return the title of a unit, the value now, and the one that was written."""
        if self._subject(conflict.change) is not None:
            return self._compared(conflict, conflict.change.after)
        title = printable(conflict.title)
        if isinstance(conflict.current, Missing):
            return f"{title} is not on the server"
        names = _different(conflict.current, conflict.change.after)
        if not names:
            return f"{title} is on the server"
        return f"{title} was changed since: {', '.join(names)}"

    def _compared(self, conflict: Conflict, expected: PlannedValue) -> str:
        subject = printable(str(self._subject(conflict.change)))
        return (
            f"{printable(conflict.title)}: {subject} is "
            f"{self._value(conflict.current)}, not {self._value(expected)}"
        )

    def _subject(self, change: PlannedChange) -> str | None:
        """Return the attribute of a change, ``None`` for that of a whole entity."""
        if change.entity_type == "Metadata":
            return f"metadata.{change.key[-1]}"
        if change.entity_type.endswith("CustomAttributeValue"):
            key = str(change.key[0])
            return f"custom_attributes.{self._keys.get(key, key)}"
        if change.attribute is None:
            return None
        return f"{change.entity_type}.{change.attribute}"

    def _value(self, value: PlannedValue) -> str:
        if isinstance(value, Missing):
            return value.value
        # The row of a custom attribute or of metadata holds its value.
        if isinstance(value, dict) and "value" in value and "__type__" not in value:
            value = value["value"]
        return value_text(self._names, value)


def _below_text(below: Any) -> str:
    """Return names of rows, or their numbers by type."""
    if isinstance(below, dict):
        below = [f"{count:,} {entity_type}" for entity_type, count in below.items()]
    return printable(", ".join(map(str, below)))


def _different(current: PlannedValue, expected: PlannedValue) -> list[str]:
    """Return the attributes of a row that are not as expected."""
    if not isinstance(current, dict) or not isinstance(expected, dict):
        return []
    return [
        name
        for name, value in expected.items()
        if not same_value(name, current.get(name), value)
    ]


def _name_in(value: PlannedValue) -> str | None:
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) and name else None


def value_text(names: Mapping[str, str], value: JSON) -> str:
    """Return a value for people: names in place of ids, times without wrapper."""
    if value == ABSENT:
        return "absent"
    if value is None:
        return "none"
    if isinstance(value, str):
        return printable(names[value]) if value in names else _quoted(value)
    if isinstance(value, dict):
        return _object_text(names, value)
    if isinstance(value, list):
        return f"[{', '.join(value_text(names, part) for part in value)}]"
    return json.dumps(value)


def _object_text(names: Mapping[str, str], value: Mapping[str, Any]) -> str:
    if "__type__" in value:
        return printable(str(value.get("value")))
    if "__entity_type__" in value:
        key = value.get("id", "")
        return printable(names.get(str(key), f"{value['__entity_type__']} {key}"))
    return _quoted(value)


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= 60 else f"{text[:59]}…")


def printable(text: str) -> str:
    """Return text without control characters, which could change a terminal."""
    if text.isprintable():
        return text
    return "".join(
        part if part.isprintable() else part.encode("unicode_escape").decode()
        for part in text
    )

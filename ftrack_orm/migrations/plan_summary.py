"""Counts, samples and risks of a plan, gathered while its units are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from pydantic_core import to_json

from ftrack_orm.migrations.chunks import MAX_BYTES, MAX_OPERATIONS
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedUnit,
    PlannedValue,
    operations_of,
)
from ftrack_orm.types import JSON

Risk: TypeAlias = Literal["delete", "irreversible", "whole-server", "status", "schema"]
"""A danger that a revision accepts by naming it in `Revision.accepts`."""

MOST_SAMPLES: Final = 100
"""The samples of one kind of change that a plan stores."""

CONFIGURATION: Final = frozenset(
    {
        "CustomAttributeConfiguration",
        "CustomAttributeGroup",
        "CustomAttributeLinkConfiguration",
        "ObjectType",
        "Priority",
        "ProjectSchema",
        "ProjectSchemaObjectType",
        "ProjectSchemaOverride",
        "State",
        "TaskTypeSchema",
        "WorkflowSchema",
    }
)
"""Types whose changes are changes of the studio's schema."""

_ROWS: Final = ("Metadata", "CustomAttributeValue")


@dataclass(slots=True)
class ChangeCount:
    """The changes of one kind: one attribute, or whole entities of one type.

    Attributes:
        sign: ``"+"`` for creates, ``"~"`` for updates, ``"-"`` for removals.
        subject: the attribute or type, such as ``"Shot.custom_attributes.cut_no"``.
        verb: ``"created"``, ``"set"``, ``"cleared"`` or ``"deleted"``.
        count: the number of changes.
        samples: title of the entity, value before and value after.
    """

    sign: str
    subject: str
    verb: str
    count: int = 0
    samples: list[tuple[str, JSON, JSON]] = field(default_factory=list)

    def to_json(self) -> dict[str, JSON]:
        """Return the counts as a JSON object."""
        return {
            "sign": self.sign,
            "subject": self.subject,
            "verb": self.verb,
            "count": self.count,
            "samples": [list(sample) for sample in self.samples],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ChangeCount:
        """Return the counts of an object that `to_json` made."""
        samples = [tuple(sample) for sample in data["samples"]]
        return cls(data["sign"], data["subject"], data["verb"], data["count"], samples)


class RequestCounter:
    """Counts the requests that send units, each as full as the bounds allow.

    The bounds are those of `cut_chunk`; a larger unit is sent alone.
    """

    def __init__(self) -> None:
        self.operations = 0
        self._chunks = 0
        self._room_for = 0
        self._room_bytes = 0

    def add(self, unit: PlannedUnit) -> None:
        """Add a unit; it starts another request where it does not fit."""
        operations = list(operations_of(unit.changes))
        size = len(to_json([change.after for change in unit.changes]))
        count = len(operations)
        self.operations += count
        if not count and not unit.effects:
            return
        if not self._chunks or count > self._room_for or size > self._room_bytes:
            self._chunks += 1
            self._room_for, self._room_bytes = MAX_OPERATIONS, MAX_BYTES
        self._room_for -= count
        self._room_bytes -= size

    @property
    def chunks(self) -> int:
        """Return the number of requests with changes."""
        return self._chunks

    @property
    def requests(self) -> int:
        """Return the number of requests of a run: chunks, begin and end."""
        return self._chunks + 2 if self._chunks else 0


class PlanSummary:
    """Counts, samples and risks of the units added so far."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str, str], ChangeCount] = {}
        self.cascade: dict[str, int] = {}
        self.risks: set[Risk] = set()
        self.changes = 0
        self.irreversible = 0
        self.requests = RequestCounter()

    def add(self, unit: PlannedUnit, subjects: Iterable[tuple[str, str]]) -> None:
        """Add a unit.

        Args:
            unit: the unit.
            subjects: for each change, its subject and the title of its entity.
        """
        self.requests.add(unit)
        for change, (subject, title) in zip(unit.changes, subjects, strict=True):
            self.changes += 1
            sign, verb = _verb(change)
            key = (sign, subject, verb)
            counted = self.counts.get(key)
            if counted is None:
                counted = self.counts[key] = ChangeCount(*key)
            counted.count += 1
            if len(counted.samples) < MOST_SAMPLES:
                counted.samples.append((title, *_shown_values(change)))
            self._add_risks(change)

    def _add_risks(self, change: PlannedChange) -> None:
        if change.cascade is not None:
            self.irreversible += 1
            self.risks.add("irreversible")
            for entity_type, count in change.cascade.items():
                total = self.cascade.get(entity_type, 0)
                self.cascade[entity_type] = total + count
        if change.action == "delete" and not change.entity_type.endswith(_ROWS):
            self.risks.add("delete")
        if change.attribute == "status_id":
            self.risks.add("status")
        if change.entity_type in CONFIGURATION:
            self.risks.add("schema")


def _verb(change: PlannedChange) -> tuple[str, str]:
    if change.action == "create":
        return "+", "created"
    if change.action == "update":
        return "~", "set"
    return "-", "cleared" if change.after is Missing.UNSET else "deleted"


def _shown_values(change: PlannedChange) -> tuple[JSON, JSON]:
    before = change.before
    if change.after is Missing.UNSET and isinstance(before, dict):
        before = before["value"]
    return _shown(before), _shown(change.after)


def _shown(value: PlannedValue) -> JSON:
    """Return a value for a sample: nothing of the many attributes of an entity."""
    if isinstance(value, Missing):
        return {"missing": value.value}
    return None if isinstance(value, dict) and "__type__" not in value else value

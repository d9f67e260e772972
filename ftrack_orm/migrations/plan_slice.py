"""Compare the types and attributes that a plan names with a server's schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from ftrack_orm.migrations.plan_file import PlanFile

if TYPE_CHECKING:
    from ftrack_orm.schema.model import Schema

Slice: TypeAlias = Mapping[str, frozenset[str]]
"""Attributes by entity type."""

_WIRE_ONLY: Final = frozenset({"__entity_type__"})


def plan_slice(file: PlanFile) -> Slice:
    """Return the types and attributes that the units of a plan name."""
    found: dict[str, set[str]] = {}
    for unit in file.units():
        for change in unit.changes:
            names = found.setdefault(change.entity_type, set())
            if change.attribute is not None:
                names.add(change.attribute)
            elif isinstance(change.after, dict):
                names.update(change.after)
            elif isinstance(change.before, dict):
                names.update(change.before)
    return {name: frozenset(names - _WIRE_ONLY) for name, names in found.items()}


def unknown_names(needed: Slice, schema: Schema) -> list[str]:
    """Return the types and attributes of a slice that a schema lacks."""
    missing: list[str] = []
    for entity_type in sorted(needed):
        if entity_type not in schema:
            missing.append(entity_type)
            continue
        attributes = schema[entity_type].attributes
        missing += [
            f"{entity_type}.{name}"
            for name in sorted(needed[entity_type])
            if name not in attributes
        ]
    return missing

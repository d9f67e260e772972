"""A studio as large as the budgets allow: 300 entity types, 400 custom attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ftrack_codegen.studio.model import CustomAttribute, ReferenceRow, Studio
from ftrack_codegen.studio.snapshot import Source
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.types import JSON
from tests.support.studio import studio_source

TYPES: Final = 300
CUSTOM_ATTRIBUTES: Final = 400
_DEFAULTS: Final[dict[str, JSON]] = {"number": 1, "text": "", "boolean": False}
_KINDS: Final = ("number", "text", "boolean", "enumerator", "date")


def large_source() -> Source:
    """Return the schema and the configuration of the large studio.

    A third of the custom attributes are of shots, a tenth is hierarchical, and the
    others are spread over the object types.
    """
    source = studio_source()
    assert source.studio is not None
    types = dict(source.parsed.schema.types)
    shot = types["Shot"]
    added = [_object_type(shot, number) for number in range(TYPES - len(types))]
    types |= {entity.name: entity for entity in added}
    object_types = ["shot", *(entity.name for entity in added)]
    present = len(source.studio.custom_attributes)
    attributes = tuple(
        _custom_attribute(number, object_types)
        for number in range(CUSTOM_ATTRIBUTES - present)
    )
    rows = tuple(
        ReferenceRow(f"object-type-{entity.name}", entity.name) for entity in added
    )
    reference = dict(source.studio.reference)
    reference["ObjectType"] = (*reference["ObjectType"], *rows)
    studio = replace(
        source.studio,
        custom_attributes=(*source.studio.custom_attributes, *attributes),
        reference=reference,
    )
    parsed = replace(source.parsed, schema=Schema(types))
    return Source(parsed, Studio.from_json(studio.to_json()))


def _object_type(shot: EntitySchema, number: int) -> EntitySchema:
    name = f"Kind{number}"
    alias = {"id": "Task", "classifiers": {"object_typeid": f"object-type-{name}"}}
    return replace(shot, name=name, alias_for=alias)


def _custom_attribute(number: int, object_types: list[str]) -> CustomAttribute:
    kind = _KINDS[number % len(_KINDS)]
    is_hierarchical = number % 10 == 0
    name = object_types[0 if number % 3 == 0 else number % len(object_types)]
    shot = "bad911de-3bd6-47b9-8b46-3476e237cb36"
    return CustomAttribute(
        id=f"large-{number}",
        key=f"attribute_{number}",
        label=f"Attribute {number}",
        type=kind,
        entity_type="show" if is_hierarchical else "task",
        object_type_id=None
        if is_hierarchical
        else (shot if name == "shot" else f"object-type-{name}"),
        is_hierarchical=is_hierarchical,
        default=_DEFAULTS.get(kind),
        choices=tuple(f"choice {each}" for each in range(12))
        if kind == "enumerator"
        else (),
    )

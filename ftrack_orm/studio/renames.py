"""Names of renamed objects, in the definitions that refer to them.

A status that is renamed has its former name in the project schemas of the server until
the rename is applied, and possibly in those of the files. Both mean the same status.
The same holds for the object types and groups of custom attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar

from ftrack_orm.studio.model import (
    KINDS,
    Attribute,
    Definition,
    Kind,
    LinkAttribute,
    ObjectTypeRules,
    OverrideRules,
    ProjectSchema,
    Studio,
    Template,
    folded,
)

_AttributeT = TypeVar("_AttributeT", Attribute, LinkAttribute)

Renames: TypeAlias = Mapping[Kind, Mapping[str, str]]
"""The current name by the folded former name, for each kind."""

_KINDS: Final[tuple[Kind, ...]] = (
    "object_type",
    "status",
    "type",
    "attribute_group",
    "project_schema",
)
"""The kinds that definitions refer to by name."""


def renames_of(files: Studio) -> Renames:
    """Return the renames of the files, without names that a new object takes over."""
    renames: dict[Kind, dict[str, str]] = {}
    for kind in _KINDS:
        definitions = files.definitions(kind)
        names = {each.natural_key[0].casefold() for each in definitions}
        renames[kind] = {
            each.renamed_from.casefold(): each.natural_key[0]
            for each in definitions
            if each.renamed_from and each.renamed_from.casefold() not in names
        }
    return renames


def without_renamed(server: Studio, files: Studio) -> Studio:
    """Return the server's configuration without objects that the files rename.

    A pull leaves their definitions in the files as they are.
    """
    kept: dict[str, tuple[Definition, ...]] = {}
    for kind in KINDS:
        former = {
            folded(each.former_key)
            for each in files.definitions(kind)
            if each.former_key is not None
        }
        names = {folded(each.natural_key) for each in files.definitions(kind)}
        found = server.definitions(kind)
        kept[kind] = tuple(
            each for each in found if folded(each.natural_key) not in former - names
        )
    return server.model_copy(update=kept)


def with_current_names(studio: Studio, renames: Renames) -> Studio:
    """Return a configuration whose references have the current names."""
    if not any(renames.values()):
        return studio
    update: dict[str, Any] = {
        "attribute": tuple(_attribute(each, renames) for each in studio.attribute),
        "link_attribute": tuple(
            _attribute(each, renames) for each in studio.link_attribute
        ),
        "project_schema": tuple(
            _schema(each, renames) for each in studio.project_schema
        ),
    }
    return studio.model_copy(update=update)


def _attribute(attribute: _AttributeT, renames: Renames) -> _AttributeT:
    names: dict[str, Kind] = {
        "on": "object_type",
        "to": "object_type",
        "group": "attribute_group",
    }
    update: dict[str, Any] = {
        name: renames[kind][former.casefold()]
        for name, kind in names.items()
        if (former := getattr(attribute, name, None)) is not None
        and former.casefold() in renames[kind]
    }
    return attribute.model_copy(update=update) if update else attribute


def _schema(schema: ProjectSchema, renames: Renames) -> ProjectSchema:
    def name(kind: Kind, former: str) -> str:
        return renames[kind].get(former.casefold(), former)

    def names(kind: Kind, formers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if formers is None else tuple(name(kind, each) for each in formers)

    def rules(each: ObjectTypeRules) -> ObjectTypeRules:
        return ObjectTypeRules(
            statuses=names("status", each.statuses), types=names("type", each.types)
        )

    update: dict[str, Any] = {
        "object_types": names("object_type", schema.object_types),
        "task_types": names("type", schema.task_types),
        "task_statuses": names("status", schema.task_statuses),
        "version_statuses": names("status", schema.version_statuses),
        "of": schema.of
        and {name("object_type", key): rules(each) for key, each in schema.of.items()},
        "override": schema.override
        and {
            name("type", key): OverrideRules(
                task_statuses=names("status", each.task_statuses) or ()
            )
            for key, each in schema.override.items()
        },
        "template": schema.template
        and {
            key: Template(task_types=names("type", each.task_types) or ())
            for key, each in schema.template.items()
        },
        "shared_with": schema.shared_with
        and {
            place: names("project_schema", others)
            for place, others in schema.shared_with.items()
        },
    }
    return schema.model_copy(update=update)

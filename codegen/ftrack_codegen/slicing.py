"""Cut a schema to the types that a program uses, so that they can be kept with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from ftrack_codegen.package import generate_package
from ftrack_codegen.studio.identifiers import python_names
from ftrack_codegen.studio.model import Studio
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema

PLANNING_TYPES: Final = (
    "ContextCustomAttributeValue",
    "CustomAttributeConfiguration",
    "CustomAttributeValue",
    "FileComponent",
    "Metadata",
    "UserSecurityRole",
)
"""Types that planning and applying a migration use, whatever the migration names."""


def slice_schema(schema: Schema, names: Iterable[str]) -> Schema:
    """Return the part of a schema that a program needs which names some types.

    It has those types and their bases whole, except for the attributes that lead
    beyond the part, and the types that they link to with their scalar attributes.
    Types that the schema lacks are left out.

    Args:
        schema: the whole schema.
        names: the types that the program names.
    """
    whole = {
        base.name for name in names if name in schema for base in schema.bases(name)
    }
    linked = {
        attribute.target
        for name in whole
        for attribute in schema[name].attributes.values()
        if attribute.kind in (AttributeKind.LINK, AttributeKind.MAPPED)
        and attribute.target is not None
    }
    near = {base.name for name in linked for base in schema.bases(name)} - whole
    return Schema(
        {
            entity_schema.name: _cut(entity_schema, whole, near)
            for entity_schema in schema
            if entity_schema.name in whole or entity_schema.name in near
        }
    )


def _cut(
    entity_schema: EntitySchema, whole: Collection[str], near: Collection[str]
) -> EntitySchema:
    kept = {
        name: attribute
        for name, attribute in entity_schema.attributes.items()
        if _is_kept(attribute, entity_schema.name in whole, whole, near)
    }
    return replace(
        entity_schema,
        attributes=kept,
        required=_only(entity_schema.required, entity_schema, kept),
        immutable=_only(entity_schema.immutable, entity_schema, kept),
        computed=None
        if entity_schema.computed is None
        else _only(entity_schema.computed, entity_schema, kept),
    )


def _is_kept(
    attribute: Attribute,
    is_whole: bool,
    whole: Collection[str],
    near: Collection[str],
) -> bool:
    if attribute.kind is AttributeKind.SCALAR:
        return True
    if not is_whole:
        return False
    if attribute.kind is AttributeKind.COLLECTION:
        # The members of a collection have a link back, which the near types lack.
        return attribute.target in whole
    return attribute.target in whole or attribute.target in near


def _only(
    names: Iterable[str], entity_schema: EntitySchema, kept: Collection[str]
) -> tuple[str, ...]:
    """Return the names but those of attributes that were cut off."""
    dropped = entity_schema.attributes.keys() - set(kept)
    return tuple(name for name in names if name not in dropped)


def slice_studio(studio: Studio, schema: Schema, words: Collection[str]) -> Studio:
    """Return the part of a studio's configuration that a program needs.

    It has the names of the types in the schema, and the custom attributes that the
    program names.

    Args:
        studio: the whole configuration.
        schema: the part of the schema that the program needs.
        words: the names and texts in the program.
    """
    keys = {each.key for each in studio.custom_attributes}
    keys.update(each.key for each in studio.links)
    named = {
        key for key, name in python_names(keys).items() if key in words or name in words
    }
    return replace(
        studio,
        custom_attributes=tuple(
            each for each in studio.custom_attributes if each.key in named
        ),
        links=tuple(each for each in studio.links if each.key in named),
        reference={
            entity_type: rows
            for entity_type, rows in studio.reference.items()
            if entity_type in schema
        },
    )


def generate_slice(
    schema: Schema, name: str, *, studio: Studio | None = None, command: str
) -> dict[str, str]:
    """Return the files of a package that can be inside any other package.

    Args:
        schema: the types to write models for.
        name: the name of the package.
        studio: the configuration of the studio, ``None`` for stock models.
        command: the command that writes it again, for the header of each file.
    """
    files = generate_package(schema, name, studio=studio, command=command)
    # The models import each other relatively; the registry finds their modules by the
    # package's full name, which only the import knows.
    absolute = f'Registry(\n    "{name}",'
    relative = 'Registry(\n    __name__.rpartition(".")[0],'
    return {**files, "_registry.py": files["_registry.py"].replace(absolute, relative)}

"""Stated options: the schema options that a class's base and annotations do not imply.

Entity classes restore the options left out here by the rules of
`ftrack_orm.schema.implied`, so the schema is rebuilt without loss.
"""

from __future__ import annotations

from typing import Any

from ftrack_codegen.declarations import Annotation, Declaration
from ftrack_codegen.literals import Sources, literal, sources
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.implied import (
    FOREIGN_KEY,
    NAME_LISTS,
    Names,
    foreign_key_link,
    implied_options,
    merge_names,
)
from ftrack_orm.schema.model import Attribute, EntitySchema


def stated_class_options(
    entity_type: EntitySchema, base: EntitySchema | None
) -> Sources:
    """Return the keywords of a class statement for the options of an entity type."""
    implied = _implied_class_options(base)
    values = {
        "key": entity_type.primary_key,
        "type": entity_type.type,
        "alias_for": entity_type.alias_for,
        **{key: getattr(entity_type, key) for key in NAME_LISTS},
        "mixin": entity_type.mixin,
        "metadata": entity_type.metadata,
        "extra": entity_type.extra,
        "absent": tuple(sorted(entity_type.absent)),
        "lacking": _lacking(entity_type, base),
    }
    stated = {
        key: value
        for key, value in values.items()
        if literal(value) != literal(implied[key])
    }
    for key in NAME_LISTS:
        if base is not None and stated.get(key) is not None:
            stated[key] = compact_names(stated[key], implied[key] or ())
    return sources(stated)


def _implied_class_options(base: EntitySchema | None) -> dict[str, Any]:
    """Return the options of a class statement without keywords."""
    options: dict[str, Any] = {
        "key": ("id",),
        "type": "object",
        "alias_for": None,
        "default_projections": (),
        "required": (),
        "immutable": (),
        "computed": None,
        "system_projections": None,
        "mixin": None,
        "metadata": None,
        "extra": {},
        "absent": (),
        "lacking": (),
    }
    if base is not None:
        options |= {key: getattr(base, key) for key in NAME_LISTS}
        options["key"] = base.primary_key
        options["mixin"] = {"$ref": base.name}
        options["metadata"] = base.metadata
    return options


def _lacking(entity_type: EntitySchema, base: EntitySchema | None) -> tuple[str, ...]:
    """Return the attributes of the base that the subtype does not have."""
    if base is None:
        return ()
    # Sorted, because the order of a set differs from run to run.
    return tuple(sorted(base.attributes.keys() - entity_type.attributes.keys()))


def compact_names(names: tuple[str, ...], inherited: tuple[str, ...]) -> Names:
    """Return `names` with the longest run that `inherited` implies as ``...``."""
    # The search is cubic, which is fast enough: the lists have about ten names.
    for length in range(len(names), 0, -1):
        for start in range(len(names) - length + 1):
            stated: Names = (*names[:start], ..., *names[start + length :])
            if merge_names(stated, inherited) == names:
                return stated
    return names


def stated_attribute_options(
    declaration: Declaration,
    target_class: str | None,
    owner: EntitySchema,
    base: EntitySchema | None,
) -> Sources:
    """Return the arguments of ``attribute()`` that a declaration cannot leave out.

    Args:
        declaration: the complete declaration of the attribute.
        target_class: the class that the annotation of a relation names.
        owner: the type whose class holds the declaration.
        base: the type that `owner` inherits from.
    """
    inherited = base.attributes.get(declaration.attribute.name) if base else None
    linked = _linked_key(declaration, owner) if inherited is None else None
    stated = _differences(declaration, target_class, inherited, linked)
    described = _described_key(declaration.attribute)
    if described is None:
        return stated
    # `references` replaces a format and a description, but it is longer than the stated
    # options when only one of the two is missing.
    short = _differences(declaration, target_class, inherited, described)
    return min((*short, ("references", literal(described))), stated, key=len)


def _differences(
    declaration: Declaration,
    target_class: str | None,
    inherited: Attribute | None,
    references: str | None,
) -> Sources:
    annotation = declaration.annotation
    inner = _inner_name(annotation, target_class)
    implied = implied_options(annotation.head, inner, inherited, references)
    written = sources({**implied, "enum": annotation.values or None})
    # Compare source texts: 1 == True in Python, but not in a schema.
    return tuple(option for option in declaration.options if option not in written)


def _inner_name(annotation: Annotation, target_class: str | None) -> str:
    name = target_class if annotation.is_relation else annotation.inner
    # `read_annotation` strips the underscores of aliases, so the rules see bare names.
    return (name or "Entity").strip("_")


def _linked_key(declaration: Declaration, owner: EntitySchema) -> str | None:
    """Return ``"Status.id"`` for the scalar ``status_id`` of a link ``status``."""
    attribute = declaration.attribute
    if attribute.kind is not AttributeKind.SCALAR:
        return None
    link = owner.attributes.get(foreign_key_link(attribute.name) or "")
    if link is None or link.kind is not AttributeKind.LINK:
        return None
    return f"{link.target}.id"


def _described_key(attribute: Attribute) -> str | None:
    """Return the attribute that the server's description of a foreign key names."""
    description = attribute.description or ""
    if attribute.format != "foreign_key" or not description.startswith(FOREIGN_KEY):
        return None
    return description.removeprefix(FOREIGN_KEY)

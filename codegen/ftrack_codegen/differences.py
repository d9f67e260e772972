"""The facts that a class states: those that its base and annotations do not imply.

`ftrack_orm.schema.implied` has the rules by which a class gets back the facts left out
here, so the schema is rebuilt without loss.
"""

from __future__ import annotations

from typing import Any

from ftrack_codegen.declarations import Annotation, Declaration
from ftrack_codegen.literals import Sources, literal, sources
from ftrack_orm.schema.implied import (
    FOREIGN_KEY,
    NAME_LISTS,
    Names,
    foreign_key_link,
    implied_facts,
    merge_names,
)
from ftrack_orm.schema.kind import AttributeKind
from ftrack_orm.schema.model import Attribute, EntitySchema


def stated_options(entity_type: EntitySchema, base: EntitySchema | None) -> Sources:
    """Return the keywords of a class statement for the schema's type-level facts."""
    names = {key: getattr(entity_type, key) for key in NAME_LISTS}
    implied: dict[str, Any] = dict.fromkeys(
        ("alias_for", "computed", "system_projections", "mixin", "metadata")
    )
    implied |= dict.fromkeys(("default_projections", "required", "immutable"), ())
    implied |= {
        "type": "object",
        "key": ("id",),
        "lacking": (),
        "extra": {},
        "absent": (),
    }
    lacking: tuple[str, ...] = ()
    if base is not None:
        lacking = tuple(sorted(base.attributes.keys() - entity_type.attributes.keys()))
        implied |= {key: getattr(base, key) for key in NAME_LISTS}
        implied |= {
            "key": base.primary_key,
            "mixin": {"$ref": base.name},
            "metadata": base.metadata,
        }
        for key in NAME_LISTS:
            if names[key] is not None and names[key] != implied[key]:
                names[key] = compact_names(names[key], implied[key] or ())
    facts = {
        "key": entity_type.primary_key,
        "type": entity_type.type,
        "alias_for": entity_type.alias_for,
        **names,
        "mixin": entity_type.mixin,
        "metadata": entity_type.metadata,
        "extra": entity_type.extra,
        "absent": tuple(sorted(entity_type.absent)),
        "lacking": lacking,
    }
    return tuple(
        (key, source)
        for key, source in sources(facts)
        if source != literal(implied[key])
    )


def compact_names(names: tuple[str, ...], inherited: tuple[str, ...]) -> Names:
    """Return `names` with the longest run that `inherited` implies as ``...``."""
    for length in range(len(names), 0, -1):
        for start in range(len(names) - length + 1):
            stated: Names = (*names[:start], ..., *names[start + length :])
            if merge_names(stated, inherited) == names:
                return stated
    return names


def stated_facts(
    declaration: Declaration,
    target_class: str | None,
    owner: EntitySchema,
    base: EntitySchema | None,
) -> Sources:
    """Return the arguments of ``attribute()`` that a declaration cannot leave out.

    Args:
        declaration: of the attribute.
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
    implied = implied_facts(annotation.head, inner, inherited, references)
    written = sources({**implied, "enum": annotation.values or None})
    return tuple(fact for fact in declaration.facts if fact not in written)


def _inner_name(annotation: Annotation, target_class: str | None) -> str:
    name = target_class if annotation.is_relation else annotation.inner
    # A class reads names without the underscores that keep them from being hidden.
    return (name or "Entity").strip("_")


def _linked_key(declaration: Declaration, owner: EntitySchema) -> str | None:
    """Return type and attribute that a scalar holds the key of, by its name."""
    attribute = declaration.attribute
    if attribute.kind is not AttributeKind.SCALAR:
        return None
    link = owner.attributes.get(foreign_key_link(attribute.name) or "")
    if link is None or link.kind is not AttributeKind.LINK:
        return None
    return f"{link.target}.id"


def _described_key(attribute: Attribute) -> str | None:
    """Return type and attribute that the server's description of a key names."""
    description = attribute.description or ""
    if attribute.format != "foreign_key" or not description.startswith(FOREIGN_KEY):
        return None
    return description.removeprefix(FOREIGN_KEY)

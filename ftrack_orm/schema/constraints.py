"""What the schema means for a caller: what may be set, be missing, or be None.

The schema's own lists do not say it directly: ``required`` names what the server
fills itself, and ``immutable`` names keys that must be given at creation. The rules
and the tables of exceptions stand here once, for generated classes and for classes
made at run time.
"""

from __future__ import annotations

from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema
from ftrack_orm.schema.relations import Relations

ALWAYS_FILLED = frozenset(
    {
        # Links and names the schema calls optional though a server always fills
        # them (protocol 6.1, 6.3 and the recorded rows of section 9).
        ("Asset", "context_id"),
        ("Asset", "name"),
        ("Asset", "parent"),
        ("Asset", "type"),
        ("Asset", "type_id"),
        ("AssetVersion", "asset"),
        ("AssetVersion", "asset_id"),
        ("AssetVersion", "_link"),
        ("AssetVersion", "link"),
        ("AssetVersion", "version"),
        ("ComponentLocation", "component"),
        ("ComponentLocation", "component_id"),
        ("ComponentLocation", "location"),
        ("ComponentLocation", "location_id"),
        ("Context", "_link"),
        ("Context", "link"),
        ("CustomConfigurationBase", "key"),
        ("CustomConfigurationBase", "entity_type"),
        ("CustomAttributeConfiguration", "type"),
        ("CustomAttributeConfiguration", "type_id"),
        ("CustomAttributeType", "name"),
        ("Group", "link"),
        ("List", "name"),
        ("ListCategory", "name"),
        ("ManagerType", "name"),
        ("Priority", "name"),
        ("Priority", "color"),
        ("ProjectSchema", "name"),
        ("SecurityRole", "name"),
        ("State", "name"),
        ("State", "short"),
        ("Status", "color"),
        ("Status", "name"),
        ("Status", "state"),
        ("Type", "name"),
        ("TypedContext", "project"),
        ("TypedContext", "project_id"),
    }
)
"""Pairs of type and attribute that are never ``None``, subtypes included."""

NEEDED_AT_CREATION = frozenset(
    {
        # May be None in a response, and must be given all the same (protocol 6.5).
        ("TypedContext", "parent"),
        ("TypedContext", "parent_id"),
    }
)
"""Pairs of type and attribute that a create cannot leave out, subtypes included."""

SOMETIMES_EMPTY = frozenset(
    {
        # The recipient once more, when it is a user (`ftrack_orm.schema.relations`).
        ("Recipient", "user"),
    }
)
"""Links that may lead nowhere though their foreign key is always filled."""

SERVER_FILLED = frozenset(
    {
        # Required by the schema, filled by the server when not sent (protocol 6.1).
        ("Component", "system_type"),
        ("Context", "context_type"),
        ("Job", "status"),
        ("Note", "user_id"),
        ("Project", "status"),
        ("ReviewSession", "start_date"),
        ("ReviewSession", "end_date"),
        ("ReviewSessionObject", "sort_order"),
        ("ReviewSessionObject", "version"),
        ("Timelog", "start"),
        ("Timer", "start"),
        ("TypedContext", "bid"),
        ("TypedContext", "sort"),
        ("User", "is_active"),
        ("User", "username"),
    }
)
"""Pairs of type and attribute that a constructor need not be given."""

SERVER_FILLED_EVERYWHERE = frozenset({"created_at", "created_by_id", "id"})


def _in(
    table: frozenset[tuple[str, str]], schema: Schema, entity_type: str, name: str
) -> bool:
    return any((base.name, name) in table for base in schema.bases(entity_type))


def is_read_only(
    schema: Schema, entity_type: EntitySchema, attribute: Attribute
) -> bool:
    """Return whether only the server sets the attribute.

    Computed ones are; immutable ones are unless they are required and nobody else can
    give them: parts of a composite key, and what must be settled at creation. A
    subtype that makes immutable what its base lets change refuses it (``Shot.bid``).
    """
    if attribute.computed:
        return True
    if attribute.restricted_projection:
        return True
    if not attribute.immutable:
        return False
    if entity_type.primary_key == (attribute.name,):
        return True
    if attribute.name in entity_type.primary_key:
        return False
    if not attribute.required or attribute.has_default:
        return True
    base = schema.types.get(entity_type.base or "")
    inherited = base.attributes.get(attribute.name) if base is not None else None
    return inherited is not None and (
        not inherited.immutable or is_read_only(schema, base, inherited)  # type: ignore[arg-type] # base is known here
    )


def is_nullable(
    schema: Schema,
    entity_type: EntitySchema,
    attribute: Attribute,
    relations: Relations | None = None,
) -> bool:
    """Return whether ``None`` is a value of the attribute.

    A scalar may be ``None`` unless the schema requires it, a link unless its foreign
    key never is; `ALWAYS_FILLED` holds the exceptions. Collections never are.

    Args:
        schema: where the type stands.
        entity_type: the type that has the attribute, declared or inherited.
        attribute: one of its attributes.
        relations: those of `schema`, for callers who ask about many attributes.
    """
    if attribute.kind in (AttributeKind.COLLECTION, AttributeKind.MAPPED):
        return False
    if attribute.name in entity_type.primary_key:
        return False
    if _in(ALWAYS_FILLED, schema, entity_type.name, attribute.name):
        return False
    if _in(SOMETIMES_EMPTY, schema, entity_type.name, attribute.name):
        return True
    if attribute.default is None:
        return True
    if attribute.kind is AttributeKind.LINK:
        known = relations if relations is not None else Relations(schema)
        name = known.foreign_key(entity_type.name, attribute.name)
        foreign_key = entity_type.attributes.get(name or "")
        if foreign_key is None or foreign_key.kind is not AttributeKind.SCALAR:
            return True
        return is_nullable(schema, entity_type, foreign_key)
    return not attribute.required


def is_required_argument(
    schema: Schema,
    entity_type: EntitySchema,
    attribute: Attribute,
    relations: Relations | None = None,
) -> bool:
    """Return whether a constructor must be given the attribute.

    Only where the server can neither fill nor default it. A foreign key never must:
    its link says the same.

    Args:
        schema: where the type stands.
        entity_type: the type that has the attribute, declared or inherited.
        attribute: one of its attributes.
        relations: those of `schema`, for callers who ask about many attributes.
    """
    if attribute.kind is not AttributeKind.SCALAR or not attribute.required:
        return False
    if attribute.has_default or is_read_only(schema, entity_type, attribute):
        return False
    if attribute.name in SERVER_FILLED_EVERYWHERE:
        return False
    if _in(SERVER_FILLED, schema, entity_type.name, attribute.name):
        return False
    if attribute.format == "foreign_key":
        return False
    # `AssetCustomAttributeLink.to_id` is no foreign key by name, yet `asset` gives it.
    known = relations if relations is not None else Relations(schema)
    return not any(
        known.foreign_key(entity_type.name, link.name) == attribute.name
        for link in entity_type.attributes.values()
        if link.kind is AttributeKind.LINK
    )

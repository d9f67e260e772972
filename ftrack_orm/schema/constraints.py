"""Decide which attributes may be set, may be left out and may be ``None``.

The lists of the schema do not answer this directly: ``required`` includes attributes
that the server fills, and ``immutable`` includes key attributes that a create must
send. The rules and their tables of exceptions are shared by generated classes and by
classes built at run time.
"""

from __future__ import annotations

from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema
from ftrack_orm.schema.relations import Relations

ALWAYS_FILLED = frozenset(
    {
        # Optional in the schema, yet always filled by the server (protocol 6.1, 6.3
        # and the recorded rows of section 9).
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

OF_OBJECT_TYPE = frozenset({"priority_id", "status_id", "type_id"})
"""Attributes that typed contexts have if their object type has them.

The flags ``is_prioritizable``, ``is_statusable`` and ``is_typeable`` of an object type
decide; the schema declares the attributes of the others immutable (protocol 4.4, 9.1).
"""

NEEDED_AT_CREATION = frozenset(
    {
        # Optional in the schema, yet a create must send a value (protocol 6.1, 6.5).
        ("Asset", "context_id"),
        ("AssetVersion", "asset_id"),
        ("ComponentLocation", "component_id"),
        ("ComponentLocation", "location_id"),
        ("CustomConfigurationBase", "entity_type"),
        ("CustomConfigurationBase", "key"),
        ("CustomAttributeConfiguration", "type_id"),
        ("Manager", "context_id"),
        ("Manager", "user_id"),
        ("Project", "full_name"),
        ("TypedContext", "parent_id"),
    }
)
"""Pairs of type and attribute that a create cannot leave out, subtypes included."""

SOMETIMES_EMPTY = frozenset(
    {
        # The same resource as `recipient`, present only if that is a user.
        ("Recipient", "user"),
    }
)
"""Links that may be ``None`` although their foreign key is always filled."""

GIVEN_BY_KEY = frozenset(
    {
        # Programs that copy files know the ids of components from other rows.
        ("ComponentLocation", "component"),
    }
)
"""Links that a constructor does not require, as their key is often given instead."""

SERVER_FILLED = frozenset(
    {
        # Required in the schema, filled by the server if not sent (protocol 6.1).
        ("AssetVersion", "status_id"),
        ("Component", "system_type"),
        ("Context", "context_type"),
        ("CustomAttributeLink", "from_entity_type"),
        ("CustomAttributeLink", "to_entity_type"),
        ("CustomAttributeLinkFrom", "from_entity_type"),
        ("CustomAttributeLinkFrom", "to_entity_type"),
        ("CustomConfigurationBase", "config"),  # types without options need none
        ("Job", "status"),
        ("Note", "user_id"),
        ("Project", "status"),
        ("Resource", "resource_type"),
        ("ReviewSession", "start_date"),
        ("ReviewSession", "end_date"),
        ("ReviewSessionObject", "sort_order"),
        ("ReviewSessionObject", "version"),
        ("Timelog", "start"),
        ("Timer", "start"),
        ("Timer", "user_id"),
        ("TypedContext", "bid"),
        ("TypedContext", "object_type_id"),
        ("TypedContext", "priority_id"),
        ("TypedContext", "sort"),
        ("TypedContext", "status_id"),
        ("TypedContext", "type_id"),
        ("User", "is_active"),
        ("User", "username"),
    }
)
"""Pairs of type and attribute that a constructor does not require."""

SERVER_FILLED_EVERYWHERE = frozenset({"created_at", "created_by_id", "id"})
"""Attributes of any type that a constructor does not require."""


def _is_listed(
    table: frozenset[tuple[str, str]], schema: Schema, type_name: str, name: str
) -> bool:
    return any((base.name, name) in table for base in schema.bases(type_name))


def is_read_only(
    schema: Schema, entity_schema: EntitySchema, attribute: Attribute
) -> bool:
    """Return whether only the server sets the attribute.

    Computed attributes are read-only. Immutable ones are too, unless the client must
    send them at creation: parts of a composite key, and required attributes without a
    default. A subtype that declares a base's mutable attribute immutable makes it
    read-only (``Shot.bid``).
    """
    if attribute.computed or attribute.restricted_projection:
        return True
    if not attribute.immutable:
        return False
    # A key of one attribute is generated; the caller sets the parts of a composite key.
    if entity_schema.primary_key == (attribute.name,):
        return True
    if attribute.name in entity_schema.primary_key:
        return False
    if not attribute.required or attribute.has_default:
        return True
    base = schema.types.get(entity_schema.base or "")
    inherited = base.attributes.get(attribute.name) if base is not None else None
    return inherited is not None and (
        not inherited.immutable or is_read_only(schema, base, inherited)  # type: ignore[arg-type] # `inherited` implies a base
    )


def is_nullable(
    schema: Schema,
    entity_schema: EntitySchema,
    attribute: Attribute,
    relations: Relations | None = None,
) -> bool:
    """Return whether the attribute may be ``None``.

    A scalar may be ``None`` unless the schema requires it. A link may be ``None`` if
    its foreign key may; `ALWAYS_FILLED` and `SOMETIMES_EMPTY` list the exceptions.
    Collections are never ``None``.

    Args:
        schema: the schema of the type.
        entity_schema: the type that has the attribute, declared or inherited.
        attribute: one of its attributes.
        relations: the relations of `schema`; pass them to resolve each only once over
            many calls.
    """
    if attribute.kind in (AttributeKind.COLLECTION, AttributeKind.MAPPED):
        return False
    if attribute.name in entity_schema.primary_key:
        return False
    if _is_listed(ALWAYS_FILLED, schema, entity_schema.name, attribute.name):
        return False
    if _is_listed(SOMETIMES_EMPTY, schema, entity_schema.name, attribute.name):
        return True
    if _may_lack(schema, entity_schema, attribute.name):
        return True
    # A default of None makes None a valid value, even of a required attribute.
    if attribute.default is None:
        return True
    if attribute.kind is AttributeKind.LINK:
        relations = relations if relations is not None else Relations(schema)
        name = relations.foreign_key(entity_schema.name, attribute.name)
        foreign_key = entity_schema.attributes.get(name or "")
        if foreign_key is None or foreign_key.kind is not AttributeKind.SCALAR:
            return True
        return is_nullable(schema, entity_schema, foreign_key)
    return not attribute.required


def _may_lack(schema: Schema, entity_schema: EntitySchema, name: str) -> bool:
    """Return whether an object type of this type or of a subtype lacks the attribute.

    The immutable attribute of a type without subtypes means that its object type
    lacks it; a base has it only if all of its subtypes have it.
    """
    if name not in OF_OBJECT_TYPE or name not in entity_schema.attributes:
        return False
    family = [base.name for base in schema.bases(entity_schema.name)]
    if "TypedContext" not in family:
        return False
    return name in entity_schema.immutable or any(
        name in subtype.immutable for subtype in schema.subtypes(entity_schema.name)
    )


def is_required_argument(
    schema: Schema,
    entity_schema: EntitySchema,
    attribute: Attribute,
    relations: Relations | None = None,
) -> bool:
    """Return whether a constructor requires the attribute.

    It does if a create must send the attribute and the server neither fills nor
    defaults it. The key of a link is set through the link, so the link is required in
    its place.

    Args:
        schema: the schema of the type.
        entity_schema: the type that has the attribute, declared or inherited.
        attribute: one of its attributes.
        relations: the relations of `schema`; pass them to resolve each only once over
            many calls.
    """
    if is_read_only(schema, entity_schema, attribute) or _is_listed(
        GIVEN_BY_KEY, schema, entity_schema.name, attribute.name
    ):
        return False
    relations = relations if relations is not None else Relations(schema)
    if attribute.kind is AttributeKind.LINK:
        name = relations.foreign_key(entity_schema.name, attribute.name)
        foreign_key = entity_schema.attributes.get(name or "")
        return (
            foreign_key is not None
            and _must_be_sent(schema, entity_schema, foreign_key)
            and _link_of(schema, relations, entity_schema, foreign_key) is attribute
        )
    return (
        attribute.kind is AttributeKind.SCALAR
        and _must_be_sent(schema, entity_schema, attribute)
        and _link_of(schema, relations, entity_schema, attribute) is None
    )


def _must_be_sent(
    schema: Schema, entity_schema: EntitySchema, attribute: Attribute
) -> bool:
    """Return whether a create must send the value of a scalar."""
    name = entity_schema.name
    if _is_listed(NEEDED_AT_CREATION, schema, name, attribute.name):
        return True
    return (
        attribute.required
        and not attribute.has_default
        and not is_read_only(schema, entity_schema, attribute)
        and attribute.name not in SERVER_FILLED_EVERYWHERE
        and not _is_listed(SERVER_FILLED, schema, name, attribute.name)
    )


def _link_of(
    schema: Schema,
    relations: Relations,
    entity_schema: EntitySchema,
    foreign_key: Attribute,
) -> Attribute | None:
    """Return the link that a constructor requires for a foreign key, if any.

    Two links of `Recipient` have one key; the one that always has a target is
    required.
    """
    for link in entity_schema.attributes.values():
        if (
            link.kind is AttributeKind.LINK
            and relations.foreign_key(entity_schema.name, link.name) == foreign_key.name
            and not _is_listed(SOMETIMES_EMPTY, schema, entity_schema.name, link.name)
            and not is_read_only(schema, entity_schema, link)
        ):
            return link
    return None

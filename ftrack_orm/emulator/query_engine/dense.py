"""Select custom attribute values: one row for each applicable configuration.

The storage holds only values that a client set. The six types named after an entity
have one row for every configuration that applies to it, with the default where no
value is set (protocol 3.5). Entities inherit no values from their parents (protocol
6.7).
"""

from __future__ import annotations

import sqlalchemy as sa

from ftrack_orm.emulator.storage.own_tables import FORMER_DEFAULTS
from ftrack_orm.emulator.storage.tables import ORDER, SPARSE_VALUES, TYPE, Tables

# `entity_type` of the configurations that apply, by type of the owner. `_applies` has
# the rules for contexts, which depend on the object type too.
_CONFIGURED_TYPES: dict[str, tuple[str, ...]] = {
    "Asset": ("asset",),
    "AssetVersion": ("assetversion", "asset_version"),
    "List": ("list",),
    "ListObject": ("listobject", "list_object"),
    "User": ("user",),
}

# Owners to which hierarchical configurations apply, too (protocol 6.7).
_HIERARCHICAL = frozenset({"Asset", "AssetVersion", "Context"})


def dense_rows(tables: Tables, entity_type: str) -> sa.Subquery:
    """Return a subquery with one row per entity and applicable configuration."""
    owner = entity_type.removesuffix(SPARSE_VALUES)
    entity = tables.table(owner).alias()
    configuration = tables.table("CustomAttributeConfiguration").alias()
    stored = tables.table(SPARSE_VALUES).alias()
    default = _default(tables, owner, entity, configuration)
    value = sa.case((stored.c.entity_id.is_(None), default), else_=stored.c.value)
    joined = sa.join(
        entity, configuration, _applies(owner, entity, configuration)
    ).outerjoin(
        stored,
        sa.and_(
            stored.c.configuration_id == configuration.c.id,
            stored.c.entity_id == entity.c.id,
        ),
    )
    of_owner = tables.subtypes(owner)
    return (
        sa.select(
            configuration.c.id.label("configuration_id"),
            entity.c.id.label("entity_id"),
            configuration.c.key.label("key"),
            value.label("value"),
            sa.literal(entity_type).label(TYPE),
            # Sort the rows by entity, then by configuration.
            (entity.c[ORDER] * 1_000_000 + configuration.c[ORDER]).label(ORDER),
        )
        .select_from(joined)
        .where(
            configuration.c[TYPE] == "CustomAttributeConfiguration",
            entity.c[TYPE].in_(of_owner),
            _is_in_project(
                configuration,
                tables.table("CustomAttributeConfiguration").alias(),
                _project_of(tables, entity),
            ),
        )
        .subquery()
    )


def _applies(
    owner: str, entity: sa.FromClause, configuration: sa.FromClause
) -> sa.ColumnElement[bool]:
    flat = sa.func.coalesce(configuration.c.is_hierarchical, 0) == 0
    configured_type = configuration.c.entity_type
    if owner == "Context":
        is_project = entity.c[TYPE] == "Project"
        object_type = configuration.c.object_type_id
        is_configured = sa.or_(
            sa.and_(is_project, configured_type == "show"),
            sa.and_(
                sa.not_(is_project),
                configured_type == "task",
                sa.or_(object_type.is_(None), object_type == entity.c.object_type_id),
            ),
        )
    else:
        is_configured = configured_type.in_(
            _CONFIGURED_TYPES.get(owner, (owner.lower(),))
        )
    if owner in _HIERARCHICAL:
        return sa.or_(sa.not_(flat), sa.and_(flat, is_configured))
    return sa.and_(flat, is_configured)


def _project_of(tables: Tables, entity: sa.FromClause) -> sa.ColumnElement[str] | None:
    """Return the SQL of an entity's project id; a list item has its list's."""
    if "project_id" in entity.c:
        return entity.c.project_id
    if "list_id" not in entity.c:
        return None
    lists = tables.table("List").alias()
    project_id = sa.select(lists.c.project_id).where(lists.c.id == entity.c.list_id)
    return project_id.scalar_subquery()


def _default(
    tables: Tables, owner: str, entity: sa.FromClause, configuration: sa.FromClause
) -> sa.ColumnElement[str]:
    """Return the SQL of the default at the entity's creation (protocol 6.7)."""
    former = tables.metadata.tables[FORMER_DEFAULTS].alias()
    former_default = (
        # A former default of null differs from no former default.
        sa.select(sa.func.coalesce(former.c.default, "null"))
        .where(
            former.c.configuration_id == configuration.c.id,
            former.c.owners == tables.root(owner),
            former.c.until >= entity.c[ORDER],
        )
        .order_by(former.c.until)
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.nullif(
        sa.func.coalesce(former_default, configuration.c.default), "null"
    )


def _is_in_project(
    configuration: sa.FromClause,
    project_configuration: sa.FromClause,
    project_id: sa.ColumnElement[str] | None,
) -> sa.ColumnElement[bool]:
    """Return the condition that a configuration is global or the project's.

    A configuration of the project hides the global one with the same key, unless one of
    them is hierarchical and the other is not.
    """
    is_global = configuration.c.project_id.is_(None)
    if project_id is None:
        return is_global
    overriding = sa.select(sa.literal(1)).where(
        project_configuration.c.key == configuration.c.key,
        project_configuration.c[TYPE] == configuration.c[TYPE],
        project_configuration.c.project_id == project_id,
        project_configuration.c.entity_type == configuration.c.entity_type,
        sa.func.coalesce(project_configuration.c.is_hierarchical, 0)
        == sa.func.coalesce(configuration.c.is_hierarchical, 0),
        project_configuration.c.object_type_id.is_not_distinct_from(
            configuration.c.object_type_id
        ),
    )
    return sa.or_(
        configuration.c.project_id == project_id,
        sa.and_(is_global, sa.not_(overriding.exists())),
    )

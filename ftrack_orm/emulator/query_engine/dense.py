"""Custom attribute values as the server shows them: one for each that applies.

Only what was set is stored. The six types named after an entity show a row for every
configuration that applies to it, with the default where nothing was set (protocol
3.5); nothing is inherited from entities above (6.7).
"""

from __future__ import annotations

import sqlalchemy as sa

from ftrack_orm.emulator.storage.own_tables import FORMER_DEFAULTS
from ftrack_orm.emulator.storage.tables import ORDER, SPARSE_VALUES, TYPE, Tables

# `entity_type` of the configurations that apply, by type of the owner. Contexts
# have rules of their own.
_APPLYING: dict[str, tuple[str, ...]] = {
    "Asset": ("asset",),
    "AssetVersion": ("assetversion", "asset_version"),
    "List": ("list",),
    "ListObject": ("listobject", "list_object"),
    "User": ("user",),
}

# Those that also have the hierarchical ones (protocol 6.7).
_HIERARCHICAL = frozenset({"Asset", "AssetVersion", "Context"})


def dense_rows(tables: Tables, entity_type: str) -> sa.Subquery:
    """Return one row for each entity and configuration that applies to it."""
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
            # Rows of one entity stand together, in the order of configurations.
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
    kind = configuration.c.entity_type
    if owner == "Context":
        is_project = entity.c[TYPE] == "Project"
        object_type = configuration.c.object_type_id
        found = sa.or_(
            sa.and_(is_project, kind == "show"),
            sa.and_(
                sa.not_(is_project),
                kind == "task",
                sa.or_(object_type.is_(None), object_type == entity.c.object_type_id),
            ),
        )
    else:
        found = kind.in_(_APPLYING.get(owner, (owner.lower(),)))
    if owner in _HIERARCHICAL:
        return sa.or_(sa.not_(flat), sa.and_(flat, found))
    return sa.and_(flat, found)


def _project_of(tables: Tables, entity: sa.FromClause) -> sa.ColumnElement[str] | None:
    """Return the project of an entity; of an item of a list, that of the list."""
    if "project_id" in entity.c:
        return entity.c.project_id
    if "list_id" not in entity.c:
        return None
    lists = tables.table("List").alias()
    found = sa.select(lists.c.project_id).where(lists.c.id == entity.c.list_id)
    return found.scalar_subquery()


def _default(
    tables: Tables, owner: str, entity: sa.FromClause, configuration: sa.FromClause
) -> sa.ColumnElement[str]:
    """Return the default there was when the entity was created (protocol 6.7).

    Null is written out among those of before, to be told from none.
    """
    former = tables.metadata.tables[FORMER_DEFAULTS].alias()
    found = (
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
    return sa.func.nullif(sa.func.coalesce(found, configuration.c.default), "null")


def _is_in_project(
    configuration: sa.FromClause,
    own: sa.FromClause,
    project_id: sa.ColumnElement[str] | None,
) -> sa.ColumnElement[bool]:
    """Global, or the project's own; that one hides a global of the same key."""
    everywhere = configuration.c.project_id.is_(None)
    if project_id is None:
        return everywhere
    hidden = sa.select(sa.literal(1)).where(
        own.c.key == configuration.c.key,
        own.c[TYPE] == configuration.c[TYPE],
        own.c.project_id == project_id,
        own.c.entity_type == configuration.c.entity_type,
        own.c.object_type_id.is_not_distinct_from(configuration.c.object_type_id),
    )
    return sa.or_(
        configuration.c.project_id == project_id,
        sa.and_(everywhere, sa.not_(hidden.exists())),
    )

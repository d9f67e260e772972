"""Build the SQL conditions of a search in addition to its expression (protocol 2.2).

A term matches the name of an entity or a name on its path. The statement walks a tree
once, from the matching names downwards, instead of upwards from each row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.query_engine.scopes import Condition, Expression, Scope
from ftrack_orm.emulator.storage.database import casefold
from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.emulator.storage.tables import Tables

_Ids: TypeAlias = "sa.Select[tuple[Any]]"

_USER_NAMES = ("username", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class Search:
    """The parameters of a search.

    Attributes:
        terms: each must be part of a name on the entity's path; case is ignored.
        context_id: limits the search to this context and its descendants.
        object_type_ids: limits it to contexts of these object types, unless empty.
    """

    terms: tuple[str, ...]
    context_id: str | None = None
    object_type_ids: tuple[str, ...] = ()

    def conditions(self, scope: Scope) -> list[Condition]:
        """Return the conditions on the rows of a query's type.

        Raises:
            Invalid: the type has no name to search, no object type, or no place
                among the contexts.
        """
        names = _names(scope)
        conditions = [
            _path_contains(scope, names, term)
            for term in dict.fromkeys(self.terms)
            # An empty term matches every row, including rows whose name is null.
            if term
        ]
        if self.context_id is not None:
            conditions.append(_is_below(scope, self.context_id))
        if self.object_type_ids:
            conditions.append(_is_of_object_type(scope, self.object_type_ids))
        return conditions


def contains(text: Expression, term: str) -> Condition:
    """Return the condition that `term` is part of a text, regardless of case."""
    # Not `like`: the characters of a term are no wildcards. `lower` of SQLite changes
    # ASCII letters only, and `casefold` is a slower Python function.
    if term.isascii():
        return sa.func.instr(sa.func.lower(text), term.lower()) > 0
    return sa.func.instr(sa.func.casefold(text), casefold(term)) > 0


# -- names ---------------------------------------------------------------------


def _names(scope: Scope) -> tuple[str, ...]:
    """Return the attributes of the type in which terms are searched."""
    entity_schema = scope.tables.schema[scope.entity_type]
    if entity_schema.name == "Resource":
        # The table holds users and groups, which have different names.
        names = (*_USER_NAMES, "name")
        return tuple(name for name in names if name in scope.source.c)
    if _is_type(scope, "BaseUser"):
        return tuple(name for name in _USER_NAMES if name in entity_schema.attributes)
    if "name" in entity_schema.attributes:
        return ("name",)
    if entity_schema.name == "AssetVersion":
        return ()
    raise Invalid(f"{entity_schema.name} has no name and cannot be searched.")


def _path_contains(scope: Scope, names: Sequence[str], term: str) -> Condition:
    own_names = [contains(scope.source.c[name], term) for name in names]
    contexts = scope.tables.table("Context").alias()
    start = sa.select(contexts.c.id).where(contains(contexts.c.name, term))
    if _is_type(scope, "Context"):
        # The walk starts with the matching contexts, so it includes the row itself.
        return scope.source.c.id.in_(_downwards(scope.tables, start))
    if _is_type(scope, "Asset"):
        place = scope.source.c.context_id.in_(_downwards(scope.tables, start))
        return sa.or_(*own_names, place)
    if _is_type(scope, "AssetVersion"):
        assets = scope.tables.table("Asset").alias()
        place = assets.c.context_id.in_(_downwards(scope.tables, start))
        named = sa.select(assets.c.id).where(
            sa.or_(contains(assets.c.name, term), place)
        )
        return scope.source.c.asset_id.in_(named)
    if _is_type(scope, "Resource"):
        # The path of a group is the chain of its parent groups (protocol 6.3).
        groups = scope.tables.table("Resource").alias()
        above = sa.select(groups.c.id).where(contains(groups.c.name, term))
        return sa.or_(
            *own_names,
            scope.source.c.id.in_(_downwards(scope.tables, above, "Resource")),
        )
    return sa.or_(*own_names)


# -- place and object type -----------------------------------------------------


def _is_below(scope: Scope, context_id: str) -> Condition:
    contexts = scope.tables.table("Context").alias()
    start = sa.select(contexts.c.id).where(contexts.c.id == context_id)
    tree = _downwards(scope.tables, start)
    if _is_type(scope, "Context"):
        return scope.source.c.id.in_(tree)
    if _is_type(scope, "AssetVersion"):
        assets = scope.tables.table("Asset").alias()
        asset_ids = sa.select(assets.c.id).where(assets.c.context_id.in_(tree))
        return scope.source.c.asset_id.in_(asset_ids)
    for name in ("context_id", "project_id"):
        if name in scope.tables.columns(scope.entity_type):
            return scope.source.c[name].in_(tree)
    raise Invalid(f"{scope.entity_type} is not below a context; leave context_id out.")


def _is_of_object_type(scope: Scope, ids: Sequence[str]) -> Condition:
    if not _is_type(scope, "Context"):
        raise Invalid(f"{scope.entity_type} has no object type.")
    return is_among(scope.source.c.object_type_id, ids)


def _downwards(tables: Tables, start: _Ids, root: str = "Context") -> _Ids:
    """Return the ids of contexts or groups and of all their descendants."""
    below = tables.table(root).alias()
    tree = start.cte(recursive=True)
    step = sa.select(below.c.id).where(below.c.parent_id == tree.c.id)
    return sa.select(tree.union(step).c.id)


def _is_type(scope: Scope, base: str) -> bool:
    bases = scope.tables.schema.bases(scope.entity_type)
    return any(entity_schema.name == base for entity_schema in bases)

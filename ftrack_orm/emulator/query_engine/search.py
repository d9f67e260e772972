"""What a search asks of rows beside its expression, as SQL (protocol 2.2).

A term is found in an entity's own name or in that of anything on its path; trees are
walked from what fits downwards, once for a query and not once for each of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.query_engine.scopes import Condition, Expression, Scope
from ftrack_orm.emulator.storage.database import folded
from ftrack_orm.emulator.storage.storage import is_among
from ftrack_orm.emulator.storage.tables import Tables

_Ids: TypeAlias = "sa.Select[tuple[Any]]"

_USER_NAMES = ("username", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class Search:
    """What the rows of a query have to meet to be found.

    Attributes:
        terms: each is part of some name on the entity's path, in any case.
        context_id: only that context and what is below it.
        object_type_ids: only contexts of these object types; all when empty.
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
        found = [
            _mentions(scope, names, term)
            for term in dict.fromkeys(self.terms)
            # Nothing is part of everything, also of what has no name.
            if term
        ]
        if self.context_id is not None:
            found.append(_is_below(scope, self.context_id))
        if self.object_type_ids:
            found.append(_is_of_object_type(scope, self.object_type_ids))
        return found


def contains(text: Expression, term: str) -> Condition:
    """Return the condition that `term` is part of a text, regardless of case."""
    # Not `like`: nothing in a term stands for something else.
    if term.isascii():
        return sa.func.instr(sa.func.lower(text), term.lower()) > 0
    return sa.func.instr(sa.func.casefold(text), folded(term)) > 0


# -- what a term is looked for in ---------------------------------------------


def _names(scope: Scope) -> tuple[str, ...]:
    """Return the attributes of the type itself that a term may be found in."""
    kind = scope.tables.schema[scope.entity_type]
    if kind.name == "Resource":
        # Users and groups in one: each has its own names.
        names = (*_USER_NAMES, "name")
        return tuple(name for name in names if name in scope.source.c)
    if _is_kind(scope, "BaseUser"):
        return tuple(name for name in _USER_NAMES if name in kind.attributes)
    if "name" in kind.attributes:
        return ("name",)
    if kind.name == "AssetVersion":
        return ()
    raise Invalid(f"{kind.name} has no name and cannot be searched.")


def _mentions(scope: Scope, names: Sequence[str], term: str) -> Condition:
    own = [contains(scope.source.c[name], term) for name in names]
    contexts = scope.tables.table("Context").alias()
    start = sa.select(contexts.c.id).where(contains(contexts.c.name, term))
    if _is_kind(scope, "Context"):
        # The row itself is among those the walk begins with.
        return scope.source.c.id.in_(_downwards(scope.tables, start))
    if _is_kind(scope, "Asset"):
        place = scope.source.c.context_id.in_(_downwards(scope.tables, start))
        return sa.or_(*own, place)
    if _is_kind(scope, "AssetVersion"):
        assets = scope.tables.table("Asset").alias()
        place = assets.c.context_id.in_(_downwards(scope.tables, start))
        named = sa.select(assets.c.id).where(
            sa.or_(contains(assets.c.name, term), place)
        )
        return scope.source.c.asset_id.in_(named)
    if _is_kind(scope, "Resource"):
        # The path of a group are the groups above it (protocol 6.3).
        groups = scope.tables.table("Resource").alias()
        above = sa.select(groups.c.id).where(contains(groups.c.name, term))
        return sa.or_(
            *own, scope.source.c.id.in_(_downwards(scope.tables, above, "Resource"))
        )
    return sa.or_(*own)


# -- where it is --------------------------------------------------------------


def _is_below(scope: Scope, context_id: str) -> Condition:
    contexts = scope.tables.table("Context").alias()
    start = sa.select(contexts.c.id).where(contexts.c.id == context_id)
    tree = _downwards(scope.tables, start)
    if _is_kind(scope, "Context"):
        return scope.source.c.id.in_(tree)
    if _is_kind(scope, "AssetVersion"):
        assets = scope.tables.table("Asset").alias()
        held = sa.select(assets.c.id).where(assets.c.context_id.in_(tree))
        return scope.source.c.asset_id.in_(held)
    for name in ("context_id", "project_id"):
        if name in scope.tables.columns(scope.entity_type):
            return scope.source.c[name].in_(tree)
    raise Invalid(f"{scope.entity_type} is not below a context; leave context_id out.")


def _is_of_object_type(scope: Scope, ids: Sequence[str]) -> Condition:
    if not _is_kind(scope, "Context"):
        raise Invalid(f"{scope.entity_type} has no object type.")
    return is_among(scope.source.c.object_type_id, ids)


def _downwards(tables: Tables, start: _Ids, root: str = "Context") -> _Ids:
    """Return the ids of contexts, or of groups, and of all those below them."""
    below = tables.table(root).alias()
    tree = start.cte(recursive=True)
    step = sa.select(below.c.id).where(below.c.parent_id == tree.c.id)
    return sa.select(tree.union(step).c.id)


def _is_kind(scope: Scope, base: str) -> bool:
    kinds = scope.tables.schema.bases(scope.entity_type)
    return any(kind.name == base for kind in kinds)

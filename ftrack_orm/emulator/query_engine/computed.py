"""Compute values that are not stored: links, pictures, logged time (protocol 6.3).

Each function computes the values of all rows of a level with one or two statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.blobs.signed_urls import Endpoint, Sign
from ftrack_orm.emulator.storage.storage import Connection, is_among
from ftrack_orm.emulator.storage.tables import TYPE, Tables

Row: TypeAlias = Mapping[str, Any]
"""The stored values of one entity by attribute, with ``__type__``."""

Values: TypeAlias = dict[Any, Any]
"""Computed values by the key of the entity."""


class ComputedAttributes:
    """Compute the values of attributes for many rows of a type.

    `sign` returns the address of a picture or file.
    """

    def __init__(self, tables: Tables, connection: Connection, sign: Sign) -> None:
        self._tables = tables
        self._connection = connection
        self._sign = sign

    def source_attributes(self, name: str, columns: Iterable[str]) -> list[str]:
        """Return the stored attributes from which `name` is computed."""
        sources = _SOURCE_ATTRIBUTES.get(name, ())
        return [attribute for attribute in sources if attribute in columns]

    def values(self, name: str, rows: Mapping[Any, Row]) -> Values:
        """Return the values of an attribute, by the keys of the rows."""
        functions: dict[str, Callable[[Mapping[Any, Row]], Values]] = {
            "link": self._links,
            "_link": self._links,
            "thumbnail_url": self._thumbnails,
            "url": self._urls,
            "time_logged": self._time_logged,
            "bid_time_logged_difference": self._bid_difference,
        }
        return functions[name](rows)

    # -- links -------------------------------------------------------------------

    def _links(self, rows: Mapping[Any, Row]) -> Values:
        """Return the path of each entity, from its project to the entity."""
        links: Values = {}
        by_type: dict[str, dict[Any, Row]] = {}
        for key, row in rows.items():
            root = self._tables.root(row[TYPE])
            by_type.setdefault(root, {})[key] = row
        for root, members in by_type.items():
            if root == "AssetVersion":
                links.update(self._version_links(members))
            else:
                links.update(self._tree_links(root, members))
        return links

    def _tree_links(self, root: str, rows: Mapping[Any, Row]) -> Values:
        tree = self.ancestry(root, list(rows))
        return {key: self._chain(tree, key) for key in rows}

    def _version_links(self, rows: Mapping[Any, Row]) -> Values:
        assets = self._tables.table("Asset")
        statement = sa.select(assets.c.id, assets.c.name, assets.c.context_id).where(
            is_among(assets.c.id, _distinct(row["asset_id"] for row in rows.values()))
        )
        by_id = {asset.id: asset for asset in self._connection.execute(statement)}
        contexts = _distinct(asset.context_id for asset in by_id.values())
        tree = self.ancestry("Context", contexts)
        links: Values = {}
        for key, row in rows.items():
            asset = by_id.get(row["asset_id"])
            chain = self._chain(tree, asset.context_id) if asset else []
            name = f"{asset.name if asset else ''} v{row['version']}".strip()
            links[key] = [*chain, {"type": "AssetVersion", "id": key, "name": name}]
        return links

    def ancestry(self, root: str, keys: list[Any]) -> dict[Any, Sequence[Any]]:
        """Return rows of entities and their ancestors: id, parent, name and type."""
        table = self._tables.table(root)
        start = sa.select(table.c.id, table.c.parent_id, table.c.name, table.c[TYPE])
        tree = start.where(is_among(table.c.id, keys)).cte(recursive=True)
        above = table.alias()
        step = sa.select(
            above.c.id, above.c.parent_id, above.c.name, above.c[TYPE]
        ).where(above.c.id == tree.c.parent_id)
        rows = self._connection.execute(sa.select(tree.union(step)))
        return {row[0]: row for row in rows}

    def _chain(self, tree: Mapping[Any, Sequence[Any]], key: Any) -> list[object]:
        chain: list[object] = []
        current, visited = tree.get(key), set()
        while current is not None and current[0] not in visited:
            visited.add(current[0])
            # An element's type names the schema id: `TypedContext` for a Task, too
            # (protocol 10, row 14).
            bases = [base.name for base in self._tables.schema.bases(current[3])]
            link_type = "TypedContext" if "TypedContext" in bases else current[3]
            chain.append({"type": link_type, "id": current[0], "name": current[2]})
            current = tree.get(current[1])
        return chain[::-1]

    # -- files -------------------------------------------------------------------

    def _thumbnails(self, rows: Mapping[Any, Row]) -> Values:
        return {
            key: self._url("thumbnail", _component(row, "thumbnail_id"))
            for key, row in rows.items()
        }

    def _urls(self, rows: Mapping[Any, Row]) -> Values:
        return {
            key: self._url("get", _component(row, "component_id"))
            for key, row in rows.items()
        }

    def _url(self, endpoint: Endpoint, key: str | None) -> dict[str, str] | None:
        if key is None:
            return None
        url = self._sign(endpoint, key)
        return {"url": url, "value": url}

    # -- time --------------------------------------------------------------------

    def _time_logged(self, rows: Mapping[Any, Row]) -> Values:
        """Return the seconds logged on each context and its descendants."""
        contexts = self._tables.table("Context")
        logs = self._tables.table("Timelog")
        start = sa.select(contexts.c.id.label("origin"), contexts.c.id)
        tree = start.where(is_among(contexts.c.id, list(rows))).cte(recursive=True)
        below = contexts.alias()
        step = sa.select(tree.c.origin, below.c.id).where(
            below.c.parent_id == tree.c.id
        )
        tree = tree.union(step)
        # With a join instead, SQLite may start at the whole Timelog table.
        logged = (
            sa.select(sa.func.sum(logs.c.duration))
            .where(logs.c.context_id == tree.c.id)
            .scalar_subquery()
        )
        statement = sa.select(tree.c.origin, sa.func.sum(logged)).group_by(
            tree.c.origin
        )
        seconds = {row[0]: row[1] for row in self._connection.execute(statement)}
        return {key: seconds.get(key) or 0.0 for key in rows}

    def _bid_difference(self, rows: Mapping[Any, Row]) -> Values:
        logged = self._time_logged(rows)
        return {key: (row["bid"] or 0.0) - logged[key] for key, row in rows.items()}


_SOURCE_ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "link": ("asset_id", "version"),
    "_link": ("asset_id", "version"),
    "thumbnail_url": ("thumbnail_id", "component_id"),
    "url": ("component_id",),
    "bid_time_logged_difference": ("bid",),
}


def _component(row: Row, name: str) -> str | None:
    component_id: str | None = row[name] if name in row else row.get("component_id")
    return component_id


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(value for value in values if value is not None))

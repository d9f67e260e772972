"""The keys of the ancestors of entities, local moves included.

The path of a context (``link``, protocol 6.3) holds all its ancestors, so that one
request reads the ancestors of any number of entities, whatever the depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.tracking import is_new
from ftrack_orm.session.lazy_loader import QUERIES_PER_REQUEST, keyed_queries
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore

_PATHS: Final = {
    "AssetVersion": ("asset_id", "asset.context_id", "asset.parent.link"),
    "Asset": ("context_id", "parent.link"),
    "Context": ("link",),
}
"""The projections that lead to the ancestors, by root type."""

_PARENTS: Final = {
    "AssetVersion": "asset_id",
    "Asset": "context_id",
    "Context": "parent_id",
}
"""The foreign key that leads one step up, by root type."""


INHERITING: Final = tuple(_PATHS)
"""The root types whose entities inherit the values of their ancestors."""


class Ancestors:
    """The keys above entities, read once."""

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self._above: dict[Any, tuple[Any, ...]] = {}

    def chains(self, entities: Sequence[Entity]) -> list[tuple[Any, ...]]:
        """Return the key of each entity, followed by those of its ancestors."""
        while True:
            missing: set[tuple[str, Any]] = set()
            chains = [self.chain(entity, missing) for entity in entities]
            if not missing:
                return [chain or () for chain in chains]
            self._load_ancestors(sorted(missing))

    def chain(
        self, entity: Entity, missing: set[tuple[str, Any]]
    ) -> tuple[Any, ...] | None:
        """Return an entity's key and those of its ancestors, the closest first.

        Returns ``None`` and adds to `missing` where the path has to be read. Moves
        that are not committed count.
        """
        root = type(entity).__ftrack__.root
        key: Any = entity.reference.key[0]
        chain: list[Any] = []
        above: tuple[Any, ...] | None = None
        # A moved entity may form a circle until the server refuses the commit.
        while key is not None and key not in chain:
            chain.append(key)
            moved_to = self._moved_to(root, key)
            if moved_to is not NOT_LOADED:
                root, key, above = _root_above(root), moved_to, None
                continue
            if above is None:
                above = self._above.get(key)
                if above is None:
                    missing.add((root, key))
                    return None
            key, above = (above[0], above[1:]) if above else (None, None)
            root = _root_above(root)
        return tuple(chain)

    def _moved_to(self, root: str, key: Any) -> Any:
        """Return the parent's key of a new or moved entity, else `NOT_LOADED`."""
        entity = self._core.identity_map.tables.get(root, {}).get(key)
        if entity is None or root not in _PARENTS:
            return NOT_LOADED
        name = _PARENTS[root]
        if is_new(entity):
            return vars(entity).get(name)
        committed = entity.__ftrack_state__.committed or {}
        return vars(entity).get(name) if name in committed else NOT_LOADED

    def _load_ancestors(self, missing: Sequence[tuple[str, Any]]) -> None:
        keys: dict[str, list[Any]] = {}
        for root, key in missing:
            # An entity that the server does not return has no ancestors.
            self._above[key] = ()
            keys.setdefault(root, []).append(key)
        queries = [
            (root, text)
            for root, members in keys.items()
            if root in _PATHS
            for text in keyed_queries(
                self._core.models.type_info(root),
                [(key,) for key in members],
                _PATHS[root],
            )
        ]
        results = fetch_in_requests(self._core, [text for _, text in queries])
        # A response holds the path of a shared parent once (protocol 3.6).
        links = dict(_links_in([row for rows in results for row in rows]))
        for (root, _), rows in zip(queries, results, strict=True):
            for row in rows:
                self._above[row["id"]] = _ancestors_in(root, row, links)


def fetch_in_requests(
    core: SessionCore, expressions: Sequence[str]
) -> list[list[dict[str, Any]]]:
    """Return the rows of each expression, several to a request."""
    return [
        rows
        for start in range(0, len(expressions), QUERIES_PER_REQUEST)
        for rows in core.fetch_rows(expressions[start : start + QUERIES_PER_REQUEST])
    ]


def _root_above(root: str) -> str:
    return "Asset" if root == "AssetVersion" else "Context"


def _links_in(rows: Iterable[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield key and path of every context that the rows contain."""
    for row in rows:
        if isinstance(row.get("link"), list):
            yield row["id"], row["link"]
        for name in ("asset", "parent"):
            if isinstance(row.get(name), dict):
                yield from _links_in([row[name]])


def _ancestors_in(
    root: str, row: Mapping[str, Any], links: Mapping[Any, list[Any]]
) -> tuple[Any, ...]:
    """Return the keys above an entity, the closest first."""
    if root == "Context":
        path = links.get(row["id"], [])
        return tuple(step["id"] for step in reversed(path) if step["id"] != row["id"])
    asset = row.get("asset") if root == "AssetVersion" else row
    context_id = None if asset is None else asset.get("context_id")
    path = [step["id"] for step in reversed(links.get(context_id, []))]
    above = () if context_id is None else tuple(path or [context_id])
    return (row["asset_id"], *above) if root == "AssetVersion" else above

"""The entities of a session without a server: rows become entities, nothing loads."""

from __future__ import annotations

from typing import Any

from ftrack_models import registry
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.session.known_types import KnownTypes
from ftrack_orm.session.row_loader import RowLoader
from ftrack_orm.unit_of_work.identity_map import IdentityMap
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork
from tests.support.fake_executor import NeverLoading


class OfflineMemory:
    """An identity map with the parts that fill it.

    Attributes:
        identity_map: the entities by type and key.
        relations: their loaded collections.
        work: the entities with changes; an edit does not add to it.
        types: the generated models.
        loader: builds entities from rows.
    """

    def __init__(self) -> None:
        owner: Any = NeverLoading()
        self.relations = owner.relations
        self.identity_map = IdentityMap(lambda name: registry.resolve(name).__ftrack__)
        self.work = UnitOfWork()
        self.types = KnownTypes(registry.resolve)
        self.loader = RowLoader(
            owner, self.identity_map, self.relations, registry.resolve
        )

    def build(self, *rows: dict[str, Any], group: LoadGroup | None = None) -> list[Any]:
        """Return the rows as entities, which load together."""
        return self.loader.build(rows, group or LoadGroup())


def row(entity_type: str, key: str, **values: Any) -> dict[str, Any]:
    """Return a row of a type whose key is ``id``."""
    return {"__entity_type__": entity_type, "id": key, **values}

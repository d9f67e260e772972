"""The index of loaded collections by the keys of their owners."""

from __future__ import annotations

from ftrack_orm import Attr, Entity, Many, Registry
from ftrack_orm.entity.declarations import attribute
from ftrack_orm.entity.relation_index import RelationIndex
from ftrack_orm.entity.relation_storage import PairStorage
from ftrack_orm.entity.tracking import bare_key

registry = Registry(__name__)


class Tray(Entity, entity_type="Tray", key=("shelf", "name"), registry=registry):
    shelf: Attr[str] = attribute()
    name: Attr[str] = attribute()
    parts: Many[Tray] = attribute(default=None)


def test_a_collection_is_registered_under_the_changed_key_of_its_owner() -> None:
    tray = Tray(shelf="top", name="left")
    collection = tray.parts
    storage = collection._attribute.collection_storage
    assert isinstance(storage, PairStorage)
    index = RelationIndex()
    index.register(collection, bare_key(tray))
    old = bare_key(tray)
    tray.name = "right"

    index.rekey(tray, old)

    index.unload_pairs(storage.near, old)
    assert collection.is_loaded
    index.unload_pairs(storage.near, bare_key(tray))
    assert not collection.is_loaded

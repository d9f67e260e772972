"""Delete an entity and the rows that belong to it (protocol 6.4).

A row that refers to the deleted entity belongs to it and is deleted too (`OWNED`,
`ATTACHED` in `schema.ownership`), or has its reference set to null. If the reference
is required, the delete is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import BrokenReference
from ftrack_orm.emulator.rules.associations import delete_memberships
from ftrack_orm.emulator.storage.tables import is_dense
from ftrack_orm.schema.ownership import OWNED_BY_SEVERAL, dependents
from ftrack_orm.types import EntityKey, JSONObject, KeyValue

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def remove(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Delete an entity and all rows that belong to it.

    Rows are deleted by type, not one by one: the number of statements depends on the
    depth of the tree, not on the number of its rows.

    Raises:
        BrokenReference: a row that remains requires the deleted entity.
    """
    if request.schema[entity_type].primary_key != ("id",):
        owned = OWNED_BY_SEVERAL.get(entity_type)
        if owned is not None:
            target, attributes = owned
            request.remove_all(target, **dict(zip(attributes, key, strict=True)))
        request.remove(entity_type, key)
        return
    deleted = _collect(request, entity_type, key[0])
    # Owners last: the event of a deleted row finds the project through its owner.
    for deleted_type, ids in reversed(deleted.items()):
        request.remove_ids(deleted_type, ids)
    # After the deletes, so that references among the deleted rows are not found.
    _clear_references(request, deleted)


def _collect(
    request: RequestContext, entity_type: str, entity_id: KeyValue
) -> dict[str, list[KeyValue]]:
    """Return the ids to delete by type; delete at once the rows that have no id."""
    deleted: dict[str, list[KeyValue]] = {}
    queue = [(entity_type, [entity_id])]
    while queue:
        owner_type, ids = queue.pop()
        new = set(ids).difference(deleted.get(owner_type, ()))
        if not new:
            continue
        deleted.setdefault(owner_type, []).extend(sorted(new))
        for target, attribute in _owned_types(request, owner_type):
            if request.schema[target].primary_key != ("id",):
                request.remove_all(target, **{attribute: list(new)})
                continue
            ids_by_type: dict[str, list[KeyValue]] = {}
            for row in request.where(target, **{attribute: list(new)}):
                ids_by_type.setdefault(row["__type__"], []).append(row["id"])
            queue += ids_by_type.items()
    return deleted


def _owned_types(
    request: RequestContext, entity_type: str
) -> Iterable[tuple[str, str]]:
    """Yield the types whose rows belong to this one, with the attribute that links."""
    names = [base.name for base in request.schema.bases(entity_type)]
    for target, attribute in dependents(names):
        if target in request.schema:
            yield target, attribute


def _clear_references(
    request: RequestContext, deleted: Mapping[str, list[KeyValue]]
) -> None:
    """Set references to deleted rows to null, or refuse where one is required."""
    # Foreign keys point at the base type of a family, so ids are grouped by it.
    ids_by_root: dict[str, list[KeyValue]] = {}
    for entity_type, ids in deleted.items():
        ids_by_root.setdefault(request.root(entity_type), []).extend(ids)
    for root, ids in ids_by_root.items():
        delete_memberships(request, root, ids)
        for referrer, attribute in request.foreign_keys.references_to(root):
            # Dense rows are computed for queries; none of them is stored. Events are
            # history: they still name the deleted entity.
            if (
                referrer == "Event"
                or is_dense(referrer)
                or not request.storage.has_column(referrer, attribute)
            ):
                continue
            for row in request.where(referrer, **{attribute: ids}):
                _clear_reference(request, row, attribute)


def _clear_reference(request: RequestContext, row: JSONObject, attribute: str) -> None:
    entity_schema = request.schema[row["__type__"]]
    name = entity_schema.name
    if attribute in entity_schema.required or attribute in entity_schema.primary_key:
        raise BrokenReference(
            f"Cannot delete {row[attribute]}: {name} still refers to it as {attribute}."
        )
    request.set(name, request.key_of(name, row), {attribute: None})

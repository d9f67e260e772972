"""What goes with an entity when it is deleted (protocol 6.4).

Three things can happen to rows that name the deleted one: they belong to it and go
too (`OWNED`, `ATTACHED`), they merely mention it and forget it, or they cannot be
without it, and then the delete is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ftrack_orm.emulator.errors import BrokenReference
from ftrack_orm.emulator.rules.associations import forget_members
from ftrack_orm.emulator.storage.tables import is_dense
from ftrack_orm.schema.ownership import OWNED_BY_SEVERAL, dependents
from ftrack_orm.types import EntityKey, JSONObject, KeyValue

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext


def remove(request: RequestContext, entity_type: str, key: EntityKey) -> None:
    """Delete an entity with all that goes with it.

    Rows go type by type, not one by one, so that a project of ten thousand tasks
    costs no more statements than its depth.

    Raises:
        BrokenReference: something that stays cannot be without it.
    """
    if request.schema[entity_type].primary_key != ("id",):
        owned = OWNED_BY_SEVERAL.get(entity_type)
        if owned is not None:
            target, attributes = owned
            request.remove_all(target, **dict(zip(attributes, key, strict=True)))
        request.remove(entity_type, key)
        return
    doomed = _gather(request, entity_type, key[0])
    for kind, ids in doomed.items():
        request.remove_ids(kind, ids)
    # Afterwards, when only those that stay can be found.
    _release(request, doomed)


def _gather(
    request: RequestContext, entity_type: str, entity_id: KeyValue
) -> dict[str, list[KeyValue]]:
    """Return ids by type of what is deleted, and delete what has no id of its own."""
    doomed: dict[str, list[KeyValue]] = {}
    waiting = [(entity_type, [entity_id])]
    while waiting:
        kind, ids = waiting.pop()
        new = set(ids).difference(doomed.get(kind, ()))
        if not new:
            continue
        doomed.setdefault(kind, []).extend(sorted(new))
        for target, attribute in _belongings(request, kind):
            if request.schema[target].primary_key != ("id",):
                request.remove_all(target, **{attribute: list(new)})
                continue
            found: dict[str, list[KeyValue]] = {}
            for row in request.where(target, **{attribute: list(new)}):
                found.setdefault(row["__type__"], []).append(row["id"])
            waiting += found.items()
    return doomed


def _belongings(request: RequestContext, entity_type: str) -> Iterable[tuple[str, str]]:
    names = [kind.name for kind in request.schema.bases(entity_type)]
    for target, attribute in dependents(names):
        if target in request.schema:
            yield target, attribute


def _release(request: RequestContext, doomed: Mapping[str, list[KeyValue]]) -> None:
    """Make rows that stay forget the ones that go, or refuse."""
    going: dict[str, list[KeyValue]] = {}
    for kind, ids in doomed.items():
        going.setdefault(request.root(kind), []).extend(ids)
    for root, ids in going.items():
        forget_members(request, root, ids)
        for holder, attribute in request.foreign_keys.pointing_at(root):
            if is_dense(holder) or not request.storage.has_column(holder, attribute):
                continue
            for row in request.where(holder, **{attribute: ids}):
                _forget(request, row, attribute)


def _forget(request: RequestContext, row: JSONObject, attribute: str) -> None:
    kind = request.schema[row["__type__"]]
    if attribute in kind.required or attribute in kind.primary_key:
        raise BrokenReference(
            f"Cannot delete {row[attribute]}: {kind.name} still refers to it as "
            f"{attribute}."
        )
    request.set(kind.name, request.key_of(kind.name, row), {attribute: None})

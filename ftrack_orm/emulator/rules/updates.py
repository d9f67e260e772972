"""Update a row and the rows that depend on it: history, moves, finished jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.checks import check_required, check_unique
from ftrack_orm.emulator.rules.configurations import change_configuration
from ftrack_orm.emulator.rules.defaults import finish_job, project_of_parent
from ftrack_orm.emulator.rules.threads import project_of_note, refresh_thread
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_STATUS_CHANGES: Final = {
    "TypedContext": "TypedContextStatusChange",
    "AssetVersion": "AssetVersionStatusChange",
}
"""Types whose status changes are recorded, with the type of record (protocol 6.3)."""


_PARENTS: Final = {
    "Component": "container_id",
    "Context": "parent_id",
    "Group": "parent_id",
    "Note": "in_reply_to_id",
}
"""The attribute that leads from an entity to the one above it, by base type."""


def change(
    request: RequestContext, entity_type: str, key: EntityKey, changes: JSONObject
) -> JSONObject:
    """Update one row and return the changed columns, those set by the server included.

    Raises:
        Duplicate: another row has the new values.
        EntityNotFound: there is no row with this key.
        Invalid: the change is not possible, such as a folder moved into itself.
    """
    before = request.get(entity_type, key)
    changes = dict(changes)
    _check_no_cycle(request, entity_type, before, changes)
    if entity_type in ("Asset", "AssetVersion") or request.is_subtype(
        entity_type, "Context"
    ):
        _set_project(request, before, changes)
    elif entity_type == "Note":
        _set_project_of_note(request, before, changes)
    elif entity_type == "Job":
        finish_job(request, changes)
    elif entity_type == "CustomAttributeConfiguration":
        change_configuration(request, before, changes)
    if not changes:
        return changes
    entity_schema = request.schema[entity_type]
    after = {**before, **changes}
    changed = {name for name, value in changes.items() if before.get(name) != value}
    if changed:
        check_unique(request, entity_schema, after, own_key=key, changed=changed)
    request.set(entity_type, key, changes)
    _add_status_change(request, entity_type, before, changes)
    if entity_type == "Note":
        _refresh_threads(request, before, changes)
    emptied = [name for name, value in changes.items() if value in (None, "")]
    if emptied:
        request.before_commit.append(
            lambda later: check_required(later, entity_schema, key, emptied)
        )
    return changes


# -- moves -------------------------------------------------------------------


def _check_no_cycle(
    request: RequestContext, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    """Refuse to move an entity below itself or below one of its descendants."""
    for base in request.storage.tables.bases(entity_type):
        name = _PARENTS.get(base)
        parent_id = changes.get(name) if name else None
        visited = set()
        while name and parent_id is not None and parent_id not in visited:
            if parent_id == before["id"]:
                raise Invalid(f"{before['__type__']} cannot be moved below itself.")
            visited.add(parent_id)
            row = request.find(request.root(base), parent_id)
            parent_id = row.get(name) if row is not None else None


def _set_project(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Set the project from the entity's place in the tree (protocol 6.3).

    Raises:
        Invalid: the client sent another project.
    """
    has_project = "project_id" in changes
    client_value = changes.pop("project_id", None)
    entity_type = before["__type__"]
    if entity_type == "Asset" and "context_id" in changes:
        _move_asset(request, before, changes)
    elif entity_type == "AssetVersion" and "asset_id" in changes:
        _move_version(request, before, changes)
    elif "parent_id" in changes and entity_type != "Project":
        _move_context(request, before, changes)
    if has_project and client_value != changes.get("project_id", before["project_id"]):
        raise Invalid(f'Attribute "project_id" on {entity_type} follows from the tree.')


def _move_context(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Move a context below another one; all its descendants may change project."""
    parent_id = changes["parent_id"]
    if parent_id == before["parent_id"]:
        return
    project_id = project_of_parent(request, parent_id)
    changes["project_id"] = project_id
    if project_id == before["project_id"]:
        return
    descendants = _descendants(request, str(before["id"]))
    for descendant_id in descendants:
        request.set("TypedContext", (descendant_id,), {"project_id": project_id})
    _move_assets_and_notes(request, [str(before["id"]), *descendants], project_id)


def _descendants(request: RequestContext, context_id: str) -> list[str]:
    """Return the ids of all contexts below one, level by level."""
    ids: list[str] = []
    level = [context_id]
    while level:
        level = [
            str(row["id"]) for row in request.where("TypedContext", parent_id=level)
        ]
        ids += level
    return ids


def _move_assets_and_notes(
    request: RequestContext, context_ids: list[str], project_id: str | None
) -> None:
    for asset in request.where("Asset", context_id=context_ids):
        _set_project_of_asset(request, asset["id"], project_id)
    _move_notes(request, context_ids, project_id)


def _move_asset(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    project_id = project_of_parent(request, changes["context_id"])
    changes["project_id"] = project_id
    if project_id != before["project_id"]:
        _set_project_of_asset(request, before["id"], project_id)


def _move_version(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    asset = request.find("Asset", changes["asset_id"] or "")
    project_id = asset["project_id"] if asset is not None else None
    changes["project_id"] = project_id
    if project_id != before["project_id"]:
        _move_notes(request, [before["id"]], project_id)


def _set_project_of_asset(
    request: RequestContext, asset_id: str, project_id: str | None
) -> None:
    request.set("Asset", (asset_id,), {"project_id": project_id})
    version_ids = [
        row["id"] for row in request.where("AssetVersion", asset_id=asset_id)
    ]
    for version_id in version_ids:
        request.set("AssetVersion", (version_id,), {"project_id": project_id})
    _move_notes(request, [asset_id, *version_ids], project_id)


def _move_notes(
    request: RequestContext, owner_ids: list[str], project_id: str | None
) -> None:
    """Set the project of the notes on some entities, and of all their replies."""
    notes = request.where("Note", parent_id=owner_ids)
    while notes:
        ids = [note["id"] for note in notes]
        for note_id in ids:
            request.set("Note", (note_id,), {"project_id": project_id})
        notes = request.where("Note", in_reply_to_id=ids)


# -- notes and history -------------------------------------------------------


def _set_project_of_note(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Set the project of a note that moves to another parent or thread."""
    moved = [
        name
        for name in ("parent_id", "in_reply_to_id")
        if changes.get(name) and changes[name] != before[name]
    ]
    if moved:
        changes.setdefault(
            "project_id", project_of_note(request, {**before, **changes})
        )


def _refresh_threads(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Refresh the threads of a note that has changed its thread or its date."""
    if not {"in_reply_to_id", "date"} & changes.keys():
        return
    # From the note upwards refreshes the new thread; the former one is not above it.
    refresh_thread(request, before["id"])
    refresh_thread(request, before["in_reply_to_id"])


def _add_status_change(
    request: RequestContext, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    if "status_id" not in changes or changes["status_id"] == before["status_id"]:
        return
    for parent_type, row_type in _STATUS_CHANGES.items():
        if request.is_subtype(entity_type, parent_type) and row_type in request.schema:
            values = {
                "id": request.ids(),
                "parent_id": before["id"],
                "parent_type": parent_type,
                "date": request.now,
                "status_id": changes["status_id"],
                "from_status_id": before["status_id"],
                "user_id": request.user_id,
            }
            request.insert(row_type, values)

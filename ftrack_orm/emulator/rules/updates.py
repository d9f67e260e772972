"""Changing a row with all that follows from it: history, moves, jobs that end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules.checks import check_required, check_unique
from ftrack_orm.emulator.rules.configurations import change_configuration
from ftrack_orm.emulator.rules.defaults import finish_job, project_of_parent
from ftrack_orm.emulator.rules.threads import project_of_note, refresh_thread
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import Batch

_STATUS_CHANGES: Final = {
    "TypedContext": "TypedContextStatusChange",
    "AssetVersion": "AssetVersionStatusChange",
}
"""Whose status changes are remembered, and as what (protocol 6.3)."""


_UPWARDS: Final = {
    "Component": "container_id",
    "Context": "parent_id",
    "Group": "parent_id",
    "Note": "in_reply_to_id",
}
"""What leads from an entity to the one above it, by family."""


def change(
    batch: Batch, entity_type: str, key: EntityKey, changes: JSONObject
) -> JSONObject:
    """Change one row and return what has changed, the server's part included.

    Raises:
        Duplicate: another row has the new values.
        Invalid: the change cannot be, like a folder moved into itself.
    """
    before = batch.get(entity_type, key)
    changes = dict(changes)
    _refuse_circle(batch, entity_type, before, changes)
    if entity_type in ("Asset", "AssetVersion") or batch.is_kind(
        entity_type, "Context"
    ):
        _move_within_tree(batch, before, changes)
    elif entity_type == "Note":
        _file_note(batch, before, changes)
    elif entity_type == "Job":
        finish_job(batch, changes)
    elif entity_type == "CustomAttributeConfiguration":
        change_configuration(batch, before, changes)
    if not changes:
        return changes
    kind = batch.schema[entity_type]
    after = {**before, **changes}
    if any(before.get(name) != value for name, value in changes.items()):
        check_unique(batch, kind, after, own_key=key)
    batch.set(entity_type, key, changes)
    _remember_status(batch, entity_type, before, changes)
    if entity_type == "Note":
        _refresh_threads(batch, before, changes)
    emptied = [name for name, value in changes.items() if value in (None, "")]
    if emptied:
        batch.later.append(lambda later: check_required(later, kind, key, emptied))
    return changes


# -- moves -------------------------------------------------------------------


def _refuse_circle(
    batch: Batch, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    """Refuse to put an entity below itself, or below what is below it."""
    for kind in batch.schema.bases(entity_type):
        name = _UPWARDS.get(kind.name)
        above = changes.get(name) if name else None
        seen = set()
        while name and above is not None and above not in seen:
            if above == before["id"]:
                raise Invalid(f"{before['__type__']} cannot be moved below itself.")
            seen.add(above)
            row = batch.find(batch.root(kind.name), above)
            above = row.get(name) if row is not None else None


def _move_within_tree(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Let the project follow from the tree: no client decides it (protocol 6.3).

    Raises:
        Invalid: another one was sent.
    """
    has_project = "project_id" in changes
    sent = changes.pop("project_id", None)
    entity_type = before["__type__"]
    if entity_type == "Asset" and "context_id" in changes:
        _move_asset(batch, before, changes)
    elif entity_type == "AssetVersion" and "asset_id" in changes:
        _move_version(batch, before, changes)
    elif "parent_id" in changes and entity_type != "Project":
        _move(batch, before, changes)
    if has_project and sent != changes.get("project_id", before["project_id"]):
        raise Invalid(f'Attribute "project_id" on {entity_type} follows from the tree.')


def _move(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Put a context below another one: all below it may change project."""
    parent_id = changes["parent_id"]
    if parent_id == before["parent_id"]:
        return
    project_id = project_of_parent(batch, parent_id)
    changes["project_id"] = project_id
    if project_id == before["project_id"]:
        return
    below = _below(batch, str(before["id"]))
    for child_id in below:
        batch.set("TypedContext", (child_id,), {"project_id": project_id})
    _move_belongings(batch, [str(before["id"]), *below], project_id)


def _below(batch: Batch, context_id: str) -> list[str]:
    """Return the ids of all contexts below one, level by level."""
    found: list[str] = []
    level = [context_id]
    while level:
        level = [str(row["id"]) for row in batch.where("TypedContext", parent_id=level)]
        found += level
    return found


def _move_belongings(
    batch: Batch, context_ids: list[str], project_id: str | None
) -> None:
    for asset in batch.where("Asset", context_id=context_ids):
        _set_project_of_asset(batch, asset["id"], project_id)
    _move_notes(batch, context_ids, project_id)


def _move_asset(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    project_id = project_of_parent(batch, changes["context_id"])
    changes["project_id"] = project_id
    if project_id != before["project_id"]:
        _set_project_of_asset(batch, before["id"], project_id)


def _move_version(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    asset = batch.find("Asset", changes["asset_id"] or "")
    project_id = asset["project_id"] if asset is not None else None
    changes["project_id"] = project_id
    if project_id != before["project_id"]:
        _move_notes(batch, [before["id"]], project_id)


def _set_project_of_asset(batch: Batch, asset_id: str, project_id: str | None) -> None:
    batch.set("Asset", (asset_id,), {"project_id": project_id})
    version_ids = [row["id"] for row in batch.where("AssetVersion", asset_id=asset_id)]
    for version_id in version_ids:
        batch.set("AssetVersion", (version_id,), {"project_id": project_id})
    _move_notes(batch, [asset_id, *version_ids], project_id)


def _move_notes(batch: Batch, owner_ids: list[str], project_id: str | None) -> None:
    """Put the notes on some entities, and all replies, into a project."""
    notes = batch.where("Note", parent_id=owner_ids)
    while notes:
        ids = [note["id"] for note in notes]
        for note_id in ids:
            batch.set("Note", (note_id,), {"project_id": project_id})
        notes = batch.where("Note", in_reply_to_id=ids)


# -- notes and history -------------------------------------------------------


def _file_note(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Give a note that gets another place the project of it."""
    moved = [
        name
        for name in ("parent_id", "in_reply_to_id")
        if changes.get(name) and changes[name] != before[name]
    ]
    if moved:
        changes.setdefault("project_id", project_of_note(batch, {**before, **changes}))


def _refresh_threads(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Tell the threads that a note has left, joined or got another date in."""
    if not {"in_reply_to_id", "date"} & changes.keys():
        return
    refresh_thread(batch, before["id"])
    refresh_thread(batch, before["in_reply_to_id"])


def _remember_status(
    batch: Batch, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    if "status_id" not in changes or changes["status_id"] == before["status_id"]:
        return
    for kind, row_type in _STATUS_CHANGES.items():
        if batch.is_kind(entity_type, kind) and row_type in batch.schema:
            values = {
                "id": batch.ids(),
                "parent_id": before["id"],
                "parent_type": kind,
                "date": batch.now,
                "status_id": changes["status_id"],
                "from_status_id": before["status_id"],
                "user_id": batch.user_id,
            }
            batch.insert(row_type, values)

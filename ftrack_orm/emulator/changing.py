"""Changing a row with all that follows from it: history, moves, jobs that end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.checks import check_required, check_unique
from ftrack_orm.emulator.configurations import change_configuration
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.filling import (
    finish_job,
    project_of_any,
    project_of_parent,
)
from ftrack_orm.types import EntityKey, JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch

_STATUS_CHANGES: Final = {
    "TypedContext": "TypedContextStatusChange",
    "AssetVersion": "AssetVersionStatusChange",
}
"""Whose status changes are remembered, and as what (protocol 6.3)."""


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
    if batch.is_kind(entity_type, "TypedContext") and "parent_id" in changes:
        _move(batch, before, changes)
    elif entity_type == "Asset" and "context_id" in changes:
        _move_asset(batch, before, changes)
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
    emptied = [name for name, value in changes.items() if value in (None, "")]
    if emptied:
        batch.later.append(lambda later: check_required(later, kind, key, emptied))
    return changes


# -- moves -------------------------------------------------------------------


def _move(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Put a context below another one: all below it may change project."""
    parent_id = changes["parent_id"]
    if parent_id == before["parent_id"]:
        return
    below = _below(batch, str(before["id"]))
    if parent_id == before["id"] or parent_id in below:
        raise Invalid(f"{before['__type__']} cannot be moved below itself.")
    project_id = project_of_parent(batch, parent_id)
    changes["project_id"] = project_id
    if project_id == before["project_id"]:
        return
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
    assets = batch.where("Asset", context_id=context_ids)
    for asset in assets:
        _set_project_of_asset(batch, asset["id"], project_id)
    for note in batch.where("Note", parent_id=context_ids):
        batch.set("Note", (note["id"],), {"project_id": project_id})


def _move_asset(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    project_id = project_of_parent(batch, changes["context_id"])
    changes["project_id"] = project_id
    if project_id != before["project_id"]:
        _set_project_of_asset(batch, before["id"], project_id)


def _set_project_of_asset(batch: Batch, asset_id: str, project_id: str | None) -> None:
    batch.set("Asset", (asset_id,), {"project_id": project_id})
    for version in batch.where("AssetVersion", asset_id=asset_id):
        batch.set("AssetVersion", (version["id"],), {"project_id": project_id})


# -- notes and history -------------------------------------------------------


def _file_note(batch: Batch, before: JSONObject, changes: JSONObject) -> None:
    """Give a note that gets a parent its project, and a thread its latest date."""
    parent_id = changes.get("parent_id")
    if parent_id and parent_id != before["parent_id"]:
        changes.setdefault("project_id", project_of_any(batch, parent_id))
    if changes.get("in_reply_to_id"):
        touch_thread(batch, changes["in_reply_to_id"], before["date"])


def touch_thread(batch: Batch, note_id: str, date: str) -> None:
    """Set the latest date of a note's thread after a reply to it (protocol 6.3)."""
    note = batch.find("Note", note_id)
    if note is not None and (note["thread_activity"] or "") < date:
        batch.set("Note", (note_id,), {"thread_activity": date})


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

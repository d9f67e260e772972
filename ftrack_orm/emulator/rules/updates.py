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
    from ftrack_orm.emulator.request import RequestContext

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
    request: RequestContext, entity_type: str, key: EntityKey, changes: JSONObject
) -> JSONObject:
    """Change one row and return what has changed, the server's part included.

    Raises:
        Duplicate: another row has the new values.
        Invalid: the change cannot be, like a folder moved into itself.
    """
    before = request.get(entity_type, key)
    changes = dict(changes)
    _refuse_circle(request, entity_type, before, changes)
    if entity_type in ("Asset", "AssetVersion") or request.is_subtype(
        entity_type, "Context"
    ):
        _move_within_tree(request, before, changes)
    elif entity_type == "Note":
        _file_note(request, before, changes)
    elif entity_type == "Job":
        finish_job(request, changes)
    elif entity_type == "CustomAttributeConfiguration":
        change_configuration(request, before, changes)
    if not changes:
        return changes
    kind = request.schema[entity_type]
    after = {**before, **changes}
    if any(before.get(name) != value for name, value in changes.items()):
        check_unique(request, kind, after, own_key=key)
    request.set(entity_type, key, changes)
    _remember_status(request, entity_type, before, changes)
    if entity_type == "Note":
        _refresh_threads(request, before, changes)
    emptied = [name for name, value in changes.items() if value in (None, "")]
    if emptied:
        request.before_commit.append(
            lambda context: check_required(context, kind, key, emptied)
        )
    return changes


# -- moves -------------------------------------------------------------------


def _refuse_circle(
    request: RequestContext, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    """Refuse to put an entity below itself, or below what is below it."""
    for kind in request.schema.bases(entity_type):
        name = _UPWARDS.get(kind.name)
        above = changes.get(name) if name else None
        seen = set()
        while name and above is not None and above not in seen:
            if above == before["id"]:
                raise Invalid(f"{before['__type__']} cannot be moved below itself.")
            seen.add(above)
            row = request.find(request.root(kind.name), above)
            above = row.get(name) if row is not None else None


def _move_within_tree(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Let the project follow from the tree: no client decides it (protocol 6.3).

    Raises:
        Invalid: another one was sent.
    """
    has_project = "project_id" in changes
    sent = changes.pop("project_id", None)
    entity_type = before["__type__"]
    if entity_type == "Asset" and "context_id" in changes:
        _move_asset(request, before, changes)
    elif entity_type == "AssetVersion" and "asset_id" in changes:
        _move_version(request, before, changes)
    elif "parent_id" in changes and entity_type != "Project":
        _move(request, before, changes)
    if has_project and sent != changes.get("project_id", before["project_id"]):
        raise Invalid(f'Attribute "project_id" on {entity_type} follows from the tree.')


def _move(request: RequestContext, before: JSONObject, changes: JSONObject) -> None:
    """Put a context below another one: all below it may change project."""
    parent_id = changes["parent_id"]
    if parent_id == before["parent_id"]:
        return
    project_id = project_of_parent(request, parent_id)
    changes["project_id"] = project_id
    if project_id == before["project_id"]:
        return
    below = _below(request, str(before["id"]))
    for child_id in below:
        request.set("TypedContext", (child_id,), {"project_id": project_id})
    _move_belongings(request, [str(before["id"]), *below], project_id)


def _below(request: RequestContext, context_id: str) -> list[str]:
    """Return the ids of all contexts below one, level by level."""
    found: list[str] = []
    level = [context_id]
    while level:
        level = [
            str(row["id"]) for row in request.where("TypedContext", parent_id=level)
        ]
        found += level
    return found


def _move_belongings(
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
    """Put the notes on some entities, and all replies, into a project."""
    notes = request.where("Note", parent_id=owner_ids)
    while notes:
        ids = [note["id"] for note in notes]
        for note_id in ids:
            request.set("Note", (note_id,), {"project_id": project_id})
        notes = request.where("Note", in_reply_to_id=ids)


# -- notes and history -------------------------------------------------------


def _file_note(
    request: RequestContext, before: JSONObject, changes: JSONObject
) -> None:
    """Give a note that gets another place the project of it."""
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
    """Tell the threads that a note has left, joined or got another date in."""
    if not {"in_reply_to_id", "date"} & changes.keys():
        return
    refresh_thread(request, before["id"])
    refresh_thread(request, before["in_reply_to_id"])


def _remember_status(
    request: RequestContext, entity_type: str, before: JSONObject, changes: JSONObject
) -> None:
    if "status_id" not in changes or changes["status_id"] == before["status_id"]:
        return
    for kind, row_type in _STATUS_CHANGES.items():
        if request.is_subtype(entity_type, kind) and row_type in request.schema:
            values = {
                "id": request.ids(),
                "parent_id": before["id"],
                "parent_type": kind,
                "date": request.now,
                "status_id": changes["status_id"],
                "from_status_id": before["status_id"],
                "user_id": request.user_id,
            }
            request.insert(row_type, values)

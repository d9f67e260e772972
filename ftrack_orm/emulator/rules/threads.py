"""Derived values of notes: their project, and the latest date of their thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_OWNERS = ("Context", "AssetVersion", "Asset", "List", "ReviewSession")


def project_of_note(request: RequestContext, note: JSONObject) -> str | None:
    """Return the project of the note's parent; for a reply, that of its thread."""
    project_id: str | None = None
    if note.get("parent_id"):
        for owner_type in _OWNERS:
            row = request.find(owner_type, note["parent_id"])
            if row is not None:
                project_id = row.get("project_id")
                return project_id
    thread = request.find("Note", note.get("in_reply_to_id") or "")
    if thread is not None:
        project_id = thread["project_id"]
    return project_id


def refresh_thread(request: RequestContext, note_id: str | None) -> None:
    """Set the latest date of a note's thread and of the threads above (protocol 6.3).

    Args:
        request: the request.
        note_id: the note that a created, changed or deleted note replies to.
    """
    visited: set[str] = set()
    while note_id is not None and note_id not in visited:
        visited.add(note_id)
        note = request.find("Note", note_id)
        if note is None:
            return
        replies = request.where("Note", in_reply_to_id=note_id)
        dates = [note["date"], *(reply["thread_activity"] for reply in replies)]
        latest = max((date for date in dates if date), default=None)
        request.set("Note", (note_id,), {"thread_activity": latest})
        note_id = note["in_reply_to_id"]

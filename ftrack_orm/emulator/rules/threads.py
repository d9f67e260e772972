"""What follows from where a note is: its project, and the date of its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_OWNERS = ("Context", "AssetVersion", "Asset", "List", "ReviewSession")


def project_of_note(request: RequestContext, note: JSONObject) -> str | None:
    """Return the project of what a note is written on; of a reply, its thread's."""
    project_id: str | None = None
    if note.get("parent_id"):
        for kind in _OWNERS:
            row = request.find(kind, note["parent_id"])
            if row is not None:
                project_id = row.get("project_id")
                return project_id
    thread = request.find("Note", note.get("in_reply_to_id") or "")
    if thread is not None:
        project_id = thread["project_id"]
    return project_id


def refresh_thread(request: RequestContext, note_id: str | None) -> None:
    """Set the latest date of a note's thread, and of those above it (protocol 6.3).

    Called with what a note replies to whenever the note has come, gone or changed.
    """
    seen: set[str] = set()
    while note_id is not None and note_id not in seen:
        seen.add(note_id)
        note = request.find("Note", note_id)
        if note is None:
            return
        replies = request.where("Note", in_reply_to_id=note_id)
        dates = [note["date"], *(reply["thread_activity"] for reply in replies)]
        latest = max((date for date in dates if date), default=None)
        request.set("Note", (note_id,), {"thread_activity": latest})
        note_id = note["in_reply_to_id"]

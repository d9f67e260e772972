"""What follows from where a note is: its project, and the date of its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import Batch

_OWNERS = ("Context", "AssetVersion", "Asset", "List", "ReviewSession")


def project_of_note(batch: Batch, note: JSONObject) -> str | None:
    """Return the project of what a note is written on; of a reply, its thread's."""
    project_id: str | None = None
    if note.get("parent_id"):
        for kind in _OWNERS:
            row = batch.find(kind, note["parent_id"])
            if row is not None:
                project_id = row.get("project_id")
                return project_id
    thread = batch.find("Note", note.get("in_reply_to_id") or "")
    if thread is not None:
        project_id = thread["project_id"]
    return project_id


def refresh_thread(batch: Batch, note_id: str | None) -> None:
    """Set the latest date of a note's thread, and of those above it (protocol 6.3).

    Called with what a note replies to whenever the note has come, gone or changed.
    """
    seen: set[str] = set()
    while note_id is not None and note_id not in seen:
        seen.add(note_id)
        note = batch.find("Note", note_id)
        if note is None:
            return
        replies = batch.where("Note", in_reply_to_id=note_id)
        dates = [note["date"], *(reply["thread_activity"] for reply in replies)]
        latest = max((date for date in dates if date), default=None)
        batch.set("Note", (note_id,), {"thread_activity": latest})
        note_id = note["in_reply_to_id"]

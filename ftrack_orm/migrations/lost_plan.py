"""The commands that end a run whose plan neither this computer nor the server has."""

from __future__ import annotations

from typing import Final

from ftrack_orm.migrations.history import History
from ftrack_orm.types import JSONObject

STUDIO_TITLE: Final = "studio configuration"
"""The title of the plans of `ftrack-orm studio apply`."""


def lost_plan_remedy(history: History, run: str) -> str:
    """Return the next steps for a person, as the end of an error message.

    A run whose first request alone was applied has written nothing but its own rows, so
    it can be given up. A later one has to continue with its plan.
    """
    host = str((history.lock or {}).get("host") or "")
    place = f"{host}, which began the run" if host else "the computer that began it"
    copy = f"Copy the plan file there from {place}"
    fence = history.fence(run)
    is_locked = (history.lock or {}).get("run") == run
    if fence is None or fence.number > 0 or not is_locked:
        return f"{copy}, and repeat the command."
    again = _again(history.run(run) or {})
    return (
        f"No value was written. {copy}, or give the run up: `ftrack-orm migrate "
        f"unlock`, then {again}."
    )


def _again(row: JSONObject) -> str:
    """Return the command that plans and applies the same changes."""
    undone = row.get("undo_of") or ()
    revision = row.get("revision")
    if undone:
        name = undone[0] if len(undone) == 1 else revision
        return f"`ftrack-orm migrate undo {name} --apply`"
    if revision is not None:
        return f"`ftrack-orm migrate apply {revision}`"
    if row.get("title") == STUDIO_TITLE:
        return "`ftrack-orm studio apply`"
    return "`ftrack-orm migrate apply` with the file of the tool"

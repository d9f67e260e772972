"""One line on the attributes that need it: units, formats and computed values.

An editor shows the docstring of an attribute on hover. The sources are the server's
documentation, and sections 3.4, 4.3, 6 and 7 of `docs/protocol.md`; a schema describes
few attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ftrack_orm.schema.model import Attribute

_JSON_TEXT: Final = "JSON text."
_CREATED_AT: Final = "When it was created, in UTC. Set by the server."
_CREATED_BY: Final = "The user who created it. Set by the server."
_DATE: Final = "When it was made, in UTC."
_LINK: Final = (
    "The path from the project to it: a list of entries with id, name and type."
)
_PICTURE: Final = "The address of the thumbnail, under the key `url`."
_COLOR: Final = "A colour as `#RRGGBB`."
_ORDER: Final = "The position in lists of the web interface."
_FROM: Final = "Links of custom attributes that lead from it. Only for conditions."
_TO: Final = "Links of custom attributes that lead to it. Only for conditions."

COMMON_DOCS: Final[Mapping[str, str]] = {
    "_link": f"{_LINK} Deprecated, use `link`.",
    "color": _COLOR,
    "config": _JSON_TEXT,
    "created_at": _CREATED_AT,
    "created_by": _CREATED_BY,
    "custom_attribute_links": _FROM,
    "custom_attribute_links_from": _TO,
    "custom_attributes": "The values of the studio's custom attributes, by key.",
    "link": _LINK,
    "metadata": "Free text by key.",
    "notes": "The comments on it.",
    "status_changes": "One entry for each change of the status.",
    "thumbnail": "The component with its picture.",
    "thumbnail_url": _PICTURE,
}
"""The docstring of an attribute by its name, for every type that has it."""

ATTRIBUTE_DOCS: Final[Mapping[str, Mapping[str, str]]] = {
    "Appointment": {
        "context": "The task that is assigned, or the project of an allocation.",
        "resource": "The user or group.",
        "type": "`assignment` or `allocation`.",
    },
    "Asset": {
        "latest_version": "The version with the highest number.",
        "parent": "The object that the asset belongs to.",
        "versions": "All versions of the asset.",
    },
    "AssetVersion": {
        "components": "Its files, file sequences and groups of files.",
        "date": "When it was published, in UTC.",
        "is_latest_version": "Whether no version of the asset has a higher number.",
        "status": "How far its review has come.",
        "task": "The task that produced it.",
        "user": "The user who published it.",
        "uses_versions": "The versions that it was made from.",
        "used_in_versions": "The versions that were made from it.",
        "version": "The number; the server counts up for each asset.",
    },
    "CalendarEvent": {
        "end": "The end, in UTC.",
        "start": "The start, in UTC.",
    },
    "Component": {
        "component_locations": "The places where the component is available.",
        "file_type": "The extension with its dot, as `.mov`.",
        "size": "The size of the file, in bytes.",
        "system_type": "`file`, `sequence` or `container`. Set by the server.",
        "version": "The asset version that it belongs to.",
    },
    "ComponentLocation": {
        "resource_identifier": (
            "The path or id of the component in the location; the component's id in "
            "the server's."
        ),
        "url": "The address of the file, under the key `url`.",
    },
    "Context": {
        "allocations": "The users and groups that a project has.",
        "assets": "The assets that belong to it.",
        "assignments": "The users and groups that a task is assigned to.",
        "children": "The objects directly below it.",
        "context_type": "`show` for a project, else `task`. Set by the server.",
        "parent": "The project or object directly above it.",
        "timelogs": "The logged time, without that of the objects below it.",
    },
    "Event": {"data": _JSON_TEXT},
    "Job": {
        "data": f"{_JSON_TEXT} The web interface shows the `description` in it.",
        "finished_at": "When it was done or failed, in UTC. Set by the server.",
        "status": "`queued`, `running`, `done` or `failed`.",
        "type": "`api_job` for the jobs of clients.",
    },
    "Note": {
        "content": "The text.",
        "date": _DATE,
        "in_reply_to": "The note that it answers.",
        "parent_type": "The type of the entity that the note is on.",
        "thread_activity": "The latest date among the note and its replies, in UTC.",
    },
    "Priority": {"sort": _ORDER, "value": "The rank among priorities."},
    "ReviewSession": {
        "is_open": "Whether people can review now; follows from the dates.",
    },
    "SequenceComponent": {"padding": "Digits of a frame number in the file names."},
    "Setting": {"value": _JSON_TEXT},
    "Status": {"sort": _ORDER, "state": "What the status means for progress."},
    "Timelog": {
        "context": "The task or other object that the time is for.",
        "duration": "The logged time, in seconds.",
        "start": "The start, in UTC.",
    },
    "Timer": {"start": "The moment the timer was started, in UTC."},
    "Type": {"sort": _ORDER},
    "TypedContext": {
        "ancestors": "All objects above it, without the project.",
        "bid": "The estimated work, in seconds.",
        "bid_time_logged_difference": "`bid` minus `time_logged`, in seconds.",
        "descendants": "All objects below it, at any depth.",
        "end_date": "The end of the schedule, in UTC.",
        "incoming_links": "The objects that it waits for.",
        "object_type": "The kind of object: shot, task, sequence.",
        "outgoing_links": "The objects that wait for it.",
        "priority": "How urgent it is.",
        "project": "The project that it is in. Follows from the parent.",
        "sort": _ORDER,
        "start_date": "The start of the schedule, in UTC.",
        "status": "How far it has come.",
        "time_logged": (
            "The sum of the timelogs on it and on everything below it, in seconds."
        ),
        "type": "The kind of work, such as animation or rigging.",
    },
    "User": {
        "is_active": "Whether the account is in use.",
        "username": "The name to sign in with, unique.",
    },
}
"""The docstring of an attribute by its type, or a base of it, and its name."""


def attribute_doc(
    types: Iterable[str], attribute: Attribute, *, is_read_only: bool
) -> str:
    """Return the docstring of an attribute, an empty text for none.

    Args:
        types: the entity type and its bases, the nearest first.
        attribute: the attribute.
        is_read_only: whether clients can only read it.
    """
    sources = [*(ATTRIBUTE_DOCS.get(name, {}) for name in types), COMMON_DOCS]
    texts = (source.get(attribute.name) for source in sources)
    text = next(filter(None, texts), None) or attribute.description or ""
    if attribute.format == "foreign_key" and text.startswith("Foreign key"):
        text = ""  # the docstring would only repeat the link's target
    text = " ".join(text.split())
    if text and text[-1] not in ".!?":
        text += "."
    remark = ""
    if attribute.computed:
        remark = "Computed by the server."
    elif is_read_only and text and "Set by the server" not in text:
        remark = "Read-only."
    return " ".join(filter(None, (text, remark)))

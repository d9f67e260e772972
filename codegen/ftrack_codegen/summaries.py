"""One line on each of the types that people use most, for the stock types only.

A schema describes no type, so every other class has no docstring. The sources are the
server's documentation of the types and section 6 of `docs/protocol.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = {
    "Appointment": (
        "Assigns a user or a group to a task, or allocates them to a project."
    ),
    "Asset": (
        "Something a task produces, such as a model or a render; published as versions."
    ),
    "AssetBuild": "A thing to build and reuse, such as a character, prop or set.",
    "AssetType": "The kind of an asset: geometry, rig, image sequence, upload.",
    "AssetVersion": (
        "One published version of an asset; holds the files and is what gets reviewed."
    ),
    "AssetVersionList": "A list of asset versions, such as the dailies of one day.",
    "CalendarEvent": "A period in the calendar: a meeting, a holiday, a leave.",
    "Component": (
        "A named file, file sequence or group of files, usually of an asset version."
    ),
    "ComponentLocation": "Where a component is available, and by which path or id.",
    "ContainerComponent": "A component whose members are other components.",
    "Context": "Base of projects and of everything in their hierarchy.",
    "CustomAttributeConfiguration": (
        "Defines a custom attribute: its key, type, default and the entities it is for."
    ),
    "Episode": "One episode of a series; groups sequences and shots.",
    "Event": "An entry of the activity log: who changed what, and when.",
    "FileComponent": "A component that is a single file.",
    "Folder": "Groups anything in a project; has no work or schedule of its own.",
    "Group": "A team of users; can be assigned to tasks like a user.",
    "Job": "A long-running piece of work whose progress a user can follow.",
    "List": "A hand-picked collection of entities of one project.",
    "Location": "A storage of component files: a disk, a cloud bucket, the server.",
    "Membership": "Makes a user a member of a group.",
    "Milestone": "A date in a project by which something is due.",
    "Note": "A comment on almost any entity; may have replies, recipients and files.",
    "NoteComponent": "Attaches a component, such as a picture, to a note.",
    "ObjectType": "A kind of object in a project's hierarchy: shot, task, sequence.",
    "Priority": "How urgent an object is.",
    "Project": "The root of a production's hierarchy, with its own workflow schema.",
    "ProjectSchema": (
        "A project's workflow: the object types, task types and statuses it allows."
    ),
    "ReviewSession": "Asset versions that are shared with invited people for feedback.",
    "ReviewSessionInvitee": "A person invited to a review session, by email.",
    "ReviewSessionObject": "One asset version in a review session.",
    "Scene": "A part of a story in one place; groups shots.",
    "Sequence": "A run of shots that belong together in the edit.",
    "SequenceComponent": "A component that is a numbered sequence of files.",
    "Shot": "One continuous piece of footage; its tasks produce the picture.",
    "State": (
        "What a status means for progress: not started, in progress, done, blocked."
    ),
    "Status": "How far an object or version has come; each status is in one state.",
    "Task": "A piece of work with assignees, a status and a schedule.",
    "Timelog": "Time that a user spent on a task or another context.",
    "Timer": "A running clock of a user; stopping it makes a timelog.",
    "Type": "The kind of a task, such as animation, compositing or rigging.",
    "TypedContext": "Base of the objects in a project: shots, tasks, folders.",
    "TypedContextLink": "Makes one object wait for another, for scheduling.",
    "TypedContextList": "A list of shots, tasks or other objects of a project.",
    "User": "A person with an account, who is assigned to tasks and logs time.",
}
"""The docstring of a class by its type's name."""

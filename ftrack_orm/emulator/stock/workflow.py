"""States, statuses, types, priorities and object types of a stock server.

Protocol 9.1 to 9.4. The ids are those of a real server, so that ids in a studio's
scripts are valid here too.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class State(NamedTuple):
    """A row of `STATES`."""

    id: str
    short: str
    name: str


class Status(NamedTuple):
    """A row of `STATUSES`; `state` is a `State.short`."""

    id: str
    name: str
    sort: int
    color: str
    state: str


class TaskType(NamedTuple):
    """A row of `TYPES`; its position is its sort."""

    id: str
    name: str
    color: str
    is_billable: bool


class Priority(NamedTuple):
    """A row of `PRIORITIES`."""

    id: str
    name: str
    color: str
    sort: int


class ObjectType(NamedTuple):
    """A row of `OBJECT_TYPES`; `flags` are the letters of `OBJECT_TYPE_FLAGS`."""

    id: str
    name: str
    flags: str


STATES: Final = (
    State("cea0ba04-acb5-11e1-8668-f23c91df1211", "NOT_STARTED", "Not Started"),
    State("cea0efc4-acb5-11e1-8668-f23c91df1211", "IN_PROGRESS", "In Progress"),
    State("cea116d4-acb5-11e1-8668-f23c91df1211", "DONE", "Done"),
    State("5709c04e-2f4b-11e2-b663-0019bb4983d8", "BLOCKED", "Blocked"),
)

STATUSES: Final = (
    Status("9bb65936-88e7-11e3-9264-04011030cf01", "Completed", 0, "#1cbc90", "DONE"),
    Status("a0bc3f24-15e2-11e1-b21a-0019bb4983d8", "Omitted", 1, "#E74C3C", "BLOCKED"),
    Status("a0bc2444-15e2-11e1-b21a-0019bb4983d8", "On Hold", 2, "#E74C3C", "BLOCKED"),
    Status(
        "2286947e-a2d4-11e9-825d-d27cf242b68b", "Revise", 3, "#FF6600", "IN_PROGRESS"
    ),
    Status(
        "d5d6d8ca-ebb2-11e2-aef9-f23c91dfaa16", "Client approved", 4, "#1CBC90", "DONE"
    ),
    Status("44de097a-4164-11df-9218-0019bb4983d8", "Approved", 5, "#1cbc90", "DONE"),
    Status(
        "44dded64-4164-11df-9218-0019bb4983d8",
        "Pending Review",
        6,
        "#F1C40F",
        "IN_PROGRESS",
    ),
    Status(
        "44ddd0fe-4164-11df-9218-0019bb4983d8",
        "In progress",
        7,
        "#3498DB",
        "IN_PROGRESS",
    ),
    Status("cadb9a06-acb5-11e1-8668-f23c91df1211", "WIP", 8, "#CC99FF", "NOT_STARTED"),
    Status(
        "9078de1a-40ce-11ed-a028-8e70b81a65da",
        "Ready to start",
        9,
        "#00FFFF",
        "NOT_STARTED",
    ),
    Status(
        "44dd9fb2-4164-11df-9218-0019bb4983d8",
        "Not started",
        10,
        "#CACACA",
        "NOT_STARTED",
    ),
)

TYPES: Final = (
    TaskType("56807358-a0f4-11e9-9843-d27cf242b68b", "Concept Art", "#33CCCC", True),
    TaskType("44dc53c8-4164-11df-9218-0019bb4983d8", "Modeling", "#935ba2", True),
    TaskType("44dd5868-4164-11df-9218-0019bb4983d8", "Rigging", "#58592d", True),
    TaskType("a750a84f-b253-11eb-ad41-1e003a0c2434", "Texture", "#f1c40f", True),
    TaskType("44dc8cd0-4164-11df-9218-0019bb4983d8", "Lookdev", "#a3635d", True),
    TaskType("66d145f0-13c6-11e3-abf2-f23c91dfaa16", "Character", "#3a2d5a", True),
    TaskType("66d1aedc-13c6-11e3-abf2-f23c91dfaa16", "Prop", "#f39c12", True),
    TaskType("0e996e82-6662-11ed-a73a-92ba0fc0dc3d", "Furniture", "#008000", False),
    TaskType("8c39f908-8b4c-11eb-9cdb-c2ffbce28b68", "Vehicle", "#ABABAB", True),
    TaskType("66d1daba-13c6-11e3-abf2-f23c91dfaa16", "Environment", "#5da35e", True),
    TaskType("66d2038c-13c6-11e3-abf2-f23c91dfaa16", "Matte Painting", "#5da35e", True),
    TaskType("b628a004-ad7d-11e1-896c-f23c91df1211", "Production", "#bdc3c7", False),
    TaskType("cc46c4c6-13d2-11e3-8915-f23c91dfaa16", "Editing", "#f1c40f", True),
    TaskType("a3ead45c-ae42-11e9-9454-d27cf242b68b", "Conform", "#ABABAB", True),
    TaskType("44dd3ed2-4164-11df-9218-0019bb4983d8", "Tracking", "#27ae60", True),
    TaskType("c3bcfdb4-ad7d-11e1-a444-f23c91df1211", "Rotoscoping", "#3498db", True),
    TaskType("44dc6ffc-4164-11df-9218-0019bb4983d8", "Previz", "#27ae60", True),
    TaskType("ffaebf7a-9dca-11e9-8346-d27cf242b68b", "Layout", "#3a2d5a", True),
    TaskType("44dc3636-4164-11df-9218-0019bb4983d8", "Animation", "#35592d", True),
    TaskType("44dcea86-4164-11df-9218-0019bb4983d8", "FX", "#9b59b6", True),
    TaskType("44dd08fe-4164-11df-9218-0019bb4983d8", "Lighting", "#5b5ba3", True),
    TaskType("262225e8-9dcb-11e9-82b8-d27cf242b68b", "Rendering", "#5ba3a3", True),
    TaskType("44dd23b6-4164-11df-9218-0019bb4983d8", "Compositing", "#2d5959", True),
    TaskType("ae1e2480-f24e-11e2-bd1f-f23c91dfaa16", "Deliverable", "#2980b9", True),
)

PRIORITIES: Final = (
    Priority("847fb90e-ead3-11e2-846c-f23c91dfaa16", "Urgent", "#E74C3C", 0),
    Priority("847f9cda-ead3-11e2-846c-f23c91dfaa16", "High", "#E67E22", 1),
    Priority("847f8146-ead3-11e2-846c-f23c91dfaa16", "Medium", "#F1C40F", 2),
    Priority("847f663e-ead3-11e2-846c-f23c91dfaa16", "Low", "#1CBC90", 3),
    Priority("9661b320-3a0c-11e2-81c1-0800200c9a66", "None", "#CACACA", 4),
)

OBJECT_TYPE_FLAGS: Final = {
    "k": "is_taskable",
    "y": "is_typeable",
    "s": "is_statusable",
    "c": "is_schedulable",
    "r": "is_time_reportable",
    "p": "is_prioritizable",
    "l": "is_leaf",
}

OBJECT_TYPES: Final = (
    ObjectType("3c133785-51cb-11e3-980a-20c9d0831e59", "Folder", "kp"),
    ObjectType("4be63b64-5010-42fb-bf1f-428af9d638f0", "Asset Build", "kysp"),
    ObjectType("22139355-61da-4c8f-9db4-3abc870166bc", "Episode", "ksp"),
    ObjectType("34b122f0-bd5c-11eb-96ea-d6270330280e", "Scene", "ks"),
    ObjectType("e5139355-61da-4c8f-9db4-3abc870166bc", "Sequence", "kp"),
    ObjectType("bad911de-3bd6-47b9-8b46-3476e237cb36", "Shot", "ksp"),
    ObjectType("01decdd1-51cb-11e3-9d5b-20c9d0831e59", "Milestone", "yscpl"),
    ObjectType("11c137c0-ee7e-4f9c-91c5-8c77cec22b2c", "Task", "yscrpl"),
    ObjectType("4721f72a-bd5c-11eb-a3da-d6270330280e", "Image", "k"),
    ObjectType("efb7d34c-bd5b-11eb-86a7-d6270330280e", "Information", "k"),
)

NOT_STARTED: Final = "44dd9fb2-4164-11df-9218-0019bb4983d8"
"""The status observed on new tasks (protocol 6.1)."""

NO_PRIORITY: Final = "9661b320-3a0c-11e2-81c1-0800200c9a66"
"""The priority observed on new contexts (protocol 6.1)."""

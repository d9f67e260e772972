"""Project schemas: the statuses and types that each object type may have.

Protocol 9.5 and 9.6, and the sets of types recorded with the task types. Rows refer to
object types, statuses and types by their names in `workflow`. The statuses of the task
and version workflows and their order are assumed, as no source lists them. The first is
"Not started", which was observed on new tasks.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class ProjectSchema(NamedTuple):
    """A row of `PROJECT_SCHEMAS`."""

    id: str
    name: str
    task_type_schema_id: str
    task_workflow_id: str
    version_workflow_id: str
    object_types: tuple[str, ...]
    types: tuple[str, ...]


class ObjectTypeSchema(NamedTuple):
    """A row of `SCHEMAS`: statuses and types of an object type in a project schema."""

    id: str
    project_schema: str
    object_type: str
    statuses: tuple[str, ...]
    types: tuple[str, ...]


FIRST_OBJECT_TYPES: Final = ("Task", "Milestone")
"""The object types of every new project schema (protocol D)."""

TASK_WORKFLOW: Final = (
    "Not started",
    "Ready to start",
    "WIP",
    "In progress",
    "Pending Review",
    "Revise",
    "Approved",
    "Client approved",
    "On Hold",
    "Omitted",
    "Completed",
)

VERSION_WORKFLOW: Final = (
    "Not started",
    "In progress",
    "Pending Review",
    "Revise",
    "Approved",
    "Client approved",
    "Omitted",
    "Completed",
)

PROJECT_SCHEMAS: Final = (
    # The first one has shots: examples of the documentation rely on it (protocol D).
    ProjectSchema(
        "caddd816-acb5-11e1-8668-f23c91df1211",
        "VFX",
        "cadd9e5a-acb5-11e1-8668-f23c91df1211",
        "cadb0afa-acb5-11e1-8668-f23c91df1211",
        "cadb4c0e-acb5-11e1-8668-f23c91df1211",
        ("Milestone", "Task", "Episode", "Folder", "Asset Build", "Shot", "Sequence"),
        (
            "Concept Art",
            "Modeling",
            "Rigging",
            "Texture",
            "Lookdev",
            "Production",
            "Editing",
            "Conform",
            "Tracking",
            "Rotoscoping",
            "Previz",
            "Layout",
            "Animation",
            "FX",
            "Lighting",
            "Rendering",
            "Compositing",
        ),
    ),
    ProjectSchema(
        "05dece3c-40cd-11ed-a028-8e70b81a65da",
        "Model production",
        "05dee0c0-40cd-11ed-a028-8e70b81a65da",
        "05ded38c-40cd-11ed-a028-8e70b81a65da",
        "05deda8a-40cd-11ed-a028-8e70b81a65da",
        ("Milestone", "Task", "Folder", "Asset Build"),
        ("Modeling", "Texture"),
    ),
    ProjectSchema(
        "9c77018e-6af0-11eb-b045-169be7b6c453",
        "Animation",
        "9c772d44-6af0-11eb-b045-169be7b6c453",
        "9c7709f4-6af0-11eb-b045-169be7b6c453",
        "9c771b42-6af0-11eb-b045-169be7b6c453",
        ("Milestone", "Task", "Episode", "Folder", "Asset Build", "Shot", "Sequence"),
        (
            "Concept Art",
            "Modeling",
            "Rigging",
            "Texture",
            "Lookdev",
            "Production",
            "Editing",
            "Previz",
            "Layout",
            "Animation",
            "FX",
            "Lighting",
            "Rendering",
            "Compositing",
        ),
    ),
    ProjectSchema(
        "d735496c-bd5b-11eb-8fe6-d6270330280e",
        "Media production",
        "d7355e70-bd5b-11eb-8fe6-d6270330280e",
        "d7354f98-bd5b-11eb-8fe6-d6270330280e",
        "d7355858-bd5b-11eb-8fe6-d6270330280e",
        (
            "Milestone",
            "Task",
            "Scene",
            "Folder",
            "Image",
            "Asset Build",
            "Shot",
            "Information",
        ),
        ("Modeling", "Texture", "Lookdev", "Production", "Rendering", "Deliverable"),
    ),
)

_BRIEF: Final = ("Not started", "In progress", "Completed")
_FULL: Final = (*_BRIEF, "On Hold", "Omitted")

SCHEMAS: Final = (
    ObjectTypeSchema(
        "22e77f90-57c5-11e5-8a87-42010af0e994",
        "VFX",
        "Shot",
        _FULL,
        (),
    ),
    ObjectTypeSchema(
        "22edfc08-57c5-11e5-8a87-42010af0e994",
        "VFX",
        "Milestone",
        _BRIEF,
        (
            "Rendering",
            "Animation",
            "Modeling",
            "Previz",
            "Lookdev",
            "FX",
            "Lighting",
            "Compositing",
            "Tracking",
            "Rigging",
            "Concept Art",
            "Conform",
            "Texture",
            "Deliverable",
            "Production",
            "Rotoscoping",
            "Editing",
            "Layout",
        ),
    ),
    ObjectTypeSchema(
        "45b4130c-6af3-11eb-b477-169be7b6c453",
        "Animation",
        "Shot",
        _FULL,
        (),
    ),
    ObjectTypeSchema(
        "62641400-40cd-11ed-a028-8e70b81a65da",
        "Model production",
        "Asset Build",
        _FULL,
        ("Furniture", "Concept Art"),
    ),
    ObjectTypeSchema(
        "66d53188-13c6-11e3-abf2-f23c91dfaa16",
        "VFX",
        "Asset Build",
        _BRIEF,
        ("Character", "Prop", "Environment", "Matte Painting", "Vehicle"),
    ),
    ObjectTypeSchema(
        "685ebee0-40ce-11ed-a028-8e70b81a65da",
        "Animation",
        "Episode",
        _FULL,
        (),
    ),
    ObjectTypeSchema(
        "685ec2dc-40ce-11ed-a028-8e70b81a65da",
        "VFX",
        "Episode",
        _FULL,
        (),
    ),
    ObjectTypeSchema(
        "a9e41ce4-bd5c-11eb-aa52-d6270330280e",
        "Media production",
        "Shot",
        _FULL,
        (),
    ),
    ObjectTypeSchema(
        "afeb7934-bd5c-11eb-bf2f-d6270330280e",
        "Media production",
        "Scene",
        (
            "Not started",
            "In progress",
            "Ready to start",
            "Completed",
            "On Hold",
            "Omitted",
        ),
        (),
    ),
    ObjectTypeSchema(
        "c4a30bc6-bd5c-11eb-a3da-d6270330280e",
        "Media production",
        "Asset Build",
        _BRIEF,
        ("Character", "Prop", "Environment"),
    ),
    ObjectTypeSchema(
        "c9a1a878-6af3-11eb-b477-169be7b6c453",
        "Animation",
        "Asset Build",
        _BRIEF,
        ("Character", "Prop", "Environment"),
    ),
    ObjectTypeSchema(
        "ca657fc6-6af5-11eb-bb52-169be7b6c453",
        "Animation",
        "Milestone",
        _BRIEF,
        (
            "Rendering",
            "Animation",
            "Modeling",
            "Lookdev",
            "Lighting",
            "Compositing",
            "Rigging",
            "Concept Art",
            "Texture",
            "Deliverable",
            "Production",
            "Editing",
            "Layout",
        ),
    ),
    ObjectTypeSchema(
        "ce184c56-465f-11ed-91db-ca81394198b0",
        "Model production",
        "Milestone",
        _BRIEF,
        ("Deliverable",),
    ),
    ObjectTypeSchema(
        "e862f65c-bd5c-11eb-96ea-d6270330280e",
        "Media production",
        "Milestone",
        _BRIEF,
        ("Rendering", "Modeling", "Lookdev", "Texture", "Deliverable", "Production"),
    ),
)

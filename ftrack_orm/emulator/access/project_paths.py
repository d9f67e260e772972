"""Paths from entities to the projects they belong to, and their SQL.

A row belongs to the projects at the end of its paths: most rows to one, rows that
connect two entities to two, and rows about the studio to none. A path without an end,
such as that of a component without a version, leaves the row without a project.

All paths are assumptions: protocol 6.5 reports that reading is restricted, and no
source has details.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.storage.tables import (
    LINK_FROM_ROOT,
    LINK_ROOT,
    SPARSE_VALUES,
    Tables,
    is_dense,
)

Expression: TypeAlias = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute that holds the id of the project."""

    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """An attribute that holds the id of an entity of the same project.

    Attributes:
        name: the attribute.
        targets: the possible types of the entity, the most frequent first.
    """

    name: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """An attribute that holds the id of a parent row in the same table.

    The row belongs to the project of the nearest ancestor that has one by its other
    paths.
    """

    name: str


Path: TypeAlias = Column | Link | Chain

_NOTE_PARENTS: Final = (
    "Context",
    "AssetVersion",
    "Asset",
    "List",
    "ReviewSessionObject",
    "ReviewSession",
)
_CONTEXT: Final = (Link("context_id", ("Context",)),)
_PROJECT: Final = (Column("project_id"),)
_REVIEW_OBJECT: Final = Link("review_session_object_id", ("ReviewSessionObject",))
_LINK_ENDS: Final = ("Context", "AssetVersion", "Asset", "List", "Component")

PROJECT_PATHS: Final[Mapping[str, tuple[Path, ...]]] = {
    "Appointment": _CONTEXT,
    "Asset": _PROJECT,
    "AssetVersion": _PROJECT,
    "AssetVersionLink": (
        Link("from_id", ("AssetVersion",)),
        Link("to_id", ("AssetVersion",)),
    ),
    "CalendarEvent": _PROJECT,
    "CalendarEventResource": (Link("calendar_event_id", ("CalendarEvent",)),),
    "Component": (Link("version_id", ("AssetVersion",)), Chain("container_id")),
    "ComponentLocation": (Link("component_id", ("Component",)),),
    "Context": _PROJECT,
    LINK_ROOT: (Link("from_id", _LINK_ENDS), Link("to_id", _LINK_ENDS)),
    SPARSE_VALUES: (Link("entity_id", (*_LINK_ENDS, "ListObject")),),
    "CustomConfigurationBase": _PROJECT,
    "EntitySetting": (Link("parent_id", ("ReviewSession", "Context")),),
    "Event": _PROJECT,
    "Feed": (Link("social_id", ("Event",)),),
    "JobComponent": (Link("component_id", ("Component",)),),
    "List": _PROJECT,
    "ListObject": (
        Link("list_id", ("List",)),
        Link("entity_id", ("Context", "AssetVersion", "Asset")),
    ),
    "Manager": _CONTEXT,
    "Metadata": (
        Link(
            "parent_id",
            (
                "Context",
                "AssetVersion",
                "Asset",
                "Component",
                "Note",
                "AssetVersionLink",
                "TypedContextLink",
                "CalendarEvent",
                "List",
            ),
        ),
    ),
    "Note": (*_PROJECT, Link("parent_id", _NOTE_PARENTS), Chain("in_reply_to_id")),
    "NoteComponent": (
        Link("note_id", ("Note",)),
        Link("component_id", ("Component",)),
    ),
    "NoteLabelLink": (Link("note_id", ("Note",)),),
    "Recipient": (Link("note_id", ("Note",)),),
    "ReviewSession": _PROJECT,
    "ReviewSessionFolder": _PROJECT,
    "ReviewSessionInvitee": (Link("review_session_id", ("ReviewSession",)),),
    "ReviewSessionObject": (
        Link("review_session_id", ("ReviewSession",)),
        Link("version_id", ("AssetVersion",)),
    ),
    "ReviewSessionObjectAnnotation": (_REVIEW_OBJECT,),
    "ReviewSessionObjectAnnotationComponent": (
        _REVIEW_OBJECT,
        Link("component_id", ("Component",)),
    ),
    "ReviewSessionObjectStatus": (_REVIEW_OBJECT,),
    "SettingComponent": (Link("component_id", ("Component",)),),
    "SplitTaskPart": (Link("task_id", ("Context",)),),
    "StatusChange": (Link("parent_id", ("Context", "AssetVersion")),),
    "Timelog": _CONTEXT,
    "Timer": _CONTEXT,
    "TypedContextLink": (Link("from_id", ("Context",)), Link("to_id", ("Context",))),
    "UserSecurityRoleProject": _PROJECT,
}
"""The paths of each family of types; a row belongs to the projects of all paths."""

NO_PROJECT: Final = frozenset(
    {
        "ApiKey",
        "AssetType",
        "CustomAttributeGroup",
        "CustomAttributeType",
        "Dashboard",
        "DashboardResource",
        "DashboardWidget",
        "Disk",
        "Job",
        "ListCategory",
        "Location",
        "ManagerType",
        "Membership",
        "NoteLabel",
        "ObjectType",
        "Priority",
        "ProjectSchema",
        "ProjectSchemaObjectType",
        "ProjectSchemaOverride",
        "Resource",
        "Schema",
        "SchemaStatus",
        "SchemaType",
        "Scope",
        "SecurityRole",
        "Setting",
        "State",
        "Status",
        "StatusRule",
        "StatusRuleGroup",
        "TaskTemplate",
        "TaskTemplateItem",
        "TaskTypeSchema",
        "TaskTypeSchemaType",
        "Type",
        "UserApplicationState",
        "UserSecurityRole",
        "UserSession",
        "UserType",
        "UserView",
        "WorkflowSchema",
        "WorkflowSchemaStatus",
    }
)
"""Families whose entities belong to no project; all users may read them."""


def paths_of(tables: Tables, entity_type: str) -> tuple[Path, ...]:
    """Return the paths from entities of a type to their projects."""
    if is_dense(entity_type):
        return (Link("entity_id", (entity_type.removesuffix(SPARSE_VALUES),)),)
    root = LINK_ROOT if entity_type == LINK_FROM_ROOT else tables.root(entity_type)
    return PROJECT_PATHS.get(root, ())


def projects_of(
    tables: Tables, entity_type: str, source: sa.FromClause
) -> list[Expression]:
    """Return the SQL of the projects of rows of `source`.

    There is one expression for each path; it is null where the path has no end. Each
    reads single rows by their keys, so its cost does not depend on the table's size.
    """
    paths = paths_of(tables, entity_type)
    direct = [path for path in paths if not isinstance(path, Chain)]
    projects = list(_direct_projects(tables, direct, source))
    for path in paths:
        if isinstance(path, Chain) and path.name in source.c:
            projects.append(
                _project_of_ancestors(tables, entity_type, path, direct, source)
            )
    return projects


def _direct_projects(
    tables: Tables, paths: Sequence[Path], source: sa.FromClause
) -> Iterator[Expression]:
    for path in paths:
        if path.name not in source.c:
            continue
        value = source.c[path.name]
        if not isinstance(path, Link):
            yield value
            continue
        project_ids = [
            _project_of_target(tables, target, value, source)
            for target in path.targets
            if target in tables.schema
        ]
        yield _first(project_ids)


def narrow_table(tables: Tables, entity_type: str, *more: str) -> sa.FromClause:
    """Return the table of a type under an alias, with some of its columns.

    These are its id, the columns of its paths, and `more`.
    """
    # A query uses dozens of these aliases, and an alias of all columns takes far
    # longer to create.
    stored = tables.table(entity_type)
    names = ["id", *more, *(path.name for path in paths_of(tables, entity_type))]
    columns: list[sa.ColumnClause[Any]] = []
    for name in dict.fromkeys(names):
        if name in stored.c:
            column: sa.ColumnClause[Any] = sa.column(stored.c[name].name)
            column.key = name
            columns.append(column)
    return sa.table(stored.name, *columns).alias()


def _project_of_target(
    tables: Tables, target: str, key: Expression, source: sa.FromClause
) -> Expression:
    """Return the SQL of the project of the `target` entity with a key."""
    rows = narrow_table(tables, target)
    return (
        sa.select(_first(projects_of(tables, target, rows)))
        .where(rows.c.id == key)
        .correlate(source)
        .scalar_subquery()
    )


def _project_of_ancestors(
    tables: Tables,
    entity_type: str,
    chain: Chain,
    direct: Sequence[Path],
    source: sa.FromClause,
) -> Expression:
    """Return the SQL of the project of the nearest ancestor that has one."""
    # A correlated CTE must be nested in its subquery: at the top of the statement it
    # could not refer to `source`.
    start, step = narrow_table(tables, entity_type), narrow_table(tables, entity_type)
    walk = (
        sa.select(
            start.c[chain.name].label("above"),
            _first([*_direct_projects(tables, direct, start)]).label("project"),
        )
        .where(start.c.id == source.c[chain.name])
        .correlate(source)
        .cte(recursive=True, nesting=True)
    )
    walk = walk.union(
        sa.select(
            step.c[chain.name], _first([*_direct_projects(tables, direct, step)])
        ).where(step.c.id == walk.c.above)
    )
    project = (
        sa.select(walk.c.project)
        .where(walk.c.project.is_not(None))
        .limit(1)
        .scalar_subquery()
    )
    # Most rows have no parent: CASE skips the recursion for them.
    return sa.case((source.c[chain.name].is_(None), None), else_=project)


def _first(projects: Sequence[Expression]) -> Expression:
    """Return the SQL of the first project that is not null."""
    if not projects:
        return sa.null()
    return projects[0] if len(projects) == 1 else sa.func.coalesce(*projects)

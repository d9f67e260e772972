"""Which project an entity belongs to, and through what: data, and the SQL of it.

A row belongs to the projects that its paths lead to: one for most, two for what joins
two entities, none for what describes the studio. A path that leads nowhere, like that
of a component without version, leaves the row without a project (protocol 6.5 says
that reading is restricted, and no source says how; so all of it is assumed).
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
    """The attribute holds the project's id."""

    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """The attribute holds the id of an entity that says where the row belongs.

    Attributes:
        name: the attribute.
        targets: the types whose entities it may be, likeliest first.
    """

    name: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """The attribute holds the id of another row of the same table, and so on.

    The row belongs where the first of those belongs that does by its other paths.
    """

    name: str


Path: TypeAlias = Column | Link | Chain

_NOTED: Final = (
    "Context",
    "AssetVersion",
    "Asset",
    "List",
    "ReviewSessionObject",
    "ReviewSession",
)
_CONTEXT: Final = (Link("context_id", ("Context",)),)
_PROJECT: Final = (Column("project_id"),)
_REVIEWED: Final = Link("review_session_object_id", ("ReviewSessionObject",))
_LINKED: Final = ("Context", "AssetVersion", "Asset", "List", "Component")

BELONGING: Final[Mapping[str, tuple[Path, ...]]] = {
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
    LINK_ROOT: (Link("from_id", _LINKED), Link("to_id", _LINKED)),
    SPARSE_VALUES: (Link("entity_id", (*_LINKED, "ListObject")),),
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
    "Note": (*_PROJECT, Link("parent_id", _NOTED), Chain("in_reply_to_id")),
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
    "ReviewSessionObjectAnnotation": (_REVIEWED,),
    "ReviewSessionObjectAnnotationComponent": (
        _REVIEWED,
        Link("component_id", ("Component",)),
    ),
    "ReviewSessionObjectStatus": (_REVIEWED,),
    "SettingComponent": (Link("component_id", ("Component",)),),
    "SplitTaskPart": (Link("task_id", ("Context",)),),
    "StatusChange": (Link("parent_id", ("Context", "AssetVersion")),),
    "Timelog": _CONTEXT,
    "Timer": _CONTEXT,
    "TypedContextLink": (Link("from_id", ("Context",)), Link("to_id", ("Context",))),
    "UserSecurityRoleProject": _PROJECT,
}
"""Paths to projects, by the table of a family; a row belongs to all they lead to."""

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
    """Return the paths from entities of a type to their projects; none for some."""
    if is_dense(entity_type):
        return (Link("entity_id", (entity_type.removesuffix(SPARSE_VALUES),)),)
    root = LINK_ROOT if entity_type == LINK_FROM_ROOT else tables.root(entity_type)
    return BELONGING.get(root, ())


def projects_of(
    tables: Tables, entity_type: str, source: sa.FromClause
) -> list[Expression]:
    """Return the SQL of the projects that rows of `source` belong to.

    One for each path, null where it leads nowhere. Each looks a single row up by a
    key, so that it costs the same however many rows there are.
    """
    paths = paths_of(tables, entity_type)
    direct = [path for path in paths if not isinstance(path, Chain)]
    found = list(_direct(tables, direct, source))
    for path in paths:
        if isinstance(path, Chain) and path.name in source.c:
            found.append(_above(tables, entity_type, path, direct, source))
    return found


def _direct(
    tables: Tables, paths: Sequence[Path], source: sa.FromClause
) -> Iterator[Expression]:
    for path in paths:
        if path.name not in source.c:
            continue
        held = source.c[path.name]
        if not isinstance(path, Link):
            yield held
            continue
        targets = [each for each in path.targets if each in tables.schema]
        looked_up = [_looked_up(tables, each, held, source) for each in targets]
        yield _first(looked_up)


def narrow(tables: Tables, entity_type: str, *more: str) -> sa.FromClause:
    """Return the table of a type under an alias, with few of its columns.

    Those that tell where a row belongs, its id, and `more`. Aliases of whole tables
    take far longer to make, and these are made by the dozen.
    """
    stored = tables.table(entity_type)
    names = ["id", *more, *(path.name for path in paths_of(tables, entity_type))]
    known = [name for name in dict.fromkeys(names) if name in stored.c]
    return sa.table(stored.name, *(sa.column(name) for name in known)).alias()


def _looked_up(
    tables: Tables, target: str, key: Expression, source: sa.FromClause
) -> Expression:
    """Return the SQL of the project of the `target` with that key."""
    rows = narrow(tables, target)
    return (
        sa.select(_first(projects_of(tables, target, rows)))
        .where(rows.c.id == key)
        .correlate(source)
        .scalar_subquery()
    )


def _above(
    tables: Tables,
    entity_type: str,
    chain: Chain,
    direct: Sequence[Path],
    source: sa.FromClause,
) -> Expression:
    """Return the SQL of the project of the rows above, the nearest first."""
    start, step = narrow(tables, entity_type), narrow(tables, entity_type)
    walk = (
        sa.select(
            start.c[chain.name].label("above"),
            _first([*_direct(tables, direct, start)]).label("project"),
        )
        .where(start.c.id == source.c[chain.name])
        .correlate(source)
        .cte(recursive=True, nesting=True)
    )
    walk = walk.union(
        sa.select(step.c[chain.name], _first([*_direct(tables, direct, step)])).where(
            step.c.id == walk.c.above
        )
    )
    project = (
        sa.select(walk.c.project)
        .where(walk.c.project.is_not(None))
        .limit(1)
        .scalar_subquery()
    )
    # Most rows have nothing above them: the walk is not even begun.
    return sa.case((source.c[chain.name].is_(None), None), else_=project)


def _first(projects: Sequence[Expression]) -> Expression:
    """Return the SQL of the first project that is one."""
    if not projects:
        return sa.null()
    return projects[0] if len(projects) == 1 else sa.func.coalesce(*projects)

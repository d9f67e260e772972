"""The statuses and types that project schemas allow for an object type.

The server has no operation for it: clients compute both from the project schema, the
object type's schema and the overrides by task type (protocol 6.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.errors.session import InvalidArgumentError
from ftrack_orm.select.select import Select

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

_TYPES: Final = frozenset(
    {
        "ProjectSchema",
        "ProjectSchemaOverride",
        "Schema",
        "SchemaStatus",
        "SchemaType",
        "Status",
        "TaskTypeSchema",
        "TaskTypeSchemaType",
        "Type",
        "WorkflowSchema",
        "WorkflowSchemaStatus",
    }
)
"""The entity types that make up a workflow."""


class Workflows:
    """The workflows of every project schema, read in one request when first needed."""

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self._schemas: dict[str, Any] | None = None

    @staticmethod
    def depends_on(entity_types: Iterable[Any]) -> bool:
        """Return whether a write of these types may change a workflow."""
        return not _TYPES.isdisjoint(entity_types)

    def statuses(self, project: Entity, subject: Any, task_type: Any) -> list[Any]:
        """Return the statuses that a project allows, in the server's order.

        Args:
            project: the project.
            subject: an entity class, or an entity whose type and task type count.
            task_type: a `Type`, whose override applies to tasks.

        Raises:
            InvalidArgumentError: `subject` has no statuses in a project schema.
            NotLoadedError: the user may not read the project's schema.
        """
        type_info, task_type_id = _subject(subject, task_type, "statuses_for()")
        schema = self._schema_of(project)
        if type_info.is_kind_of("AssetVersion"):
            return _sorted(_members(schema.version_workflow_, "statuses"))
        if type_info.is_kind_of("Task"):
            return _sorted(_members(_task_workflow(schema, task_type_id), "statuses"))
        rows = _rows(schema, _object_type_id(type_info, "statuses_for()"), "statuses")
        return _linked(rows, "task_status")

    def types(self, project: Entity, subject: Any) -> list[Any]:
        """Return the types that a project allows, in the server's order.

        Raises:
            InvalidArgumentError: `subject` has no types in a project schema.
            NotLoadedError: the user may not read the project's schema.
        """
        type_info, _ = _subject(subject, None, "types_for()")
        schema = self._schema_of(project)
        if type_info.is_kind_of("Task"):
            return _sorted(_members(schema.task_type_schema_, "types"))
        rows = _rows(schema, _object_type_id(type_info, "types_for()"), "types")
        return _linked(rows, "task_type")

    def _schema_of(self, project: Any) -> Any:
        if self._schemas is None or project.project_schema_id not in self._schemas:
            self._schemas = self._read()
        schema = self._schemas.get(project.project_schema_id)
        if schema is None:
            raise NotLoadedError(
                repr(project),
                "project_schema",
                "The server does not show it to this user. Check the user's role.",
            )
        return schema

    def _read(self) -> dict[str, Any]:
        """Return every project schema by id, with all that a workflow consists of."""
        schema: Any = self._core.models.class_named("ProjectSchema")
        select: Select[Any] = Select._of(self._core, schema).load(
            schema.task_workflow_.statuses,
            schema.version_workflow_.statuses,
            schema.task_type_schema_.types,
            schema.overrides_,
            schema.overrides_.each.workflow_schema.statuses,
            schema.schemas_,
            schema.schemas_.each.statuses,
            schema.schemas_.each.statuses.each.task_status,
            schema.schemas_.each.types,
            schema.schemas_.each.types.each.task_type,
        )
        return {row.id: row for row in select.all()}


def _subject(subject: Any, task_type: Any, method: str) -> tuple[TypeInfo, Any]:
    """Return the entity type of a class or entity, and the id of the task type."""
    type_info = getattr(subject, "__ftrack__", None)
    if type_info is None:
        raise InvalidArgumentError(method, subject, "an entity class or an entity")
    if task_type is not None:
        return type_info, task_type.reference.key[0]
    if isinstance(subject, type) or not type_info.is_kind_of("Task"):
        return type_info, None
    return type_info, subject.type_id


def _object_type_id(type_info: TypeInfo, method: str) -> str:
    attribute = type_info.attributes.get("object_type_id")
    if attribute is None or not isinstance(attribute.default, str):
        others = "Task, AssetVersion" if method == "statuses_for()" else "Task"
        raise InvalidArgumentError(
            method, type_info.name, f"{others} or the class of another object type"
        )
    return attribute.default


def _task_workflow(schema: Any, task_type_id: Any) -> Any:
    for override in schema.overrides_:
        if task_type_id is not None and override.type_id == task_type_id:
            return override.workflow_schema
    return schema.task_workflow_


def _rows(schema: Any, object_type_id: str, name: str) -> list[Any]:
    return [
        row
        for part in schema.schemas_
        if part.type_id == object_type_id
        for row in getattr(part, name)
    ]


def _members(owner: Any, name: str) -> Sequence[Any]:
    return () if owner is None else getattr(owner, name)


def _linked(rows: Iterable[Any], link: str) -> list[Any]:
    """Return the targets of rows, by the rows' order first."""
    ordered = sorted(rows, key=lambda row: (row.sort or 0, _sort(getattr(row, link))))
    return [getattr(row, link) for row in ordered]


def _sorted(entities: Iterable[Any]) -> list[Any]:
    return sorted(entities, key=_sort)


def _sort(entity: Any) -> tuple[float, str]:
    return entity.sort or 0, entity.name or ""

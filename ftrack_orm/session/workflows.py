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
from ftrack_orm.session.argument_checks import require_entity

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
        workflow = self._of(project)
        if type_info.is_kind_of("AssetVersion"):
            return workflow.version_statuses()
        if type_info.is_kind_of("Task"):
            return workflow.task_statuses(task_type_id)
        return workflow.statuses(_object_type_id(type_info, "statuses_for()")) or []

    def types(self, project: Entity, subject: Any) -> list[Any]:
        """Return the types that a project allows, in the server's order.

        Raises:
            InvalidArgumentError: `subject` has no types in a project schema.
            NotLoadedError: the user may not read the project's schema.
        """
        type_info, _ = _subject(subject, None, "types_for()")
        workflow = self._of(project)
        if type_info.is_kind_of("Task"):
            return workflow.task_types()
        return workflow.types(_object_type_id(type_info, "types_for()")) or []

    def find(self, project_schema_id: str | None) -> SchemaWorkflow | None:
        """Return the workflow of a project schema; ``None`` if the user sees none."""
        if project_schema_id is None:
            return None
        if self._schemas is None or project_schema_id not in self._schemas:
            self._schemas = self._read()
        schema = self._schemas.get(project_schema_id)
        return None if schema is None else SchemaWorkflow(schema)

    def _of(self, project: Any) -> SchemaWorkflow:
        workflow = self.find(project.project_schema_id)
        if workflow is None:
            raise NotLoadedError(
                repr(project),
                "project_schema",
                "The server does not show it to this user. Check the user's role.",
            )
        return workflow

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


class SchemaWorkflow:
    """The statuses and types that one project schema allows, in the server's order.

    Attributes:
        name: the name of the project schema.
    """

    def __init__(self, schema: Any) -> None:
        """Use a `ProjectSchema` with all that a workflow consists of."""
        self.name: str = schema.name
        self._schema = schema

    def version_statuses(self) -> list[Any]:
        """Return the statuses of versions."""
        return _sorted(_members(self._schema.version_workflow_, "statuses"))

    def task_statuses(self, task_type_id: str | None) -> list[Any]:
        """Return the statuses of tasks of a type."""
        workflow = self._schema.task_workflow_
        for override in self._schema.overrides_:
            if task_type_id is not None and override.type_id == task_type_id:
                workflow = override.workflow_schema
        return _sorted(_members(workflow, "statuses"))

    def task_types(self) -> list[Any]:
        """Return the types of tasks."""
        return _sorted(_members(self._schema.task_type_schema_, "types"))

    def statuses(self, object_type_id: str) -> list[Any] | None:
        """Return the statuses of an object type, ``None`` if it has no schema."""
        return self._linked(object_type_id, "statuses", "task_status")

    def types(self, object_type_id: str) -> list[Any] | None:
        """Return the types of an object type, ``None`` if it has no schema."""
        return self._linked(object_type_id, "types", "task_type")

    def _linked(self, object_type_id: str, name: str, link: str) -> list[Any] | None:
        parts = [
            part for part in self._schema.schemas_ if part.type_id == object_type_id
        ]
        if not parts:
            return None
        rows = [row for part in parts for row in getattr(part, name)]
        # By the rows' order first.
        rows.sort(key=lambda row: (row.sort or 0, _sort(getattr(row, link))))
        return [getattr(row, link) for row in rows]


def _subject(subject: Any, task_type: Any, method: str) -> tuple[TypeInfo, Any]:
    """Return the entity type of a class or entity, and the id of the task type."""
    type_info = getattr(subject, "__ftrack__", None)
    if type_info is None:
        raise InvalidArgumentError(method, subject, "an entity class or an entity")
    if task_type is not None:
        require_entity(f"{method[:-1]}task_type=)", task_type)
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


def _members(owner: Any, name: str) -> Sequence[Any]:
    return () if owner is None else getattr(owner, name)


def _sorted(entities: Iterable[Any]) -> list[Any]:
    return sorted(entities, key=_sort)


def _sort(entity: Any) -> tuple[float, str]:
    return entity.sort or 0, entity.name or ""

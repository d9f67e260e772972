"""`ProjectWorkflow`, the methods of the generated `Project`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ftrack_orm.errors.session import DetachedEntityError

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.state import Owner

S = TypeVar("S")
T = TypeVar("T")


class ProjectWorkflow(Generic[S, T]):
    """The statuses and types that a project's schema allows.

    The class is generic, because its results are of the classes of the generated
    package: ``class Project(Context, ProjectWorkflow["Status", "Type"])``.
    """

    __slots__ = ()

    def statuses_for(
        self, subject: type[Entity] | Entity, task_type: T | None = None
    ) -> list[S]:
        """Return the statuses that the project allows, in their order.

        The schemas of all projects are read in one request and kept, until the
        session writes, refreshes or expires them (protocol 6.6).

        Args:
            subject: `Task`, `AssetVersion` or the class of another object type; or an
                entity, whose task type counts.
            task_type: the type of tasks whose statuses the schema overrides.

        Raises:
            DetachedEntityError: the project is in no session.
            InvalidArgumentError: project schemas have no statuses for it.
        """
        project, owner = _owned(self, "read its statuses")
        return owner.allowed_statuses(project, subject, task_type)

    def types_for(self, subject: type[Entity] | Entity) -> list[T]:
        """Return the types that the project allows, in their order.

        Args:
            subject: `Task` or the class of another object type, or an entity.

        Raises:
            DetachedEntityError: the project is in no session.
            InvalidArgumentError: project schemas have no types for it.
        """
        project, owner = _owned(self, "read its types")
        return owner.allowed_types(project, subject)


def _owned(project: Any, action: str) -> tuple[Entity, Owner]:
    """Return a project as an entity, and its session.

    Raises:
        DetachedEntityError: it is in no session.
    """
    owner: Owner | None = project.__ftrack_state__.owner
    if owner is None:
        raise DetachedEntityError(repr(project), action)
    return project, owner

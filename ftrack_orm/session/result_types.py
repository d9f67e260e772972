"""The types of results that a session returns by itself, such as jobs.

They are classes of the generated models, which this library does not import at run
time. A session is generic over them: ``Session(models=studio_models)`` returns the
studio's classes, and a session without ``models`` those of ``ftrack_models``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from typing_extensions import TypeVar

if TYPE_CHECKING:
    import ftrack_models  # named by the defaults below
    from ftrack_orm.entity.entity import Entity

FileComponentT = TypeVar(
    "FileComponentT",
    bound="Entity",
    covariant=True,
    default="ftrack_models.FileComponent",
)
ComponentLocationT = TypeVar(
    "ComponentLocationT",
    bound="Entity",
    covariant=True,
    default="ftrack_models.ComponentLocation",
)
JobT = TypeVar("JobT", bound="Entity", covariant=True, default="ftrack_models.Job")
UserT = TypeVar("UserT", bound="Entity", covariant=True, default="ftrack_models.User")


class ModelPackage(Protocol[FileComponentT, ComponentLocationT, JobT, UserT]):
    """A generated package, the classes of which a session returns."""

    @property
    def FileComponent(self) -> type[FileComponentT]:  # noqa: N802 # a class
        """Return the class of the components that uploads create."""
        ...

    @property
    def ComponentLocation(self) -> type[ComponentLocationT]:  # noqa: N802 # a class
        """Return the class of a component's place in a location."""
        ...

    @property
    def Job(self) -> type[JobT]:  # noqa: N802 # a class
        """Return the class of jobs."""
        ...

    @property
    def User(self) -> type[UserT]:  # noqa: N802 # a class
        """Return the class of users."""
        ...

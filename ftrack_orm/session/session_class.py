"""The class of the sessions of one generated package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ftrack_orm.session.session import Session

if TYPE_CHECKING:
    from ftrack_orm.entity.registry import Registry


def session_class(name: str, registry: Registry) -> type[Session]:
    """Return a subclass of `Session` that uses a package without ``models``.

    Args:
        name: the name of the class.
        registry: the registry of the package.
    """

    class PackageSession(Session):
        __doc__ = Session.__doc__

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{"models": registry, **options})

    PackageSession.__name__ = PackageSession.__qualname__ = name
    return PackageSession

"""Which models a session uses."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from ftrack_orm.entity.registry import Registry
from ftrack_orm.errors.session import ModelsNotFoundError

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

Models: TypeAlias = Registry | ModuleType | str
"""A generated package, its import name, or its registry."""

DEFAULT_PACKAGE = "ftrack_models"


def find_registry(models: Models | None) -> Registry:
    """Return the registry of `models`, or of the stock server's models.

    Raises:
        ModelsNotFoundError: there is no such package, or it is not a generated one.
    """
    if isinstance(models, Registry):
        return models
    name = models if isinstance(models, str) else DEFAULT_PACKAGE
    if isinstance(models, ModuleType):
        package = models
    else:
        try:
            package = importlib.import_module(name)
        except ModuleNotFoundError as error:
            raise ModelsNotFoundError(name) from error
    registry = getattr(package, "registry", None)
    if not isinstance(registry, Registry):
        raise ModelsNotFoundError(package.__name__)
    return registry


class SessionRegistry(Registry):
    """The models of one session: those of a package, and classes made at run time.

    The package stays as it is: another session may talk to another studio.
    """

    def __init__(self, package: Registry) -> None:
        super().__init__(package.package, fingerprint=package.fingerprint)
        self._generated = package

    def __contains__(self, name: object) -> bool:
        return name in self._generated or super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        yield from self._generated
        yield from super().__iter__()

    def has(self, name: str) -> bool:
        """Return whether the class of an entity type has been imported."""
        return super().has(name) or self._generated.has(name)

    def resolve(self, name: str) -> type[Entity]:
        """Return the class of the entity type `name`.

        Raises:
            UnknownEntityTypeError: there is none; near names are offered.
        """
        if super().__contains__(name):
            return super().resolve(name)
        return self._generated.resolve(name)

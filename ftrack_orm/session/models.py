"""Which models a session uses."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TypeAlias

from ftrack_orm.entity.registry import Registry
from ftrack_orm.errors import ModelsNotFoundError

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

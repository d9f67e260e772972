"""A stack of the entities under construction, one per thread.

pydantic compiles validators once per class, so the entity that a validator fills cannot
be an argument. The innermost entity is on top: a validator may create other entities.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import PydanticUserError

from ftrack_orm.errors.entity import EntityError

Build = Callable[[Mapping[str, Any]], Any]
"""Fills the entity under construction from its data and returns it."""

_stack = threading.local()


class BuildError(Exception):
    """Carries an error of this library through pydantic unchanged."""

    def __init__(self, error: EntityError) -> None:
        super().__init__(str(error))
        self.error = error


class pending:  # noqa: N801 # reads as a function
    """Push the build of an entity for the time of its model validators."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._depth = 0

    def __enter__(self) -> None:
        builds = _builds()
        self._depth = len(builds)
        builds.append(self._build)

    def __exit__(self, *_: object) -> None:
        # Builds of nested entities may remain: a validator has raised, or it has not
        # called its handler.
        del _builds()[self._depth :]


def _builds() -> list[Build]:
    try:
        builds: list[Build] = _stack.builds
    except AttributeError:
        builds = _stack.builds = []
    return builds


def build_pending(data: Any) -> Any:
    """Fill the innermost entity under construction from `data` and return it.

    Raises:
        PydanticUserError: a validator has returned something else than a mapping.
    """
    if not isinstance(data, Mapping):
        raise PydanticUserError(
            "A model validator in mode 'before' must return a mapping.", code=None
        )
    return _builds()[-1](data)

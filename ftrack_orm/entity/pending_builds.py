"""The entities under construction, from outside to inside, in each thread.

Core schemas are made once per class, so the entity that a validator is to fill cannot
be an argument. A validator may make other entities: they nest.
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
    """Takes an error of this library through pydantic unchanged."""

    def __init__(self, error: EntityError) -> None:
        super().__init__(str(error))
        self.error = error


class pending:  # noqa: N801 # reads as a function
    """Keep the build of an entity until its model validators ask for it."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._depth = 0

    def __enter__(self) -> None:
        builds = _builds()
        self._depth = len(builds)
        builds.append(self._build)

    def __exit__(self, *_: object) -> None:
        # A validator that raised, or never called its handler, left it there.
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
        PydanticUserError: a validator has made something else of its data.
    """
    if not isinstance(data, Mapping):
        raise PydanticUserError(
            "A model validator in mode 'before' must return a mapping.", code=None
        )
    return _builds()[-1](data)

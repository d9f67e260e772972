"""Errors of schemas, and the warning of a schema that differs from the models."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError


class SchemaError(FtrackError):
    """A schema cannot be used; `problems` lists what was found and where."""

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        lines = [message, *(f"  - {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class SchemaDriftError(SchemaError):
    """The server's schema is not the one the models were generated from."""


class SchemaDriftWarning(UserWarning):
    """The server's schema is not the one the models were generated from."""

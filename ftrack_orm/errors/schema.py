"""Errors of schemas, and the warning of a schema that differs from the models."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError


class SchemaError(FtrackError):
    """A schema cannot be used; `problems` lists each problem and its place."""

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        lines = [message, *(f"  - {problem}" for problem in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


class SchemaDriftError(SchemaError):
    """The server's schema differs from the schema the models were generated from."""


class SchemaDriftWarning(UserWarning):
    """The server's schema differs from the schema the models were generated from."""

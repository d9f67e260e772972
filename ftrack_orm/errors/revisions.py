"""Errors of writing, freezing and checking revisions."""

from __future__ import annotations

from ftrack_orm.errors.migrations import MigrationError


class PreconditionError(MigrationError):
    """The server lacks types or attributes of a revision's frozen models.

    Attributes:
        revision: the id of the revision.
        missing: a line for each of them.
    """

    def __init__(self, revision: str, missing: tuple[str, ...]) -> None:
        lines = "".join(f"\n  {line}" for line in missing)
        super().__init__(
            f"Revision {revision} cannot run on this server, which has changed since "
            f"the revision was frozen:{lines}\nMark it with `ftrack-orm migrate mark "
            f"{revision} applied` if it is no longer needed, or write a new one."
        )
        self.revision = revision
        self.missing = missing


class FreezeError(MigrationError):
    """The models of a revision cannot be frozen; the revision is as it was.

    Attributes:
        path: the file of the revision.
        reason: the reason, with the next step.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be frozen: {reason}")
        self.path = path
        self.reason = reason


class RecipeError(MigrationError):
    """A recipe is unknown, or has no parameter of a name.

    Attributes:
        name: the recipe or the parameter.
        known: the names that exist.
    """

    def __init__(self, noun: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{name!r} is no {noun}. Use {', '.join(known)}.")
        self.name = name
        self.known = known

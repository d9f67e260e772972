"""Errors of migrations."""

from __future__ import annotations

from ftrack_orm.errors.root import FtrackError


class MigrationError(FtrackError):
    """A migration cannot be planned, applied or undone."""


class PlanFileError(MigrationError):
    """A plan file cannot be used; it is left as it was.

    Attributes:
        path: the file.
        reason: why it cannot be used.
    """

    def __init__(
        self,
        path: str,
        reason: str,
        advice: str = "Plan again with `ftrack-orm migrate plan`.",
    ) -> None:
        super().__init__(f"The plan {path} cannot be used: {reason}. {advice}")
        self.path = path
        self.reason = reason


class PlanEditedError(PlanFileError):
    """The content of a plan file differs from its digest.

    Attributes:
        recorded: the digest from when the plan was made.
        actual: the digest of the content now.
    """

    def __init__(self, path: str, recorded: str, actual: str) -> None:
        super().__init__(
            path, f"its content has changed since it was made (digest {recorded[:12]})"
        )
        self.recorded = recorded
        self.actual = actual

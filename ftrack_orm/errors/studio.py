"""Errors of studio configuration."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.root import FtrackError


class StudioError(FtrackError):
    """The configuration of a studio cannot be read, compared or applied."""


class StudioFileError(StudioError):
    """A file of the configuration cannot be used; nothing was compared.

    Attributes:
        path: the file or folder.
        problems: the mistakes, each with its place in the file.
    """

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{path} cannot be used as studio configuration:{lines}")
        self.path = path
        self.problems = tuple(problems)


class StudioPlanError(StudioError):
    """The configuration cannot be applied; nothing was changed.

    Attributes:
        problems: the reasons, each with the next step.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"The configuration cannot be applied:{lines}")
        self.problems = tuple(problems)


class StudioNotSettledError(StudioError):
    """Applying several times does not make the server equal to the files.

    Attributes:
        differences: the differences that are left.
    """

    def __init__(self, rounds: int, differences: Sequence[str]) -> None:
        lines = "".join(f"\n  {difference}" for difference in differences)
        super().__init__(
            f"After {rounds} rounds the server still differs. It changes or refuses "
            f"these values by other rules; take them over with "
            f"`ftrack-orm studio pull`:{lines}"
        )
        self.differences = tuple(differences)

"""What is odd in a schema, said with its place and gathered instead of raised."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass

Severity: TypeAlias = Literal["warning", "error"]


@lazy_dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a schema that is not as the protocol says.

    Attributes:
        place: where it is: a type (``"Task"``), an attribute (``"Task.status"``), or
            an index in the served list (``"[12]"``) for a type without a name.
        message: what is wrong and what was done about it.
        severity: ``"error"`` when something is unusable or points nowhere,
            ``"warning"`` when it is kept and used as well as it can be.
    """

    place: str
    message: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.severity}: {self.place}: {self.message}"


class ProblemList:
    """Gathers problems while a schema is read, in the order they are met."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def error(self, place: str, message: str) -> None:
        """Add an error."""
        self._problems.append(Problem(place, message, "error"))

    def warn(self, place: str, message: str) -> None:
        """Add a warning."""
        self._problems.append(Problem(place, message, "warning"))

    def freeze(self) -> tuple[Problem, ...]:
        """Return everything gathered so far."""
        return tuple(self._problems)

"""Problems of a schema, collected with their places instead of raised."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass

Severity: TypeAlias = Literal["warning", "error"]


@lazy_dataclass(frozen=True, slots=True)
class Problem:
    """One violation of the protocol in a schema.

    Attributes:
        place: a type (``"Task"``), an attribute (``"Task.status"``), or an index in
            the served list (``"[12]"``) for a type without a name.
        message: the fault and its treatment.
        severity: ``"error"`` if a part is unusable or refers to a missing type,
            ``"warning"`` if the part is used as far as possible.
    """

    place: str
    message: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.severity}: {self.place}: {self.message}"


class ProblemList:
    """Collects problems while a schema is read, in the order of their detection."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def error(self, place: str, message: str) -> None:
        """Add an error."""
        self._problems.append(Problem(place, message, "error"))

    def warn(self, place: str, message: str) -> None:
        """Add a warning."""
        self._problems.append(Problem(place, message, "warning"))

    def freeze(self) -> tuple[Problem, ...]:
        """Return the problems collected so far."""
        return tuple(self._problems)

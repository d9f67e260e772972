"""One finding: a code, a severity, and a message that ends with the next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ftrack_orm.types import JSON

Severity: TypeAlias = Literal["stop", "warn"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A risk.

    Attributes:
        code: the code, such as ``"FM202"``.
        severity: ``"stop"`` refuses the plan; ``"warn"`` is shown with it.
        message: the object, the risk and the next step.
        place: file and line, ``""`` for a finding about a plan.
    """

    code: str
    severity: Severity
    message: str
    place: str = ""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.code} {self.message}"

    def to_json(self) -> dict[str, JSON]:
        """Return the finding as a JSON object."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "place": self.place,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Return the finding of an object that `to_json` made."""
        return cls(data["code"], data["severity"], data["message"], data["place"])


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that refuse a plan."""
    return [finding for finding in findings if finding.severity == "stop"]

"""One finding: a code, a severity, and a message that ends with the next step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

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


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that refuse a plan."""
    return [finding for finding in findings if finding.severity == "stop"]

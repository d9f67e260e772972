"""One thing that the emulator does as a server does it, and how that is known."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Evidence(enum.Enum):
    """How it is known that a server behaves so."""

    DOCUMENTED = "documented"
    """The documentation says so, or an official client relies on it."""

    RECORDED = "recorded"
    """An answer of a real server shows it."""

    ASSUMED = "assumed"
    """A third party says so, or nobody: the likeliest answer was taken."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A row of the page.

    Attributes:
        says: what the server does, in a sentence.
        evidence: how that is known.
        source: where it comes from, or what an assumption rests on.
        section: of the protocol reference, such as ``"6.5"`` or ``"C"``.
        tests: what would fail without it, ``path::function``; checks in JavaScript
            are named by their title.
    """

    says: str
    evidence: Evidence
    source: str
    section: str
    tests: tuple[str, ...]

"""Build the sequences, shots and tasks of an edit, and update existing ones.

The list comes from an edit decision list, a spreadsheet or another tool. A repeated
run with the same list sends nothing to write.
"""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass

from ftrack_models import Project, Sequence, Shot, Task, Type
from ftrack_orm import FlushPlan, Session

STEPS = ("Layout", "Animation", "Lighting", "Compositing")


@dataclass(frozen=True)
class Cut:
    """One shot of an edit, with its first and last frame."""

    sequence: str
    shot: str
    first: int
    last: int


def build(session: Session, project: Project, cuts: List[Cut]) -> FlushPlan:
    """Create missing entities, update the others; return the changes sent."""
    sequences = session.find_or_add(
        Sequence,
        [{"parent": project, "name": cut.sequence} for cut in cuts],
        by=(Sequence.parent, Sequence.name),
    )
    shots = session.find_or_add(
        Shot,
        [
            {
                "parent": sequence,
                "name": cut.shot,
                "custom_attributes": {"fstart": cut.first, "fend": cut.last},
            }
            for cut, sequence in zip(cuts, sequences, strict=True)
        ],
        by=(Shot.parent, Shot.name),
    )
    types = {name: session.find(Type, name=name) for name in STEPS}
    session.find_or_add(
        Task,
        [
            {"parent": shot, "name": name.lower(), "type": types[name]}
            for shot in shots
            for name in STEPS
        ],
        by=(Task.parent, Task.name),
    )
    return session.commit()

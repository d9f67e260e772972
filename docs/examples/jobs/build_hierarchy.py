"""Build the sequences, shots and tasks of an edit, and update existing ones.

The list comes from an edit decision list, a spreadsheet or another tool. A repeated
run with the same list sends nothing to write.
"""

from __future__ import annotations

from collections.abc import Sequence as List
from dataclasses import dataclass

from ftrack_orm import FlushPlan
from studio_models import Project, Sequence, Shot, StudioSession, Task
from studio_models.reference import types

STEPS = (types.layout, types.animation, types.lighting, types.compositing)


@dataclass(frozen=True)
class Cut:
    """One shot of an edit, with its first and last frame."""

    sequence: str
    shot: str
    first: int
    last: int


def build(session: StudioSession, project: Project, cuts: List[Cut]) -> FlushPlan:
    """Create missing entities, update the others; return the changes sent."""
    sequences = session.find_or_add(
        Sequence,
        [Sequence(name=cut.sequence, parent=project) for cut in cuts],
        by=(Sequence.parent, Sequence.name),
    )
    shots = session.find_or_add(
        Shot,
        [shot_of(cut, parent) for cut, parent in zip(cuts, sequences, strict=True)],
        by=(Shot.parent, Shot.name),
    )
    session.find_or_add(
        Task,
        [
            Task(name=step.name.lower(), parent=shot, type=step)
            for shot in shots
            for step in STEPS
        ],
        by=(Task.parent, Task.name),
    )
    return session.commit()


def shot_of(cut: Cut, sequence: Sequence) -> Shot:
    """Return a new shot with the frame range of a cut."""
    shot = Shot(name=cut.shot, parent=sequence)
    shot.custom_attributes.fstart = cut.first
    shot.custom_attributes.fend = cut.last
    return shot

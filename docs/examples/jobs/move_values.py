"""Move the values of one custom attribute of shots to another.

Each block is one request, in which the new value is set and the old one cleared: an
interruption loses no value, and a repeated run continues with the rest.
"""

from __future__ import annotations

from itertools import islice

from ftrack_models import Project, Shot
from ftrack_orm import Session


def move_values(
    session: Session, project: Project, source: str, target: str, *, block: int = 100
) -> int:
    """Move the stored values; return how many were moved."""
    shots = (
        session.select(Shot)
        .where(Shot.project.is_(project))
        .order_by(Shot.name)
        .load(Shot.custom_attributes)
        .all()
    )
    remaining = iter(shot for shot in shots if shot.custom_attributes.is_set(source))
    moved = 0
    while part := list(islice(remaining, block)):
        for shot in part:
            shot.custom_attributes[target] = shot.custom_attributes[source]
            del shot.custom_attributes[source]
        session.commit()
        moved += len(part)
    return moved

"""Move the values of one custom attribute of shots to another.

Each block is one request, in which the new value is set and the old one cleared: an
interruption loses no value, and a repeated run continues with the rest.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from studio_models import Project, Shot, StudioSession

SOURCE: Final = "handles"
TARGET: Final = "cut_handles"


def move_values(session: StudioSession, project: Project, *, block: int = 100) -> int:
    """Move the stored values; return how many were moved."""
    shots = (
        session.select(Shot)
        .where(Shot.project.is_(project))
        .order_by(Shot.name)
        .load(Shot.custom_attributes, stored=True)
        .all()
    )
    remaining = iter(shot for shot in shots if shot.custom_attributes.is_set(SOURCE))
    moved = 0
    while part := list(islice(remaining, block)):
        for shot in part:
            shot.custom_attributes[TARGET] = shot.custom_attributes[SOURCE]
            del shot.custom_attributes[SOURCE]
        session.commit()
        moved += len(part)
    return moved

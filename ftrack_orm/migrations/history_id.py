"""The id of the component whose metadata holds the history of migrations.

Every server has the history under the same id, so no setting names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("6f1d6a1e-0000-4000-8000-000000000001")
"""The namespace of the ids that migrations derive from names."""

HISTORY_ID: Final = str(uuid5(NAMESPACE, "ftrack_orm.history"))
"""The id of the `FileComponent` that holds lock, history and checkpoints."""

STUDIO: Final = "studio/"
"""The beginning of the keys that record the applied configuration of a studio."""

SETTING_GROUP: Final = "ftrack_orm"
"""The group of the settings that hold the history where components are refused."""


def is_of_history(entity_type: str, key: Sequence[Any]) -> bool:
    """Return whether a row belongs to the history, in either store."""
    if entity_type == "Setting":
        return str(key[-1]) == SETTING_GROUP
    return bool(key[0] == HISTORY_ID)

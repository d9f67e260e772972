"""Configure the custom attributes that an integration needs.

The first run sends two requests: one reads the configurations, with their types and
object types, one creates the missing ones. Further runs send one.
"""

from __future__ import annotations

from ftrack_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    ObjectType,
    SecurityRole,
)
from ftrack_orm import FlushPlan, Session

ATTRIBUTES = (
    # key, label, type, object type, default
    ("lens", "Lens (mm)", "number", "Shot", 35),
    ("slate", "Slate", "text", "Shot", ""),
    ("turnover", "Turnover", "date", "Shot", None),
    ("vendor", "Vendor", "text", "Task", ""),
    ("is_hero", "Hero asset", "boolean", "Asset Build", False),
)


def ensure_attributes(session: Session) -> FlushPlan:
    """Create the missing configurations, correct the others; return the changes."""
    roles = [session.find(SecurityRole, name=name) for name in ("API", "Administrator")]
    configurations = session.find_or_add(
        CustomAttributeConfiguration,
        [
            {
                "key": key,
                "label": label,
                "type": session.find(CustomAttributeType, name=type_name),
                "entity_type": "task",
                "object_type": session.find(ObjectType, name=object_type),
                "project_id": None,
                "default": default,
                "config": "{}",
            }
            for key, label, type_name, object_type, default in ATTRIBUTES
        ],
        by=("key", "entity_type", "object_type", "project_id"),
    )
    for configuration in configurations:
        if configuration.entity_state.value == "pending":
            # Without roles a new attribute is invisible in the web interface.
            configuration.read_security_roles.extend(roles)
            configuration.write_security_roles.extend(roles)
    return session.commit()

"""Configure the custom attributes that an integration needs.

The first run sends two requests: one reads the configurations, with their types, object
types and roles, one creates the missing ones. Further runs send one or two.
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
    # Without roles a new attribute is invisible in the web interface.
    names = ("API", "Administrator")
    roles = [session.find(SecurityRole, name=name) for name in names]
    rows = [
        {
            "key": key,
            "label": label,
            "type": session.find(CustomAttributeType, name=type_name),
            "entity_type": "task",
            "object_type": session.find(ObjectType, name=object_type),
            "project_id": None,
            "default": default,
            "config": "{}",
            "read_security_roles": roles,
            "write_security_roles": roles,
        }
        for key, label, type_name, object_type, default in ATTRIBUTES
    ]
    by = ("key", "entity_type", "object_type", "project_id")
    session.find_or_add(CustomAttributeConfiguration, rows, by=by)
    return session.commit()

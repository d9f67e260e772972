"""Configure the custom attributes that an integration needs.

The first run sends two requests: one reads the configurations, with their types, object
types and roles, one creates the missing ones. Further runs send one or two.
"""

from __future__ import annotations

from ftrack_orm import FlushPlan
from studio_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    SecurityRole,
    StudioSession,
)
from studio_models.reference import object_types

ATTRIBUTES = (
    # Key, label, type, object type, default.
    ("lens", "Lens (mm)", "number", object_types.shot, 35),
    ("slate", "Slate", "text", object_types.shot, ""),
    ("turnover", "Turnover", "date", object_types.shot, None),
    ("vendor", "Vendor", "text", object_types.task, ""),
    ("is_hero", "Hero asset", "boolean", object_types.asset_build, False),
)


def ensure_attributes(session: StudioSession) -> FlushPlan:
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
            "object_type": object_type,
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

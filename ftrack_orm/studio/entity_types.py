"""The entity type and the attributes that hold the settings of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ftrack_orm.studio.model import Kind

ATTRIBUTES: Final[Mapping[Kind, tuple[str, Mapping[str, str]]]] = {
    "object_type": (
        "ObjectType",
        {
            "taskable": "is_taskable",
            "typeable": "is_typeable",
            "statusable": "is_statusable",
            "prioritizable": "is_prioritizable",
            "schedulable": "is_schedulable",
            "time_reportable": "is_time_reportable",
            "leaf": "is_leaf",
        },
    ),
    "status": ("Status", {"active": "is_active"}),
    "type": ("Type", {"billable": "is_billable"}),
    "priority": ("Priority", {}),
    "attribute_group": ("CustomAttributeGroup", {}),
    "attribute": ("CustomAttributeConfiguration", {}),
    "link_attribute": ("CustomAttributeLinkConfiguration", {}),
    "asset_type": ("AssetType", {}),
    "list_category": ("ListCategory", {}),
    "note_label": ("NoteLabel", {}),
    "project_schema": ("ProjectSchema", {}),
    "setting": ("Setting", {}),
}
"""The entity type of each kind, and the attributes whose names differ."""

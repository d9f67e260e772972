"""The queries that read the configuration of a server."""

from __future__ import annotations

from typing import Final

from ftrack_orm.migrations.history import RUNS
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP, STUDIO
from ftrack_orm.migrations.lost_plan import STUDIO_TITLE

SETTINGS: Final[tuple[tuple[str, str], ...]] = (
    ("TIMETRACKING", "enabled"),
    ("GENERAL", "work_day_length"),
    ("GENERAL", "work_week"),
)
"""Group and name of the settings that are read and written; others may be secrets."""

_HISTORY: Final = (
    f'({{0}} like "{STUDIO}%" or {{0}} is "init" or'
    f' ({{0}} like "{RUNS}%" and value like "%{STUDIO_TITLE}%"))'
)
"""The rows of the history of a configuration: its records and its runs."""

QUERIES: Final = {
    "ObjectType": "select name, sort, icon, is_time_reportable, is_taskable,"
    " is_typeable, is_statusable, is_schedulable, is_leaf, is_prioritizable"
    " from ObjectType",
    "Status": "select name, sort, color, is_active, state.short from Status",
    "Type": "select name, sort, color, is_billable from Type",
    "Priority": "select name, sort, color, value from Priority",
    "CustomAttributeGroup": "select name from CustomAttributeGroup",
    "CustomAttributeConfiguration": "select key, label, config, default,"
    " is_hierarchical, entity_type, object_type_id, project_id, sort, group_id,"
    " type.name, core, read_security_roles.name, write_security_roles.name"
    " from CustomAttributeConfiguration",
    "CustomAttributeLinkConfiguration": "select key, label, entity_type,"
    " object_type_id, entity_type_to, object_type_id_to, one_to_one, project_id, sort,"
    " group_id, core, read_security_roles.name, write_security_roles.name"
    " from CustomAttributeLinkConfiguration",
    "AssetType": "select name, short, component from AssetType",
    "ListCategory": "select name from ListCategory",
    "NoteLabel": "select name, sort, color from NoteLabel",
    "ProjectSchema": "select name, task_type_schema_id, task_workflow_schema_id,"
    " asset_version_workflow_schema_id from ProjectSchema",
    "ProjectSchemaObjectType": "select project_schema_id, object_type_id"
    " from ProjectSchemaObjectType",
    "WorkflowSchemaStatus": "select workflow_schema_id, status_id"
    " from WorkflowSchemaStatus",
    "TaskTypeSchemaType": "select task_type_schema_id, type_id from TaskTypeSchemaType",
    "ProjectSchemaOverride": "select project_schema_id, workflow_schema_id, type_id"
    " from ProjectSchemaOverride",
    "Schema": "select project_schema_id, type_id from Schema",
    "SchemaStatus": "select schema_id, status_id, sort from SchemaStatus",
    "SchemaType": "select schema_id, type_id, sort from SchemaType",
    "TaskTemplate": "select name, project_schema_id from TaskTemplate",
    "TaskTemplateItem": "select template_id, task_type_id from TaskTemplateItem",
    "SecurityRole": "select name from SecurityRole",
    "State": "select name, short from State",
    "CustomAttributeType": "select name from CustomAttributeType",
    "Project": "select name from Project where id in"
    " (select project_id from CustomAttributeConfiguration)",
    "Setting": "select name, group, value from Setting where "  # noqa: S608 # no SQL
    + " or ".join(
        f'(group is "{group}" and name is "{name}")' for group, name in SETTINGS
    )
    + f' or (group is "{SETTING_GROUP}" and {_HISTORY.format("name")})',
    "Metadata": "select key, value from Metadata"  # noqa: S608 # no SQL
    f' where parent_id is "{HISTORY_ID}" and {_HISTORY.format("key")}',
}
"""The queries of one pull, by entity type."""

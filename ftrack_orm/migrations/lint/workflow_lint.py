"""Compare the statuses and types of a plan with the workflows of a server (FM103)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

_PAGE: Final = 500
_ATTRIBUTES: Final = frozenset({"status_id", "type_id"})

_QUERIES: Final = {
    "ProjectSchema": "select name, task_workflow_schema_id, task_type_schema_id"
    " from ProjectSchema",
    "WorkflowSchemaStatus": "select workflow_schema_id, status_id"
    " from WorkflowSchemaStatus",
    "TaskTypeSchemaType": "select task_type_schema_id, type_id from TaskTypeSchemaType",
    "ProjectSchemaOverride": "select project_schema_id, workflow_schema_id, type_id"
    " from ProjectSchemaOverride",
    "Schema": "select project_schema_id, type_id from Schema",
    "SchemaStatus": "select schema_id, status_id from SchemaStatus",
    "SchemaType": "select schema_id, type_id from SchemaType",
    "Status": "select name from Status",
    "Type": "select name from Type",
    "ObjectType": 'select id from ObjectType where name is "Task"',
}


@dataclass
class _Workflows:
    """The statuses and types that project schemas allow (protocol 6.6).

    Attributes:
        task_type_id: the id of the object type Task.
        statuses: ids by project schema and object type; for tasks by type, too.
        types: ids by project schema and object type.
        names: names of project schemas, statuses and types by id.
    """

    task_type_id: str
    statuses: dict[tuple[str, str, str | None], set[str]] = field(default_factory=dict)
    types: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def lint_workflows(plan: Plan, session: Session) -> list[Finding]:
    """Return a finding for each status or type that a workflow does not allow.

    Reads the workflows with one request, and the planned entities page by page. A
    revision accepts the findings with the risk ``"status"``; a tool only warns.

    Args:
        plan: the plan.
        session: a session on the plan's server.
    """
    changes = dict(_changes(plan))
    if not changes:
        return []
    workflows = _read_workflows(session)
    accepts = plan.meta("accepts")
    is_accepted = accepts is None or "status" in accepts
    counts: Counter[tuple[str, str, str]] = Counter()
    context: Any = session.model("TypedContext")
    keys = list(changes)
    for start in range(0, len(keys), _PAGE):
        page = context.id.in_(keys[start : start + _PAGE])
        for entity in session.select(context).where(page).load(context.project):
            values = changes[entity.id]
            counts.update(_refusals(entity, values, workflows))
    return [
        Finding(
            "FM103",
            "warn" if is_accepted else "stop",
            f"{count:,} entities get the {noun} {workflows.names.get(value, value)!r}, "
            f"which the project schema {workflows.names.get(schema, schema)!r} does "
            "not allow for them. Add it to the schema with `ftrack-orm studio`, or "
            'accept it in the revision: accepts=["status"]',
        )
        for (schema, noun, value), count in sorted(counts.items())
    ]


def _changes(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the new status and type of each planned context."""
    for unit in plan.units():
        found: dict[str, dict[str, Any]] = {}
        for change in unit.changes:
            if change.action == "update" and change.attribute in _ATTRIBUTES:
                values = found.setdefault(str(change.key[0]), {})
                values[change.attribute] = change.after
        yield from found.items()


def _refusals(
    entity: Any, values: Mapping[str, Any], workflows: _Workflows
) -> Iterator[tuple[str, str, str]]:
    schema = entity.project.project_schema_id
    object_type = entity.object_type_id
    type_id = values.get("type_id", entity.type_id)
    is_task = object_type == workflows.task_type_id
    status = values.get("status_id")
    if status is not None:
        allowed = workflows.statuses.get(
            (schema, object_type, type_id if is_task else None)
        ) or workflows.statuses.get((schema, object_type, None))
        if allowed is not None and status not in allowed:
            yield schema, "status", status
    if "type_id" in values and type_id is not None:
        types = workflows.types.get((schema, object_type))
        if types is not None and type_id not in types:
            yield schema, "type", type_id


def _read_workflows(session: Session) -> _Workflows:
    # Plain rows, as frozen models lack the types of workflows.
    results = session._core.fetch_rows(list(_QUERIES.values()))
    rows = dict(zip(_QUERIES, results, strict=True))
    task_type_id = next((row["id"] for row in rows["ObjectType"]), "")
    workflows = _Workflows(task_type_id)
    for name in ("ProjectSchema", "Status", "Type"):
        workflows.names |= {row["id"]: row["name"] for row in rows[name]}
    lists = _grouped(rows["WorkflowSchemaStatus"], "workflow_schema_id", "status_id")
    task_types = _grouped(rows["TaskTypeSchemaType"], "task_type_schema_id", "type_id")
    for row in rows["ProjectSchema"]:
        key = row["id"], task_type_id
        workflows.statuses[*key, None] = lists.get(
            row["task_workflow_schema_id"], set()
        )
        workflows.types[key] = task_types.get(row["task_type_schema_id"], set())
    for row in rows["ProjectSchemaOverride"]:
        overridden = row["project_schema_id"], task_type_id, row["type_id"]
        workflows.statuses[overridden] = lists.get(row["workflow_schema_id"], set())
    statuses = _grouped(rows["SchemaStatus"], "schema_id", "status_id")
    types = _grouped(rows["SchemaType"], "schema_id", "type_id")
    for row in rows["Schema"]:
        workflows.statuses[row["project_schema_id"], row["type_id"], None] = (
            statuses.get(row["id"], set())
        )
        workflows.types[row["project_schema_id"], row["type_id"]] = types.get(
            row["id"], set()
        )
    return workflows


def _grouped(
    rows: Iterable[Mapping[str, Any]], owner: str, member: str
) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row[owner], set()).add(row[member])
    return groups

"""Compare the statuses and types of a plan with the workflows of a server (FM103)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.session import Session
    from ftrack_orm.session.workflows import SchemaWorkflow

_PAGE: Final = 500
_ATTRIBUTES: Final = {"status_id": "status", "type_id": "type"}


class _Refusal(NamedTuple):
    """A status or type that a project schema does not allow for an entity."""

    schema: str
    noun: str
    value_id: str


@dataclass(slots=True)
class _Page:
    """New statuses and types of some entities.

    Attributes:
        updated: the values by the key of an entity of the server.
        created: type, parent and values of new entities; the parent is the first one
            above that the server has.
    """

    updated: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


def lint_workflows(plan: Plan, session: Session) -> list[Finding]:
    """Return a finding for each status or type that a workflow does not allow.

    Reads the workflows with one request, and the planned entities page by page. A
    revision accepts the findings with the risk ``"status"``; a tool only warns.

    Args:
        plan: the plan.
        session: a session on the plan's server, whose models have the workflows.
    """
    counts: Counter[_Refusal] = Counter()

    def is_context(entity_type: str) -> bool:
        try:
            type_info = session._core.models.type_info(entity_type)
        except UnknownEntityTypeError:
            # Frozen models may have a type that these lack.
            return False
        return type_info.is_kind_of("TypedContext")

    for page in _pages(plan, is_context):
        if page.updated or page.created:
            counts.update(_refusals(session, page))
    accepts = plan.meta("accepts")
    is_accepted = accepts is None or "status" in accepts
    names = _names(session, counts)
    return [
        Finding(
            "FM103",
            "warn" if is_accepted else "stop",
            f"{count:,} entities get the {refusal.noun} "
            f"{names.get(refusal.value_id, refusal.value_id)!r}, which the project "
            f"schema {refusal.schema!r} does not allow for them. Add it to the schema "
            "with `ftrack-orm studio`, or accept it in the revision: "
            'accepts=["status"]',
        )
        for refusal, count in sorted(counts.items())
    ]


def _pages(plan: Plan, is_context: Callable[[str], bool]) -> Iterator[_Page]:
    """Yield the new statuses and types of contexts, some entities at a time."""
    page, parents = _Page(), dict[str, str]()
    for unit in plan.units():
        for change in unit.changes:
            key = str(change.key[0])
            if change.action == "update" and change.attribute in _ATTRIBUTES:
                page.updated.setdefault(key, {})[change.attribute] = change.after
            elif change.action == "create" and is_context(change.entity_type):
                values = change.after if isinstance(change.after, dict) else {}
                parent = str(values.get("parent_id"))
                # Of a new entity its own parent, as the server has that one.
                parents[key] = parents.get(parent, parent)
                if not _ATTRIBUTES.keys().isdisjoint(values):
                    created = (change.entity_type, parents[key], values)
                    page.created.append(created)
        if len(page.updated) + len(page.created) >= _PAGE:
            yield page
            page = _Page()
    yield page


def _refusals(session: Session, page: _Page) -> Iterator[_Refusal]:
    """Yield the values of a page that are not allowed; its entities are forgotten."""
    context: Any = session.model("TypedContext")
    project: Any = session.model("Project")
    workflows = session._core.look_ups.workflows
    keys = list({*page.updated, *(parent for _, parent, _ in page.created)})
    entities = (
        session.select(context)
        .where(context.id.in_(keys))
        .load(context.project, context.object_type_id, context.type_id)
        .all()
    )
    schemas = {each.id: each.project.project_schema_id for each in entities}
    for entity in entities:
        updated = page.updated.get(entity.id, {})
        workflow = workflows.find(schemas[entity.id])
        type_info = type(entity).__ftrack__
        types = (entity.object_type_id, updated.get("type_id", entity.type_id))
        yield from _refused_values(workflow, type_info, types, updated)
    for entity in list(entities):
        session.expunge(entity)
    missing = [parent for _, parent, _ in page.created if parent not in schemas]
    if missing:
        found = session.select(project).where(project.id.in_(missing))
        schemas |= {each.id: each.project_schema_id for each in found}
    for entity_type, parent, values in page.created:
        type_info = session.model(entity_type).__ftrack__
        attribute = type_info.attributes.get("object_type_id")
        types = (attribute and attribute.default, values.get("type_id"))
        workflow = workflows.find(schemas.get(parent))
        yield from _refused_values(workflow, type_info, types, values)


def _refused_values(
    workflow: SchemaWorkflow | None,
    type_info: TypeInfo,
    types: tuple[Any, Any],
    values: Mapping[str, Any],
) -> Iterator[_Refusal]:
    """Yield the values that a workflow does not allow.

    Args:
        workflow: the workflow of the project.
        type_info: the type of the entity.
        types: the ids of its object type and task type.
        values: its new status and type.
    """
    if workflow is None:
        return
    object_type_id, task_type_id = types
    is_task = type_info.is_kind_of("Task")
    for attribute, noun in _ATTRIBUTES.items():
        value = values.get(attribute)
        if value is None:
            continue
        if noun == "status":
            allowed = (
                workflow.task_statuses(task_type_id)
                if is_task
                else workflow.statuses(object_type_id)
            )
        else:
            allowed = (
                workflow.task_types() if is_task else workflow.types(object_type_id)
            )
        if allowed is not None and value not in {each.id for each in allowed}:
            yield _Refusal(workflow.name, noun, value)


def _names(session: Session, refusals: Counter[_Refusal]) -> dict[str, str]:
    """Return the names of the refused statuses and types, read in one request each."""
    names: dict[str, str] = {}
    for noun in sorted({refusal.noun for refusal in refusals}):
        model: Any = session.model(noun.title())
        ids = {refusal.value_id for refusal in refusals if refusal.noun == noun}
        rows = session.select(model).where(model.id.in_(sorted(ids)))
        names |= {row.id: row.name for row in rows}
    return names

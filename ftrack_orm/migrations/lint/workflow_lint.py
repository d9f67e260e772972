"""Compare the statuses and types of a plan with the workflows of a server (FM103)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session
    from ftrack_orm.session.workflows import Workflows

_PAGE: Final = 500
_ATTRIBUTES: Final = {"status_id": "status", "type_id": "type"}


class _Refusal(NamedTuple):
    """A status or type that a project schema does not allow for an entity."""

    schema: str
    noun: str
    value_id: str


def lint_workflows(plan: Plan, session: Session) -> list[Finding]:
    """Return a finding for each status or type that a workflow does not allow.

    Reads the workflows with one request, and the planned entities page by page. A
    revision accepts the findings with the risk ``"status"``; a tool only warns.

    Args:
        plan: the plan.
        session: a session on the plan's server, whose models have the workflows.
    """
    counts: Counter[_Refusal] = Counter()
    for page in _pages(plan):
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


def _pages(plan: Plan) -> Iterator[dict[str, dict[str, Any]]]:
    """Yield the new statuses and types of contexts by key, some entities at a time."""
    page: dict[str, dict[str, Any]] = {}
    for unit in plan.units():
        for change in unit.changes:
            if change.action == "update" and change.attribute in _ATTRIBUTES:
                page.setdefault(str(change.key[0]), {})[change.attribute] = change.after
        if len(page) >= _PAGE:
            yield page
            page = {}
    if page:
        yield page


def _refusals(
    session: Session, page: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Refusal]:
    """Yield the values of a page that are not allowed; its entities are forgotten."""
    context: Any = session.model("TypedContext")
    workflows = session._core.look_ups.workflows
    select = session.select(context).where(context.id.in_(list(page)))
    entities = select.load(context.project).all()
    for entity in entities:
        yield from _refused_values(entity, page[entity.id], workflows)
    for entity in list(entities):
        session.expunge(entity)


def _refused_values(
    entity: Any, values: Mapping[str, Any], workflows: Workflows
) -> Iterator[_Refusal]:
    workflow = workflows.find(entity.project.project_schema_id)
    if workflow is None:
        return
    object_type_id = entity.object_type_id
    is_task = type(entity).__ftrack__.is_kind_of("Task")
    for attribute, noun in _ATTRIBUTES.items():
        value = values.get(attribute)
        if value is None:
            continue
        if noun == "status":
            task_type_id = values.get("type_id", entity.type_id)
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

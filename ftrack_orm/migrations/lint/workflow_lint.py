"""Compare the statuses and types of a plan with the workflows of a server (FM103)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.planned_values import (
    NewOwners,
    PlannedValues,
    planned_values,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.session import Session
    from ftrack_orm.session.workflows import SchemaWorkflow

_PAGE: Final = 500
_KINDS: Final = ("TypedContext", "AssetVersion")
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
    subjects = _Subjects(plan, session)
    rows = planned_values(plan.file, list(_ATTRIBUTES))
    while page := list(islice(rows, _PAGE)):
        counts.update(_refusals(session, page, subjects))
    accepts = plan.meta("accepts")
    is_accepted = accepts is None or "status" in accepts
    names = _names(session, counts)
    return [
        Finding(
            "FM103",
            "warn" if is_accepted else "stop",
            f"{count:,} {'entity gets' if count == 1 else 'entities get'} the "
            f"{refusal.noun} "
            f"{names.get(refusal.value_id, refusal.value_id)!r}, which the project "
            f"schema {refusal.schema!r} does not allow there. Add it to the schema "
            "with `ftrack-orm studio`, or accept it in the revision: "
            'accepts=["status"]',
        )
        for refusal, count in sorted(counts.items())
    ]


class _Subject(NamedTuple):
    """An entity, as it is before the plan, that gets a status or type.

    Attributes:
        type_info: its entity type.
        object_type_id: its object type, ``None`` for a version.
        type_id: its type.
        project_id: its project.
    """

    type_info: TypeInfo
    object_type_id: str | None
    type_id: str | None
    project_id: str


class _Subjects:
    """Finds the entities of a plan; those of a page are forgotten after it.

    Attributes:
        schema_ids: the project schema of each project that was found.
    """

    def __init__(self, plan: Plan, session: Session) -> None:
        self.schema_ids: dict[str, str | None] = {}
        self._session = session
        self._owners = NewOwners(plan.file)

    def find(self, page: Sequence[PlannedValues]) -> dict[str, _Subject]:
        """Return the entities of a page by key, without those that are not known."""
        found: dict[str, _Subject] = {}
        for kind in _KINDS:
            rows = [row for row in page if self._is_kind_of(row, kind)]
            existing = [row.key for row in rows if not row.is_new]
            for entity in self._entities(kind, existing):
                found[entity.id] = _Subject(
                    type(entity).__ftrack__,
                    getattr(entity, "object_type_id", None),
                    getattr(entity, "type_id", None),
                    entity.project_id,
                )
            found |= self._new_subjects([row for row in rows if row.is_new])
        self._find_schemas({each.project_id for each in found.values()})
        return found

    def _find_schemas(self, projects: Set[str]) -> None:
        unknown = projects - self.schema_ids.keys()
        if unknown:
            model: Any = self._session.model("Project")
            rows = self._session.select(model).where(model.id.in_(sorted(unknown)))
            found = {row.id: row.project_schema_id for row in rows}
            self.schema_ids |= {each: found.get(each) for each in unknown}

    def _new_subjects(self, rows: Sequence[PlannedValues]) -> dict[str, _Subject]:
        places = {row.key: self._owners.find(row.key) for row in rows}
        owners = {owner for _, owner in places.values() if owner is not None}
        projects = {
            entity.id: entity.project_id
            for kind in ("Context", "Asset")
            for entity in self._entities(kind, owners)
        }
        found: dict[str, _Subject] = {}
        for row in rows:
            project_id, owner = places[row.key]
            project_id = project_id or projects.get(owner or "")
            type_info = self._session.model(row.entity_type).__ftrack__
            if project_id is not None:
                object_type_id = type_info.attributes.get("object_type_id")
                found[row.key] = _Subject(
                    type_info,
                    None if object_type_id is None else object_type_id.default,
                    None,
                    project_id,
                )
        return found

    def _is_kind_of(self, row: PlannedValues, kind: str) -> bool:
        try:
            model = self._session.model(row.entity_type)
        except UnknownEntityTypeError:
            # Frozen models may have a type that these lack.
            return False
        return model.__ftrack__.is_kind_of(kind)

    def _entities(self, kind: str, keys: Collection[str]) -> Iterator[Any]:
        """Yield the entities with some keys, with the attributes of a subject."""
        if not keys:
            return
        model: Any = self._session.model(kind)
        wanted = ("object_type_id", "type_id", "project_id")
        paths = [getattr(model, each) for each in wanted if hasattr(model, each)]
        rows = self._session.select(model).where(model.id.in_(sorted(keys)))
        entities = rows.load(*paths).all()
        yield from entities
        for entity in list(entities):
            self._session.expunge(entity)


def _refusals(
    session: Session, page: Sequence[PlannedValues], subjects: _Subjects
) -> Iterator[_Refusal]:
    """Yield the values of a page that are not allowed."""
    found = subjects.find(page)
    workflows = session._core.look_ups.workflows
    for row in page:
        subject = found.get(row.key)
        if subject is None:
            continue
        workflow = workflows.find(subjects.schema_ids[subject.project_id])
        if workflow is not None:
            yield from _refused_values(subject, row.values, workflow)


def _refused_values(
    subject: _Subject, values: Mapping[str, Any], workflow: SchemaWorkflow
) -> Iterator[_Refusal]:
    for attribute, noun in _ATTRIBUTES.items():
        value = values.get(attribute)
        if value is None:
            continue
        allowed = _allowed(subject, values, workflow, noun)
        if allowed is not None and value not in {each.id for each in allowed}:
            yield _Refusal(workflow.name, noun, value)


def _allowed(
    subject: _Subject, values: Mapping[str, Any], workflow: SchemaWorkflow, noun: str
) -> Sequence[Any] | None:
    """Return the statuses or types of a subject, ``None`` if any is allowed."""
    is_status = noun == "status"
    if subject.type_info.is_kind_of("AssetVersion"):
        return workflow.version_statuses() if is_status else None
    if subject.type_info.is_kind_of("Task"):
        if not is_status:
            return workflow.task_types()
        return workflow.task_statuses(values.get("type_id", subject.type_id))
    if subject.object_type_id is None:
        return None
    find = workflow.statuses if is_status else workflow.types
    return find(subject.object_type_id)


def _names(session: Session, refusals: Counter[_Refusal]) -> dict[str, str]:
    """Return the names of the refused statuses and types, read in one request each."""
    names: dict[str, str] = {}
    for noun in sorted({refusal.noun for refusal in refusals}):
        model: Any = session.model(noun.title())
        ids = {refusal.value_id for refusal in refusals if refusal.noun == noun}
        rows = session.select(model).where(model.id.in_(sorted(ids)))
        names |= {row.id: row.name for row in rows}
    return names

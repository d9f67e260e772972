"""A server's side of the seam that answers from a list and notes what it is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ftrack_models import registry
from ftrack_orm import Entity
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.custom_rows import Configuration
from ftrack_orm.entity.effective_value import EffectiveValue
from ftrack_orm.entity.relation_index import RelationIndex
from ftrack_orm.entity.state import EntityState, LoadGroup
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.query import ast
from ftrack_orm.select.executor import PageSource, PrefetchedPages, RawPage
from ftrack_orm.select.open_results import OpenResults
from ftrack_orm.select.select import Select
from ftrack_orm.session.row_loader import RowLoader
from ftrack_orm.types import CustomLinkDeclaration, Reference
from ftrack_orm.unit_of_work.identity_map import IdentityMap

E = TypeVar("E", bound=Entity)


class NeverLoading:
    """An owner that fails the test when anything loads."""

    def __init__(self) -> None:
        self.relations = RelationIndex()

    def load(self, entity: Entity, attribute: Any) -> Any:
        raise AssertionError(f"{entity!r}.{attribute.name} was loaded")

    def touch(self, entity: Entity) -> None:
        pass

    def entity_for(self, reference: Reference) -> Entity:
        raise AssertionError(f"{reference} was looked for")

    def configure(self, entity: Entity) -> None:
        pass

    def configured(self, configuration_id: str) -> Configuration | None:
        raise AssertionError(f"{configuration_id} was looked for")

    def known_keys(self, type_info: TypeInfo, attribute: AttributeInfo) -> list[str]:
        return []

    def load_stored(self, entity: Entity, attribute: AttributeInfo) -> None:
        raise AssertionError(f"stored values of {entity!r} were loaded")

    def load_custom_links(
        self, entity: Entity, attribute: AttributeInfo, link: CustomLinkDeclaration
    ) -> None:
        raise AssertionError(f"custom links of {entity!r} were loaded")

    def load_together(
        self, entity: Entity, attributes: Sequence[AttributeInfo]
    ) -> None:
        raise AssertionError(f"{attributes} of {entity!r} were loaded")

    def effective(self, entity: Entity, key: str) -> EffectiveValue:
        raise AssertionError(f"{key} of {entity!r} was looked for")

    def allowed_statuses(
        self, project: Entity, subject: Any, task_type: Any
    ) -> list[Any]:
        raise AssertionError(f"statuses of {project!r} were looked for")

    def allowed_types(self, project: Entity, subject: Any) -> list[Any]:
        raise AssertionError(f"types of {project!r} were looked for")

    def rekey(self, entity: Entity, old: Any) -> None:
        pass


class Arriving:
    """Pages on their way, as a test wants them to arrive."""

    def __init__(self, result: Callable[[], list[RawPage]]) -> None:
        self.result = result


class FakeExecutor:
    """Answers any expression with its rows, by the offset and limit at its end.

    Attributes:
        asked: every expression, in order, with ``ahead:`` before prefetched ones.
    """

    def __init__(self, rows: Sequence[dict[str, Any]] = (), page_size: int = 3) -> None:
        self.page_size = page_size
        self.open_results = OpenResults()
        self.rows = list(rows)
        self.asked: list[str] = []
        identity_map = IdentityMap(lambda name: registry.resolve(name).__ftrack__)
        owner: Any = NeverLoading()
        self._loader = RowLoader(owner, identity_map, owner.relations, registry.resolve)

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        self.asked.extend(expressions)
        return [self._page(expression) for expression in expressions]

    def fetch_ahead(self, expressions: Sequence[str]) -> PrefetchedPages:
        self.asked.extend(f"ahead: {expression}" for expression in expressions)
        return Arriving(lambda: [self._page(one) for one in expressions])

    def build_entities(
        self, rows: list[dict[str, Any]], group: LoadGroup, entity_class: type[E]
    ) -> list[E]:
        return self._loader.build(rows, group)

    def new_group(self) -> LoadGroup:
        return LoadGroup()

    def with_stored_values(
        self, query: ast.Query, attribute: AttributeInfo
    ) -> PageSource:
        raise AssertionError(f"the stored values of {attribute.name} were read")

    def missing_projections(
        self, group: LoadGroup, entity_class: type[Any]
    ) -> list[str]:
        return group.late_projections.get(entity_class, [])

    def _page(self, expression: str) -> RawPage:
        found = re.search(r"offset (\d+) limit (\d+)$", expression)
        assert found is not None, expression
        offset, limit = int(found[1]), int(found[2])
        rows = self.rows[offset : offset + limit]
        end = offset + len(rows)
        return RawPage(
            [dict(row) for row in rows], end if end < len(self.rows) else None
        )


def tasks(count: int) -> list[dict[str, Any]]:
    """Return rows of tasks named ``t0``, ``t1`` and so on."""
    return [
        {"__entity_type__": "Task", "id": f"id{i}", "name": f"t{i}"}
        for i in range(count)
    ]


def select(
    entity_class: type[E],
    rows: Sequence[dict[str, Any]] = (),
    *,
    page_size: int = 3,
) -> tuple[Select[E], FakeExecutor]:
    """Return a select over `rows` and the executor that it asks."""
    executor = FakeExecutor(rows, page_size)
    return Select._of(executor, entity_class), executor


def persistent(entity_class: type[E], **values: Any) -> E:
    """Return an entity as if a server had sent it; it cannot load."""
    from ftrack_orm.entity.entity import adopt
    from ftrack_orm.entity.state import InstanceState

    state = InstanceState(EntityState.PERSISTENT, NeverLoading())
    made: E = adopt(entity_class, values, state)
    return made

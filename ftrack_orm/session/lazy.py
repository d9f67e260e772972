"""Loading what was not asked for: for a whole batch of entities, in one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ftrack_orm.entity.state import Batch, EntityState
from ftrack_orm.errors import NotLoadedError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.criterion import conjunction
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.names import python_name
from ftrack_orm.select.projection import relation_names
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.select import Loadable
    from ftrack_orm.unit_of_work.identity_map import IdentityMap

KEYS_PER_QUERY = 1000
"""Keys in one ``in`` list; servers fail somewhere in the thousands (protocol 5.5)."""

QUERIES_PER_REQUEST = 10
"""Queries that are sent together, which bounds the length of a request."""


class RowSource(Protocol):
    """Asks a server: a session's side of the seam."""

    def rows_of(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, asked in one request."""
        ...

    def take(self, rows: list[dict[str, Any]], batch: Batch) -> list[Any]:
        """Return rows as entities that load together with `batch`."""
        ...


class LazyLoader:
    """Loads missing attributes for everything that came with the entity asked."""

    def __init__(self, source: RowSource, identity_map: IdentityMap, mode: str) -> None:
        """Prepare loading.

        Args:
            source: asks the server.
            identity_map: answers for links to what is known.
            mode: ``"auto"`` loads for the batch, ``"single"`` for one entity,
                ``"strict"`` not at all.
        """
        self._source = source
        self._identity_map = identity_map
        self._mode = mode

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Return the attribute's value, loaded now.

        Raises:
            NotLoadedError: the session is strict, the attribute can only be filtered
                by, or the server no longer has the entity.
        """
        if self._mode == "strict":
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                f"This session loads nothing by itself: add .load({_path(entity)}."
                f"{attribute.name}) to the select.",
            )
        if attribute.restricted_projection:
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                "It can only be used in conditions, not read.",
            )
        self.fill(self._siblings(entity, attribute), attribute)
        if attribute.name not in vars(entity):
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                "The server does not have it, or does not show it to this user. Look "
                "whether the entity still exists.",
            )
        return vars(entity)[attribute.name]

    def fill(self, entities: Sequence[Entity], attribute: AttributeInfo) -> None:
        """Load the attribute for those of `entities` that lack it."""
        name = attribute.name
        missing = [entity for entity in entities if name not in vars(entity)]
        self._learn(missing, attribute)
        if attribute.kind is AttributeKind.LINK and attribute.foreign_key is not None:
            missing = self._follow_keys(missing, attribute)
        queries = [
            text
            for entity_class, members in _by_class(missing).items()
            for text in _owner_queries(entity_class.__ftrack__, members, attribute)
        ]
        batch = missing[0].__ftrack_state__.batch if missing else None
        self._ask(queries, batch)

    def load_path(self, entities: Sequence[Entity], path: Loadable) -> None:
        """Load what `path` leads to, level by level, for entities in hand."""
        steps: tuple[ast.Step, ...] = getattr(path, "steps", ())
        current = list(entities)
        for step in steps:
            reached: dict[int, Entity] = {}
            for attribute, owners in _by_attribute(current, step.name).items():
                self.fill(owners, attribute)
                for owner in owners:
                    for target in _targets(vars(owner).get(attribute.name)):
                        reached[id(target)] = target
            current = list(reached.values())
        self.load_scalars(current)

    def load_scalars(self, entities: Sequence[Entity]) -> None:
        """Load the stored scalars that bare references lack."""
        for entity_class, members in _by_class(entities).items():
            for scalar in entity_class.__ftrack__.stored_scalars:
                lacking = [one for one in members if scalar.name not in vars(one)]
                if lacking:
                    self.fill(lacking, scalar)

    def _siblings(self, entity: Entity, attribute: AttributeInfo) -> list[Entity]:
        batch = entity.__ftrack_state__.batch
        if self._mode == "single" or batch is None:
            return [entity]
        found = [
            member
            for entity_class, members in batch.members.items()
            if entity_class.__ftrack__.attributes.get(attribute.name) is attribute
            for member in members
            if member.__ftrack_state__.state is EntityState.PERSISTENT
        ]
        return found if entity in found else [entity, *found]

    def _learn(self, missing: Sequence[Entity], attribute: AttributeInfo) -> None:
        for entity_class, members in _by_class(missing).items():
            batch = members[0].__ftrack_state__.batch
            if batch is not None and self._mode == "auto":
                names = batch.learned.setdefault(entity_class, [])
                wanted = _projections(entity_class.__ftrack__, members, attribute)
                names.extend(name for name in wanted if name not in names)

    # -- links by their foreign keys -------------------------------------------------

    def _follow_keys(
        self, missing: Sequence[Entity], attribute: AttributeInfo
    ) -> list[Entity]:
        """Set links whose key is loaded; return the entities whose key is not."""
        holder = python_name(str(attribute.foreign_key))
        ready = [entity for entity in missing if holder in vars(entity)]
        wanted = {
            vars(entity)[holder]: None
            for entity in ready
            if vars(entity)[holder] is not None
        }
        target = str(attribute.target)
        unknown = [
            key for key in wanted if self._identity_map.find(target, (key,)) is None
        ]
        facts = attribute.owner.type_named(target)
        names = [scalar.server_name for scalar in facts.stored_scalars]
        self._ask(list(_keyed_queries(facts, [(key,) for key in unknown], names)), None)
        for entity in ready:
            key = vars(entity)[holder]
            found = None if key is None else self._identity_map.find(target, (key,))
            if found is not None or (key is None or attribute.nullable):
                vars(entity)[attribute.name] = found
        return [entity for entity in missing if holder not in vars(entity)]

    def _ask(self, expressions: Sequence[str], batch: Batch | None) -> None:
        """Send the queries, several to a request, and take what comes."""
        into = batch if batch is not None else Batch()
        for start in range(0, len(expressions), QUERIES_PER_REQUEST):
            together = expressions[start : start + QUERIES_PER_REQUEST]
            for rows in self._source.rows_of(together):
                self._source.take(rows, into)


def _path(entity: Entity) -> str:
    return type(entity).__name__


def _by_class(entities: Iterable[Entity]) -> dict[type[Entity], list[Entity]]:
    found: dict[type[Entity], list[Entity]] = {}
    for entity in entities:
        found.setdefault(type(entity), []).append(entity)
    return found


def _by_attribute(
    entities: Iterable[Entity], server_name: str
) -> dict[AttributeInfo, list[Entity]]:
    found: dict[AttributeInfo, list[Entity]] = {}
    for entity in entities:
        attribute = type(entity).__ftrack__.by_server_name.get(server_name)
        if attribute is not None:
            found.setdefault(attribute, []).append(entity)
    return found


def _targets(value: Any) -> Iterable[Entity]:
    if isinstance(value, list):
        return value
    return (value,) if hasattr(type(value), "__ftrack__") else ()


def _owner_queries(
    info: TypeInfo, members: Sequence[Entity], attribute: AttributeInfo
) -> Iterator[str]:
    keys = [member.reference.key for member in members]
    return _keyed_queries(info, keys, _projections(info, members, attribute))


def _projections(
    info: TypeInfo, members: Sequence[Entity], attribute: AttributeInfo
) -> list[str]:
    """Return what to ask the owners for, so that the attribute is there.

    A stored scalar brings the others that are missing: who reads one of a bare
    reference soon reads the next.
    """
    if attribute.kind is not AttributeKind.SCALAR:
        target = attribute.owner.type_named(str(attribute.target))
        return [
            f"{attribute.server_name}.{name}"
            for name in relation_names(attribute, target)
        ]
    if attribute not in info.stored_scalars:
        return [attribute.server_name]
    return [
        scalar.server_name
        for scalar in info.stored_scalars
        if any(scalar.name not in vars(member) for member in members)
    ]


def _keyed_queries(
    info: TypeInfo, keys: Sequence[EntityKey], names: Sequence[str]
) -> Iterator[str]:
    """Yield queries for the entities with `keys`, of bounded length."""
    projections = tuple(ast.PathExpression.of(name) for name in names)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
        yield compile_query(
            ast.Query(info.name, projections, criteria=keyed(info.key, part))
        )


def keyed(names: Sequence[str], keys: Sequence[EntityKey]) -> ast.Criteria:
    """Return the condition that an entity has one of `keys`."""
    if len(names) == 1:
        path = ast.PathExpression.of(names[0])
        return ast.Membership(path, tuple(encode_literal(key[0]) for key in keys))
    every = tuple(
        conjunction(
            ast.Comparison(ast.PathExpression.of(name), "is", encode_literal(part))
            for name, part in zip(names, key, strict=True)
        )
        for key in keys
    )
    return every[0] if len(every) == 1 else ast.Or(every)

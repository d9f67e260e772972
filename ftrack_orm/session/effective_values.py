"""Read the values of custom attributes that entities inherit.

A server returns only the value set on an entity; clients walk up its ancestors
themselves (protocol 6.7). The path of an entity (``link``, protocol 6.3) gives all
ancestors at once, and the plain ``CustomAttributeValue`` rows exist for stored values
only (protocol 3.5). So two requests are enough, whatever the depth of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_scalar
from ftrack_orm.entity.effective_value import EffectiveValue
from ftrack_orm.entity.mapped import REMOVED, MappedValues
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.errors.entity import UnknownAttributeError, UnknownKeyError
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.session.ancestors import INHERITING, Ancestors, fetch_in_requests
from ftrack_orm.session.lazy_loader import KEYS_PER_QUERY, keyed_queries
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore


class EffectiveValues:
    """Effective values of custom attributes, and the rows they were read from.

    Stored values and ancestors are read once. Edits of the session count: a value
    that is set on a shot is the value of its tasks before the commit.
    """

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        self._ancestors = Ancestors(core)
        self._stored: dict[tuple[str, Any], Any] = {}
        self._read: set[tuple[str, Any]] = set()
        self._scopes: dict[Any, Mapping[str, Configuration]] = {}

    def of(
        self, entities: Sequence[Entity], keys: Sequence[str]
    ) -> list[dict[str, EffectiveValue]]:
        """Return the value of each key for each entity, in order.

        Raises:
            DetachedEntityError: one is not in this session; nothing was sent.
            UnknownAttributeError: a type has no custom attributes.
            UnknownKeyError: a key is not configured for an entity.
        """
        for entity in entities:
            if entity.__ftrack_state__.owner is not self._core:
                raise DetachedEntityError(repr(entity), "read its effective values")
        chains = self._ancestors.chains(entities)
        found = [
            [self._configuration(entity, chain, key) for key in keys]
            for entity, chain in zip(entities, chains, strict=True)
        ]
        self._load_values(chains, found)
        return [
            {
                key: self._value(configuration, chain)
                for key, configuration in zip(keys, configurations, strict=True)
            }
            for chain, configurations in zip(chains, found, strict=True)
        ]

    def of_group(
        self, entity: Entity, siblings: Callable[[], Sequence[Entity]], key: str
    ) -> EffectiveValue:
        """Return the value of a key for an entity; a request reads for all siblings.

        Args:
            entity: the entity.
            siblings: returns the entities to read together; called only where a
                request is needed.
            key: the key of the custom attribute.

        Raises:
            DetachedEntityError, UnknownAttributeError, UnknownKeyError: as `of`.
        """
        value = self._known_value(entity, key)
        if value is None:
            self._load_group([entity, *siblings()], key)
            value = self._known_value(entity, key)
        # A key whose configuration is newer than the others has not been read yet.
        return self.of([entity], [key])[0][key] if value is None else value

    def _known_value(self, entity: Entity, key: str) -> EffectiveValue | None:
        """Return a value that needs no request, ``None`` where one is needed."""
        chain = self._ancestors.chain(entity, set())
        if chain is None:
            return None
        configuration = self._configuration(entity, chain, key)
        ids = chain if configuration.is_hierarchical else chain[:1]
        if not all((configuration.id, each) in self._read for each in ids):
            return None
        return self._value(configuration, chain)

    def _load_group(self, members: Sequence[Entity], key: str) -> None:
        """Read the values of a key for those of a load group that have the key."""
        chains = self._ancestors.chains(members)
        found = [
            [configuration]
            if (configuration := self._configured(member, chain).get(key))
            else []
            for member, chain in zip(members, chains, strict=True)
        ]
        self._load_values(chains, found)

    def _configuration(
        self, entity: Entity, chain: Sequence[Any], key: str
    ) -> Configuration:
        """Return the configuration that a key names for an entity.

        Raises:
            UnknownAttributeError: the type has no custom attributes.
            UnknownKeyError: there is none.
        """
        by_key = self._configured(entity, chain)
        if key not in by_key:
            # It may be newer than the configurations in memory.
            self._core.configurations.forget()
            self._scopes.clear()
            by_key = self._configured(entity, chain)
        if key not in by_key:
            type_info = type(entity).__ftrack__
            if "custom_attributes" not in type_info.attributes:
                raise UnknownAttributeError(type_info.name, "custom_attributes")
            raise UnknownKeyError(f"{type_info.name}.custom_attributes", key, by_key)
        return by_key[key]

    def _configured(
        self, entity: Entity, chain: Sequence[Any]
    ) -> Mapping[str, Configuration]:
        """Return the configurations of an entity by key."""
        configurations = self._core.configurations
        scope = (*configurations.scope_of(entity), chain[-1])
        by_key = self._scopes.get(scope)
        if by_key is None:
            by_key = self._scopes[scope] = configurations.by_key_in(entity, chain[-1])
        return by_key

    def _load_values(
        self,
        chains: Sequence[Sequence[Any]],
        found: Sequence[Sequence[Configuration]],
    ) -> None:
        """Read the stored values of chains, and the ancestors that are not in memory.

        Both are in one request: an ancestor may turn out to be the source of a value.
        """
        needed: dict[str, dict[Any, None]] = {}
        for chain, configurations in zip(chains, found, strict=True):
            for configuration in configurations:
                keys = chain if configuration.is_hierarchical else chain[:1]
                needed.setdefault(configuration.id, {}).update(dict.fromkeys(keys))
        expressions = list(self._value_queries(needed))
        if not expressions:
            return
        ancestors = list(self._ancestor_queries(chains))
        results = fetch_in_requests(self._core, [*expressions, *ancestors])
        for rows in results[: len(expressions)]:
            for row in rows:
                place = row["configuration_id"], row["entity_id"]
                self._stored[place] = decode_scalar(row.get("value"))
        for rows in results[len(expressions) :]:
            self._core.build(rows, LoadGroup())
        self._read.update(
            (configuration_id, key)
            for configuration_id, keys in needed.items()
            for key in keys
        )

    def _value_queries(self, needed: Mapping[str, Iterable[Any]]) -> Iterator[str]:
        names = ("configuration_id", "entity_id", "value")
        projections = tuple(map(ast.PathExpression.of, names))
        # Configurations whose entities are the same share their queries.
        groups: dict[tuple[Any, ...], list[str]] = {}
        for configuration_id, keys in needed.items():
            unread = tuple(
                key for key in keys if (configuration_id, key) not in self._read
            )
            if unread:
                groups.setdefault(unread, []).append(configuration_id)
        for keys, configuration_ids in groups.items():
            configured = keyed(("configuration_id",), [(i,) for i in configuration_ids])
            for start in range(0, len(keys), KEYS_PER_QUERY):
                part = [(key,) for key in keys[start : start + KEYS_PER_QUERY]]
                criteria = ast.And((configured, keyed(("entity_id",), part)))
                query = ast.Query(
                    "CustomAttributeValue", projections, criteria=criteria
                )
                yield compile_query(query)

    def _ancestor_queries(self, chains: Iterable[Sequence[Any]]) -> Iterator[str]:
        tables = self._core.identity_map.tables
        for root in ("Context", "Asset"):
            keys = {
                key: None
                for chain in chains
                for key in chain[1:]
                if not any(key in table for table in tables.values())
            }
            type_info = self._core.models.type_info(root)
            names = [scalar.server_name for scalar in type_info.stored_scalars]
            yield from keyed_queries(type_info, [(key,) for key in keys], names)

    def _value(
        self, configuration: Configuration, chain: Sequence[Any]
    ) -> EffectiveValue:
        for key in chain if configuration.is_hierarchical else chain[:1]:
            entity = self._in_memory(key)
            value = NOT_LOADED if entity is None else _edit_of(entity, configuration.id)
            if value is NOT_LOADED:
                value = self._stored.get((configuration.id, key), REMOVED)
            if value is not REMOVED:
                # A copy: editing it must not change later results.
                copied = list(value) if isinstance(value, list) else value
                return EffectiveValue(copied, entity)
        return EffectiveValue(configuration.default, None)

    def _in_memory(self, key: Any) -> Any:
        for root in INHERITING:
            entity = self._core.identity_map.tables.get(root, {}).get(key)
            if entity is not None:
                return entity
        return None


def _edit_of(entity: Entity, configuration_id: str) -> Any:
    """Return the session's edit of a value: `REMOVED` if it is deleted.

    `NOT_LOADED` if there is no edit.
    """
    rows = vars(entity).get("custom_attributes")
    if not isinstance(rows, MappedValues):
        return NOT_LOADED
    for name, value in rows.edits.items():
        if rows.row_keys.get(name) == configuration_id:
            return value
    return NOT_LOADED

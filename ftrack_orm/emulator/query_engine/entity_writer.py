"""Write the entities of loaded levels as JSON objects, each in full once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from ftrack_orm.emulator.query_engine.projection import system_projections
from ftrack_orm.emulator.query_engine.response_encoder import (
    Identity,
    ResponseEncoder,
    decoder,
)
from ftrack_orm.emulator.query_engine.row_loader import (
    AttributeEncoding,
    Key,
    Level,
    Row,
    attribute_encoding,
)
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import JSONObject

_Levels: TypeAlias = tuple[Level, ...]

_MAX_DEPTH: Final = 50
"""Nested entities, beyond which an occurrence has the attributes of its path only.

An entity in full contains the relations requested at its other occurrences, so linked
rows such as a chain of predecessors nest as deep as the chain is long. JSON decoders
refuse about a thousand levels.
"""


class _RequestedValue:
    """An attribute of a shape: the level that has its values, and all its tokens."""

    __slots__ = ("encoding", "level", "tokens")

    def __init__(self, level: Level, encoding: AttributeEncoding) -> None:
        self.level = level
        self.encoding = encoding
        self.tokens = frozenset((encoding.token,))


class _Shape:
    """The attributes to write for entities of one concrete type.

    Attributes:
        concrete: the type.
        first: the first level.
        key_names: the attributes of the primary key.
        system: names, positions in rows of the first level, and decoders of the system
            projections.
        values: the attributes that the levels request, each name once.
        tokens: the tokens of all of their requests.
    """

    __slots__ = ("concrete", "first", "key_names", "system", "tokens", "values")

    def __init__(
        self, schema: Schema, levels: _Levels, concrete: str, encoder: ResponseEncoder
    ) -> None:
        entity_schema = schema[concrete]
        first = levels[0]
        self.concrete = concrete
        self.first = first
        self.key_names = entity_schema.primary_key
        keys = set(entity_schema.primary_key)
        system_names = () if encoder.strict else system_projections(entity_schema)
        self.system = [
            (name, first.positions[name], decoder(entity_schema.attributes[name]))
            for name in system_names
            if name not in keys and name in first.positions
        ]
        values: dict[str, _RequestedValue] = {}
        for level in levels:
            for requested in level.node.requests_for(schema, concrete):
                name = requested.attribute.name
                if name in keys:
                    continue
                token = encoder.token(requested.signature)
                if name in values:
                    # A relation has the same members at every level.
                    values[name].tokens |= {token}
                else:
                    encoding = attribute_encoding(level, requested, token)
                    values[name] = _RequestedValue(level, encoding)
        # The official Python client reads attributes in the order of the schema, which
        # therefore decides which occurrence is its first.
        self.values = [
            values[name] for name in entity_schema.attributes if name in values
        ]
        self.tokens = frozenset(
            token for value in self.values for token in value.tokens
        )


class EntityWriter:
    """Write the entities of one operation; one writer serves one operation.

    The first occurrence of an entity in depth-first order has the attributes that any
    of its occurrences requests. The others have type and key (protocol 3.6).
    """

    def __init__(self, schema: Schema, encoder: ResponseEncoder) -> None:
        self._schema = schema
        self._encoder = encoder
        self._tokens = encoder.tokens_by_entity
        self._shapes: dict[tuple[int, str], _Shape] = {}
        self._merged_shapes: dict[tuple[tuple[int, ...], str], _Shape] = {}
        self._levels_of: dict[Identity, _Levels] = {}
        self._written: set[Identity] = set()
        self._depth = 0

    def root_entities(self, level: Level, keys: Sequence[Key]) -> list[JSONObject]:
        """Return the entities of the query, in order."""
        if not self._encoder.denormalize:
            self._levels_of = _shared_entities(self._schema, level)
        return [self._entity(level, key) for key in keys]

    def _shape(self, level: Level, concrete: str) -> _Shape:
        shape = self._shapes.get((id(level), concrete))
        if shape is None:
            shape = _Shape(self._schema, (level,), concrete, self._encoder)
            self._shapes[id(level), concrete] = shape
        return shape

    def _merged_shape(self, levels: _Levels, concrete: str) -> _Shape:
        signature = (tuple(map(id, levels)), concrete)
        shape = self._merged_shapes.get(signature)
        if shape is None:
            shape = _Shape(self._schema, levels, concrete, self._encoder)
            self._merged_shapes[signature] = shape
        return shape

    def _entity(self, level: Level, key: Key) -> JSONObject:
        concrete = level.rows[key][0]
        if self._encoder.denormalize:
            return self._body(level, key, self._shape(level, concrete), None)
        identity = (concrete, key)
        if identity in self._written:
            return self._reference(level, key, concrete)
        if self._depth >= _MAX_DEPTH:
            shape = self._shape(level, concrete)
            return self._body(level, key, shape, self._tokens.get(identity))
        levels = self._levels_of.get(identity)
        if levels is None or len(levels) == 1:
            shape = self._shape(level, concrete)
        else:
            shape = self._merged_shape(levels, concrete)
        earlier = self._tokens.get(identity)
        # Marked before it is written: relations may lead back to it.
        self._written.add(identity)
        self._tokens[identity] = (
            shape.tokens if earlier is None else earlier | shape.tokens
        )
        return self._body(level, key, shape, earlier)

    def _reference(self, level: Level, key: Key, concrete: str) -> JSONObject:
        row = level.rows[key]
        body: JSONObject = {"__entity_type__": concrete}
        names = self._schema[concrete].primary_key
        for name, position in zip(names, level.key, strict=True):
            body[name] = row[position]
        return body

    def _body(
        self, level: Level, key: Key, shape: _Shape, earlier: frozenset[int] | None
    ) -> JSONObject:
        """Return an entity without the requests that an earlier operation answered."""
        row = level.rows[key]
        body: JSONObject = {"__entity_type__": shape.concrete}
        for name, position in zip(shape.key_names, level.key, strict=True):
            body[name] = row[position]
        # Only the first occurrence has system projections (protocol 10, row 13).
        if earlier is None:
            first_row = row if shape.first is level else shape.first.rows[key]
            for name, position, decode in shape.system:
                stored = first_row[position]
                if stored is not None and decode is not None:
                    stored = decode(stored)
                body[name] = stored
        self._depth += 1
        for value in shape.values:
            if earlier is None or not value.tokens <= earlier:
                value_row = row if value.level is level else value.level.rows[key]
                attribute = value.encoding
                body[attribute.name] = self._value(attribute, key, value_row)
        self._depth -= 1
        return body

    def _value(self, attribute: AttributeEncoding, key: Key, row: Row) -> Any:
        if attribute.position is not None:
            value = row[attribute.position]
            if value is None or attribute.decode is None:
                return value
            return attribute.decode(value)
        if attribute.values is not None:
            return attribute.values.get(key)
        related = attribute.related
        if related is None:
            return None if attribute.is_link else []
        members = related.members.get(key, ())
        if attribute.is_link:
            return self._entity(related.level, members[0]) if members else None
        level = related.level
        return [self._entity(level, member) for member in members]


def _shared_entities(schema: Schema, root: Level) -> dict[Identity, _Levels]:
    """Return the levels of each entity that several levels contain."""
    families: dict[str, list[Level]] = {}
    for level in _levels_below(root):
        family = schema.bases(level.node.entity_type)[-1].name
        families.setdefault(family, []).append(level)
    shared: dict[Identity, _Levels] = {}
    for levels in families.values():
        if len(levels) > 1:
            levels_of: dict[Identity, _Levels] = {}
            for level in levels:
                for key, row in level.rows.items():
                    identity = (row[0], key)
                    levels_of[identity] = (*levels_of.get(identity, ()), level)
            shared.update(levels_of)
    return shared


def _levels_below(level: Level) -> Iterator[Level]:
    """Yield a level and the levels of its relations, depth first."""
    yield level
    for related in level.related.values():
        yield from _levels_below(related.level)

"""The session's methods that send their operation at once, without a commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ftrack_orm.errors.query import QueryError
from ftrack_orm.errors.session import InvalidArgumentError
from ftrack_orm.operations import (
    AnyOperation,
    Delete,
    Query,
    Response,
    Search,
    Update,
)
from ftrack_orm.session.argument_checks import (
    require_entity_class,
    require_operations,
    require_texts,
)
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.entity_data import create, sendable_data
from ftrack_orm.types import Keys

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.query.path import Path
    from ftrack_orm.schema.model import EntitySchema

E = TypeVar("E", bound="Entity")


class ImmediateActions(SessionBase):
    """The session's immediate operations, each sent by one `call`.

    Every method takes an entity class or the name of a type; with a class the result
    is typed by it. When the reply to a write is lost, the server's data is queried for
    its outcome: nothing is applied twice.
    """

    def encode_operations(self, operations: Iterable[AnyOperation]) -> str:
        """Return the exact JSON text that `call` sends for `operations`.

        The query for the server's information, which the first request also contains,
        is not part of it.
        """
        batch = require_operations("encode_operations()", operations)
        return self._core.client.encode(batch).decode()

    @overload
    def query(
        self, expression: str, entity_type: str | None = None
    ) -> Response[list[Entity]]: ...
    @overload
    def query(self, expression: str, entity_type: type[E]) -> Response[list[E]]: ...
    def query(
        self, expression: str, entity_type: type[Any] | str | None = None
    ) -> Response[list[Any]]:
        """Run one query expression.

        `metadata.next.offset` of the response is the offset of the next page, ``None``
        after the last row.

        Args:
            expression: in the server's query language (protocol 5).
            entity_type: the type of the rows, for type checkers.

        Raises:
            QueryError: a row is of another type than that.
        """
        if not isinstance(expression, str):
            raise InvalidArgumentError("query()", expression, "an expression, as text")
        name = None
        if entity_type is not None:
            name = self._class_for(entity_type).__ftrack__.name
        response = self.call([Query(expression)])[0]
        if name is not None:
            _require_type(response.data, name, expression)
        return response

    @overload
    def search(
        self,
        entity_type: type[E],
        terms: str | Iterable[str],
        *,
        expression: str | None = None,
        context_id: str | Entity | None = None,
        object_type_ids: Iterable[str] | None = None,
    ) -> Response[list[E]]: ...
    @overload
    def search(
        self,
        entity_type: str,
        terms: str | Iterable[str],
        *,
        expression: str | None = None,
        context_id: str | Entity | None = None,
        object_type_ids: Iterable[str] | None = None,
    ) -> Response[list[Entity]]: ...
    def search(
        self,
        entity_type: type[Any] | str,
        terms: str | Iterable[str],
        *,
        expression: str | None = None,
        context_id: str | Entity | None = None,
        object_type_ids: Iterable[str] | None = None,
    ) -> Response[list[Any]]:
        """Return entities in whose name or path every term occurs (protocol 2.2).

        Args:
            entity_type: the class or name of the type to search.
            terms: words; one text is split at its spaces.
            expression: the query for the attributes, order and limit of the matches;
                loads every stored scalar when not given.
            context_id: search below this context only.
            object_type_ids: search these object types only.

        Raises:
            InvalidArgumentError: the terms are no words, or the object types no list;
                nothing was sent.
        """
        # Before the type, which is misread when the two arguments are swapped.
        if not isinstance(terms, Iterable):
            raise InvalidArgumentError(
                "search()", terms, "words to look for, after the entity type"
            )
        words = terms.split() if isinstance(terms, str) else terms
        object_types = None
        if object_type_ids is not None:
            object_types = require_texts("search()", object_type_ids, "object type ids")
        type_info = self._class_for(entity_type).__ftrack__
        if context_id is not None and not isinstance(context_id, str):
            context_id = str(context_id.reference.key[0])
        if expression is None:
            from ftrack_orm.session.expressions import type_expression

            expression = type_expression(type_info)
        operation = Search(
            expression=expression,
            entity_type=type_info.name,
            terms=require_texts("search()", words, "words"),
            context_id=context_id,
            object_type_ids=object_types,
        )
        return self.call([operation])[0]

    @overload
    def create(
        self, entity_type: type[E], data: Mapping[str, Any] | E
    ) -> Response[E]: ...
    @overload
    def create(
        self, entity_type: str, data: Mapping[str, Any] | Entity
    ) -> Response[Entity]: ...
    def create(self, entity_type: type[Any] | str, data: Any) -> Response[Any]:
        """Create one entity now; its key is generated here where the data has none.

        Raises:
            UnknownAttributeError, AttributeValueError: the data is wrong; nothing was
                sent.
        """
        type_info = self._class_for(entity_type).__ftrack__
        values = sendable_data(type_info, data)
        return create(self._core, type_info, values)

    @overload
    def update(
        self, entity_type: type[E], keys: Keys, data: Mapping[str, Any] | E
    ) -> Response[E]: ...
    @overload
    def update(
        self, entity_type: str, keys: Keys, data: Mapping[str, Any] | Entity
    ) -> Response[Entity]: ...
    def update(
        self, entity_type: type[Any] | str, keys: Keys, data: Any
    ) -> Response[Any]:
        """Change one entity now.

        Raises:
            EntityKeyError: a wrong number of key values; nothing was sent.
            UnknownAttributeError, AttributeValueError: the data is wrong; nothing was
                sent.
        """
        type_info = self._class_for(entity_type).__ftrack__
        key = type_info.key_of(keys)
        values = sendable_data(type_info, data)
        return self.call([Update(type_info.name, key, values)])[0]

    def delete(self, entity_type: type[Entity] | str, keys: Keys) -> Response[bool]:
        """Delete one entity now; the session's object for it becomes detached.

        Raises:
            EntityKeyError: a wrong number of key values; nothing was sent.
        """
        type_info = self._class_for(entity_type).__ftrack__
        return self.call([Delete(type_info.name, type_info.key_of(keys))])[0]

    @overload
    def ensure(
        self,
        entity_type: type[E],
        data: Mapping[str, Any] | E,
        identifying_keys: Iterable[str | Path[Any] | type[Entity]] = (),
    ) -> E: ...
    @overload
    def ensure(
        self,
        entity_type: str,
        data: Mapping[str, Any] | Entity,
        identifying_keys: Iterable[str | Path[Any] | type[Entity]] = (),
    ) -> Entity: ...
    def ensure(
        self, entity_type: type[Any] | str, data: Any, identifying_keys: Any = ()
    ) -> Any:
        """Return the entity that `data` describes: found, updated or created.

        Sends one query, then one create, one update of the values that differ, or
        nothing.

        Args:
            entity_type: the class or name of the type to find or create.
            data: names and values, or an entity; relations take entities.
            identifying_keys: names in `data` that identify an existing entity, or
                their paths, ``[Status.name]``; all names of a single value when not
                given. Servers compare text without
                regard to case; among several matches, the one with the same case
                is used.

        Raises:
            IdentificationError: there is no value to search by; nothing was sent.
            MultipleResultsError: more than one matches; `keys` lists them.
            UnknownAttributeError, AttributeValueError: the data is wrong; nothing was
                sent.
        """
        from ftrack_orm.session.ensure import ensure

        type_info = self._class_for(entity_type).__ftrack__
        return ensure(self._core, type_info, data, identifying_keys)

    # -- schema ----------------------------------------------------------------------

    def get_schema(self, entity_type: type[Entity] | str) -> EntitySchema | None:
        """Return the schema of an entity type, ``None`` when there is none.

        Types of the models need no request; for any other the server's schema is
        requested, once in a session.
        """
        if not isinstance(entity_type, str):
            require_entity_class("get_schema()", entity_type)
        return self._core.models.schema_of(entity_type)

    def get_primary_key_attributes(
        self, entity_type: type[Entity] | str
    ) -> list[str] | None:
        """Return the server's names of a type's key, ``None`` for an unknown type."""
        schema = self.get_schema(entity_type)
        return None if schema is None else list(schema.primary_key)

    def get_identifying_key(self, entity: Entity | Mapping[str, Any]) -> str | None:
        """Return ``"Type,key1,key2"``, ``None`` while a part of it is not loaded.

        Args:
            entity: an entity, or a mapping with ``__entity_type__``.
        """
        from ftrack_orm.session.identifying_key import identifying_key

        return identifying_key(self._core, entity)

    def _class_for(self, entity_type: type[Any] | str) -> type[Any]:
        if isinstance(entity_type, str):
            return self._core.models.class_named(entity_type)
        require_entity_class("This method", entity_type)
        self._core.use(entity_type)
        return entity_type


def _require_type(rows: list[Any], name: str, expression: str) -> None:
    for row in rows:
        type_info = getattr(type(row), "__ftrack__", None)
        if type_info is not None and not type_info.is_kind_of(name):
            raise QueryError(
                f"The rows of {expression!r} are of type {type_info.name}, not {name}. "
                "Pass the type that the expression names, or a base of it."
            )

"""The session API that acts at once, and does not wait for a commit."""

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
from ftrack_orm.session.argument_checks import require_entity_class, require_operations
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.entity_data import create, sendable_data
from ftrack_orm.session.expressions import type_expression
from ftrack_orm.types import Keys

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.schema.model import EntitySchema

E = TypeVar("E", bound="Entity")


class ImmediateActions(SessionBase):
    """What a session does at once, each through one `call`.

    Every method takes an entity class or a type's name; with a class the result is
    typed by it. When an answer that matters is lost, the server is asked what became
    of the request: nothing is applied twice.
    """

    def encode_operations(self, operations: Iterable[AnyOperation]) -> str:
        """Return the exact JSON text that `call` sends for `operations`.

        The question what the server is, which the first request carries besides, is
        not part of it.
        """
        asked = require_operations("encode_operations()", operations)
        return self._core.client.encode(asked).decode()

    @overload
    def query(
        self, expression: str, entity_type: str | None = None
    ) -> Response[list[Entity]]: ...
    @overload
    def query(self, expression: str, entity_type: type[E]) -> Response[list[E]]: ...
    def query(
        self, expression: str, entity_type: type[Any] | str | None = None
    ) -> Response[list[Any]]:
        """Run one query expression; `metadata.next.offset` says where more rows are.

        Args:
            expression: in the server's query language (protocol 5).
            entity_type: what the rows are; type checkers know it then.

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
            _require_kind(response.data, name, expression)
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
            entity_type: what to look for.
            terms: words; one text is taken apart at its spaces.
            expression: what to load, how much and in which order, in the query
                language; everything the server keeps of each entity when not given.
            context_id: look below this context only.
            object_type_ids: look for these object types only.
        """
        type_info = self._class_for(entity_type).__ftrack__
        if not isinstance(terms, Iterable):
            raise InvalidArgumentError("search()", terms, "words to look for")
        context = context_id
        if context is not None and not isinstance(context, str):
            context = str(context.reference.key[0])
        operation = Search(
            expression=type_expression(type_info) if expression is None else expression,
            entity_type=type_info.name,
            terms=tuple(terms.split() if isinstance(terms, str) else terms),
            context_id=context,
            object_type_ids=None if object_type_ids is None else tuple(object_type_ids),
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
        """Create one entity now, with a key made here where there is none.

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
        identifying_keys: Iterable[str] = (),
    ) -> E: ...
    @overload
    def ensure(
        self,
        entity_type: str,
        data: Mapping[str, Any] | Entity,
        identifying_keys: Iterable[str] = (),
    ) -> Entity: ...
    def ensure(
        self, entity_type: type[Any] | str, data: Any, identifying_keys: Any = ()
    ) -> Any:
        """Return the entity that `data` describes: found, changed, or created.

        One question, then one create, one update of what differs, or nothing.

        Args:
            entity_type: what to look for, or create.
            data: names and values, or an entity; relations take entities.
            identifying_keys: names in `data` that an existing entity is found by;
                every one that holds a single value when not given. Servers compare
                text without regard to case; when several match, the one that agrees
                to the letter is meant.

        Raises:
            IdentificationError: there is nothing to look for; nothing was sent.
            MultipleResultsError: more than one matches; `keys` lists them.
            UnknownAttributeError, AttributeValueError: the data is wrong; nothing was
                sent.
        """
        from ftrack_orm.session.ensure import ensure

        type_info = self._class_for(entity_type).__ftrack__
        return ensure(self._core, type_info, data, identifying_keys)

    # -- what the schema says --------------------------------------------------------

    def get_schema(self, entity_type: type[Entity] | str) -> EntitySchema | None:
        """Return the schema of an entity type, ``None`` when there is none.

        Known types are answered from the models; for any other the server is asked,
        once in a session.
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
        """Return ``"Type,key1,key2"``, ``None`` while a part of it is unknown.

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


def _require_kind(rows: list[Any], name: str, expression: str) -> None:
    for row in rows:
        type_info = getattr(type(row), "__ftrack__", None)
        if type_info is not None and not type_info.is_kind_of(name):
            raise QueryError(
                f"The rows of {expression!r} are of type {type_info.name}, not {name}. "
                "Ask for the type that the expression names, or for a base of it."
            )

"""What stands behind a session: the parts, wired, as entities and selects see them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from ftrack_orm.entity.registry import Registry
from ftrack_orm.entity.state import Batch
from ftrack_orm.errors import (
    ResponseFormatError,
    SchemaDriftError,
    SchemaDriftWarning,
    UnknownEntityTypeError,
)
from ftrack_orm.operations import (
    AnyOperation,
    Delete,
    NextPage,
    Query,
    QuerySchemas,
    Response,
    ResponseMetadata,
)
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.select.executor import RawPage
from ftrack_orm.select.open_results import OpenResults
from ftrack_orm.session.committing import Committer
from ftrack_orm.session.configurations import Configurations
from ftrack_orm.session.delivery import Delivery
from ftrack_orm.session.drift import check_schema_hash
from ftrack_orm.session.exchange import Exchange
from ftrack_orm.session.lazy import LazyLoader
from ftrack_orm.session.loading import RowLoader
from ftrack_orm.session.models import Models, SessionRegistry, find_registry
from ftrack_orm.session.prefetch import Prefetch
from ftrack_orm.transport.retrying import RetryPolicy
from ftrack_orm.types import Cancel, EntityKey, Reference, Transport
from ftrack_orm.unit_of_work.apply import detach
from ftrack_orm.unit_of_work.identity_map import IdentityMap
from ftrack_orm.unit_of_work.tracker import UnitOfWork

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

E = TypeVar("E", bound="Entity")

LoadMode: TypeAlias = Literal["auto", "single", "strict"]
SchemaCheck: TypeAlias = Literal["warn", "error", "ignore"]


class Workspace:
    """The owner of a session's entities, and the executor of its queries."""

    def __init__(
        self,
        transport: Transport,
        *,
        models: Models | None,
        load: LoadMode,
        check_schema: SchemaCheck,
        page_size: int,
        information_values: Sequence[str] | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.page_size = page_size
        self.transport = transport
        self.open_results = OpenResults()
        self.identity_map = IdentityMap()
        self.work = UnitOfWork()
        self._models = models
        self._check_schema = check_schema
        self._subclasses: dict[str, type[Entity]] = {}
        values = list(information_values or ())
        if check_schema != "ignore":
            values.append("schema_hash")
        self.exchange = Exchange(
            transport,
            self.key_names,
            self._learn if values else None,
            values=tuple(dict.fromkeys(values)),
            asks_first=check_schema == "error",
            retry=retry,
        )
        self.information: dict[str, Any] = {}
        self.information_values = information_values
        self.has_information = False
        self.delivery = Delivery(
            self.exchange, self.class_named, self.open_results.complete
        )
        self.rows = RowLoader(self, self.identity_map, self._served_class)
        self.lazy = LazyLoader(self, self.identity_map, load)
        self.committer = Committer(
            self,
            self.work,
            self.identity_map,
            self.exchange,
            self._merge,
            self.key_names,
            Configurations(self).configure,
            self.open_results.complete,
        )

    # -- models --------------------------------------------------------------------

    @cached_property
    def registry(self) -> Registry:
        """Return where the models are; imported when first needed."""
        return find_registry(self._models)

    @cached_property
    def _all_models(self) -> SessionRegistry:
        return SessionRegistry(self.registry)

    def use(self, entity_class: type[Entity]) -> None:
        """Take note of a class somebody asked for.

        The first one settles the registry where none was given; a subclass in
        somebody's own code becomes the class of its entity type in this session.
        """
        info = entity_class.__ftrack__
        if self._models is None and info.registry is not None:
            self._models = info.registry
        if entity_class is not self.class_named(info.name):
            self._subclasses[info.name] = entity_class
            self.rows.forget_types()

    def class_named(self, entity_type: str) -> type[Entity]:
        """Return the class of an entity type.

        Raises:
            UnknownEntityTypeError: the models have no such type.
        """
        own = self._subclasses.get(entity_type)
        return own or self._all_models.resolve(entity_type)

    def key_names(self, entity_type: str) -> tuple[str, ...]:
        """Return the server names of a type's primary key."""
        return self.class_named(entity_type).__ftrack__.key

    def _served_class(self, entity_type: str) -> type[Entity]:
        """Return the class of a type the server has answered with."""
        try:
            return self.class_named(entity_type)
        except UnknownEntityTypeError:
            return self._made_class(entity_type)

    def _made_class(self, entity_type: str) -> type[Entity]:
        from ftrack_orm.entity.runtime import make_entity_class

        message = (
            f"The server has an entity type {entity_type!r} that "
            f"{self.registry.package} does not know; generate the models anew "
            "(ftrack-orm generate)."
        )
        if self._check_schema == "error":
            raise SchemaDriftError(message)
        if self._check_schema == "warn":
            warnings.warn(message, SchemaDriftWarning, stacklevel=2)
        schema = self._served_schema
        return make_entity_class(schema, schema[entity_type], self._all_models)

    def _fetch_schema(self) -> Schema:
        return parse_schema(self._fetch_served()).schema

    def _fetch_served(self) -> list[Any]:
        served: list[Any] = self.exchange.send([QuerySchemas()])[0]
        return served

    def schema_of(self, entity_type: type[Entity] | str) -> EntitySchema | None:
        """Return the schema of a type, ``None`` when neither models nor server know it.

        Types that the models lack are looked for in the server's schema, which is
        asked for once.
        """
        if not isinstance(entity_type, str):
            return entity_type.__ftrack__.to_schema()
        try:
            return self.class_named(entity_type).__ftrack__.to_schema()
        except UnknownEntityTypeError:
            return self._served_schema.types.get(entity_type)

    @cached_property
    def _served_schema(self) -> Schema:
        return self._fetch_schema()

    def learn(self, information: Mapping[str, Any]) -> None:
        """Keep what the server says it is."""
        self.information.update(information)
        self.has_information = True

    def _learn(self, information: Mapping[str, Any]) -> None:
        """Take note of what came with the first request."""
        if self.information_values is not None:
            self.learn(information)
        if self._check_schema != "ignore":
            served = str(information.get("schema_hash", ""))
            check_schema_hash(
                served, self.registry, self._fetch_served, str(self._check_schema)
            )

    # -- as entities see it ----------------------------------------------------------

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Return a missing attribute's value, loaded for the whole batch."""
        return self.lazy.load(entity, attribute)

    def touch(self, entity: Entity) -> None:
        """Remember that an entity has changes."""
        self.work.track(entity)

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity of that type, or of a subtype, if it is known."""
        return self.identity_map.find(entity_type, key)

    # -- as selects see it -----------------------------------------------------------

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        """Return a page of each expression, in one request."""
        return _pages(self.exchange.send([Query(text) for text in expressions]))

    def fetch_ahead(self, expressions: Sequence[str]) -> Prefetch[list[RawPage]]:
        """Start the request of `fetch`; its response is read by the calling thread."""
        queries = [Query(text) for text in expressions]
        return self.exchange.send_ahead(queries, _pages)

    def new_batch(self) -> Batch:
        """Return an empty batch."""
        return Batch()

    def entities(
        self, rows: list[dict[str, Any]], batch: Batch, entity_class: type[E]
    ) -> list[E]:
        """Return rows as entities of the class that load together with `batch`."""
        del entity_class  # the rows name their concrete types
        return self.rows.load(rows, batch)

    def learned(self, batch: Batch, entity_class: type[Any]) -> list[str]:
        """Return what entities of the batch and class turned out to lack."""
        return batch.learned.get(entity_class, [])

    # -- as lazy loading sees it -------------------------------------------------------

    def rows_of(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, asked in one request."""
        results = self.exchange.send([Query(text) for text in expressions])
        return [result["data"] for result in results]

    def take(self, rows: list[dict[str, Any]], batch: Batch) -> list[Any]:
        """Return rows as entities that load together with `batch`."""
        return self.rows.load(rows, batch)

    # -- results of operations ---------------------------------------------------------

    def call(
        self,
        operations: Sequence[AnyOperation],
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Response[Any]]:
        """Send operations in one request; return a decoded response each, in order."""
        results = self.delivery.send(
            operations, headers=headers, timeout=timeout, cancel=cancel
        )
        batch = Batch()
        return [
            self._response(operation, result, batch)
            for operation, result in zip(operations, results, strict=True)
        ]

    def _response(
        self, operation: AnyOperation, result: Any, batch: Batch
    ) -> Response[Any]:
        if not isinstance(operation, Mapping):
            action = operation.action
        else:
            action = str(operation.get("action", ""))
        if not isinstance(result, dict) or "data" not in result:
            return Response(action, result)
        if isinstance(operation, Delete):
            self._forget(operation)
        return Response(action, self._decoded(result["data"], batch), _metadata(result))

    def _decoded(self, data: Any, batch: Batch) -> Any:
        if isinstance(data, dict) and "__entity_type__" in data:
            return self.rows.load([data], batch)[0]
        if (
            isinstance(data, list)
            and data
            and all(isinstance(row, dict) and "__entity_type__" in row for row in data)
        ):
            return self.rows.load(data, batch)
        return data

    def _merge(self, rows: list[Any]) -> None:
        self.rows.load([row for row in rows if "__entity_type__" in row], Batch())

    def _forget(self, operation: Delete) -> None:
        known = self.find(operation.entity_type, operation.entity_key)
        if known is None:
            reference = Reference(operation.entity_type, operation.entity_key)
            known = self.identity_map.get(reference)
        if known is not None:
            detach(known, self.work, self.identity_map)

    def close(self) -> None:
        """Detach every entity and close the exchange."""
        for entity in (*self.identity_map, *self.work):
            detach(entity, self.work, self.identity_map)
        self.rows.forget_types()
        self.exchange.close()


def _pages(results: Sequence[Any]) -> list[RawPage]:
    return [_page(result) for result in results]


def _page(result: Any) -> RawPage:
    """Return the page of a query's result.

    Raises:
        ResponseFormatError: it is not a list of rows.
    """
    rows = result.get("data") if isinstance(result, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ResponseFormatError(
            "The server's response to a query holds no list of rows. Read again, or "
            "check that the address is an ftrack server's."
        )
    following = _metadata(result).next.offset
    return RawPage(rows, following if isinstance(following, int) else None)


def _metadata(result: Mapping[str, Any]) -> ResponseMetadata:
    following = (result.get("metadata") or {}).get("next") or {}
    return ResponseMetadata(NextPage(following.get("offset")))

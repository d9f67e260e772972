"""The session's internals: identity map, loaders, committer and transport."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from ftrack_orm.entity.relation_index import RelationIndex
from ftrack_orm.entity.state import OWNERS, EntityState, InstanceState, LoadGroup
from ftrack_orm.entity.tracking import record_watched, set_state
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.operations import (
    AnyOperation,
    Query,
    QuerySchemas,
    Response,
)
from ftrack_orm.select.executor import RawPage
from ftrack_orm.select.open_results import OpenResults
from ftrack_orm.session.api_client import ApiClient, is_write
from ftrack_orm.session.base import Uncopied
from ftrack_orm.session.known_types import KnownTypes
from ftrack_orm.session.model_lookup import ModelLookup, Models
from ftrack_orm.session.responses import ResponseDecoder, read_pages
from ftrack_orm.session.server_information import ServerInformation
from ftrack_orm.session.settings import LoadMode, SchemaCheck
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Cancel, EntityKey, Reference, Transport
from ftrack_orm.unit_of_work.identity_map import IdentityMap
from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.query import ast
    from ftrack_orm.select.executor import PageSource
    from ftrack_orm.session.commit import Committer
    from ftrack_orm.session.custom_attribute_configurations import Configurations
    from ftrack_orm.session.lazy_loader import LazyLoader
    from ftrack_orm.session.look_up_cache import LookUpCache
    from ftrack_orm.session.memory import SessionMemory
    from ftrack_orm.session.prefetch import Prefetch
    from ftrack_orm.types import CustomLinkDeclaration

E = TypeVar("E", bound="Entity")


class SessionCore(Uncopied):
    """The parts of a session, wired together.

    Entities use it as their `Owner`, selects as their `QueryExecutor`, and the lazy
    loader as its `RowSource`.
    """

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
        self.relations = RelationIndex()
        self.models = ModelLookup(
            models,
            check_schema,
            entities=lambda: (*self.identity_map, *self.work),
            fetch_schema=self._fetch_schema,
        )
        self.identity_map = IdentityMap(self.models.type_info)
        self.work = UnitOfWork()
        values = list(information_values or ())
        if check_schema != "ignore":
            values.append("schema_hash")
        self.types = KnownTypes(self.models.model_class)
        self.client = ApiClient(
            transport,
            self.models.primary_key,
            self._store_information if values else None,
            information_values=tuple(dict.fromkeys(values)),
            queries_before_write=check_schema == "error",
            retry=retry,
            types=self.types,
        )
        self.information = ServerInformation(information_values)
        # Only a session needs it, not the import of the class.
        from ftrack_orm.session.row_loader import RowLoader

        self.row_loader = RowLoader(
            self, self.identity_map, self.relations, self.models.find_or_make_class
        )
        self._responses = ResponseDecoder(self.row_loader)
        OWNERS.add(self)
        if "IPython" in sys.modules:
            from ftrack_orm.console import prepare_console

            prepare_console()
        self._load: LoadMode = load

    @cached_property
    def lazy(self) -> LazyLoader:
        """Return the loader of missing attributes."""
        from ftrack_orm.session.lazy_loader import LazyLoader

        return LazyLoader(self, self.identity_map, self._load)

    # -- writing: a program that only reads does not import these ----------------------

    @cached_property
    def memory(self) -> SessionMemory:
        """Return the part that stores the results of writes in entities."""
        from ftrack_orm.session.memory import SessionMemory

        return SessionMemory(
            self.row_loader,
            self.identity_map,
            self.work,
            self.client,
            self.types,
            self.open_results.complete,
        )

    @cached_property
    def committer(self) -> Committer:
        """Return the sender of the session's writes."""
        from ftrack_orm.session.commit import Committer
        from ftrack_orm.session.in_doubt import InDoubtResolver
        from ftrack_orm.session.reliable_sender import ReliableSender
        from ftrack_orm.session.stale_references import StaleReferences

        sender = ReliableSender(
            self.client,
            InDoubtResolver(self.client, self.types),
            StaleReferences(self.client, lambda: self.models.registry.reference_keys),
        )
        return Committer(
            self,
            self.work,
            self.identity_map,
            sender,
            self.memory,
            self.client,
            self.forget_look_ups,
        )

    @cached_property
    def configurations(self) -> Configurations:
        """Return the server's custom attribute configurations."""
        from ftrack_orm.session.custom_attribute_configurations import Configurations

        return Configurations(self)

    @cached_property
    def look_ups(self) -> LookUpCache:
        """Return the look-ups that the session keeps."""
        from ftrack_orm.session.look_up_cache import LookUpCache

        return LookUpCache(self)

    def forget_look_ups(self, operations: Iterable[AnyOperation] | None = None) -> None:
        """Forget the look-ups that operations may have changed; all when not given."""
        if "look_ups" not in vars(self):
            return
        if operations is None:
            self.look_ups.forget_all()
        else:
            self.look_ups.forget_written(operations)

    # -- models --------------------------------------------------------------------

    def use(self, entity_class: type[Entity]) -> None:
        """Use a class for its entity type, see `ModelLookup.use`.

        Raises:
            EntityClassError: another subclass of the type is in use.
        """
        if self.models.use(entity_class):
            self.row_loader.forget_types()

    def _fetch_schema(self) -> list[Any]:
        schema: list[Any] = self.client.send([QuerySchemas()])[0]
        return schema

    def _store_information(self, information: Mapping[str, Any]) -> None:
        """Store the server information of the first response; compare the schema."""
        if self.information.values is not None:
            self.information.store(information)
        self.models.compare_schema(str(information.get("schema_hash", "")))

    # -- as entities see it ----------------------------------------------------------

    def load(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Return a missing attribute's value, loaded for the whole load group."""
        return self.lazy.load_missing(entity, attribute)

    def load_together(
        self, entity: Entity, attributes: Sequence[AttributeInfo]
    ) -> None:
        """Load the attributes that an entity lacks, for its load group at once."""
        self.lazy.load_together(entity, attributes)

    def touch(self, entity: Entity) -> None:
        """Track an entity that has changes."""
        self.work.track(entity)

    def entity_for(self, reference: Reference) -> Entity:
        """Return the entity of a reference; build one with only its key if need be."""
        entity = self.identity_map.find(*reference)
        if entity is not None:
            return entity
        names = self.models.primary_key(reference.entity_type)
        row: dict[str, Any] = {"__entity_type__": reference.entity_type}
        row.update(zip(names, reference.key, strict=True))
        built: Entity = self.row_loader.build([row], LoadGroup())[0]
        return built

    def configure(self, entity: Entity) -> None:
        """Check the custom attributes of a new entity; assign their configurations."""
        self.configurations.configure([entity])

    def known_keys(self, type_info: TypeInfo, attribute: AttributeInfo) -> list[str]:
        """Return the keys of a mapped attribute that are in memory."""
        from ftrack_orm.session.known_keys import known_keys

        entities = self.identity_map.tables.get(type_info.root, {})
        # Not `self.configurations`, which would be created here.
        configurations = vars(self).get("configurations")
        return known_keys(type_info, attribute, entities.values(), configurations)

    def configured(self, configuration_id: str) -> Configuration | None:
        """Return a custom attribute configuration, ``None`` if there is none."""
        return self.configurations.find(configuration_id)

    def load_stored(self, entity: Entity, attribute: AttributeInfo) -> None:
        """Record which custom attributes of the load group have a stored value."""
        from ftrack_orm.session.stored_values import record_stored_values

        siblings = self.lazy.siblings(entity, attribute)
        record_stored_values(self, self.configurations, siblings, attribute)

    def load_custom_links(
        self, entity: Entity, attribute: AttributeInfo, link: CustomLinkDeclaration
    ) -> None:
        """Load the entities that a custom attribute of the load group links to."""
        from ftrack_orm.session.custom_links import load_custom_links

        load_custom_links(self, self.lazy.siblings(entity, attribute), attribute, link)

    def effective(self, entity: Entity, key: str) -> EffectiveValue:
        """Return the effective value of a custom attribute.

        Raises:
            UnknownAttributeError: the type has no custom attributes.
            UnknownKeyError: they do not include this one.
        """
        type_info = type(entity).__ftrack__
        attribute = type_info.attributes.get("custom_attributes")
        if attribute is None:
            raise UnknownAttributeError(type_info.name, "custom_attributes")
        return self.look_ups.effective_values.of_group(
            entity, lambda: self.lazy.siblings(entity, attribute), key
        )

    def allowed_statuses(
        self, project: Entity, subject: Any, task_type: Any
    ) -> list[Any]:
        """Return the statuses that a project allows for an entity type or entity."""
        return self.look_ups.workflows.statuses(project, subject, task_type)

    def allowed_types(self, project: Entity, subject: Any) -> list[Any]:
        """Return the types that a project allows for an entity type or entity."""
        return self.look_ups.workflows.types(project, subject)

    def rekey(self, entity: Entity, old: Any) -> None:
        """Register a new entity under its changed key; `old` was its bare key."""
        self.identity_map.discard(entity, old)
        self.identity_map.add(entity)
        self.relations.rekey(entity, old)
        # Only changed entities can refer to the old key, as the server does not have
        # the new entity.
        for other in self.work:
            values = vars(other)
            for attribute in type(other).__ftrack__.attributes.values():
                leads_here = attribute.is_watched and values.get(attribute.name) == old
                if leads_here and other is not entity:
                    record_watched(other, attribute, entity.reference.key[0])

    def find(self, entity_type: str, key: EntityKey) -> Entity | None:
        """Return the entity of that type, or of a subtype, if it is in memory."""
        return self.identity_map.find(entity_type, key)

    # -- as selects see it -----------------------------------------------------------

    def fetch(self, expressions: Sequence[str]) -> list[RawPage]:
        """Return one page of each expression, all requested together."""
        return read_pages(self.client.send([Query(text) for text in expressions]))

    def fetch_ahead(self, expressions: Sequence[str]) -> Prefetch[list[RawPage]]:
        """Start the request of `fetch`; the calling thread decodes its reply."""
        queries = [Query(text) for text in expressions]
        return self.client.send_ahead(queries, read_pages)

    def new_group(self) -> LoadGroup:
        """Return an empty load group."""
        return LoadGroup()

    def build_entities(
        self, rows: list[dict[str, Any]], group: LoadGroup, entity_class: type[E]
    ) -> list[E]:
        """Return rows as entities of the class that load together with `group`."""
        entities = self.row_loader.build(rows, group)
        self.models.require(entities, entity_class)
        return entities

    def missing_projections(
        self, group: LoadGroup, entity_class: type[Any]
    ) -> list[str]:
        """Return the projections that entities of the group and class lacked."""
        session_class = self.models.class_named(entity_class.__ftrack__.name)
        return group.late_projections.get(session_class) or group.late_projections.get(
            entity_class, []
        )

    def with_stored_values(
        self, query: ast.Query, attribute: AttributeInfo
    ) -> PageSource:
        """Return a source whose first request also reads the stored values."""
        from ftrack_orm.session.stored_values import FetchWithStoredValues

        return FetchWithStoredValues(self, query, attribute)

    # -- as lazy loading sees it -------------------------------------------------------

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, all requested together."""
        results = self.client.send([Query(text) for text in expressions])
        return [result["data"] for result in results]

    def build(self, rows: list[dict[str, Any]], group: LoadGroup) -> list[Any]:
        """Return rows as entities that load together with `group`."""
        return self.row_loader.build(rows, group)

    # -- results of operations ---------------------------------------------------------

    def call(
        self,
        operations: Sequence[AnyOperation],
        generated_keys: frozenset[int] = frozenset(),
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Response[Any]]:
        """Send operations in one request; return a decoded response each, in order.

        Args:
            operations: the operations.
            generated_keys: indexes of the creates whose key was generated for this
                call.
            headers: added to the request.
            timeout: seconds to wait for the reply.
            cancel: stops waiting when it is set.
        """
        if not any(map(is_write, operations)):
            results = self.client.send(
                operations, headers=headers, timeout=timeout, cancel=cancel
            )
            return self._responses.decode(operations, results)
        return self._write(operations, generated_keys, headers, timeout, cancel)

    def _write(
        self,
        operations: Sequence[AnyOperation],
        generated_keys: frozenset[int],
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> list[Response[Any]]:
        """Send operations that write; store and return their results."""
        from ftrack_orm.session.in_doubt import Batch
        from ftrack_orm.session.previous_values import previous_values

        # Now, as the results will overwrite these values.
        previous = previous_values(self.find, operations)
        batch = Batch(operations, generated_keys, lambda: previous)
        results = self.committer.write(
            batch, headers=headers, timeout=timeout, cancel=cancel
        )
        responses = self._store_results(operations, results)
        self.committer.drop_immediate()
        self.row_loader.run_hooks()
        return responses

    def _store_results(
        self, operations: Sequence[AnyOperation], results: Sequence[Any]
    ) -> list[Response[Any]]:
        from ftrack_orm.session.invalidation import unload_collections

        # A user's `model_post_init` may write, and a batch in doubt refuses that. So
        # the hooks wait until this batch is no longer in doubt.
        self.row_loader.defers_hooks = True
        try:
            for operation in operations:
                self.memory.apply_operation(operation)
            return self._responses.decode(operations, results)
        except BaseException:
            # A foreign key may be changed already and its collections not yet.
            unload_collections(self.identity_map)
            raise
        finally:
            self.row_loader.defers_hooks = False

    # -- detaching ---------------------------------------------------------------------

    def expunge(self, entity: Entity) -> None:
        """Detach an entity; its changes are not sent."""
        from ftrack_orm.unit_of_work.apply import detach

        self.committer.forget(entity)
        stays = entity.__ftrack_state__.state is not EntityState.PENDING
        if stays:
            # The server has it still, so its collections are no longer complete.
            self.relations.unload_members(entity)
        detach(entity, self.work, self.identity_map, stays=stays)

    def expunge_all(self) -> None:
        """Detach every entity; changes are not sent."""
        from ftrack_orm.unit_of_work.apply import leave

        # By object identity, as an entity can be in both.
        entities = {id(entity): entity for entity in (*self.identity_map, *self.work)}
        for entity in entities.values():
            self.committer.forget(entity)
            leave(entity)
        self._clear()

    def _clear(self) -> None:
        self.work.clear()
        self.identity_map.clear()
        self.relations.clear()
        self.row_loader.forget_types()
        self.lazy.forget_missing_targets()

    def close(self) -> None:
        """Detach every entity and close the transport.

        Links still lead to the entities that the session had.
        """
        tables = self.identity_map.tables
        # One shared state with the old tables: links are looked up there by key, and
        # closing needs no pass over the links of every entity.
        closed = InstanceState(EntityState.DETACHED, tables=tables, shared=True)
        for entity in (*self.identity_map, *self.work):
            if entity.__ftrack_state__.state is EntityState.PENDING:
                from ftrack_orm.unit_of_work.apply import leave

                leave(entity)
            elif entity.__ftrack_state__.owner is self:
                set_state(entity, closed)
        self._clear()
        # Consoles no longer offer the keys that it has read.
        OWNERS.discard(self)
        self.client.close()

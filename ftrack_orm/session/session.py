"""`Session`: reads and writes the entities of one server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from ftrack_orm.entity.keys import keys_of
from ftrack_orm.entity.registry import Registry
from ftrack_orm.entity.state import EntityState, LoadGroup
from ftrack_orm.entity.tracking import unshared_state
from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.errors.root import shortened
from ftrack_orm.errors.session import (
    DetachedEntityError,
    InvalidArgumentError,
)
from ftrack_orm.session.argument_checks import (
    require_entities,
    require_entity,
    require_entity_class,
    require_owner,
    require_path,
    require_subclass,
)
from ftrack_orm.session.base import push_headers
from ftrack_orm.session.components import ComponentActions
from ftrack_orm.session.core import SessionCore
from ftrack_orm.session.immediate import ImmediateActions
from ftrack_orm.session.look_ups import LookUps
from ftrack_orm.session.result_types import (
    ComponentLocationT,
    FileComponentT,
    JobT,
    ModelPackage,
    UserT,
)
from ftrack_orm.session.server_actions import ServerActions
from ftrack_orm.session.settings import (
    PAGE_SIZE,
    LoadMode,
    SchemaCheck,
    check_retry,
    check_settings,
    check_timeout,
    http_transport,
    information_values,
)
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.transport.secret import Secret
from ftrack_orm.types import Cancel, EntityKey, Keys, OnProgress, Transport

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.projection import Loadable
    from ftrack_orm.select.select import Select
    from ftrack_orm.unit_of_work.plan import FlushPlan

E = TypeVar("E", bound="Entity")


class Session(
    ImmediateActions,
    LookUps[UserT],
    ComponentActions[FileComponentT, ComponentLocationT, JobT],
    ServerActions[JobT],
    Generic[FileComponentT, ComponentLocationT, JobT, UserT],
):
    """A unit of work on one ftrack server.

    The session holds one object for each entity, tracks its changes, and sends them
    with `commit` as the smallest correct batch. The first request is sent when it is
    needed. A session belongs to one thread. As a context manager it closes at the
    end; changes that were not committed are lost.

    To a type checker a session is generic over the classes that it returns by itself:
    those of the package that is passed as `models`, else of ``ftrack_models``.
    """

    def __init__(
        self,
        server_url: str | None = None,
        api_user: str | None = None,
        api_key: str | None = None,
        *,
        api_endpoint: str = "/api",
        client_token: str | None = None,
        additional_headers: Mapping[str, str] | None = None,
        strict_api: bool = False,
        server_information_values: Sequence[str] | None = None,
        auto_connect_event_hub: bool = False,
        models: ModelPackage[FileComponentT, ComponentLocationT, JobT, UserT]
        | Registry
        | str
        | None = None,
        timeout: float = 60.0,
        load: LoadMode = "auto",
        check_schema: SchemaCheck = "warn",
        page_size: int = PAGE_SIZE,
        retry: RetryPolicy | None = None,
        transport: Transport | None = None,
    ) -> None:
        """Store the settings; no request is sent.

        Args:
            server_url: address of the server; ``FTRACK_SERVER`` when not given.
            api_user: user name; ``FTRACK_API_USER`` when not given.
            api_key: the user's key; ``FTRACK_API_KEY`` when not given.
            api_endpoint: path of the API on the server.
            client_token: marks the events this session causes.
            additional_headers: added to every request.
            strict_api: request HTTP error statuses from the server.
            server_information_values: the keys of `server_information` that the
                first request queries; only the schema's hash when not given.
            auto_connect_event_hub: must be false, there is no event hub yet.
            models: the generated package, its import name or its registry;
                ``ftrack_models`` when not given.
            timeout: seconds to wait for a reply.
            load: the effect of reading an attribute that is not loaded: ``"auto"``
                loads it for all entities of the same result, ``"single"`` for the one
                entity, ``"strict"`` raises `NotLoadedError`.
            check_schema: the reaction to a server schema that differs from the
                models: ``"warn"``, ``"error"`` or ``"ignore"``.
            page_size: rows of one page of a query.
            retry: the retries of reads after temporary failures; `NO_RETRIES` for none.
            transport: sends requests instead of HTTP, such as an emulator's.

        Raises:
            ConfigurationError: server, user or key is missing, or an option is invalid.
        """
        key = None if api_key is None else Secret.of(api_key)
        del api_key  # a traceback with locals would show it
        check_settings(auto_connect_event_hub, timeout, page_size, load, check_schema)
        check_retry(retry)
        information = information_values(server_information_values)
        if transport is None:
            transport = http_transport(
                server_url,
                api_user,
                key,
                api_endpoint=api_endpoint,
                timeout=timeout,
                strict_api=strict_api,
                client_token=client_token,
                additional_headers=additional_headers,
            )
        self._core = SessionCore(
            transport,
            models=models,
            load=load,
            check_schema=check_schema,
            page_size=page_size,
            information_values=information,
            retry=retry,
        )

    def __repr__(self) -> str:
        # A traceback with locals may show a session whose constructor failed.
        if "_core" not in vars(self):
            return "<Session that is not open>"
        return (
            f"Session({self.server_url!r}, api_user={self.api_user!r}, "
            f"{len(self._core.identity_map)} entities, "
            f"{len(self._core.work)} with changes)"
        )

    def __enter__(self) -> Self:
        self._core.client.require_open()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the session and its connections; entities become detached."""
        self._core.close()

    # -- server and models ---------------------------------------------------------

    @property
    def server_url(self) -> str:
        """Return the server's address, without a trailing slash."""
        return self._core.transport.server_url

    @property
    def api_user(self) -> str:
        """Return the name of the user that requests authenticate as."""
        return str(getattr(self._core.transport, "api_user", ""))

    @property
    def requests(self) -> int:
        """Return the number of requests sent so far."""
        return self._core.client.requests

    @property
    def registry(self) -> Registry:
        """Return the registry of the session's models."""
        return self._core.models.registry

    @overload
    def model(self, entity_type: str) -> type[Entity]: ...
    @overload
    def model(self, entity_type: str, base: type[E]) -> type[E]: ...
    def model(self, entity_type: str, base: type[Any] | None = None) -> type[Any]:
        """Return the class of an entity type by its name.

        Args:
            entity_type: the name.
            base: a class that the result must be or inherit from; the result has its
                attributes to a type checker.

        Raises:
            QueryError: the class does not inherit from `base`, or that is no entity
                class.
            UnknownEntityTypeError: the models have no such type.
        """
        if not isinstance(entity_type, str):
            raise UnknownEntityTypeError(shortened(entity_type))
        entity_class = self._core.models.class_named(entity_type)
        if base is not None:
            require_subclass(entity_class, base)
        return entity_class

    # -- reading -------------------------------------------------------------------

    def select(self, entity_class: type[E]) -> Select[E]:
        """Return a query for entities of this class.

        A subclass becomes the class of its entity type in this session: its entities
        are instances of it from then on, those in memory too.

        Raises:
            EntityClassError: another subclass of the entity type is in use.
            QueryError: it is no entity class; `model` returns the class of a name.
        """
        # A program that opens a session and does not query loads no selects.
        from ftrack_orm.select.select import Select

        require_entity_class("select()", entity_class)
        self._core.use(entity_class)
        return Select._of(self._core, entity_class)

    def get(self, entity_class: type[E], key: Keys) -> E | None:
        """Return the entity with this key, ``None`` when there is none.

        The identity map is searched first, then the server.

        Args:
            entity_class: its class or a base class; `model` returns the class of a
                name.
            key: one value (text, integer or UUID), several in the order of the key, a
                mapping from the key's names to values, or an entity of the type.

        Raises:
            EntityClassError: another subclass of the entity type is in use.
            QueryError: `entity_class` is no entity class.
            EntityKeyError: `key` is of another form, or has a wrong number of values.
        """
        return self.get_many(entity_class, [key])[0]

    def get_many(self, entity_class: type[E], keys: Iterable[Keys]) -> list[E | None]:
        """Return an entity or ``None`` for each key, in order.

        Keys that the identity map lacks are requested together, in requests of
        bounded length.

        Raises:
            EntityClassError: another subclass of the entity type is in use.
            QueryError: `entity_class` is no entity class.
            EntityKeyError: `keys` is no list, such as one text, or an item is no key;
                nothing was sent.
        """
        require_entity_class("get()", entity_class)
        core = self._core
        core.use(entity_class)
        type_info = entity_class.__ftrack__
        entity_keys = keys_of(type_info, keys)
        self._load_missing(type_info, dict.fromkeys(entity_keys))
        # From the identity map, as the server returns the rows in any order.
        entities: list[Any] = [core.find(type_info.name, key) for key in entity_keys]
        core.models.require(entities, entity_class)
        return entities

    def _load_missing(self, type_info: TypeInfo, keys: Iterable[EntityKey]) -> None:
        """Load the entities that the identity map lacks."""
        from ftrack_orm.session.lazy_loader import keyed_queries

        core, group = self._core, LoadGroup()
        missing = [key for key in keys if core.find(type_info.name, key) is None]
        names = [scalar.server_name for scalar in type_info.stored_scalars]
        for expression in keyed_queries(type_info, missing, names):
            core.build(core.fetch_rows([expression])[0], group)

    def load(self, entities: Iterable[Entity], *paths: Loadable) -> None:
        """Load attributes of entities in memory, with one request for each level.

        Args:
            entities: of one type or its subtypes.
            paths: attributes read on the class, ``Task.status``,
                ``Task.assignments.each.resource``.

        Raises:
            QueryError: `entities` is no list of entities; nothing was sent.
            CriterionError: a path is no attribute read on a class, or on a class of
                none of the entities; nothing was sent.
        """
        owners = require_entities(entities)
        for path in paths:
            require_path(path)
            require_owner(path, owners)
        self._core.lazy.load_paths(owners, paths)

    # -- the unit of work ------------------------------------------------------------

    def add(self, entity: Entity) -> None:
        """Add a new entity to the session: `commit` creates it on the server.

        Adding an entity that was removed since the last commit cancels the removal.
        The first time that a new entity has custom attributes, the server's
        configurations are read.

        Raises:
            DetachedEntityError: the entity, or one it leads to, belongs to another
                session, or it is a copy; nothing was changed.
            AttributeValueError: it has a custom attribute that is not configured.
            SessionClosedError: the session was closed.
        """
        require_entity("add()", entity)
        self._core.client.require_open()
        from ftrack_orm.session.attachment import add

        add(self._core, entity)

    def add_all(self, entities: Iterable[Entity]) -> None:
        """Add each of `entities`, in order.

        Raises:
            InvalidArgumentError: one is no entity; none was added.
            DetachedEntityError: as `add`; those before it were added.
        """
        # An entity is an iterable of its values.
        if hasattr(entities, "reference") or not isinstance(entities, Iterable):
            raise InvalidArgumentError("add_all()", entities, "a list of entities")
        # All are checked before the first is added.
        new_entities = list(entities)
        for entity in new_entities:
            require_entity("add_all()", entity)
        for entity in new_entities:
            self.add(entity)

    def remove(self, entity: Entity) -> None:
        """Mark an entity for deletion by `commit`; a new one only leaves the session.

        Raises:
            DetachedEntityError: the entity is not in this session.
        """
        require_entity("remove()", entity)
        core = self._core
        state = unshared_state(entity)
        if state.owner is not core:
            raise DetachedEntityError(repr(entity), "remove it")
        if state.state is EntityState.PENDING:
            from ftrack_orm.unit_of_work.apply import roll_back

            roll_back(core.work, core.identity_map, [entity])
        elif state.state is not EntityState.DELETED:
            state.state = EntityState.DELETED
            # Deletes come in the order of removal, whatever was edited before.
            core.work.track_last(entity)

    def plan(self) -> FlushPlan:
        """Return exactly the batch that `commit` would send; nothing is sent.

        A printed plan shows names in place of ids, as far as they are in memory now.

        Raises:
            CircularReferenceError: new entities require each other.
            ConflictingChangesError: an entity is both deleted and set.
            DetachedEntityError: a relation leads to an entity that was not added.
            MissingValueError: a new entity lacks a value that the server requires.
            SessionClosedError: the session was closed.
        """
        self._core.client.require_open()
        plan = self._core.committer.plan()
        if plan._description is not None:
            plan._description.fix()
        return plan

    def commit(
        self,
        expect: FlushPlan | None = None,
        *,
        timeout: float | None = None,
        cancel: Cancel | None = None,
        on_progress: OnProgress | None = None,
        push_token: str | None = None,
    ) -> FlushPlan:
        """Send all changes as one batch, which is applied whole or not at all.

        When the reply is lost, the server's data is queried for the outcome; the
        batch is sent again only if it certainly was not applied.

        Args:
            expect: an earlier `plan`; any other plan is refused. It is compared after
                a batch in doubt has been settled.
            timeout: seconds to wait for the reply, instead of the session's timeout.
            cancel: stops waiting when it is set, such as a `threading.Event`.
            on_progress: called with the operations done and in all: once before the
                batch is sent and once after its results are in memory.
            push_token: repeated in the events that the commit causes.

        Returns:
            The plan that was sent.

        Raises:
            PlanChangedError: the plan is not `expect`; nothing was sent.
            OutcomeUnknownError: the reply was lost, and the server's data does not
                show the outcome. The batch is in doubt: reads work, other writes are
                refused, until another `commit` or a `rollback` settles it.
            RequestCancelledError: `cancel` was set; if the batch was on its way, it
                is in doubt as above.
            ServerError, TransportError: nothing was applied, and the session is
                unchanged: commit again, edit or roll back.
            SessionClosedError: the session was closed.
        """
        self._core.client.require_open()
        if timeout is not None:
            check_timeout(timeout)
        return self._core.committer.commit(
            expect,
            headers=push_headers(push_token),
            timeout=timeout,
            cancel=cancel,
            on_progress=on_progress,
        )

    def rollback(self) -> None:
        """Restore the committed values of every entity; nothing is sent.

        Added entities leave the session, removals are cancelled. The values of a
        batch in doubt are unloaded: they load again when read.
        """
        self._core.committer.rollback()

    def refresh(self, *entities: Entity) -> None:
        """Drop the local edits of entities, and load their loaded attributes again.

        One request for up to 10,000 entities of one type. Collections and mappings
        remain the same objects.

        Raises:
            DetachedEntityError: one is not in this session, or not committed yet;
                nothing was changed.
            NotLoadedError: the server no longer has one; the others are refreshed.
        """
        for entity in entities:
            require_entity("refresh()", entity)
        from ftrack_orm.session.refresh import refresh

        refresh(self._core, entities)

    def expire(self, *entities: Entity) -> None:
        """Unload the values of entities; they load again when read.

        Local edits stay.

        Args:
            entities: the entities; all of the session when not given.

        Raises:
            DetachedEntityError: one is not in this session; nothing was changed.
        """
        for entity in entities:
            require_entity("expire()", entity)
        from ftrack_orm.session.refresh import expire

        expire(self._core, entities)

    def expunge(self, entity: Entity) -> None:
        """Detach an entity: its values stay, its changes are not sent.

        Raises:
            DetachedEntityError: the entity is not in this session.
        """
        require_entity("expunge()", entity)
        if entity.__ftrack_state__.owner is not self._core:
            raise DetachedEntityError(repr(entity), "expunge it")
        self._core.expunge(entity)

    def expunge_all(self) -> None:
        """Detach every entity and free its memory; changes are not sent."""
        self._core.expunge_all()

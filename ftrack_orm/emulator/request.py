"""One request while it is carried out, inside its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ftrack_orm.emulator.access.access import Access, Standing
from ftrack_orm.emulator.authentication import Caller
from ftrack_orm.emulator.blobs.signed_urls import SignedUrls
from ftrack_orm.emulator.clock import Clock, canonical
from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.query_engine.projection import system_projections
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder, decoder
from ftrack_orm.emulator.storage.foreign_keys import ForeignKeys
from ftrack_orm.emulator.storage.tables import is_dense
from ftrack_orm.emulator.transaction import Transaction
from ftrack_orm.schema.fingerprint import schema_hash
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject, KeyValue

if TYPE_CHECKING:
    from ftrack_orm.emulator.blobs.store import BlobStore
    from ftrack_orm.emulator.blobs.uploads import Uploads
    from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
    from ftrack_orm.emulator.widgets import WidgetTokens


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """What a request's headers ask for (protocol 1.2).

    Attributes:
        strict: errors with an HTTP error status; aggregates allowed.
        denormalize: say everything at every occurrence of an entity.
        only_asked: leave out system projections.
        server_url: the address the client used, for URLs in the answer.
        push_token: of the request, for the event that tells of its changes.
        client_token: of the client, for the same event.
    """

    strict: bool = False
    denormalize: bool = False
    only_asked: bool = False
    server_url: str = ""
    push_token: str | None = None
    client_token: str | None = None

    def make_encoder(self, signed_urls: SignedUrls) -> ResponseEncoder:
        """Return an encoder that has said nothing yet."""
        return ResponseEncoder(
            denormalize=self.denormalize,
            strict=self.only_asked,
            sign=signed_urls.signer(self.server_url),
        )


@dataclass(slots=True, kw_only=True)
class RequestContext(Transaction):
    """What the handlers of one request share, the rows above all.

    Attributes:
        reader: answers queries from the storage.
        foreign_keys: which attributes point at what.
        encoder: one for the request, so that entities repeat across operations as
            references only (protocol 3.6).
        caller: who sent the request.
        clock: current time.
        schema_hash: hash of the schema served.
        files: the bytes of components.
        uploads: addresses that bytes may be sent to.
        widget_tokens: the emulator's, for addresses of widgets.
        options: from the headers.
        signed_urls: the emulator's, for addresses that need no key.
        later: checks and additions that wait for the end of the request.
        applied: what is done when all of the request is applied, outside of it.
    """

    reader: QueryEvaluator
    foreign_keys: ForeignKeys
    encoder: ResponseEncoder
    caller: Caller
    clock: Clock
    schema_hash: str
    files: BlobStore
    uploads: Uploads
    widget_tokens: WidgetTokens
    options: RequestOptions = field(default_factory=RequestOptions)
    signed_urls: SignedUrls = field(default_factory=SignedUrls)
    later: list[Callable[[RequestContext], None]] = field(default_factory=list)
    applied: list[Callable[[], object]] = field(default_factory=list)

    @property
    def now(self) -> str:
        """Return the current time as stored."""
        return canonical(self.clock())

    @property
    def user(self) -> JSONObject:
        """Return the calling user's row."""
        return self.caller.user

    @property
    def user_id(self) -> str:
        """Return the calling user's id."""
        return str(self.user["id"])

    @property
    def access(self) -> Access:
        """Return what the calling user may read and change."""
        return self.caller.access

    def finish(self) -> None:
        """Do what waited for the end; the transaction is committed after it."""
        while self.later:
            waiting, self.later = self.later, []
            for action in waiting:
                action(self)

    def after_commit(self) -> None:
        """Do what waited for all of the request to be applied.

        The bytes of components that have gone go too, and those on their way to them,
        which is assumed of servers.
        """
        gone = {
            str(reference.key[0])
            for reference in self.removed
            if self.is_kind(reference.entity_type, "Component")
        }
        for component_id in gone:
            self.files.discard(component_id)
        for upload_id in self.uploads.cancel(gone) if gone else ():
            self.files.delete_parts(upload_id)
        # Last, as it may be for a component that was made again.
        for action in self.applied:
            action()

    def refresh_types(self) -> None:
        """Serve what the object types stored ask for, from the next operation on."""
        self.storage.refresh_types()
        self.foreign_keys = ForeignKeys(self.schema, self.storage.relations)
        self.schema_hash = schema_hash(self.schema.to_json())

    # -- types and keys ----------------------------------------------------------

    def entity_type(self, name: object) -> EntitySchema:
        """Return the type an operation names.

        Raises:
            Invalid: there is none.
        """
        if not isinstance(name, str) or name not in self.schema:
            raise Invalid(f'Unknown entity type "{name}".')
        return self.schema[name]

    # -- rows that the user may read -----------------------------------------------

    def find_visible(self, entity_type: str, *key: KeyValue) -> JSONObject | None:
        """Return the row with that key, ``None`` when the user may not read it."""
        row = self.find(entity_type, *key)
        if row is None or self.standing(entity_type, key).is_readable:
            return row
        return None

    def get_visible(self, entity_type: str, key: EntityKey) -> JSONObject:
        """Return the row with that key.

        Raises:
            EntityNotFound: there is none that the user may read.
        """
        row = self.find_visible(entity_type, *key)
        if row is None:
            raise EntityNotFound(entity_type, key)
        return row

    def standing(self, entity_type: str, key: EntityKey) -> Standing:
        """Return what the user may do with the row of that key."""
        return self.access.standing(
            self.connection, self.storage.tables, entity_type, key
        )

    # -- answers -----------------------------------------------------------------

    def answer(
        self, action: str, entity_type: str, key: EntityKey, names: Iterable[str]
    ) -> JSONObject:
        """Return the result of a create or update: key, type and the given names.

        Encoded on its own: what was written now is told now, even when an operation
        before has already mentioned the entity.
        """
        attributes = tuple(dict.fromkeys(names))
        entity = self._plain_entity(entity_type, key, attributes)
        if entity is None:
            entity = self.reader.entity(
                self.connection,
                entity_type,
                key,
                attributes,
                self.options.make_encoder(self.signed_urls),
                self.access,
            )
        return {"action": action, "data": entity}

    def _plain_entity(
        self, entity_type: str, key: EntityKey, names: tuple[str, ...]
    ) -> JSONObject | None:
        """Return an entity when all that is asked of it stands in its own row.

        Large commits set plain values, and a query for each would take longer than
        all the rest.
        """
        kind = self.schema[entity_type]
        shown = (*kind.primary_key, *names)
        if not self.options.only_asked:
            shown = (*kind.primary_key, *system_projections(kind), *names)
        if is_dense(entity_type) or not all(
            self.storage.has_column(entity_type, name) for name in shown
        ):
            return None
        row = self.get(entity_type, key)
        entity: JSONObject = {"__entity_type__": row["__type__"]}
        for name in shown:
            value, decode = row[name], decoder(kind.attributes[name])
            entity[name] = value if value is None or decode is None else decode(value)
        return entity

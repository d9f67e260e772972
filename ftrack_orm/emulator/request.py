"""The context of one request, within its transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ftrack_orm.emulator.access.access import Access, RowPermissions
from ftrack_orm.emulator.authentication import Caller
from ftrack_orm.emulator.blobs.signed_urls import SignedUrls
from ftrack_orm.emulator.clock import Clock, canonical
from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.query_engine.projection import system_projections
from ftrack_orm.emulator.query_engine.response_encoder import (
    Decode,
    ResponseEncoder,
    decoder,
)
from ftrack_orm.emulator.storage.foreign_keys import ForeignKeys
from ftrack_orm.emulator.storage.tables import SPARSE_VALUES, is_dense
from ftrack_orm.emulator.transaction import Transaction
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.types import EntityKey, JSONObject, KeyValue

if TYPE_CHECKING:
    from ftrack_orm.emulator.blobs.store import BlobStore
    from ftrack_orm.emulator.blobs.uploads import Uploads
    from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
    from ftrack_orm.emulator.storage.storage import Storage
    from ftrack_orm.emulator.widgets import WidgetTokens


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """The options in a request's headers (protocol 1.2).

    Attributes:
        strict: return errors with an HTTP error status, and allow aggregates.
        denormalize: write all attributes at every occurrence of an entity.
        requested_only: omit system projections.
        server_url: the server's address as the client used it, for URLs in results.
        push_token: a token of the request, for the event about its changes.
        client_token: a token of the client, for the same event.
    """

    strict: bool = False
    denormalize: bool = False
    requested_only: bool = False
    server_url: str = ""
    push_token: str | None = None
    client_token: str | None = None

    def make_encoder(self, signed_urls: SignedUrls) -> ResponseEncoder:
        """Return an encoder for a new response."""
        return ResponseEncoder(
            denormalize=self.denormalize,
            strict=self.requested_only,
            sign=signed_urls.signer(self.server_url),
        )


@dataclass(slots=True, kw_only=True)
class RequestContext(Transaction):
    """The transaction of a request, and the objects that its handlers share.

    Attributes:
        reader: evaluates queries against the storage.
        foreign_keys: the attributes that hold keys of other types.
        encoder: the encoder of the request: entities repeat as references across its
            operations (protocol 3.6).
        caller: the sender of the request.
        clock: returns the current time.
        schema_hash: the hash of the current schema.
        files: the bytes of components.
        uploads: open upload addresses.
        widget_tokens: valid tokens in the addresses of widgets.
        ignore_unknown_attributes: whether a create leaves out attributes that its type
            does not have, instead of an error.
        options: the options of the request.
        signed_urls: addresses of files that need no API key.
        before_commit: hooks that run after the last operation, within the transaction.
        on_commit: hooks that run after the commit.
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
    ignore_unknown_attributes: bool = False
    options: RequestOptions = field(default_factory=RequestOptions)
    signed_urls: SignedUrls = field(default_factory=SignedUrls)
    before_commit: list[Callable[[RequestContext], None]] = field(default_factory=list)
    on_commit: list[Callable[[], object]] = field(default_factory=list)

    @property
    def now(self) -> str:
        """Return the current time in its stored form."""
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
        """Return the access of the calling user."""
        return self.caller.access

    def run_before_commit(self) -> None:
        """Run the `before_commit` hooks, including those that a hook adds."""
        while self.before_commit:
            hooks, self.before_commit = self.before_commit, []
            for hook in hooks:
                hook(self)

    def run_on_commit(self) -> None:
        """Delete the bytes of removed components, then run the `on_commit` hooks.

        Unfinished uploads to these components end, too, which is an assumption.
        """
        component_ids = {
            str(reference.key[0])
            for reference in self.removed
            if self.is_subtype(reference.entity_type, "Component")
        }
        for component_id in component_ids:
            self.files.discard(component_id)
        for upload_id in self.uploads.cancel(component_ids) if component_ids else ():
            self.files.delete_parts(upload_id)
        # The hooks run last: one may store the bytes of a component that the request
        # removed and created again.
        for hook in self.on_commit:
            hook()

    def refresh_types(self) -> None:
        """Update the schema to the stored object types, from the next operation on."""
        self.storage.refresh_types()
        self.rows.clear()
        self.foreign_keys = self.storage.tables.foreign_keys
        self.schema_hash = self.storage.tables.schema_hash

    # -- types and keys ----------------------------------------------------------

    def entity_schema(self, name: object) -> EntitySchema:
        """Return the schema of the type that an operation names.

        Raises:
            Invalid: the schema has no such type.
        """
        if not isinstance(name, str) or name not in self.schema:
            raise Invalid(f'Unknown entity type "{name}".')
        return self.schema[name]

    # -- rows that the user may read -----------------------------------------------

    def find_visible(self, entity_type: str, *key: KeyValue) -> JSONObject | None:
        """Return the row with a key, ``None`` if the user may not read it."""
        row = self.find(entity_type, *key)
        if row is None or self.row_permissions(entity_type, key).is_readable:
            return row
        return None

    def get_visible(self, entity_type: str, key: EntityKey) -> JSONObject:
        """Return the row with a key.

        Raises:
            EntityNotFound: there is no such row, or the user may not read it.
        """
        row = self.find_visible(entity_type, *key)
        if row is None:
            raise EntityNotFound(entity_type, key)
        return row

    def row_permissions(self, entity_type: str, key: EntityKey) -> RowPermissions:
        """Return the user's permissions on the row with a key."""
        return self.access.row_permissions(
            self.connection, self.storage.tables, entity_type, key
        )

    # -- results -------------------------------------------------------------------

    def entity_result(
        self, action: str, entity_type: str, key: EntityKey, names: Iterable[str]
    ) -> JSONObject:
        """Return the result of a create or update: key, type and named attributes.

        An encoder for this result alone writes the attributes even if an earlier
        operation of the request returned the entity.
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
        """Return an entity if its row stores all attributes, else ``None``."""
        # Large commits set plain values, and a query for each operation would take
        # longer than the operations.
        result_format = self._result_format(entity_type)
        decoders = result_format.decoders
        attributes = result_format.key
        if not self.options.requested_only:
            attributes = result_format.always
        if not all(name in decoders for name in (*attributes, *names)):
            return None
        row = self._result_row(entity_type, key)
        if row is None:
            return None
        entity: JSONObject = {"__entity_type__": row["__type__"]}
        for name in (*attributes, *names):
            value, decode = row[name], decoders[name]
            entity[name] = value if value is None or decode is None else decode(value)
        return entity

    def _result_format(self, entity_type: str) -> _ResultFormat:
        derived = self.storage.tables.statements
        result_format: _ResultFormat | None = derived.get(("result", entity_type))
        if result_format is None:
            result_format = _format_of(self.storage, entity_type)
            derived["result", entity_type] = result_format
        return result_format

    def _result_row(self, entity_type: str, key: EntityKey) -> JSONObject | None:
        """Return the row of a result; ``None`` for the default of a custom attribute.

        Raises:
            EntityNotFound: there is no such row.
        """
        if not is_dense(entity_type):
            return self.get(entity_type, key)
        stored = self.find(SPARSE_VALUES, *key)
        configuration = self.find("CustomAttributeConfiguration", key[0])
        if stored is None or configuration is None:
            return None
        return {**stored, "key": configuration["key"], "__type__": entity_type}


class _ResultFormat(NamedTuple):
    """The attributes in the result of a create or update.

    Attributes:
        key: names of the key.
        always: names of the key and the system projections.
        decoders: decoders of the attributes that the row stores.
    """

    key: tuple[str, ...]
    always: tuple[str, ...]
    decoders: Mapping[str, Decode | None]


def _format_of(storage: Storage, entity_type: str) -> _ResultFormat:
    entity_schema = storage.schema[entity_type]
    key = entity_schema.primary_key
    decoders = {
        name: decoder(attribute)
        for name, attribute in entity_schema.attributes.items()
        if storage.has_column(entity_type, name)
        or (is_dense(entity_type) and name == "key")
    }
    return _ResultFormat(key, (*key, *system_projections(entity_schema)), decoders)

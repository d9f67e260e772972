"""From a request's bytes to the bytes of its answer, with no network in between.

The one way in for both the ASGI application and the in-process transport: headers
and body come in, the batch runs in one transaction, and whatever goes wrong becomes
one error object (protocol 1.1 to 1.7).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ftrack_orm.emulator.actions import HANDLERS, NOT_YET
from ftrack_orm.emulator.authentication import (
    Authenticator,
    Caller,
    Claim,
    read_cookie,
)
from ftrack_orm.emulator.blobs.in_memory import MemoryBlobStore
from ftrack_orm.emulator.blobs.signed_urls import SignedUrls
from ftrack_orm.emulator.blobs.store import BlobStore
from ftrack_orm.emulator.blobs.uploads import Uploads
from ftrack_orm.emulator.call_log import CallLog, LoggedCall
from ftrack_orm.emulator.clock import Clock, IdMaker, random_id, system_clock
from ftrack_orm.emulator.errors import (
    Duplicate,
    InternalFailure,
    Invalid,
    InvalidAction,
    InvalidCredentials,
    QueryParseFailed,
    Refusal,
    Unsupported,
    UnsupportedAction,
    not_an_operation_list,
)
from ftrack_orm.emulator.events.event import UPDATE
from ftrack_orm.emulator.events.hub import EventHub
from ftrack_orm.emulator.events.update_data import update_data
from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
from ftrack_orm.emulator.query_engine.names import QueryNameError, QueryValueError
from ftrack_orm.emulator.query_engine.parser import QuerySyntaxError
from ftrack_orm.emulator.request import RequestContext, RequestOptions
from ftrack_orm.emulator.storage.foreign_keys import ForeignKeys
from ftrack_orm.emulator.storage.storage import Connection, DuplicateKeyError, Storage
from ftrack_orm.emulator.transaction import Changes
from ftrack_orm.emulator.widgets import WidgetTokens
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.schema.fingerprint import schema_hash
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import JSONObject

logger = logging.getLogger("ftrack_orm.emulator")

UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says.

    Attributes:
        status: HTTP status.
        content: a JSON value.
        cookie: the token of a login that begins with it (protocol 1.3).
    """

    status: int
    content: Any
    cookie: str | None = None

    @property
    def body(self) -> bytes:
        """Return the content as sent, in UTF-8."""
        return json.dumps(self.content, ensure_ascii=False).encode()


class Dispatcher:
    """Carries out requests on a storage.

    Attributes:
        storage: what the requests read and change.
        call_log: the requests received so far.
        signed_urls: addresses of files that need no key.
        authenticator: knows who sends requests.
        widget_tokens: what opens the addresses of widgets.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        call_log: CallLog | None = None,
        clock: Clock = system_clock,
        ids: IdMaker = random_id,
        files: BlobStore | None = None,
        uploads: Uploads | None = None,
        hub: EventHub | None = None,
    ) -> None:
        self.storage = storage
        self.call_log = CallLog() if call_log is None else call_log
        self.authenticator = Authenticator(storage)
        self.widget_tokens = WidgetTokens(clock)
        self.signed_urls = SignedUrls(is_repeatable=ids is not random_id)
        self._reader = QueryEvaluator(storage, clock)
        self._foreign_keys = ForeignKeys(storage.schema, storage.relations)
        self._clock = clock
        self._ids = ids
        self._files = files or MemoryBlobStore()
        self._uploads = uploads or Uploads()
        self._hub = hub
        self._hashed: tuple[Schema, str] | None = None

    @property
    def schema_hash(self) -> str:
        """Return the hash of the schema served, worked out once for each schema."""
        schema = self.storage.schema
        if self._hashed is None or self._hashed[0] is not schema:
            self._hashed = (schema, schema_hash(schema.to_json()))
            self._foreign_keys = ForeignKeys(schema, self.storage.relations)
        return self._hashed[1]

    def answer(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        refusal: Refusal | None = None,
    ) -> Answer:
        """Carry out the operations in `body` and return the answer.

        Nothing is applied unless all of them succeed.

        Args:
            body: a JSON array of operations.
            headers: of the request, names in lower case.
            refusal: an injected error to answer with instead of doing anything.
        """
        options = read_options(headers)
        try:
            operations = read_operations(body)
        except ValueError as error:
            self.record((), headers)
            return Answer(UNPROCESSABLE, not_an_operation_list(str(error)))
        self.record(operations, headers)
        try:
            if refusal is not None:
                raise refusal
            _require_characters(body, operations)
            # What waits for the commit is part of the request, for a restore too.
            with self.storage.exclusive():
                return self._run(operations, headers, options)
        except Exception as error:
            refused = as_refusal(error)
            return Answer(refused.status(strict=options.strict), refused.to_json())

    def record(
        self, operations: Sequence[JSONObject], headers: Mapping[str, str]
    ) -> None:
        """Note a request in the call_log."""
        self.call_log.record(LoggedCall(tuple(operations), headers.get("ftrack-user")))

    def _run(
        self,
        operations: list[JSONObject],
        headers: Mapping[str, str],
        options: RequestOptions,
    ) -> Answer:
        with self.storage.transaction() as connection:
            caller = self.authenticator.caller(connection, read_claim(headers))
            request = self._request(connection, caller, options)
            results = [run_operation(request, operation) for operation in operations]
            request.finish()
            # Read in the transaction, while the rows are as they will stay.
            told = None
            if request.changes is not None:
                told = update_data(request, request.changes)
        if told is not None and self._hub is not None:
            user = {"username": request.user["username"], "id": request.user_id}
            self._hub.publish_update(told, user)
        request.after_commit()
        return Answer(200, results, self.authenticator.begin(caller))

    def _request(
        self, connection: Connection, caller: Caller, options: RequestOptions
    ) -> RequestContext:
        # First: the foreign keys follow the schema.
        served_hash = self.schema_hash
        is_heard = self._hub is not None and self._hub.router.has_subscriber(UPDATE)
        return RequestContext(
            storage=self.storage,
            reader=self._reader,
            foreign_keys=self._foreign_keys,
            connection=connection,
            encoder=options.make_encoder(self.signed_urls),
            caller=caller,
            clock=self._clock,
            ids=self._ids,
            schema_hash=served_hash,
            files=self._files,
            uploads=self._uploads,
            widget_tokens=self.widget_tokens,
            options=options,
            signed_urls=self.signed_urls,
            changes=Changes() if is_heard else None,
        )

    def log_in(self, username: str, key: str) -> JSONObject | None:
        """Return the user with that name and key, ``None`` if there is none."""
        try:
            with self.storage.transaction() as connection:
                return self.authenticator.caller(connection, Claim(username, key)).user
        except InvalidCredentials:
            return None


def run_operation(request: RequestContext, operation: JSONObject) -> Any:
    """Return the result of one operation.

    Raises:
        Refusal: the server refuses it, or a real one would know the action.
    """
    action = str(operation.get("action"))
    handler = HANDLERS.get(action)
    if handler is not None:
        return handler(request, operation)
    if action in NOT_YET:
        raise UnsupportedAction(action)
    raise InvalidAction(action)


def as_refusal(error: Exception) -> Refusal:
    """Return what the server answers when `error` has happened."""
    match error:
        case Refusal():
            return error
        case QuerySyntaxError():
            return QueryParseFailed(error.text)
        case QueryNameError() | QueryValueError() | UnknownAttributeError():
            return Invalid(str(error))
        case UnsupportedError():
            return Unsupported(str(error))
        case DuplicateKeyError():
            return Duplicate(str(error))
        case OverflowError():
            # Of SQLite: its whole numbers have 64 bits.
            return Invalid("A number is too large to be stored or looked for.")
        case _:
            logger.exception("The emulator failed on a request.", exc_info=error)
            return InternalFailure(f"{type(error).__name__}: {error}")


def read_claim(headers: Mapping[str, str]) -> Claim:
    """Return what headers say of the sender (protocol 1.2, 1.3)."""
    return Claim(
        headers.get("ftrack-user", ""),
        headers.get("ftrack-api-key", ""),
        read_cookie(headers.get("cookie", "")),
    )


def read_options(headers: Mapping[str, str]) -> RequestOptions:
    """Return what the headers ask for (protocol 1.2).

    ``ftrack-api-options`` may be written with ``=`` or ``:``, its values ``1``,
    ``0``, ``true`` or ``false`` in any case.
    """
    chosen: dict[str, bool] = {}
    for option in headers.get("ftrack-api-options", "").split(";"):
        name, _, value = option.replace(":", "=").partition("=")
        chosen[name.strip().lower()] = value.strip().lower() in ("1", "true")
    return RequestOptions(
        strict=headers.get("ftrack-strict-api", "").strip().lower() == "true",
        denormalize=chosen.get("denormalize", False),
        only_asked=chosen.get("strict", False),
        server_url=_address(headers),
        push_token=_token(headers, "ftrack-pushtoken"),
        client_token=_token(headers, "ftrack-clienttoken"),
    )


def _token(headers: Mapping[str, str], name: str) -> str | None:
    """Return a token; the official JavaScript client sends none as ``undefined``."""
    token = headers.get(name, "")
    return None if token in ("", "undefined") else token


def _address(headers: Mapping[str, str]) -> str:
    """Return the address that the client used, for addresses in answers."""
    if "host" not in headers:
        return ""
    return f"{headers.get('x-forwarded-proto', 'http')}://{headers['host']}"


def read_operations(body: bytes) -> list[JSONObject]:
    """Return the operations in a request's body.

    Raises:
        ValueError: it is no JSON array of objects; the text says what it is.
    """
    try:
        operations = json.loads(body)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    if not isinstance(operations, list):
        raise ValueError("the body must be a list of operations")
    if not all(isinstance(operation, dict) for operation in operations):
        raise ValueError("every operation must be an object")
    return operations


def _require_characters(body: bytes, operations: list[JSONObject]) -> None:
    """Refuse halves of characters, which JSON can hold and no database can.

    Raises:
        Invalid: there is one.
    """
    # Escaped, or as the bytes that UTF-8 does not allow and `json` reads all the same.
    if b"\\ud" not in body.lower() and b"\xed" not in body:
        return
    try:
        json.dumps(operations, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Invalid("A text holds half of a character.") from None

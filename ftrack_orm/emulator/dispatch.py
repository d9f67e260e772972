"""Handle requests to the API, without a network.

The ASGI application and the in-process transport both pass headers and body to a
`Dispatcher`. It runs the batch in one transaction and turns any error into one error
object (protocol 1.1 to 1.7).
"""

from __future__ import annotations

import json
import logging
import sqlite3
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from ftrack_orm.emulator.actions import HANDLERS, UNSUPPORTED_ACTIONS
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
from ftrack_orm.emulator.deviations import Deviations
from ftrack_orm.emulator.errors import (
    Duplicate,
    InternalFailure,
    Invalid,
    InvalidAction,
    InvalidCredentials,
    QueryAttributeUnknown,
    QueryParseFailed,
    Refusal,
    TooLarge,
    Unsupported,
    UnsupportedAction,
    not_an_operation_list,
)
from ftrack_orm.emulator.events.event import UPDATE
from ftrack_orm.emulator.events.event_log import EventLog
from ftrack_orm.emulator.events.hub import EventHub
from ftrack_orm.emulator.events.update_data import update_data
from ftrack_orm.emulator.known_keys import hide
from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
from ftrack_orm.emulator.query_engine.names import (
    QueryAttributeError,
    QueryNameError,
    QueryValueError,
)
from ftrack_orm.emulator.query_engine.parser import QuerySyntaxError
from ftrack_orm.emulator.request import RequestContext, RequestOptions
from ftrack_orm.emulator.storage.storage import Connection, DuplicateKeyError, Storage
from ftrack_orm.emulator.transaction import Changes
from ftrack_orm.emulator.widgets import WidgetTokens
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.types import JSONObject

logger = logging.getLogger("ftrack_orm.emulator")

UNPROCESSABLE: Final = 422

MAX_BODY: Final = 64 * 1024 * 1024
"""Bytes of the longest body that is accepted by default."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to one request.

    Attributes:
        status: HTTP status.
        content: a JSON value.
        cookie: the token of a new login (protocol 1.3), else `None`.
    """

    status: int
    content: Any
    cookie: str | None = None

    @property
    def body(self) -> bytes:
        """Return the content as JSON text in UTF-8."""
        return json.dumps(self.content, ensure_ascii=False).encode()


class Dispatcher:
    """Run requests against a storage.

    Attributes:
        storage: the rows that requests read and change.
        call_log: the received requests.
        authenticator: finds the user of each request.
        widget_tokens: valid tokens in the addresses of widgets.
        signed_urls: addresses of files that need no API key.
        max_body: bytes of the longest accepted body.
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
        ignore_unknown_attributes: bool = False,
        log_events: bool = True,
        max_body: int = MAX_BODY,
    ) -> None:
        self.storage = storage
        self.call_log = CallLog() if call_log is None else call_log
        self.authenticator = Authenticator(storage)
        self.widget_tokens = WidgetTokens(clock)
        self.signed_urls = SignedUrls(is_repeatable=ids is not random_id)
        self._reader = QueryEvaluator(storage, clock)
        self._clock = clock
        self._ids = ids
        self._files = files or MemoryBlobStore()
        self._uploads = uploads or Uploads()
        self._hub = hub
        self._ignore_unknown_attributes = ignore_unknown_attributes
        self.max_body = max_body
        self._event_log = EventLog(storage, clock) if log_events else None

    def handle(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        refusal: Refusal | None = None,
        deviations: Deviations | None = None,
    ) -> Reply:
        """Run the operations in `body` and return the reply.

        If one of them fails, none is applied and the reply is an error object.

        Args:
            body: a JSON array of operations.
            headers: headers of the request, with names in lower case.
            refusal: an injected error to return instead of running the operations.
            deviations: differences from a recorded server.
        """
        options = read_options(headers)
        if len(body) > self.max_body:
            self.record((), headers)
            too_large = TooLarge(self.max_body)
            return Reply(too_large.http_status, too_large.to_json())
        try:
            operations = read_operations(body)
        except ValueError as error:
            self.record((), headers)
            return Reply(UNPROCESSABLE, not_an_operation_list(str(error)))
        self.record(operations, headers, len(body))
        try:
            if refusal is not None:
                raise refusal
            _check_characters(body, operations)
            # A restore must wait for the hooks after the commit, too.
            with self.storage.exclusive():
                deviations = deviations or Deviations()
                return self._run(operations, headers, options, deviations)
        except Exception as error:
            refusal = refusal_of(error)
            return Reply(refusal.status(strict=options.strict), refusal.to_json())

    def record(
        self,
        operations: Sequence[JSONObject],
        headers: Mapping[str, str],
        size: int = 0,
    ) -> None:
        """Add a request, whose body has `size` bytes, to the call log."""
        call = LoggedCall(tuple(operations), headers.get("ftrack-user"))
        self.call_log.record(call, size)

    def _run(
        self,
        operations: list[JSONObject],
        headers: Mapping[str, str],
        options: RequestOptions,
        deviations: Deviations,
    ) -> Reply:
        event_log = self._event_log
        if event_log is not None:
            event_log.prepare()
        with self.storage.transaction() as connection:
            caller = self.authenticator.authenticate(connection, read_claim(headers))
            request = self._request(connection, caller, options)
            with (
                nullcontext()
                if event_log is None
                else event_log.writing_as(request.user_id)
            ):
                results, refusal = deviations.run(request, operations, run_operation)
                request.run_before_commit()
            # Within the transaction no other request can change the rows.
            event_data = None
            if request.changes is not None:
                event_data = update_data(request, request.changes)
        if refusal is not None:
            raise refusal
        if event_data is not None and self._hub is not None:
            user = {"username": request.user["username"], "id": request.user_id}
            self._hub.publish_update(event_data, user)
        request.run_on_commit()
        return Reply(200, results, self.authenticator.begin_login(caller))

    def _request(
        self, connection: Connection, caller: Caller, options: RequestOptions
    ) -> RequestContext:
        has_listener = self._hub is not None and self._hub.router.has_subscriber(UPDATE)
        return RequestContext(
            storage=self.storage,
            reader=self._reader,
            foreign_keys=self.storage.tables.foreign_keys,
            connection=connection,
            encoder=options.make_encoder(self.signed_urls),
            caller=caller,
            clock=self._clock,
            ids=self._ids,
            schema_hash=self.storage.tables.schema_hash,
            files=self._files,
            uploads=self._uploads,
            widget_tokens=self.widget_tokens,
            ignore_unknown_attributes=self._ignore_unknown_attributes,
            options=options,
            signed_urls=self.signed_urls,
            changes=Changes() if has_listener else None,
        )

    def log_in(self, username: str, key: str) -> JSONObject | None:
        """Return the user with a name and key, ``None`` if there is none."""
        claim = Claim(username, key)
        try:
            with self.storage.transaction() as connection:
                return self.authenticator.authenticate(connection, claim).user
        except InvalidCredentials:
            return None


def run_operation(request: RequestContext, operation: JSONObject) -> Any:
    """Return the result of one operation.

    Raises:
        Refusal: the server refuses the operation, or the action is unknown or
            unsupported.
    """
    action = str(operation.get("action"))
    handler = HANDLERS.get(action)
    if handler is not None:
        return handler(request, operation)
    if action in UNSUPPORTED_ACTIONS:
        raise UnsupportedAction(action)
    raise InvalidAction(action)


def refusal_of(error: Exception) -> Refusal:
    """Return the error of the reply for an exception."""
    match error:
        case Refusal():
            return error
        case QuerySyntaxError():
            return QueryParseFailed(error.text)
        case QueryAttributeError():
            return QueryAttributeUnknown(error.content)
        case QueryNameError() | QueryValueError() | UnknownAttributeError():
            return Invalid(str(error))
        case UnsupportedError():
            return Unsupported(str(error))
        case DuplicateKeyError():
            return Duplicate(str(error))
        case OverflowError():
            # SQLite raises it for integers of more than 64 bits.
            return Invalid("A number is too large to be stored or looked for.")
        case OSError():
            # Without the path in the error: clients must not see files.
            reason = error.strerror or type(error).__name__
            return InternalFailure(f"The emulator cannot use its files: {reason}.")
        case _ if isinstance(getattr(error, "orig", None), sqlite3.OperationalError):
            # A full disk, for instance; the text of the statement is left out.
            reason = getattr(error, "orig", "")
            return InternalFailure(f"The emulator cannot use its database: {reason}.")
        case _:
            trace = "".join(traceback.format_exception(error))
            logger.error("The emulator failed on a request.\n%s", hide(trace))
            return InternalFailure(f"{type(error).__name__}: {error}")


def read_claim(headers: Mapping[str, str]) -> Claim:
    """Return the user name, key and cookie in headers (protocol 1.2, 1.3)."""
    return Claim(
        headers.get("ftrack-user", ""),
        headers.get("ftrack-api-key", ""),
        read_cookie(headers.get("cookie", "")),
    )


def read_options(headers: Mapping[str, str]) -> RequestOptions:
    """Return the options in headers (protocol 1.2).

    ``ftrack-api-options`` may use ``=`` or ``:``, with values ``1``, ``0``, ``true``
    or ``false`` in any case (protocol 10, row 1).
    """
    flags: dict[str, bool] = {}
    for option in headers.get("ftrack-api-options", "").split(";"):
        name, _, value = option.replace(":", "=").partition("=")
        flags[name.strip().lower()] = value.strip().lower() in ("1", "true")
    return RequestOptions(
        strict=headers.get("ftrack-strict-api", "").strip().lower() == "true",
        denormalize=flags.get("denormalize", False),
        requested_only=flags.get("strict", False),
        server_url=_address(headers),
        push_token=_token(headers, "ftrack-pushtoken"),
        client_token=_token(headers, "ftrack-clienttoken"),
    )


def _token(headers: Mapping[str, str], name: str) -> str | None:
    """Return the token in a header, or `None`."""
    # Without a token the official JavaScript client sends the text `undefined`.
    token = headers.get(name, "")
    return None if token in ("", "undefined") else token


def _address(headers: Mapping[str, str]) -> str:
    """Return the server's address as the client used it, for URLs in results."""
    if "host" not in headers:
        return ""
    return f"{headers.get('x-forwarded-proto', 'http')}://{headers['host']}"


def read_operations(body: bytes) -> list[JSONObject]:
    """Return the operations in a request's body.

    Raises:
        ValueError: it is no JSON array of objects; the message has the reason.
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


def _check_characters(body: bytes, operations: list[JSONObject]) -> None:
    """Check that no text has unpaired surrogates, which SQLite cannot store.

    Raises:
        Invalid: a text has one.
    """
    # A surrogate is escaped, or encoded as bytes that `json` accepts although UTF-8
    # does not allow them.
    if b"\\ud" not in body.lower() and b"\xed" not in body:
        return
    try:
        json.dumps(operations, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Invalid("A text holds half of a character.") from None

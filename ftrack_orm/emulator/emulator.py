"""The emulator: an ftrack server on SQLite."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypedDict

from ftrack_orm._lazy import import_models
from ftrack_orm.emulator import snapshots
from ftrack_orm.emulator.asgi import make_app
from ftrack_orm.emulator.blobs import make_store
from ftrack_orm.emulator.blobs.store import BlobStore
from ftrack_orm.emulator.blobs.uploads import Uploads
from ftrack_orm.emulator.call_log import (
    MAX_LOGGED_BYTES,
    MAX_LOGGED_CALLS,
    CallLog,
    LoggedCall,
)
from ftrack_orm.emulator.clock import Clock, IdMaker, random_id, system_clock
from ftrack_orm.emulator.dispatch import MAX_BODY, Dispatcher
from ftrack_orm.emulator.events.hub import EventHub
from ftrack_orm.emulator.events.socket_app import Heartbeats, SocketApp
from ftrack_orm.emulator.fault_injection import FaultInjector
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.files.service import FileRequest, FileService
from ftrack_orm.emulator.in_process.files import EmulatorFiles
from ftrack_orm.emulator.in_process.transport import IN_PROCESS_URL, EmulatorTransport
from ftrack_orm.emulator.known_keys import remember
from ftrack_orm.emulator.people import add_api_key, add_user, remember_keys
from ftrack_orm.emulator.row_export import dump_rows
from ftrack_orm.emulator.row_import import LoadReport, load_rows
from ftrack_orm.emulator.seeds import plant
from ftrack_orm.emulator.server_thread import ServerThread
from ftrack_orm.emulator.stock.studio import ADMIN_API_KEY, ADMIN_ID, ADMIN_USERNAME
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.session import ModelsNotFoundError
from ftrack_orm.schema.model import Schema
from ftrack_orm.types import JSONObject


class Credentials(TypedDict):
    """The arguments with which a session connects to a server."""

    server_url: str
    api_user: str
    api_key: str


class Emulator:
    """An ftrack server on SQLite, over HTTP on the loopback address or in process.

    ::

        with Emulator(seed="demo") as emulator:
            session = Session(**emulator.credentials)

    The data exists as soon as the object is created. Entering the context starts the
    HTTP server; `transport` works without it.

    Attributes:
        storage: the stored rows.
        call_log: the requests received so far.
        faults: queue of faults for the next requests to the API.
        file_faults: queue of faults for the next requests for files.
        event_hub: the event server, and a client of it in process.
    """

    def __init__(
        self,
        *,
        seed: str = "standard",
        size: str = "small",
        database: Path | None = None,
        data: Path | None = None,
        schema: Schema | None = None,
        models: str = "ftrack_models",
        clock: Clock | None = None,
        ids: IdMaker | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        heartbeats: Heartbeats | None = None,
        ignore_unknown_attributes: bool = False,
        log_events: bool = True,
        max_body: int = MAX_BODY,
        max_logged_calls: int = MAX_LOGGED_CALLS,
        max_logged_bytes: int = MAX_LOGGED_BYTES,
    ) -> None:
        """Create the emulator and its data, without starting the HTTP server.

        Args:
            seed: ``"standard"``, ``"empty"``, or ``"demo"``, which may be followed by
                a number that selects its names and dates: ``"demo:7"``.
            size: size of the demo: ``"small"``, ``"medium"`` or ``"large"``.
            database: file for the rows; a new file is seeded. In memory by default.
            data: directory for the files of components; by default
                ``<database>.files``, or in memory without a database.
            schema: the schema to serve; by default that of `models`.
            models: name of a generated package, imported if `schema` is not given.
            clock: returns the current time, for repeatable runs.
            ids: makes ids, for repeatable runs.
            host: address to listen on.
            port: port to listen on; 0 selects a free one.
            heartbeats: intervals of the event hub, for tests that need short ones.
            ignore_unknown_attributes: create entities without the attributes that
                their type does not have; by default these are an error.
            log_events: add an `Event` row for every change of a request.
            max_body: bytes of the longest request to the API; longer ones are errors.
            max_logged_calls: requests that `calls` holds; older ones are removed.
            max_logged_bytes: bytes of the bodies of these requests.

        Raises:
            UnsupportedError: there is no such seed, or no such size.
            ModelsNotFoundError: `models` is no generated package.
        """
        files, uploads = make_store(data, database), Uploads()
        if database is not None:
            # A snapshot can be used as the database: its files move to the store.
            snapshots.move_files(database, files)
        self.storage = Storage(schema or _schema_of(models), database)
        plant(self.storage, seed, size)
        remember_keys(self.storage)
        self.call_log = CallLog(max_logged_calls, max_logged_bytes)
        self.faults = Faults()
        self.file_faults = Faults()
        self._ids = ids or random_id
        self.event_hub = EventHub({"username": ADMIN_USERNAME, "id": ADMIN_ID})
        dispatcher = Dispatcher(
            self.storage,
            call_log=self.call_log,
            clock=clock or system_clock,
            ids=self._ids,
            files=files,
            uploads=uploads,
            hub=self.event_hub,
            ignore_unknown_attributes=ignore_unknown_attributes,
            log_events=log_events,
            max_body=max_body,
        )
        self._connect(dispatcher, files, uploads, heartbeats or Heartbeats())
        self._host = host
        self._port = port
        self._listener: ServerThread | None = None

    def _connect(
        self,
        dispatcher: Dispatcher,
        files: BlobStore,
        uploads: Uploads,
        heartbeats: Heartbeats,
    ) -> None:
        """Create the endpoints around a dispatcher."""
        self._files = FileService(
            self.storage,
            files,
            uploads,
            dispatcher.signed_urls,
            dispatcher.authenticator,
        )
        self._widget_tokens = dispatcher.widget_tokens
        self._injector = FaultInjector(dispatcher, self.faults)
        self._sockets = partial(
            SocketApp,
            self.event_hub.router,
            dispatcher.log_in,
            heartbeats,
        )

    # -- serving -----------------------------------------------------------------

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> Self:
        """Start the HTTP server, and return when it is ready.

        Does nothing if the server is running.

        Raises:
            EmulatorError: the server did not start in time.
            OSError: the port is in use.
        """
        if self._listener is None:
            app = partial(
                make_app,
                self._injector,
                self._files,
                self.file_faults,
                self._widget_tokens,
                more_routes=lambda hang_up: self._sockets(hang_up).routes(),
            )
            self._listener = ServerThread(app, self._host, self._port)
        return self

    def stop(self) -> None:
        """Stop the HTTP server and the connections to the event hub.

        The data is not changed.
        """
        listener, self._listener = self._listener, None
        if listener is not None:
            self.event_hub.disconnect_all()
            listener.stop()

    def close(self) -> None:
        """Stop the server and release the data. Safe to call twice."""
        self.stop()
        self.event_hub.reset()
        self.storage.close()
        self._files.files.close()

    @property
    def server_url(self) -> str:
        """Return the URL of the server.

        Raises:
            EmulatorError: the server is not started.
        """
        if self._listener is None:
            raise EmulatorError(
                "The emulator is not started. Use it in a with statement, call "
                "start(), or connect in process with transport()."
            )
        return self._listener.url

    @property
    def credentials(self) -> Credentials:
        """Return the arguments of ``Session(**emulator.credentials)``.

        Raises:
            EmulatorError: the server is not started.
        """
        return Credentials(
            server_url=self.server_url,
            api_user=ADMIN_USERNAME,
            api_key=ADMIN_API_KEY,
        )

    def transport(
        self, api_user: str | None = None, api_key: str | None = None
    ) -> EmulatorTransport:
        """Return an in-process transport; by default as the administrator.

        Args:
            api_user: username.
            api_key: API key of the user.
        """
        return EmulatorTransport(
            self._injector,
            api_user or ADMIN_USERNAME,
            api_key or ADMIN_API_KEY,
            files=EmulatorFiles(
                self._files,
                self.file_faults,
                api_user or ADMIN_USERNAME,
                api_key or ADMIN_API_KEY,
            ),
        )

    # -- people ------------------------------------------------------------------

    def add_user(
        self,
        username: str,
        *,
        role: str | None = "User",
        projects: Iterable[str] | None = None,
        api_key: str | None = None,
        first_name: str = "",
        last_name: str = "",
        email: str | None = None,
    ) -> Credentials:
        """Add an active user with one security role and return its credentials.

        Their URL is that of the server, if it is started. In process, pass name and
        key to `transport`.

        Args:
            username: name of the user.
            role: name or id of a security role; ``None`` for a user without a role.
            projects: names or ids of the projects on which the user has the role; by
                default all that are not private.
            api_key: API key; by default ``emulator-<username>-key``.
            first_name: first name.
            last_name: last name.
            email: email address; the emulator sends no mail.

        Raises:
            EmulatorError: there is no such role or project, `projects` is no list, or
                there is a user of that name.
        """
        key = api_key or f"emulator-{username}-key"
        values = {
            "username": username,
            "api_key": key,
            "first_name": first_name,
            "last_name": last_name,
            "email": email,
        }
        add_user(self.storage, self._ids, values, role, projects)
        return self._credentials_of(username, key)

    def add_api_key(
        self,
        identifier: str,
        *,
        role: str = "API",
        projects: Iterable[str] | None = None,
        api_user: str = ADMIN_USERNAME,
    ) -> Credentials:
        """Add a global API key with one security role and return its credentials.

        Requests with the key have the rights of the key, not those of `api_user`.

        Args:
            identifier: name of the key.
            role: name or id of a security role.
            projects: names or ids of the projects on which the key has the role; by
                default all that are not private.
            api_user: name of the user in the credentials.

        Raises:
            EmulatorError: there is no such role or project, or `projects` is no list.
        """
        key = add_api_key(self.storage, self._ids, identifier, role, projects)
        return self._credentials_of(api_user, key)

    def _credentials_of(self, api_user: str, api_key: str) -> Credentials:
        remember(api_key)
        url = IN_PROCESS_URL if self._listener is None else self._listener.url
        return Credentials(server_url=url, api_user=api_user, api_key=api_key)

    # -- rows --------------------------------------------------------------------

    def load(self, rows: Iterable[Mapping[str, Any]]) -> LoadReport:
        """Add rows as a real server sends them and return a report of their gaps.

        A row is an object with ``__entity_type__``, its key and any attributes: plain
        values, links and collections as full entities or bare references, datetimes
        with or without their wrapper. Rows may be in any order and name each other,
        and an entity may be spread over several. Attributes that a server computes are
        ignored. A row with a known key changes that entity. No defaults, checks, side
        effects or events are applied.

        Args:
            rows: the rows.
        """
        return load_rows(self.storage, rows)

    def dump(self) -> list[JSONObject]:
        """Return all rows in the form that `load` takes, ordered by type and key.

        API keys and the files of components are not included.
        """
        return dump_rows(self.storage)

    # -- inspecting and resetting ------------------------------------------------

    @property
    def journal(self) -> CallLog:
        """Return `call_log` under its former name, with a `DeprecationWarning`."""
        warnings.warn(
            "Emulator.journal has a new name: use Emulator.call_log.",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.call_log

    @property
    def calls(self) -> tuple[LoggedCall, ...]:
        """Return the requests to the API so far."""
        return self.call_log.calls

    @property
    def file_requests(self) -> tuple[FileRequest, ...]:
        """Return the requests for files so far."""
        return self._files.requests

    def expect_calls(self, count: int) -> AbstractContextManager[None]:
        """Fail unless exactly `count` API requests are received inside the block."""
        return self.call_log.expect_calls(count)

    def snapshot(self, path: Path | None = None) -> bytes:
        """Return all data, with the files of components, for `restore`.

        Args:
            path: also write the snapshot to this file, in one step.
        """
        with self.storage.exclusive():
            image, files = self.storage.snapshot(), self._files.files.contents()
            content = snapshots.pack(image, files)
        if path is not None:
            snapshots.write(path, content)
        return content

    def restore(self, snapshot: bytes | Path) -> None:
        """Replace all data by that of a snapshot.

        URLs issued before, for uploads and files, become invalid.

        Args:
            snapshot: a snapshot, or the path of its file.

        Raises:
            NotASnapshotError: the bytes are not a snapshot of an emulator. Nothing was
                changed.
        """
        if isinstance(snapshot, Path):
            contents = snapshots.unpack(snapshot.read_bytes(), str(snapshot))
        elif self.storage.was_restored(snapshot):
            # Only rows are restored there: it has no files, and need not be opened.
            contents = snapshots.Content(snapshot, [])
        else:
            contents = snapshots.unpack(snapshot)
        with self.storage.exclusive():
            self.storage.restore(contents.image)
            remember_keys(self.storage)
            self._files.restore(contents.files)
            self._widget_tokens.clear()

    def forget(self) -> None:
        """Delete the recorded requests and events, and the queued faults.

        Data and connections to the event hub are not affected.
        """
        self.call_log.clear()
        self.event_hub.forget()
        self._files.clear_requests()
        self.faults.clear()
        self.file_faults.clear()


def _schema_of(models: str) -> Schema:
    registry = getattr(import_models(models), "registry", None)
    if registry is None:
        raise ModelsNotFoundError(models)
    schema: Schema = registry.schema()
    return schema

"""An ftrack server in the box."""

from __future__ import annotations

import importlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypedDict

import uvicorn
from starlette.applications import Starlette

from ftrack_orm.emulator import snapshots
from ftrack_orm.emulator.asgi import make_app
from ftrack_orm.emulator.blobs import make_store
from ftrack_orm.emulator.blobs.uploads import Uploads
from ftrack_orm.emulator.call_log import CallLog, LoggedCall
from ftrack_orm.emulator.clock import Clock, IdMaker, random_id, system_clock
from ftrack_orm.emulator.dispatch import Dispatcher
from ftrack_orm.emulator.events.hub import EventHub
from ftrack_orm.emulator.events.socket_app import Heartbeats, SocketApp
from ftrack_orm.emulator.fault_injection import FaultInjector
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.files.service import FileRequest, FileService
from ftrack_orm.emulator.in_process.files import EmulatorFiles
from ftrack_orm.emulator.in_process.transport import IN_PROCESS_URL, EmulatorTransport
from ftrack_orm.emulator.people import add_api_key, add_user
from ftrack_orm.emulator.seeds import plant
from ftrack_orm.emulator.stock.studio import ADMIN_API_KEY, ADMIN_ID, ADMIN_USERNAME
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.schema.model import Schema

_START_LIMIT: Final = 10.0
"""Seconds to wait for the server's thread before giving up."""


class Credentials(TypedDict):
    """What a session needs to talk to a server."""

    server_url: str
    api_user: str
    api_key: str


class Emulator:
    """An ftrack server on SQLite, over HTTP on the loopback address or in process.

    ::

        with Emulator(seed="demo") as emulator:
            session = Session(**emulator.credentials)

    Data are there as soon as it is made; entering it starts the HTTP server, which
    `transport` does without.

    Attributes:
        storage: the rows.
        call_log: the requests received so far.
        faults: failures waiting for the next requests to the API.
        file_faults: failures waiting for the next requests for files.
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
    ) -> None:
        """Make the emulator and its data; nothing listens yet.

        Args:
            seed: ``"standard"``, ``"empty"``, or ``"demo"``, which may have a number
                that chooses its names and dates: ``"demo:7"``.
            size: of the demo: ``"small"``, ``"medium"`` or ``"large"``.
            database: keep the rows in this file; it is seeded when it is new.
            data: keep the files of components in this directory; by default in
                one beside the database, or in memory without a database.
            schema: what to serve; by default that of `models`.
            models: name of a generated package, imported when no schema is given.
            clock: current time, for repeatable runs.
            ids: makes ids, for repeatable runs.
            host: address to listen on.
            port: port to listen on; 0 takes a free one.
            heartbeats: of the event hub and its clients, for tests that cannot wait.
            ignore_unknown_attributes: create entities without the attributes that
                their type does not have; by default these are an error.

        Raises:
            UnsupportedError: there is no such seed, or no such size.
        """
        files, uploads = make_store(data, database), Uploads()
        if database is not None:
            snapshots.move_files(database, files)
        self.storage = Storage(schema or _schema_of(models), database)
        plant(self.storage, seed, size)
        self.call_log = CallLog()
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
        )
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
            heartbeats or Heartbeats(),
        )
        self._host = host
        self._port = port
        self._listener: _Listener | None = None

    # -- serving -----------------------------------------------------------------

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> Self:
        """Serve over HTTP; ready when it returns. Started already, it stays so.

        Raises:
            OSError: the port is taken.
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
            self._listener = _Listener(app, self._host, self._port)
        return self

    def stop(self) -> None:
        """Stop serving, end the connections to the event hub too; the data stay."""
        listener, self._listener = self._listener, None
        if listener is not None:
            self.event_hub.disconnect_all()
            listener.stop()

    def close(self) -> None:
        """Stop serving and let go of the data; calling it twice is harmless."""
        self.stop()
        self.event_hub.reset()
        self.storage.close()
        self._files.files.close()

    @property
    def server_url(self) -> str:
        """Return the address.

        Raises:
            EmulatorError: it does not serve over HTTP.
        """
        if self._listener is None:
            raise EmulatorError(
                "The emulator is not started. Use it in a with statement, call "
                "start(), or talk to it in process through transport()."
            )
        return self._listener.url

    @property
    def credentials(self) -> Credentials:
        """Return address, user and key: ``Session(**emulator.credentials)``.

        Raises:
            EmulatorError: it does not serve over HTTP.
        """
        return Credentials(
            server_url=self.server_url,
            api_user=ADMIN_USERNAME,
            api_key=ADMIN_API_KEY,
        )

    def transport(
        self, api_user: str | None = None, api_key: str | None = None
    ) -> EmulatorTransport:
        """Return a transport in process, as the administrator unless told otherwise."""
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
        """Add an active user with one security role; return what it logs in with.

        The address is that of the server, if it is started. In process give name and
        key to `transport`.

        Args:
            username: what it is called.
            role: name or id of a security role; ``None`` for none.
            projects: names or ids of those the role is on; by default all that are
                not private.
            api_key: by default ``emulator-<username>-key``.
            first_name: shown.
            last_name: shown.
            email: where no mail is ever sent to.

        Raises:
            EmulatorError: there is no such role or project, or there is a user of
                that name.
        """
        key = api_key or f"emulator-{username}-key"
        person = {
            "username": username,
            "api_key": key,
            "first_name": first_name,
            "last_name": last_name,
            "email": email,
        }
        add_user(self.storage, self._ids, person, role, projects)
        return self._credentials_of(username, key)

    def add_api_key(
        self,
        identifier: str,
        *,
        role: str = "API",
        projects: Iterable[str] | None = None,
        api_user: str = ADMIN_USERNAME,
    ) -> Credentials:
        """Add a global API key with one security role; return what to log in with.

        Whoever uses it has the rights of the key, not those of the user named.

        Args:
            identifier: what it is called.
            role: name or id of a security role.
            projects: names or ids of those it reaches; by default all that are not
                private.
            api_user: name of the user that requests are made as.

        Raises:
            EmulatorError: there is no such role or project.
        """
        key = add_api_key(self.storage, self._ids, identifier, role, projects)
        return self._credentials_of(api_user, key)

    def _credentials_of(self, api_user: str, api_key: str) -> Credentials:
        address = IN_PROCESS_URL if self._listener is None else self._listener.url
        return Credentials(server_url=address, api_user=api_user, api_key=api_key)

    # -- watching and resetting --------------------------------------------------

    @property
    def calls(self) -> tuple[LoggedCall, ...]:
        """Return every request so far."""
        return self.call_log.calls

    @property
    def file_requests(self) -> tuple[FileRequest, ...]:
        """Return every request for a file so far."""
        return self._files.requests

    def expect_calls(self, count: int) -> AbstractContextManager[None]:
        """Fail unless exactly `count` requests arrive inside the block."""
        return self.call_log.expect_calls(count)

    def snapshot(self, path: Path | None = None) -> bytes:
        """Return all data, the files of components included, for `restore`.

        Args:
            path: also write it to this file, all of it or nothing.
        """
        with self.storage.exclusive():
            image, files = self.storage.snapshot(), self._files.files.contents()
            made = snapshots.pack(image, files)
        if path is not None:
            snapshots.write(path, made)
        return made

    def restore(self, snapshot: bytes | Path) -> None:
        """Go back to the data of a snapshot, given or in a file.

        Addresses for uploads and signed ones that were handed out before are closed.

        Raises:
            NotASnapshotError: it is no emulator's; nothing was changed.
        """
        if isinstance(snapshot, Path):
            found = snapshots.unpack(snapshot.read_bytes(), str(snapshot))
        else:
            found = snapshots.unpack(snapshot)
        with self.storage.exclusive():
            self.storage.restore(found.image)
            self._files.restore(found.files)
            self._widget_tokens.clear()

    def forget(self) -> None:
        """Forget the requests and events so far, and the faults that wait.

        The data stay, and so do connections to the event hub.
        """
        self.call_log.clear()
        self.event_hub.forget()
        self._files.forget()
        self.faults.clear()
        self.file_faults.clear()


def _schema_of(models: str) -> Schema:
    schema: Schema = importlib.import_module(models).registry.schema()
    return schema


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket whose connections send small answers at once.

    asyncio turns the wait for fuller packets off on sockets that say they speak TCP;
    those of `create_server` do not, and each answer would take 40 ms longer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family)
    return socket.socket(made.family, made.type, socket.IPPROTO_TCP, made.detach())


class _Listener:
    """A uvicorn server in a thread of its own."""

    def __init__(self, make: Callable[..., Starlette], host: str, port: int) -> None:
        app = make(hang_up=self._hang_up)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="wsproto",
            # Clients of the event hub have heartbeats of their own.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._socket = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="ftrack-emulator",
            daemon=True,
        )
        self._thread.start()
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise EmulatorError(f"The emulator did not start on {self.url}.")
            time.sleep(0.002)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(_START_LIMIT)
        self._socket.close()

    def _hang_up(self, scope: MutableMapping[str, Any], is_at_once: bool) -> None:
        """Close the connection of a request, known by the client's address."""
        for connection in list(self._server.server_state.connections):
            if connection.client == scope["client"]:  # type: ignore[union-attr]
                transport = connection.transport
                if is_at_once:
                    transport.abort()
                else:
                    transport.close()

"""Upload a file as a component; delete the component again if the upload fails."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from ftrack_orm.errors.component import (
    UploadCancelledError,
    UploadError,
    UploadInProgressError,
)
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import RequestCancelledError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import Response, UploadMetadata
from ftrack_orm.transfer import component_api
from ftrack_orm.transfer.active_upload import ActiveUpload
from ftrack_orm.transfer.chunks import chunk_size, parts_of
from ftrack_orm.transfer.component_api import Call, ComponentRows
from ftrack_orm.transfer.defaults import PARALLEL
from ftrack_orm.transfer.journal import (
    Journal,
    JournalError,
    JournalLockedError,
    default_journal_path,
)
from ftrack_orm.transfer.parts import PART_RETRIES, PartSender, RefusedError
from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.transfer.rollback import Rollback
from ftrack_orm.transfer.source import Source
from ftrack_orm.transfer.subject import Subject
from ftrack_orm.transfer.workers import Workers
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Cancel, FileTransport, OnProgress

_EXPIRED: Final = frozenset({403, 404, 410})
"""HTTP statuses of a storage at an address that has expired."""

logger = logging.getLogger("ftrack_orm.transfer")


class UploadResult(NamedTuple):
    """The responses for a component and its location, and the addresses used."""

    component: Response[Any]
    location: Response[Any]
    metadata: UploadMetadata


class _StaleError(Exception):
    """An upload of an earlier process cannot be resumed."""


def upload(
    call: Call,
    files: FileTransport,
    source: Source,
    data: Mapping[str, Any],
    *,
    server_url: str,
    on_progress: OnProgress | None = None,
    cancel: Cancel | None = None,
    resume: bool | Path = False,
    parallel: int = PARALLEL,
    retry: RetryPolicy | None = None,
) -> UploadResult:
    """Upload `source` as a new component in the server's location (protocol 7.4).

    After a failure or cancellation the component is deleted, unless the upload can be
    resumed.

    Args:
        call: sends operations to the server.
        files: sends bytes to the storage.
        source: the bytes.
        data: further attributes of the component, by server name; they replace those
            derived from the file's name.
        server_url: the server, for the journal.
        on_progress: called with transferred and total bytes, in this thread.
        cancel: ends the upload when it is set.
        resume: record finished parts in a journal next to the file or at a path, and
            continue the upload recorded there.
        parallel: the number of parts sent at the same time.
        retry: the attempts at each part.

    Raises:
        FileTooLargeError: nothing was sent.
        UploadInProgressError: another upload holds the journal; nothing was sent.
        UploadCancelledError: `cancel` was set.
        UploadError: the upload failed; `remains` and `journal` describe the component
            left on the server.
        ServerError, TransportError: the component was not created; a note on the error
            names a component that may have been created nevertheless.
    """
    if parallel < 1:
        raise UploadError(None, source.file_name, f"parallel={parallel} sends nothing")
    chunk = chunk_size(source.file_name, source.size)
    meter = ProgressMeter(on_progress, source.size)
    sending = _SendOptions(files, source, meter, parallel, retry or PART_RETRIES)
    subject = Subject.of(source, data, server_url, chunk)
    journal: Journal | None = None
    try:
        journal = _open_journal(source, resume)
        return _Upload(call, subject, sending, journal, cancel).run()
    finally:
        if journal is not None:
            journal.close()


@lazy_dataclass(frozen=True, slots=True)
class _SendOptions:
    """The source and the transport of the parts, and how they are sent."""

    files: FileTransport
    source: Source
    meter: ProgressMeter
    parallel: int
    retry: RetryPolicy


class _Upload:
    """The steps of one upload: register the component, send the parts, complete."""

    def __init__(
        self,
        call: Call,
        subject: Subject,
        sending: _SendOptions,
        journal: Journal | None,
        cancel: Cancel | None,
    ) -> None:
        self._call = call
        self._subject = subject
        self._source = subject.source
        self._intent = subject.intent
        self._sending = sending
        self._meter = sending.meter
        self._journal = journal
        self._cancel = cancel
        self._rollback = Rollback(call, subject, journal, sending.meter)
        # The component that this upload created, until it is complete or rolled back.
        self._pending_id: str | None = None

    def run(self) -> UploadResult:
        """Resume the recorded upload or begin a new one; return the result."""
        try:
            return self._run()
        except BaseException as error:
            # An interruption may be raised between two steps, outside their handlers.
            if self._pending_id is None:
                raise
            self._abort(self._pending_id, error)

    def _run(self) -> UploadResult:
        active = self._resume()
        while not isinstance(active, UploadResult):
            active = active or self._register()
            self._meter.reset(active.stored_size)
            try:
                return self._send_and_complete(active)
            except _StaleError:
                logger.info("%s: its addresses have expired", self._source.file_name)
            self._rollback.delete_stale(active.metadata.component_id)
            active = None
        self._meter.finish()
        return active

    def _abort(self, component_id: str | None, error: BaseException) -> NoReturn:
        self._pending_id = None
        self._rollback.abort(component_id, error)

    # -- registering -----------------------------------------------------------------

    def _register(self) -> ActiveUpload:
        """Create the component and get the addresses for its bytes."""
        component_id = self._intent.component_id
        parts = parts_of(self._source.size, self._intent.chunk)
        checksum = self._prepare(has_checksum=len(parts) == 1)
        try:
            registered = component_api.register(
                self._call,
                self._subject.data,
                self._subject.file_name,
                size=self._source.size,
                checksum=checksum,
                parts=None if len(parts) == 1 else len(parts),
                cancel=self._cancel,
            )
            self._pending_id = component_id
        except BaseException as error:
            self._pending_id = None
            self._rollback.abort_registration(component_id, error)
        try:
            if self._journal is not None:
                self._journal.record_addresses(registered.metadata)
        except JournalError as error:
            self._abort(component_id, error)
        return ActiveUpload(registered.component, registered.metadata, parts)

    # -- sending and completing --------------------------------------------------------

    def _send_and_complete(self, active: ActiveUpload) -> UploadResult:
        metadata = active.metadata
        workers = self._new_workers()
        try:
            self._send(active, workers)
            self._source.require_unchanged()
            self._meter.finish()
            workers.poll()
            location = component_api.complete(
                self._call, metadata, active.e_tags, self._cancel
            )
        except BaseException as error:
            if active.is_resumed and _is_stale(error, self._meter):
                raise _StaleError from None
            self._abort(metadata.component_id, error)
        self._pending_id = None
        if self._journal is not None:
            self._journal.delete()
        return UploadResult(active.component, location, metadata)

    def _send(self, active: ActiveUpload, workers: Workers) -> None:
        def store(number: int, e_tag: str) -> None:
            workers.check_stopped()
            active.e_tags[number] = e_tag
            if self._journal is not None and active.is_multipart:
                self._journal.record_part(number, e_tag)

        sending = self._sending
        sender = PartSender(
            sending.files, sending.source, workers, retry=sending.retry, on_stored=store
        )
        sender.send(active.part_uploads(), parallel=sending.parallel)

    def _new_workers(self) -> Workers:
        # Not shared: `stop` stays set after a failed attempt, for threads left running.
        return Workers(self._meter, self._cancel)

    # -- resuming --------------------------------------------------------------------

    def _prepare(self, *, has_checksum: bool) -> str | None:
        """Begin the journal; return the checksum of the file where it is sent."""
        try:
            self._new_workers().poll()
            checksum = self._source.md5() if has_checksum else None
            # Before the request: the next process must find a component that this one
            # created just before it was killed.
            if self._journal is not None:
                self._journal.begin(self._intent)
        except BaseException as error:
            self._abort(None, error)
        return checksum

    def _find(self, component_id: str) -> ComponentRows:
        try:
            return component_api.find(self._call, component_id, self._cancel)
        except RequestCancelledError as error:
            self._rollback.raise_as(UploadCancelledError, component_id, error)

    def _resume(self) -> ActiveUpload | UploadResult | None:
        """Return the upload in the journal, or ``None`` to begin a new one."""
        journal = self._journal
        if journal is None or journal.intent is None:
            return None
        intent = journal.intent
        if intent.server_url != self._intent.server_url:
            return None
        rows = self._find(intent.component_id)
        if rows.component is None:
            return None
        is_same = intent.is_same_upload(self._intent)
        if rows.location is not None:
            # The earlier process ended before it deleted the journal.
            return self._complete_result(rows, journal) if is_same else None
        if not is_same or journal.metadata is None:
            self._rollback.delete_stale(intent.component_id)
            return None
        return ActiveUpload(
            rows.component,
            journal.metadata,
            parts_of(self._source.size, intent.chunk),
            dict(journal.parts),
            is_resumed=True,
        )

    def _complete_result(
        self, rows: ComponentRows, journal: Journal
    ) -> UploadResult | None:
        if rows.component is None or rows.location is None or journal.intent is None:
            return None
        metadata = journal.metadata or UploadMetadata(journal.intent.component_id)
        journal.delete()
        return UploadResult(rows.component, rows.location, metadata)


def _open_journal(source: Source, resume: bool | Path) -> Journal | None:
    if resume is False:
        return None
    if source.path is None:
        raise UploadError(
            None,
            source.file_name,
            "a stream cannot be resumed, only a file that is given by its path",
        )
    path = default_journal_path(source.path) if resume is True else resume
    try:
        return Journal(path)
    except JournalLockedError as error:
        raise UploadInProgressError(source.file_name, str(path)) from error
    except JournalError as error:
        raise UploadError(None, source.file_name, str(error)) from error


def _is_stale(error: BaseException, meter: ProgressMeter) -> bool:
    """Return whether a resumed upload failed because its addresses have expired."""
    if error is meter.raised:
        return False
    return isinstance(error, ServerError) or (
        isinstance(error, RefusedError) and error.status in _EXPIRED
    )

"""Uploads a file as a component, and leaves nothing behind when that fails."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from ftrack_orm.errors.component import (
    UploadCancelledError,
    UploadError,
    UploadInProgressError,
    left_behind,
    resumable,
)
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import RequestCancelledError, TransportError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import Response, UploadMetadata
from ftrack_orm.transfer import component_api
from ftrack_orm.transfer.chunks import Part, chunk_size, parts_of
from ftrack_orm.transfer.component_api import Call
from ftrack_orm.transfer.defaults import PARALLEL
from ftrack_orm.transfer.journal import (
    Journal,
    JournalError,
    JournalLockedError,
    journal_beside,
)
from ftrack_orm.transfer.parts import (
    PART_RETRIES,
    PartSender,
    PartUpload,
    RefusedError,
)
from ftrack_orm.transfer.source import Source, SourceChangedError
from ftrack_orm.transfer.subject import Subject
from ftrack_orm.transfer.workers import CancelledError, Deadline, ProgressMeter, Workers
from ftrack_orm.transport.retry import RetryPolicy, was_not_applied
from ftrack_orm.types import Cancel, FileTransport, OnProgress

_GONE: Final = frozenset({403, 404, 410})
"""What a storage answers at an address whose time is over."""

_CLEAN_UP: Final = 10.0
"""Seconds that a clean-up may take when somebody waits for the end."""

_CLEAN_UP_CANCELLED: Final = 0.5
"""The same after a cancellation, which is over within a second whatever happens.

The deletion is on its way then, and goes on; what it has led to nobody can tell.
"""

logger = logging.getLogger("ftrack_orm.transfer")

_OURS: Final = (FtrackError, JournalError, RefusedError, SourceChangedError)


class Uploaded(NamedTuple):
    """What came of an upload: component, its place in the location, and addresses."""

    component: Response[Any]
    location: Response[Any]
    metadata: UploadMetadata


class _StaleError(Exception):
    """What an earlier process began cannot be gone on with."""


@lazy_dataclass(slots=True)
class _Begun:
    """An upload whose component exists: its parts, and which of them are done."""

    component: Response[Any]
    metadata: UploadMetadata
    parts: tuple[Part, ...]
    taken: dict[int, str] = field(default_factory=dict)
    is_resumed: bool = False

    @property
    def is_in_parts(self) -> bool:
        """Return whether the file goes in parts, and not as a whole."""
        return self.metadata.upload_id is not None

    @property
    def bytes_taken(self) -> int:
        """Return how many bytes the storage has."""
        return sum(part.size for part in self.parts if part.number in self.taken)

    def part_uploads(self) -> list[PartUpload]:
        """Return what is still to be sent.

        Raises:
            RefusedError: the addresses are not those of the parts.
        """
        metadata = self.metadata
        if not self.is_in_parts:
            whole = Part(1, 0, sum(part.size for part in self.parts))
            return [PartUpload(whole, str(metadata.url), metadata.headers)]
        urls = dict(metadata.urls)
        if set(urls) != {part.number for part in self.parts}:
            raise RefusedError(
                f"the server gave {len(urls)} addresses for {len(self.parts)} parts", 0
            )
        return [
            PartUpload(part, urls[part.number], None)
            for part in self.parts
            if part.number not in self.taken
        ]


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
) -> Uploaded:
    """Upload `source` as a new component in the server's location (protocol 7.4).

    What fails or is cancelled leaves no component behind, unless it can be resumed.

    Args:
        call: reaches the server.
        files: reaches the storage.
        source: the bytes.
        data: more attributes of the component, by server name; they win over those
            made from the file's name.
        server_url: the server, as the journal remembers it.
        on_progress: told bytes done and bytes in all, in this thread.
        cancel: ends the upload when it is set.
        resume: remember finished parts in a journal, beside the file or at a path,
            and go on with what one there remembers.
        parallel: parts on their way at once.
        retry: how often each part is tried.

    Raises:
        FileTooLargeError: nothing was sent.
        UploadInProgressError: another upload holds the journal; nothing was sent.
        UploadCancelledError: `cancel` was set.
        UploadError: the upload failed; it says what is left of it.
        ServerError, TransportError: the component could not be created, and was not;
            a note on the error says so when that is not certain.
    """
    if parallel < 1:
        raise UploadError(None, source.file_name, f"parallel={parallel} sends nothing")
    chunk = chunk_size(source.file_name, source.size)
    meter = ProgressMeter(on_progress, source.size)
    sending = _Sending(files, source, meter, parallel, retry or PART_RETRIES)
    subject = Subject.of(source, data, server_url, chunk)
    journal: Journal | None = None
    try:
        journal = _journal_of(source, resume)
        return _Upload(call, subject, sending, journal, cancel).run()
    finally:
        if journal is not None:
            journal.close()


@lazy_dataclass(frozen=True, slots=True)
class _Sending:
    """How the parts of a file are sent."""

    files: FileTransport
    source: Source
    meter: ProgressMeter
    parallel: int
    retry: RetryPolicy


class _Upload:
    """The steps of one upload, and the way back from each."""

    def __init__(
        self,
        call: Call,
        subject: Subject,
        sending: _Sending,
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
        # The component that this upload has made, until it is placed or given up.
        self._unplaced: str | None = None

    def run(self) -> Uploaded:
        """Go on with what is there, or begin; return what came of it."""
        try:
            return self._run()
        except BaseException as error:
            # An interruption may come between two steps, where no handler waits.
            if self._unplaced is None:
                raise
            self._give_up(self._unplaced, error)

    def _run(self) -> Uploaded:
        begun = self._resumed()
        while not isinstance(begun, Uploaded):
            begun = begun or self._begin()
            self._meter.reset(begun.bytes_taken)
            try:
                return self._finish(begun)
            except _StaleError:
                logger.info("%s: its addresses are too old", self._source.file_name)
            self._clear_away(begun.metadata.component_id)
            begun = None
        self._meter.finish()
        return begun

    # -- beginning -------------------------------------------------------------------

    def _begin(self) -> _Begun:
        """Create the component, and learn where its bytes go."""
        component_id = self._intent.component_id
        parts = parts_of(self._source.size, self._intent.chunk)
        try:
            self._workers().look()
            checksum = self._source.md5() if len(parts) == 1 else None
            if self._journal is not None:
                self._journal.begin(self._intent)
        except BaseException as error:
            self._give_up(None, error)
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
            self._unplaced = component_id
        except BaseException as error:
            self._refused(component_id, error)
        try:
            if self._journal is not None:
                self._journal.remember_addresses(registered.metadata)
        except JournalError as error:
            self._give_up(component_id, error)
        return _Begun(registered.component, registered.metadata, parts)

    def _refused(self, component_id: str, error: BaseException) -> NoReturn:
        """Raise what became of a component that could not be created."""
        self._unplaced = None
        is_undone = isinstance(error, ServerError) or (
            isinstance(error, TransportError) and was_not_applied(error)
        )
        if is_undone:
            if self._journal is not None:
                self._journal.delete()
            if isinstance(error, RequestCancelledError):
                self._raise(UploadCancelledError, None, error)
            raise error
        if isinstance(error, RequestCancelledError):
            self._give_up(component_id, error)
        if self._journal is None:
            # An id that the caller chose may be that of a component long there.
            remains = (
                "nobody can tell"
                if self._subject.has_own_id
                else self._removed(component_id, error)
            )
            if remains is not None:
                error.add_note(left_behind(component_id, remains))
        raise error

    # -- sending and completing --------------------------------------------------------

    def _finish(self, begun: _Begun) -> Uploaded:
        metadata = begun.metadata
        workers = self._workers()
        try:
            self._send(begun, workers)
            self._source.require_unchanged()
            self._meter.finish()
            workers.look()
            location = component_api.complete(
                self._call, metadata, begun.taken, self._cancel
            )
        except BaseException as error:
            if begun.is_resumed and _is_stale(error, self._meter):
                raise _StaleError from None
            self._give_up(metadata.component_id, error)
        self._unplaced = None
        if self._journal is not None:
            self._journal.delete()
        return Uploaded(begun.component, location, metadata)

    def _send(self, begun: _Begun, workers: Workers) -> None:
        def take(number: int, e_tag: str) -> None:
            workers.require_wanted()
            begun.taken[number] = e_tag
            if self._journal is not None and begun.is_in_parts:
                self._journal.remember_part(number, e_tag)

        sending = self._sending
        sender = PartSender(
            sending.files, sending.source, workers, retry=sending.retry, on_taken=take
        )
        sender.send(begun.part_uploads(), parallel=sending.parallel)

    def _workers(self) -> Workers:
        # A new one each time: threads of a try that was given up stay stopped.
        return Workers(self._meter, self._cancel)

    # -- going on with what another process began --------------------------------------

    def _resumed(self) -> _Begun | Uploaded | None:
        """Return where another process stopped; ``None`` to begin anew."""
        journal = self._journal
        if journal is None or journal.intent is None:
            return None
        intent = journal.intent
        if intent.server_url != self._intent.server_url:
            return None
        try:
            found = component_api.find(self._call, intent.component_id, self._cancel)
        except RequestCancelledError as error:
            self._raise(UploadCancelledError, intent.component_id, error)
        if found.component is None:
            return None
        is_same = intent.is_same_upload(self._intent)
        if found.location is not None:
            # Killed between completing and forgetting.
            return self._found_whole(found, journal) if is_same else None
        if not is_same or journal.metadata is None:
            self._clear_away(intent.component_id)
            return None
        return _Begun(
            found.component,
            journal.metadata,
            parts_of(self._source.size, intent.chunk),
            dict(journal.parts),
            is_resumed=True,
        )

    def _found_whole(
        self, found: component_api.ComponentRows, journal: Journal
    ) -> Uploaded | None:
        if found.component is None or found.location is None or journal.intent is None:
            return None
        metadata = journal.metadata or UploadMetadata(journal.intent.component_id)
        journal.delete()
        return Uploaded(found.component, found.location, metadata)

    def _clear_away(self, component_id: str) -> None:
        """Delete the component of an upload that is begun anew."""
        remains = component_api.remove(self._call, component_id)
        if remains is not None:
            raise UploadError(
                component_id,
                self._source.file_name,
                "it has to begin anew, and the component that was begun with could "
                f"not be deleted ({remains})",
                journal=self._journal_path,
            )

    # -- the way back ----------------------------------------------------------------

    def _give_up(self, component_id: str | None, error: BaseException) -> NoReturn:
        """Delete the component, or keep it for the journal's sake, and raise."""
        self._unplaced = None
        is_callers = error is self._meter.raised
        is_cancelled = isinstance(error, CancelledError | RequestCancelledError)
        remains = None
        if component_id is not None and self._journal is None:
            remains = self._removed(component_id, error)
        if is_cancelled and not is_callers:
            self._raise(UploadCancelledError, component_id, error, remains)
        if isinstance(error, _OURS) and not is_callers:
            self._raise(UploadError, component_id, error, remains)
        if component_id is not None and self._journal_path is not None:
            error.add_note(resumable(self._journal_path))
        elif component_id is not None and remains is not None:
            error.add_note(left_behind(component_id, remains))
        raise error

    def _raise(
        self,
        kind: type[UploadError],
        component_id: str | None,
        error: BaseException,
        remains: str | None = None,
    ) -> NoReturn:
        if isinstance(error, UploadError):
            raise error
        is_cancelled = isinstance(error, CancelledError | RequestCancelledError)
        raise kind(
            component_id,
            self._source.file_name,
            "it was cancelled" if is_cancelled else component_api.reason_of(error),
            remains=remains,
            journal=None if component_id is None else self._journal_path,
        ) from (None if is_cancelled else error)

    def _removed(self, component_id: str, error: BaseException) -> str | None:
        """Delete a component; return why it may be there still."""
        if isinstance(error, CancelledError | RequestCancelledError):
            patience: Cancel | None = Deadline(_CLEAN_UP_CANCELLED)
        elif isinstance(error, FtrackError):
            patience = None
        else:
            patience = Deadline(_CLEAN_UP)
        try:
            return component_api.remove(self._call, component_id, patience)
        except BaseException as interruption:
            interruption.add_note(
                left_behind(component_id, "its deletion was interrupted")
            )
            raise

    @property
    def _journal_path(self) -> str | None:
        return None if self._journal is None else str(self._journal.path)


def _journal_of(source: Source, resume: bool | Path) -> Journal | None:
    if resume is False:
        return None
    if source.path is None:
        raise UploadError(
            None,
            source.file_name,
            "a stream cannot be resumed, only a file that is given by its path",
        )
    path = journal_beside(source.path) if resume is True else resume
    try:
        return Journal(path)
    except JournalLockedError as error:
        raise UploadInProgressError(source.file_name, str(path)) from error
    except JournalError as error:
        raise UploadError(None, source.file_name, str(error)) from error


def _is_stale(error: BaseException, meter: ProgressMeter) -> bool:
    if error is meter.raised:
        return False
    return isinstance(error, ServerError) or (
        isinstance(error, RefusedError) and error.status in _GONE
    )

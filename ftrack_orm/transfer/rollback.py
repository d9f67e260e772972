"""Undo a failed upload: delete its component, or leave it for a resume, and raise."""

from __future__ import annotations

from typing import Final, NoReturn

from ftrack_orm.errors.component import (
    UploadCancelledError,
    UploadError,
    left_behind,
    resumable,
)
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import RequestCancelledError, TransportError
from ftrack_orm.transfer import component_api
from ftrack_orm.transfer.component_api import Call
from ftrack_orm.transfer.journal import Journal, JournalError
from ftrack_orm.transfer.parts import RefusedError
from ftrack_orm.transfer.progress import ProgressMeter
from ftrack_orm.transfer.source import SourceChangedError
from ftrack_orm.transfer.subject import Subject
from ftrack_orm.transfer.workers import CancelledError, Deadline
from ftrack_orm.transport.retry import was_not_applied
from ftrack_orm.types import Cancel

_DELETE_TIMEOUT: Final = 10.0
"""Seconds for deleting a component after an exception such as Ctrl-C."""

_DELETE_TIMEOUT_CANCELLED: Final = 0.5
"""The same after a cancellation, which must end within a second.

The request for the deletion goes on after that; its outcome is unknown.
"""

_CONVERTED: Final = (FtrackError, JournalError, RefusedError, SourceChangedError)
"""Exceptions of a transfer, raised as an `UploadError`; others are raised unchanged."""


class Rollback:
    """Ends a failed upload with an error that describes the state on the server.

    Without a journal the component is deleted. With a journal it stays, because the
    upload can be resumed.
    """

    def __init__(
        self,
        call: Call,
        subject: Subject,
        journal: Journal | None,
        meter: ProgressMeter,
    ) -> None:
        self._call = call
        self._subject = subject
        self._journal = journal
        self._meter = meter

    def abort(self, component_id: str | None, error: BaseException) -> NoReturn:
        """Delete the component unless the upload can be resumed, and raise `error`.

        An exception of the transfer is raised as an `UploadError`. Another exception,
        such as one of the caller's `on_progress`, is raised unchanged, with a note if
        the component may still be on the server.
        """
        is_callers = error is self._meter.raised
        is_cancelled = isinstance(error, CancelledError | RequestCancelledError)
        remains = None
        if component_id is not None and self._journal is None:
            remains = self._delete(component_id, error)
        if is_cancelled and not is_callers:
            self.raise_as(UploadCancelledError, component_id, error, remains)
        if isinstance(error, _CONVERTED) and not is_callers:
            self.raise_as(UploadError, component_id, error, remains)
        if component_id is not None and self._journal_path is not None:
            error.add_note(resumable(self._journal_path))
        elif component_id is not None and remains is not None:
            error.add_note(left_behind(component_id, remains))
        raise error

    def abort_registration(self, component_id: str, error: BaseException) -> NoReturn:
        """Raise the error of a failed creation of the component.

        If the creation may have been applied, delete the component, or leave it for a
        resume.
        """
        if _leaves_no_component(error):
            if self._journal is not None:
                self._journal.delete()
            if isinstance(error, RequestCancelledError):
                self.raise_as(UploadCancelledError, None, error)
            raise error
        if isinstance(error, RequestCancelledError):
            self.abort(component_id, error)
        if self._journal is None:
            # An id that the caller chose may belong to an older component, which must
            # not be deleted.
            remains = (
                "its creation is in doubt"
                if self._subject.has_caller_id
                else self._delete(component_id, error)
            )
            if remains is not None:
                error.add_note(left_behind(component_id, remains))
        raise error

    def delete_stale(self, component_id: str) -> None:
        """Delete the component of an earlier upload that cannot be resumed.

        Raises:
            UploadError: the component could not be deleted.
        """
        remains = component_api.remove(self._call, component_id)
        if remains is not None:
            raise UploadError(
                component_id,
                self._subject.source.file_name,
                "it cannot be resumed, and its component could not be deleted "
                f"({remains})",
                journal=self._journal_path,
            )

    def raise_as(
        self,
        error_class: type[UploadError],
        component_id: str | None,
        error: BaseException,
        remains: str | None = None,
    ) -> NoReturn:
        """Raise an `error_class`, chained to `error` unless that is a cancellation.

        Args:
            error_class: the class of the error to raise.
            component_id: the component, or ``None`` if none was created.
            error: the cause; an `UploadError` is raised unchanged.
            remains: why the component is still on the server, or ``None``.
        """
        if isinstance(error, UploadError):
            raise error
        is_cancelled = isinstance(error, CancelledError | RequestCancelledError)
        raise error_class(
            component_id,
            self._subject.source.file_name,
            "it was cancelled" if is_cancelled else component_api.reason_of(error),
            remains=remains,
            journal=None if component_id is None else self._journal_path,
        ) from (None if is_cancelled else error)

    def _delete(self, component_id: str, error: BaseException) -> str | None:
        """Delete a component; return why it may still be on the server, or ``None``."""
        if isinstance(error, CancelledError | RequestCancelledError):
            limit: Cancel | None = Deadline(_DELETE_TIMEOUT_CANCELLED)
        elif isinstance(error, FtrackError):
            limit = None
        else:
            limit = Deadline(_DELETE_TIMEOUT)
        try:
            return component_api.remove(self._call, component_id, limit)
        except BaseException as interruption:
            interruption.add_note(
                left_behind(component_id, "its deletion was interrupted")
            )
            raise

    @property
    def _journal_path(self) -> str | None:
        return None if self._journal is None else str(self._journal.path)


def _leaves_no_component(error: BaseException) -> bool:
    """Return whether a failed creation was certainly not applied."""
    is_unapplied = isinstance(error, TransportError) and was_not_applied(error)
    return isinstance(error, ServerError) or is_unapplied

"""Errors of uploading and downloading component files.

The storage's error is chained as the cause. No message quotes a storage address: its
signature grants access to the file, like a key.
"""

from __future__ import annotations

from ftrack_orm.errors.root import FtrackError


class ComponentError(FtrackError):
    """The file of a component could not be transferred.

    Attributes:
        component_id: the component, or ``None`` if none was created.
    """

    component_id: str | None


class UploadError(ComponentError):
    """A file could not be uploaded.

    Attributes:
        component_id: the component created for the file, or ``None``.
        file_name: the file's name.
        reason: the cause as text.
        remains: why the component could not be deleted again, as text, or ``None`` if
            no component is left on the server.
        journal: the file that lists the finished parts, if the upload can be resumed;
            the component then stays on the server.
    """

    failure = "could not be uploaded"

    def __init__(
        self,
        component_id: str | None,
        file_name: str,
        reason: str,
        *,
        remains: str | None = None,
        journal: str | None = None,
        advice: str | None = None,
    ) -> None:
        advice = advice or _advice(component_id, remains, journal)
        super().__init__(f"{file_name!r} {self.failure}: {reason}. {advice}")
        self.component_id = component_id
        self.file_name = file_name
        self.reason = reason
        self.remains = remains
        self.journal = journal


class UploadCancelledError(UploadError):
    """The caller cancelled the upload."""

    failure = "was not uploaded"


class UploadInProgressError(UploadError):
    """Another upload of the file is in progress; nothing was sent.

    Attributes:
        journal: the journal file, locked by the other upload.
    """

    def __init__(self, file_name: str, journal: str) -> None:
        super().__init__(
            None,
            file_name,
            f"another upload holds the journal {journal!r}",
            journal=journal,
            advice="Nothing was sent. Call again when the other upload has ended.",
        )


class FileTooLargeError(UploadError):
    """A file is larger than a storage accepts (protocol 7.4); nothing was sent."""


class DownloadError(ComponentError):
    """A component's file could not be downloaded; `target` is unchanged.

    Attributes:
        component_id: the component.
        target: the path to download to.
        reason: the cause as text.
    """

    failure = "could not be downloaded"

    def __init__(self, component_id: str, target: str, reason: str) -> None:
        super().__init__(
            f"The file of component {component_id} {self.failure} to {target!r}: "
            f"{reason}. Any earlier file there is unchanged."
        )
        self.component_id = component_id
        self.target = target
        self.reason = reason


class DownloadCancelledError(DownloadError):
    """The caller cancelled the download."""

    failure = "was not downloaded"


class ComponentFileError(DownloadError):
    """The server has no such component, or no file for it in the server location."""


def left_behind(component_id: str, remains: str) -> str:
    """Return the advice for a component that could not be deleted again."""
    return (
        f"Its component may still be on the server ({remains}): delete "
        f"FileComponent {component_id}."
    )


def resumable(journal: str) -> str:
    """Return the advice for an upload that left its journal."""
    return f"Call again with resume={journal!r} to go on where it stopped."


def _advice(component_id: str | None, remains: str | None, journal: str | None) -> str:
    if journal is not None:
        return resumable(journal)
    if component_id is None:
        return "Nothing was sent."
    if remains is not None:
        return left_behind(component_id, remains)
    return "Nothing is left of it on the server; try again."

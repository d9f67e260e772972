"""Upload and download the files of components, and return their addresses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from ftrack_orm.errors.entity import EntityKeyError
from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.operations import EncodeMedia, Query, Response, UploadMetadata
from ftrack_orm.session.base import SessionBase
from ftrack_orm.session.entity_data import id_of, sendable_data
from ftrack_orm.session.result_types import (
    ComponentLocationT,
    FileComponentT,
    JobT,
)
from ftrack_orm.session.settings import check_retry
from ftrack_orm.transfer.defaults import COMPONENT_PATH, PARALLEL
from ftrack_orm.types import Cancel, FileTransport, HasFiles, OnProgress

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.transfer.source import FileSource
    from ftrack_orm.transport.retry import RetryPolicy

_THUMBNAIL_PATH = "/component/thumbnail"
_NO_THUMBNAIL_PATH = "/img/thumbnail2.png"


class ComponentActions(SessionBase, Generic[FileComponentT, ComponentLocationT, JobT]):
    """The session's methods for files of components.

    Every method takes a component or its id. Files are read and written in blocks of
    1 MiB, so that a file of any size needs little memory.
    """

    def create_component(
        self,
        file: FileSource,
        *,
        name: str | None = None,
        data: Mapping[str, Any] | None = None,
        on_progress: OnProgress | None = None,
        cancel: Cancel | None = None,
        resume: bool | str | os.PathLike[str] = False,
        parallel: int = PARALLEL,
        retry: RetryPolicy | None = None,
    ) -> tuple[Response[FileComponentT], Response[ComponentLocationT], UploadMetadata]:
        """Upload a file as a new `FileComponent` in the location ``ftrack.server``.

        The component is created, the file sent in one part or in several at once, and
        the component added to the location (protocol 7.4). When that fails or is
        cancelled, the component is deleted again.

        Args:
            file: a path, or a binary stream, which is read from its current position.
            name: the file's name with extension; taken from `file` when not given.
            data: more attributes of the component, such as ``version``.
            on_progress: called in this thread with the bytes sent and the bytes in
                all; an exception it raises ends the upload and reaches the caller.
            cancel: ends the upload within a second when it is set, such as a
                `threading.Event`.
            resume: write a journal next to the file, or at this path, and continue
                the upload that an existing journal describes: no finished part is
                sent again. After a failure, cancellation or interruption the journal
                and the component then remain. The journal is locked while the upload
                runs: a second upload, in any process, thread or session, is refused
                at once. It holds addresses that let anyone write; only its owner may
                read it.
            parallel: how many parts are sent at once.
            retry: how often each part is tried; 16 times with waits of up to 64
                seconds when not given.

        Returns:
            The component, its `ComponentLocation`, and the upload's metadata.

        Raises:
            FileTooLargeError: the file is larger than a storage accepts; nothing was
                sent.
            UploadInProgressError: another upload holds the journal; nothing was sent.
            UploadCancelledError: `cancel` was set.
            UploadError: it failed; `remains` and `journal` describe the leftovers.
            ServerError, TransportError: the component could not be created; nothing
                was sent.
            UnknownAttributeError, AttributeValueError: the data is wrong; nothing was
                sent.
            InvalidSettingError: the session's transport transfers no files, or
                `retry` cannot be used.
        """
        # Most programs transfer no files: these modules take 3 ms to import.
        from ftrack_orm.transfer.source import open_source
        from ftrack_orm.transfer.upload import upload

        files = self._files
        check_retry(retry)
        type_info = self._core.models.class_named("FileComponent").__ftrack__
        values = sendable_data(type_info, data or {})
        with open_source(file, name, cancel) as source:
            return upload(
                self.call,
                files,
                source,
                values,
                server_url=self._core.transport.server_url,
                on_progress=on_progress,
                cancel=cancel,
                resume=resume if isinstance(resume, bool) else Path(resume),
                parallel=parallel,
                retry=retry,
            )

    def download_component(
        self,
        component_id: str | Entity,
        target: str | os.PathLike[str],
        *,
        on_progress: OnProgress | None = None,
        cancel: Cancel | None = None,
        retry: RetryPolicy | None = None,
    ) -> Path:
        """Download a component's file from ``ftrack.server``; return its path.

        The file appears at `target` when it is complete, and replaces an existing
        file. It is complete when it has the component's size; a size that the session
        has not loaded takes one more request. The size 0 is not compared: components
        that were created without a size have it. After a broken connection the
        download continues at the same byte, if the server supports ranges.

        Args:
            component_id: the component, or its id.
            target: the file to write.
            on_progress: called in this thread with the bytes received and the bytes
                in all; where the server sends no size, the second number is 0 until
                the end. An exception it raises ends the download and reaches the
                caller.
            cancel: ends the download within a second when it is set.
            retry: how often and how long it is tried; the count restarts whenever
                more of the file has arrived.

        Raises:
            ComponentFileError: the server has no such component, or no file of it.
            DownloadCancelledError: `cancel` was set.
            DownloadError: it failed; `target` is unchanged.
            EntityKeyError: there is no id; nothing was sent.
            InvalidSettingError: as in `create_component`.
        """
        from ftrack_orm.session.component_size import ComponentSize
        from ftrack_orm.transfer.download import download

        file_id = _component_id(component_id)
        if file_id is None:
            raise EntityKeyError("FileComponent", ("id",), component_id)
        check_retry(retry)
        path = Path(target)
        download(
            self._files,
            file_id,
            path,
            size=ComponentSize(self._core, file_id, cancel),
            on_progress=on_progress,
            cancel=cancel,
            retry=retry,
        )
        return path

    def get_component_url(self, component_id: str | Entity | None) -> str | None:
        """Return the address of a component's file; ``None`` without an id.

        It contains the user's API key (protocol 7.2): do not log or share it;
        `generate_signed_url` returns one without a key.

        Args:
            component_id: the component, or its id.

        Raises:
            InvalidSettingError: the session's transport transfers no files.
        """
        file_id = _component_id(component_id)
        if file_id is None:
            return None
        return self._files.url(COMPONENT_PATH, {"id": file_id})

    def thumbnail_url(self, component_id: str | Entity | None, size: int = 300) -> str:
        """Return the address of a component's picture; a default one without an id.

        It contains the user's API key (protocol 7.2): do not log or share it.

        Args:
            component_id: the component, or its id.
            size: the longest side of the picture, in pixels.

        Raises:
            InvalidSettingError: the session's transport transfers no files.
        """
        file_id = _component_id(component_id)
        if file_id is None:
            return f"{self._core.transport.server_url}{_NO_THUMBNAIL_PATH}"
        return self._files.url(_THUMBNAIL_PATH, {"id": file_id, "size": str(size)})

    def encode_media(
        self,
        media: Entity | str | Path,
        *,
        version: Entity | str | None = None,
        keep_original: bool | None = None,
    ) -> JobT:
        """Have the server encode media for review; return its `Job` (protocol 2.11).

        Args:
            media: a component or its id, or a `Path`, which is uploaded first.
            version: the asset version that the results belong to.
            keep_original: whether the server keeps the original; by default it keeps
                an existing component and not a file uploaded by this call.
        """
        version_id = None if version is None else id_of(version, "AssetVersion")
        if isinstance(media, Path):
            keep = bool(keep_original)
            data = {"version_id": version_id} if keep and version_id else None
            media = self.create_component(media, data=data)[0].data
        else:
            keep = keep_original is not False
        operation = EncodeMedia(id_of(media, "Component"), version_id, keep)
        return self._query_job(str(self.call([operation])[0].data["job_id"]))

    def _query_job(self, job_id: str) -> JobT:
        from ftrack_orm.session.expressions import entity_expression

        type_info = self._core.models.class_named("Job").__ftrack__
        query = Query(entity_expression(type_info, (job_id,)))
        job: JobT = self.call([query])[0].data[0]
        return job

    @property
    def _files(self) -> FileTransport:
        transport = self._core.transport
        if not isinstance(transport, HasFiles):
            raise InvalidSettingError(
                "transport",
                f"{type(transport).__name__} sends operations and no files, so "
                "components' files can be neither uploaded nor downloaded nor "
                "addressed; use a session with server_url, api_user and api_key",
            )
        return transport.files


def _component_id(component: str | Entity | None) -> str | None:
    """Return the id of a component; ``None`` for ``None`` and an empty id.

    Raises:
        EntityKeyError: an entity of another type.
    """
    return id_of(component, "Component") if component else None

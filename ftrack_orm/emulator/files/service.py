"""Responses of the file endpoints, over HTTP and in process (protocol 7.2)."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.access.access import ALL_PERMISSIONS, RowPermissions
from ftrack_orm.emulator.authentication import Authenticator, Claim
from ftrack_orm.emulator.blobs.headers import content_disposition, media_type_of
from ftrack_orm.emulator.blobs.pictures import Picture, resize
from ftrack_orm.emulator.blobs.signed_urls import SignedUrls
from ftrack_orm.emulator.blobs.store import (
    BLOCK,
    Blob,
    BlobStore,
    Incoming,
    read_blocks,
)
from ftrack_orm.emulator.blobs.uploads import Uploads, UploadTarget
from ftrack_orm.emulator.call_log import MAX_LOGGED_CALLS
from ftrack_orm.emulator.errors import InvalidCredentials
from ftrack_orm.emulator.files.ranges import Span, span

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Storage

DEFAULT_SIZE: Final = 300
"""Pixels of a thumbnail's longer side if the request has no size (protocol 7.2)."""

LARGEST_SIZE: Final = 4096
DEFAULT_PICTURE: Final = "/img/thumbnail2.png"
ENDPOINTS: Final = ("get", "remove", "thumbnail")
"""The GET endpoints below ``/component/``."""


class FileRequest(NamedTuple):
    """A request for a file, without tokens and keys that would allow to repeat it.

    Attributes:
        method: ``PUT``, ``GET`` or ``HEAD``; ``POST`` for uploads of outdated clients.
        endpoint: ``upload``, ``get``, ``remove``, ``thumbnail``; or ``add``.
        component_id: the component of the file.
        part_number: the number of a part of an upload, or ``None``.
        range: the ``Range`` header, or ``None``.
        status: the HTTP status of the response, ``None`` without a response.
    """

    method: str
    endpoint: str
    component_id: str | None = None
    part_number: int | None = None
    range: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class FileResponse:
    """A response: a status with either bytes or a stored file.

    Attributes:
        status: HTTP status.
        body: the content, if it is no stored file.
        content_type: media type of the content.
        headers: further headers.
        blob: the stored file, if that is the content.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    blob: Blob | None = None

    def span(self, headers: Mapping[str, str]) -> Span:
        """Return the status of the response and the bytes of the content to send.

        Args:
            headers: the request's headers, names in lower case.
        """
        if self.blob is None:
            return Span(self.status, 0, len(self.body), len(self.body))
        return span(headers, self.headers["etag"], self.blob.size)

    def blocks(
        self, start: int, end: int, size: int = BLOCK
    ) -> Generator[bytes, None, None]:
        """Yield the bytes from `start` to before `end`.

        A stored file is read in blocks of at most `size` bytes.
        """
        if self.blob is None:
            yield self.body[start:end]
        else:
            yield from read_blocks(self.blob, start, end, size)


def storage_failure(error: OSError) -> FileResponse:
    """Return the response to a request whose file cannot be stored or read."""
    # Without the path in the error: clients must not see files.
    reason = error.strerror or type(error).__name__
    body = json.dumps({"detail": f"The emulator cannot use its files: {reason}."})
    return FileResponse(507, body.encode())


class FileService:
    """Stores and returns files, and checks users, components and tokens.

    Attributes:
        files: the stored files.
        uploads: the URLs that accept uploads.
    """

    def __init__(
        self,
        storage: Storage,
        files: BlobStore,
        uploads: Uploads,
        signed_urls: SignedUrls,
        authenticator: Authenticator,
    ) -> None:
        self.files = files
        self.uploads = uploads
        self._signed_urls = signed_urls
        self._storage = storage
        self._authenticator = authenticator
        self._requests: deque[FileRequest] = deque(maxlen=MAX_LOGGED_CALLS)
        self._lock = threading.Lock()

    @property
    def requests(self) -> tuple[FileRequest, ...]:
        """Return the recorded requests, in the order of their responses."""
        with self._lock:
            return tuple(self._requests)

    def record(self, request: FileRequest) -> None:
        """Record and log a request."""
        request_log.log_file_request(
            request.method, request.endpoint, request.component_id, request.status
        )
        with self._lock:
            self._requests.append(request)

    def clear_requests(self) -> None:
        """Delete the recorded requests."""
        with self._lock:
            self._requests.clear()

    def restore(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Replace all files, and invalidate every URL issued before.

        An upload in progress is refused when its last byte has been received.
        """
        self.uploads.clear()
        self._signed_urls.clear()
        self.files.replace_contents(contents)

    # -- uploads -----------------------------------------------------------------

    def store(
        self,
        token: str,
        target: UploadTarget,
        incoming: Incoming,
        headers: Mapping[str, str],
    ) -> FileResponse:
        """Store the bytes received for a token.

        Args:
            token: the token in the URL.
            target: the target of the token when the upload began.
            incoming: the received bytes.
            headers: the request's headers, names in lower case.

        Returns:
            A 200 with the entity tag, a 400 if size or checksum differ from those
            announced, a 403 if the token has become invalid meanwhile.
        """
        problem = _problem(target, incoming, headers)
        if problem is not None:
            return error_response(400, problem)
        with self.uploads.hold(token, target) as is_valid:
            if not is_valid:
                return INVALID_URL
            if target.upload_id is not None and target.part_number is not None:
                e_tag = incoming.save_part(target.upload_id, target.part_number)
            else:
                e_tag = incoming.save(target.component_id)
        # Exactly 200: the JavaScript client accepts no other success (protocol 7.4).
        return FileResponse(200, headers={"etag": f'"{e_tag}"'})

    # -- downloads ---------------------------------------------------------------

    def respond(
        self, endpoint: str, query: Mapping[str, str], cookie: str = ""
    ) -> FileResponse:
        """Return the response to ``/component/<endpoint>`` (protocol 7.2).

        It is a 403 unless the request has a username and an API key, a login cookie or
        the token of a signed URL. The file of a component that the user may not read
        is not found.
        """
        component_id = query.get("id", "")
        token = query.get("token", "")
        if self._signed_urls.is_valid(token, endpoint, component_id):
            permissions = ALL_PERMISSIONS
        elif token:
            return INVALID_URL
        else:
            claim = Claim(query.get("username", ""), query.get("apiKey", ""), cookie)
            try:
                permissions = self._standing(claim, component_id)
            except InvalidCredentials:
                return error_response(403, "username and apiKey match no user.")
        if not permissions.is_readable:
            return _not_found(component_id)
        if endpoint == "remove":
            if not permissions.is_workable:
                return error_response(403, "The user may not change the component.")
            is_deleted = self.files.discard(component_id)
            return FileResponse(200, b"{}") if is_deleted else _not_found(component_id)
        if endpoint == "thumbnail":
            return self._thumbnail(component_id, query.get("size", ""))
        return self._file(component_id)

    def _file(self, component_id: str) -> FileResponse:
        blob = self.files.find(component_id)
        if blob is None:
            return _not_found(component_id)
        name = self._name_of(component_id)
        headers = {
            "etag": f'"{blob.e_tag}"',
            "accept-ranges": "bytes",
            "content-disposition": content_disposition(name),
        }
        return FileResponse(200, b"", media_type_of(name), headers, blob)

    def _thumbnail(self, component_id: str, size: str) -> FileResponse:
        """Return a picture that fits a square of `size` pixels, never enlarged.

        For a component that is no picture it is the thumbnail of its version, or a
        404 without one. Both are assumed.
        """
        if size and not (size.isdecimal() and int(size)):
            return error_response(400, "size must be a positive number of pixels.")
        pixels = min(int(size or DEFAULT_SIZE), LARGEST_SIZE)
        picture = self._picture(component_id, pixels)
        if picture is None:
            thumbnail_id = self._thumbnail_id(component_id)
            picture = self._picture(thumbnail_id, pixels) if thumbnail_id else None
        if picture is None:
            return _not_found(component_id)
        return FileResponse(200, picture.content, picture.media_type)

    def _picture(self, component_id: str, pixels: int) -> Picture | None:
        blob = self.files.find(component_id)
        return None if blob is None else resize(blob, pixels)

    def _thumbnail_id(self, component_id: str) -> str | None:
        """Return the component that is the thumbnail of a component's version."""
        with self._storage.transaction() as connection:
            component = self._storage.find(connection, "Component", (component_id,))
            if component is None or component["version_id"] is None:
                return None
            key = (component["version_id"],)
            version = self._storage.find(connection, "AssetVersion", key)
        return None if version is None else version["thumbnail_id"]

    def _standing(self, claim: Claim, component_id: str) -> RowPermissions:
        """Return the caller's rights on a component's file.

        A file without a component row can be read by any user, and changed by users
        with a role.

        Raises:
            InvalidCredentials: the claim matches no user.
        """
        key = (component_id,)
        with self._storage.transaction() as connection:
            access = self._authenticator.authenticate(connection, claim).access
            permissions = RowPermissions(
                True, access.is_unrestricted or access.has_role
            )
            if self._storage.find(connection, "Component", key) is not None:
                tables = self._storage.tables
                permissions = access.row_permissions(
                    connection, tables, "Component", key
                )
        is_workable = permissions.is_workable and not access.is_read_only
        return replace(permissions, is_workable=is_workable)

    def _name_of(self, component_id: str) -> str:
        with self._storage.transaction() as connection:
            row = self._storage.find(connection, "Component", (component_id,))
        if row is None:
            return component_id
        return f"{row['name']}{row.get('file_type') or ''}"


def error_response(status: int, message: str) -> FileResponse:
    """Return a JSON error; the message must contain no token or key."""
    escaped = message.replace("\\", "\\\\").replace('"', '\\"')
    return FileResponse(status, f'{{"detail": "{escaped}"}}'.encode())


INVALID_URL: Final = error_response(403, "This URL is not valid or has expired.")
"""The response to a URL that was never issued or is invalidated."""

NOT_ALLOWED: Final = error_response(405, "Use GET.")
"""The response to HEAD where GET deletes."""

NOT_FOUND: Final = error_response(404, "Not Found")
"""The response at any other path."""

LEGACY_UPLOAD: Final = error_response(
    501,
    "The emulator does not implement POST /component/add. Upload to the URLs that "
    "get_upload_metadata returns.",
)
"""The response to clients older than ``get_upload_metadata`` (protocol 7.2)."""


def _not_found(component_id: str) -> FileResponse:
    # An id comes from the client: only plain ones are repeated in a response.
    text = component_id if component_id.replace("-", "").isalnum() else "of that id"
    return error_response(404, f"There is no file of the component {text}.")


def _problem(
    target: UploadTarget, incoming: Incoming, headers: Mapping[str, str]
) -> str | None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) != incoming.size:
        return f"{length} bytes were announced and {incoming.size} received."
    if target.size is not None and target.size != incoming.size:
        return f"{target.size} bytes were expected and {incoming.size} received."
    for checksum in (target.checksum, headers.get("content-md5")):
        if checksum and checksum != base64.b64encode(incoming.md5).decode():
            return "The bytes do not have the announced MD5."
    return None

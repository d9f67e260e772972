"""What the endpoints for files answer, over HTTP and in process (protocol 7.2)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.access.access import ALL_PERMISSIONS, RowPermissions
from ftrack_orm.emulator.authentication import Authenticator, Claim
from ftrack_orm.emulator.blobs.headers import content_disposition, media_type_of
from ftrack_orm.emulator.blobs.pictures import Picture, resized
from ftrack_orm.emulator.blobs.signed_urls import SignedUrls
from ftrack_orm.emulator.blobs.store import (
    BLOCK,
    Blob,
    BlobStore,
    Incoming,
    read_blocks,
)
from ftrack_orm.emulator.blobs.uploads import Uploads, UploadTarget
from ftrack_orm.emulator.errors import InvalidCredentials
from ftrack_orm.emulator.files.ranges import Span, span

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage.storage import Storage

DEFAULT_SIZE: Final = 300
"""Pixels of a thumbnail's longer side when nobody says how many (protocol 7.2)."""

LARGEST_SIZE: Final = 4096
DEFAULT_PICTURE: Final = "/img/thumbnail2.png"
ENDPOINTS: Final = ("get", "remove", "thumbnail")
"""What is below ``/component/`` and asked with GET."""


class FileRequest(NamedTuple):
    """One request for a file, without what would let anyone repeat it.

    Attributes:
        method: ``PUT``, ``GET`` or ``HEAD``; ``POST`` of the upload of old clients.
        endpoint: ``upload``, ``get``, ``remove``, ``thumbnail``; or ``add``.
        component_id: whose file.
        part_number: which part of an upload, or ``None``.
        range: the ``Range`` header, or ``None``.
        status: the HTTP status of the answer, ``None`` when there was none.
    """

    method: str
    endpoint: str
    component_id: str | None = None
    part_number: int | None = None
    range: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """An answer: a status and either some bytes or a kept file.

    Attributes:
        status: HTTP status.
        body: the content, when it is not `kept`.
        content_type: of the content.
        headers: besides the content's.
        kept: the file that is the content.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: Blob | None = None

    def span(self, asked: Mapping[str, str]) -> Span:
        """Return which bytes of the content are answered, and with which status.

        Args:
            asked: the request's headers, names in lower case.
        """
        if self.kept is None:
            return Span(self.status, 0, len(self.body), len(self.body))
        return span(asked, self.headers["etag"], self.kept.size)

    def blocks(
        self, start: int, end: int, size: int = BLOCK
    ) -> Generator[bytes, None, None]:
        """Yield bytes of the content, in blocks of at most `size` of a file."""
        if self.kept is None:
            yield self.body[start:end]
        else:
            yield from read_blocks(self.kept, start, end, size)


class FileService:
    """Takes and gives files; knows users, components and addresses handed out.

    Attributes:
        files: the bytes.
        uploads: the addresses that bytes may be sent to.
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
        self._requests: list[FileRequest] = []
        self._lock = threading.Lock()

    @property
    def requests(self) -> tuple[FileRequest, ...]:
        """Return every request for a file so far, in the order of their answers."""
        with self._lock:
            return tuple(self._requests)

    def note(self, request: FileRequest) -> None:
        """Remember a request."""
        request_log.log_file_request(
            request.method, request.endpoint, request.component_id, request.status
        )
        with self._lock:
            self._requests.append(request)

    def forget(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def restore(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Make these the files, and close every address that was handed out.

        What is arriving for one of them is refused when it has arrived.
        """
        self.uploads.clear()
        self._signed_urls.clear()
        self.files.replace_contents(contents)

    # -- taking ------------------------------------------------------------------

    def store(
        self,
        token: str,
        slot: UploadTarget,
        incoming: Incoming,
        announced: Mapping[str, str],
    ) -> FileAnswer:
        """Keep what arrived for an address, or say what is wrong with it.

        Args:
            token: the address.
            slot: what it was for when the bytes began to arrive.
            incoming: what arrived.
            announced: the request's headers, names in lower case.
        """
        problem = _problem(slot, incoming, announced)
        if problem is not None:
            return refused(400, problem)
        with self.uploads.holding(token, slot) as is_open:
            if not is_open:
                return STALE
            if slot.upload_id is not None and slot.part_number is not None:
                e_tag = incoming.keep_part(slot.upload_id, slot.part_number)
            else:
                e_tag = incoming.keep(slot.component_id)
        # Exactly 200: the JavaScript client takes no other success (protocol 7.4).
        return FileAnswer(200, headers={"etag": f'"{e_tag}"'})

    # -- giving ------------------------------------------------------------------

    def answer(
        self, endpoint: str, query: Mapping[str, str], cookie: str = ""
    ) -> FileAnswer:
        """Return the answer to ``/component/<endpoint>`` (protocol 7.2).

        Anyone without a user's name and key, the cookie of a login, or the token of a
        signed address, gets a 403. The file of a component that the user may not read
        is not there.
        """
        component_id = query.get("id", "")
        token = query.get("token", "")
        if self._signed_urls.is_good(token, endpoint, component_id):
            standing = ALL_PERMISSIONS
        elif token:
            return STALE
        else:
            claim = Claim(query.get("username", ""), query.get("apiKey", ""), cookie)
            try:
                standing = self._standing(claim, component_id)
            except InvalidCredentials:
                return refused(403, "username and apiKey name no user.")
        if not standing.is_readable:
            return _missing(component_id)
        if endpoint == "remove":
            if not standing.is_workable:
                return refused(403, "The user may not change the component.")
            was_there = self.files.discard(component_id)
            return FileAnswer(200, b"{}") if was_there else _missing(component_id)
        if endpoint == "thumbnail":
            return self._thumbnail(component_id, query.get("size", ""))
        return self._whole(component_id)

    def _whole(self, component_id: str) -> FileAnswer:
        kept = self.files.find(component_id)
        if kept is None:
            return _missing(component_id)
        name = self._name_of(component_id)
        headers = {
            "etag": f'"{kept.e_tag}"',
            "accept-ranges": "bytes",
            "content-disposition": content_disposition(name),
        }
        return FileAnswer(200, b"", media_type_of(name), headers, kept)

    def _thumbnail(self, component_id: str, size: str) -> FileAnswer:
        """Return a picture that fits a square of `size` pixels, never enlarged.

        A component that is no picture has the thumbnail of its version, or else none:
        a 404. Both are assumed.
        """
        if size and not (size.isdecimal() and int(size)):
            return refused(400, "size must be a positive number of pixels.")
        pixels = min(int(size or DEFAULT_SIZE), LARGEST_SIZE)
        picture = self._picture(component_id, pixels)
        if picture is None:
            thumbnail_id = self._thumbnail_id(component_id)
            picture = self._picture(thumbnail_id, pixels) if thumbnail_id else None
        if picture is None:
            return _missing(component_id)
        return FileAnswer(200, picture.content, picture.media_type)

    def _picture(self, component_id: str, pixels: int) -> Picture | None:
        kept = self.files.find(component_id)
        return None if kept is None else resized(kept, pixels)

    def _thumbnail_id(self, component_id: str) -> str | None:
        """Return the component that is the thumbnail of a component's version."""
        with self._storage.transaction() as connection:
            found = self._storage.find(connection, "Component", (component_id,))
            if found is None or found["version_id"] is None:
                return None
            key = (found["version_id"],)
            version = self._storage.find(connection, "AssetVersion", key)
        return None if version is None else version["thumbnail_id"]

    def _standing(self, claim: Claim, component_id: str) -> RowPermissions:
        """Return what the sender may do with a component's file.

        A file whose component is not there is anybody's to read, and takes a role to
        change.

        Raises:
            InvalidCredentials: the sender is no user.
        """
        key = (component_id,)
        with self._storage.transaction() as connection:
            access = self._authenticator.authenticate(connection, claim).access
            found = RowPermissions(True, access.is_unrestricted or access.has_role)
            if self._storage.find(connection, "Component", key) is not None:
                tables = self._storage.tables
                found = access.row_permissions(connection, tables, "Component", key)
        return replace(found, is_workable=found.is_workable and not access.is_read_only)

    def _name_of(self, component_id: str) -> str:
        with self._storage.transaction() as connection:
            row = self._storage.find(connection, "Component", (component_id,))
        if row is None:
            return component_id
        return f"{row['name']}{row.get('file_type') or ''}"


def refused(status: int, message: str) -> FileAnswer:
    """Return an error answer; its text quotes nothing secret."""
    quoted = message.replace("\\", "\\\\").replace('"', '\\"')
    return FileAnswer(status, f'{{"detail": "{quoted}"}}'.encode())


STALE: Final = refused(403, "This address is not good (any more).")
"""The answer at an address that nobody was given, or that is closed."""

NOT_ALLOWED: Final = refused(405, "Ask with GET.")
"""The answer to HEAD where GET deletes."""

UNKNOWN: Final = refused(404, "Not Found")
"""The answer at any other address."""

LEGACY_UPLOAD: Final = refused(
    501,
    "POST /component/add is how clients uploaded before get_upload_metadata. The "
    "emulator does not know it.",
)
"""The answer to clients older than the addresses for uploads (protocol 7.2)."""


def _missing(component_id: str) -> FileAnswer:
    known = component_id if component_id.replace("-", "").isalnum() else "of that id"
    return refused(404, f"There is no file of the component {known}.")


def _problem(
    slot: UploadTarget, incoming: Incoming, announced: Mapping[str, str]
) -> str | None:
    length = announced.get("content-length", "")
    if length.isdecimal() and int(length) != incoming.size:
        return f"{length} bytes were announced and {incoming.size} arrived."
    if slot.size is not None and slot.size != incoming.size:
        return f"{slot.size} bytes were expected and {incoming.size} arrived."
    for checksum in (slot.checksum, announced.get("content-md5")):
        if checksum and checksum != base64.b64encode(incoming.md5).decode():
            return "The bytes do not have the announced MD5."
    return None

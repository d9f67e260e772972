"""What the endpoints for files answer, over HTTP and in process (protocol 7.2)."""

from __future__ import annotations

import base64
import io
import mimetypes
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ftrack_orm.emulator import request_log
from ftrack_orm.emulator.files import FileStore, Incoming, Kept
from ftrack_orm.emulator.signed_urls import SignedUrls
from ftrack_orm.emulator.uploads import Slot, Uploads

if TYPE_CHECKING:
    from ftrack_orm.emulator.storage import Storage

DEFAULT_SIZE: Final = 300
"""Pixels of a thumbnail's longer side when nobody says how many (protocol 7.2)."""

LARGEST_SIZE: Final = 4096
DEFAULT_PICTURE: Final = "/img/thumbnail2.png"


class FileRequest(NamedTuple):
    """One request for a file, without what would let anyone repeat it.

    Attributes:
        method: ``PUT``, ``GET`` or ``HEAD``.
        endpoint: ``upload``, ``get``, ``remove``, ``thumbnail``, ``signed``.
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
        name: what a browser should call it.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: Kept | None = None
    name: str = ""


class FileService:
    """Takes and gives files; knows users, components and addresses handed out.

    Attributes:
        files: the bytes.
        uploads: the addresses.
    """

    def __init__(
        self,
        storage: Storage,
        files: FileStore,
        uploads: Uploads,
        signed_urls: SignedUrls,
    ) -> None:
        self.files = files
        self.uploads = uploads
        self._signed_urls = signed_urls
        self._storage = storage
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

    # -- taking ------------------------------------------------------------------

    def store(
        self, slot: Slot, incoming: Incoming, announced: Mapping[str, str]
    ) -> FileAnswer:
        """Keep what arrived for an address, or say what is wrong with it.

        Args:
            slot: what the address is for.
            incoming: what arrived.
            announced: the request's headers, names in lower case.
        """
        problem = _problem(slot, incoming, announced)
        if problem is not None:
            incoming.discard()
            return refused(400, problem)
        if slot.upload_id is not None and slot.part_number is not None:
            e_tag = self.files.keep_part(slot.upload_id, slot.part_number, incoming)
        else:
            e_tag = self.files.keep(slot.component_id, incoming)
        # Exactly 200: the JavaScript client takes no other success (protocol 7.4).
        return FileAnswer(200, headers={"etag": f'"{e_tag}"'})

    # -- giving ------------------------------------------------------------------

    def answer(self, endpoint: str, query: Mapping[str, str]) -> FileAnswer:
        """Return the answer to ``/component/<endpoint>`` (protocol 7.2).

        Anyone without a user's name and key, or a token that stands for them, gets
        a 403.
        """
        if endpoint == "signed":
            signed = self._signed_urls.component(query.get("token", ""))
            return STALE if signed is None else self.whole(signed)
        if not self._is_user(query.get("username", ""), query.get("apiKey", "")):
            return refused(403, "username and apiKey name no user.")
        component_id = query.get("id", "")
        if endpoint == "remove":
            was_there = self.files.discard(component_id)
            return FileAnswer(200, b"{}") if was_there else _missing(component_id)
        if endpoint == "thumbnail":
            return self._thumbnail(component_id, query.get("size", ""))
        return self.whole(component_id)

    def whole(self, component_id: str) -> FileAnswer:
        """Return a component's file, or a 404 where there is none."""
        kept = self.files.find(component_id)
        if kept is None:
            return _missing(component_id)
        name = self._name_of(component_id)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {"etag": f'"{kept.e_tag}"'}
        return FileAnswer(200, b"", media_type, headers, kept, name)

    def _thumbnail(self, component_id: str, size: str) -> FileAnswer:
        """Return a picture that fits a square of `size` pixels, never enlarged.

        A component that is no picture has none: a 404, which is assumed.
        """
        if size and not size.isdecimal():
            return refused(400, "size must be a number of pixels.")
        kept = self.files.find(component_id)
        pixels = min(int(size or DEFAULT_SIZE), LARGEST_SIZE)
        picture = None if kept is None or pixels < 1 else _resized(kept, pixels)
        if picture is None:
            return _missing(component_id)
        return FileAnswer(200, *picture)

    def _is_user(self, username: str, key: str) -> bool:
        if not username or not key:
            return False
        with self._storage.transaction() as connection:
            users = self._storage.find_where(connection, "User", username=username)
        return any(user["api_key"] == key for user in users)

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
"""The answer at an address that nobody was given, or whose upload is finished."""

NOT_ALLOWED: Final = refused(405, "Ask with GET.")
"""The answer to HEAD where GET deletes."""


@cache
def default_picture() -> bytes:
    """Return the picture for what has none: a small grey PNG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (64, 64), 96).save(target, "PNG")
    return target.getvalue()


def _missing(component_id: str) -> FileAnswer:
    known = component_id if component_id.replace("-", "").isalnum() else "of that id"
    return refused(404, f"There is no file of the component {known}.")


def _problem(
    slot: Slot, incoming: Incoming, announced: Mapping[str, str]
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


def _resized(kept: Kept, pixels: int) -> tuple[bytes, str] | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(kept.path) as image:
            image.thumbnail((pixels, pixels))
            is_clear = image.has_transparency_data
            form = "PNG" if is_clear else "JPEG"
            target = io.BytesIO()
            image.convert("RGBA" if is_clear else "RGB").save(target, form)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,  # what Pillow raises for broken PNG files
        ValueError,
    ):
        return None
    return target.getvalue(), f"image/{form.lower()}"

"""The URLs that accept uploads, and the target of each."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """The target of an upload URL.

    Attributes:
        component_id: the component whose file is uploaded.
        size: number of bytes expected, if the client announced it.
        checksum: base64 of the MD5 digest, if the client announced it.
        upload_id: the multipart upload that the bytes belong to, or ``None``.
        part_number: number of the part, from 1.
    """

    component_id: str
    size: int | None = None
    checksum: str | None = None
    upload_id: str | None = None
    part_number: int | None = None


class Uploads:
    """The targets of issued upload URLs by token, an id that cannot be guessed.

    A token is valid until its upload is finished or cancelled, so that a part can be
    sent again.
    """

    def __init__(self) -> None:
        self._targets: dict[str, UploadTarget] = {}
        # Component id and number of parts of each unfinished multipart upload.
        self._open: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def add(self, targets: dict[str, UploadTarget]) -> None:
        """Accept uploads for these targets, by token."""
        with self._lock:
            self._targets.update(targets)
            for target in targets.values():
                if target.upload_id is not None:
                    self._open[target.upload_id] = (target.component_id, len(targets))

    def target(self, token: str) -> UploadTarget | None:
        """Return the target of a token, ``None`` if the token is not valid."""
        with self._lock:
            return self._targets.get(token)

    @contextmanager
    def hold(self, token: str, target: UploadTarget) -> Iterator[bool]:
        """Yield whether the token still has this target, and lock it meanwhile.

        A token may become invalid while its bytes are received.
        """
        with self._lock:
            yield self._targets.get(token) is target

    def upload(self, upload_id: str) -> tuple[str, int] | None:
        """Return component id and number of parts of an unfinished upload."""
        with self._lock:
            return self._open.get(upload_id)

    def finish(self, upload_id: str) -> bool:
        """Invalidate a multipart upload's tokens; return whether it was unfinished."""
        with self._lock:
            was_open = self._open.pop(upload_id, None) is not None
            self._targets = {
                token: target
                for token, target in self._targets.items()
                if target.upload_id != upload_id
            }
            return was_open

    def cancel(self, components: Collection[str]) -> list[str]:
        """Invalidate the tokens of these components.

        Returns:
            The ids of their unfinished multipart uploads.
        """
        with self._lock:
            self._targets = {
                token: target
                for token, target in self._targets.items()
                if target.component_id not in components
            }
            upload_ids = [
                upload_id
                for upload_id, (component_id, _) in self._open.items()
                if component_id in components
            ]
            for upload_id in upload_ids:
                del self._open[upload_id]
            return upload_ids

    def clear(self) -> None:
        """Invalidate all tokens."""
        with self._lock:
            self._targets.clear()
            self._open.clear()

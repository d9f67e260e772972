"""Addresses that bytes may be sent to, and for what."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """What one address is for.

    Attributes:
        component_id: whose bytes.
        size: how many are expected, where that is known.
        checksum: base64 of their MD5, where one was announced.
        upload_id: the upload in parts that they belong to, or ``None``.
        part_number: which part, from 1.
    """

    component_id: str
    size: int | None = None
    checksum: str | None = None
    upload_id: str | None = None
    part_number: int | None = None


class Uploads:
    """The addresses handed out, each a token: an id that cannot be guessed.

    An address stays good while the emulator runs, so that a part can be sent again.
    """

    def __init__(self) -> None:
        self._slots: dict[str, UploadTarget] = {}
        self._open: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()

    def hand_out(self, slots: dict[str, UploadTarget]) -> None:
        """Let bytes be sent to these tokens."""
        with self._lock:
            self._slots.update(slots)
            for slot in slots.values():
                if slot.upload_id is not None:
                    self._open[slot.upload_id] = (slot.component_id, len(slots))

    def slot(self, token: str) -> UploadTarget | None:
        """Return what a token is for, ``None`` when it was never handed out."""
        with self._lock:
            return self._slots.get(token)

    @contextmanager
    def holding(self, token: str, slot: UploadTarget) -> Iterator[bool]:
        """Give whether a token still is for this, and let nobody change it meanwhile.

        Bytes take their time: when they have arrived, their address may be closed.
        """
        with self._lock:
            yield self._slots.get(token) is slot

    def upload(self, upload_id: str) -> tuple[str, int] | None:
        """Return component and number of parts of an upload that is not finished."""
        with self._lock:
            return self._open.get(upload_id)

    def finish(self, upload_id: str) -> bool:
        """Forget an upload in parts and its addresses; return whether it was known."""
        with self._lock:
            was_open = self._open.pop(upload_id, None) is not None
            self._slots = {
                token: slot
                for token, slot in self._slots.items()
                if slot.upload_id != upload_id
            }
            return was_open

    def abandon(self, components: Collection[str]) -> list[str]:
        """Forget every address for these components; return their uploads in parts."""
        with self._lock:
            self._slots = {
                token: slot
                for token, slot in self._slots.items()
                if slot.component_id not in components
            }
            found = [key for key, known in self._open.items() if known[0] in components]
            for upload_id in found:
                del self._open[upload_id]
            return found

    def clear(self) -> None:
        """Forget every address."""
        with self._lock:
            self._slots.clear()
            self._open.clear()

"""Store files in a directory; a crash leaves no file incomplete.

Bytes are received under a temporary name. A complete file is moved to its place in one
step, and so is the folder with the parts of an upload. The parts are joined when the
file is first read.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO, Final

from ftrack_orm.emulator.blobs.store import (
    Blob,
    BlobStore,
    Incoming,
    multipart_tag,
    name_for,
    read_blocks,
)

_COPY_BLOCK: Final = 8 * 1024 * 1024


class DiskBlob:
    """A whole file on disk. See `ftrack_orm.emulator.blobs.store.Blob`."""

    def __init__(self, path: Path, e_tag: str) -> None:
        self._path = path
        self.size = path.stat().st_size
        self.e_tag = e_tag

    def open(self) -> BinaryIO:
        """Return the file opened for reading."""
        return self._path.open("rb")


class DiskBlobStore(BlobStore):
    """A store in a directory; a later store in the same directory has its files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        # Reentrant: `replace_contents` calls `move` while it holds the lock.
        self._lock = threading.RLock()

    # -- uploads -----------------------------------------------------------------

    def receive(self) -> DiskIncoming:
        """Return a new temporary file for received bytes."""
        return DiskIncoming(self, self._temporary_path())

    def move(self, path: Path, name: str, e_tag: str) -> None:
        """Move the file at `path` into the store."""
        with self._lock:
            # The tag is deleted first: after a crash it is computed again, and a tag
            # of the former file would be wrong. The file itself is replaced in one
            # step.
            self._tag(name).unlink(missing_ok=True)
            shutil.rmtree(self._parts_folder(name), ignore_errors=True)
            path.replace(self._file(name))
            self._tag(name).write_text(e_tag)

    def move_part(self, path: Path, upload_id: str, number: int, e_tag: str) -> None:
        """Move the file at `path` to the parts of an upload, or replace the part."""
        with self._lock:
            folder = self._folder("parts", name_for(upload_id))
            path.replace(folder / f"{number:05}")
            (folder / f"{number:05}.tag").write_text(e_tag)

    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the stored parts, by number."""
        with self._lock:
            folder = self._folder("parts") / name_for(upload_id)
            tags = sorted(folder.glob("*.tag"))
            return {int(tag.stem): tag.read_text() for tag in tags}

    def finish(self, upload_id: str, component_id: str) -> None:
        """Make the stored parts the component's file; `find` joins them."""
        name = name_for(component_id)
        with self._lock:
            e_tag = multipart_tag(self.parts(upload_id).values())
            self._remove(name)
            folder = self._folder("parts", name_for(upload_id))
            folder.replace(self._parts_folder(name))
            self._tag(name).write_text(e_tag)

    def delete_parts(self, upload_id: str) -> None:
        """Delete the parts of an abandoned upload."""
        with self._lock:
            self._delete_folder(self._folder("parts") / name_for(upload_id))

    # -- files -------------------------------------------------------------------

    def find(self, component_id: str) -> DiskBlob | None:
        """Return the component's file, ``None`` without one."""
        return self._find(name_for(component_id))

    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""
        with self._lock:
            return self._remove(name_for(component_id))

    def contents(self) -> Iterator[tuple[str, DiskBlob]]:
        """Yield the whole files with their names in the store, sorted by name."""
        for name in sorted(self._names()):
            blob = self._find(name)
            if blob is not None:
                yield name, blob

    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Replace all files, and delete the parts of all uploads.

        Files are replaced one by one: after a crash some are old and some are new.
        """
        with self._lock:
            self._delete_folder(self._folder("parts"))
            obsolete = self._names()
            for name, blob in contents:
                self._copy(name, blob)
                obsolete.discard(name)
            for name in obsolete:
                self._remove(name)

    def close(self) -> None:
        """Do nothing: the files outlive the process."""

    def _find(self, name: str) -> DiskBlob | None:
        with self._lock:
            path, parts = self._file(name), self._parts_folder(name)
            if parts.exists():
                self._join(parts, path)
            if not path.exists():
                return None
            return DiskBlob(path, self._e_tag(path, self._tag(name)))

    def _e_tag(self, path: Path, tag: Path) -> str:
        # The process may have crashed before the tag was written, or while it was.
        if not tag.exists() or not tag.stat().st_size:
            with path.open("rb") as file:
                tag.write_text(hashlib.file_digest(file, hashlib.md5).hexdigest())
        return tag.read_text()

    def _remove(self, name: str) -> bool:
        path, parts = self._file(name), self._parts_folder(name)
        existed = path.exists() or parts.exists()
        path.unlink(missing_ok=True)
        self._tag(name).unlink(missing_ok=True)
        shutil.rmtree(parts, ignore_errors=True)
        return existed

    def _copy(self, name: str, blob: Blob) -> None:
        incoming = self.receive()
        try:
            for block in read_blocks(blob):
                incoming.write(block)
            incoming.close()
            self.move(incoming.path, name, blob.e_tag)
        finally:
            incoming.discard()

    def _join(self, parts: Path, path: Path) -> None:
        whole = path.with_suffix(".whole")
        with whole.open("wb") as target:
            for part in sorted(parts.iterdir()):
                # Files with a suffix are entity tags.
                if not part.suffix:
                    with part.open("rb") as source:
                        shutil.copyfileobj(source, target, _COPY_BLOCK)
        whole.replace(path)
        self._delete_folder(parts)

    def _delete_folder(self, folder: Path) -> None:
        """Delete a folder, if it exists, in one step as seen from outside.

        After a crash the remaining parts of an upload would look like a whole file.
        """
        if folder.exists():
            trash = self._temporary_path()
            folder.replace(trash)
            shutil.rmtree(trash)

    # -- paths -------------------------------------------------------------------

    def _names(self) -> set[str]:
        # Names have no dot: a path with a suffix belongs to the file before the dot.
        return {path.name.partition(".")[0] for path in self._folder("files").iterdir()}

    def _file(self, name: str) -> Path:
        return self._folder("files") / name

    def _tag(self, name: str) -> Path:
        return self._folder("files") / f"{name}.tag"

    def _parts_folder(self, name: str) -> Path:
        return self._folder("files") / f"{name}.parts"

    def _temporary_path(self) -> Path:
        """Return an unused path in the folder of temporary files."""
        return self._folder("incoming") / secrets.token_hex(16)

    def _folder(self, *names: str) -> Path:
        folder = self._directory.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class DiskIncoming(Incoming):
    """Received bytes on disk, in the temporary file `path`."""

    def __init__(self, store: DiskBlobStore, path: Path) -> None:
        super().__init__()
        self.path = path
        self._store = store
        self._file: IO[bytes] = path.open("xb")

    def _add(self, block: bytes | bytearray) -> None:
        self._file.write(block)

    def close(self) -> None:
        """Close the temporary file. Safe to call twice."""
        self._file.close()

    def save(self, component_id: str) -> str:
        """Store the bytes as the component's file; return its entity tag."""
        self.close()
        self._store.move(self.path, name_for(component_id), self.e_tag)
        return self.e_tag

    def save_part(self, upload_id: str, number: int) -> str:
        """Store the bytes as a part of an upload; return its entity tag."""
        self.close()
        self._store.move_part(self.path, upload_id, number, self.e_tag)
        return self.e_tag

    def discard(self) -> None:
        """Delete the temporary file, unless it was saved."""
        # On a full disk closing fails too, because it writes the buffered bytes.
        with suppress(OSError):
            self.close()
        self.path.unlink(missing_ok=True)

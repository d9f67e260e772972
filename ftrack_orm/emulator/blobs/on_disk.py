"""Files in a directory, whole or not there even when the process is killed.

What arrives is written under another name first. A file is moved into its place in
one step, and so are the parts of an upload, which are put together when the file is
first asked for.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, Final

from ftrack_orm.emulator.blobs.store import (
    Blob,
    BlobStore,
    Incoming,
    joined_tag,
    name_for,
    read_blocks,
)

_COPY_BLOCK: Final = 8 * 1024 * 1024


class DiskBlob:
    """A whole file on disk. See `ftrack_orm.emulator.blobs.store.Kept`."""

    def __init__(self, path: Path, e_tag: str) -> None:
        self._path = path
        self.size = path.stat().st_size
        self.e_tag = e_tag

    def open(self) -> BinaryIO:
        """Return it open for reading."""
        return self._path.open("rb")


class DiskBlobStore(BlobStore):
    """Files in a directory, where another store finds them again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.RLock()

    # -- arriving ----------------------------------------------------------------

    def receive(self) -> DiskIncoming:
        """Return a place for bytes that arrive now."""
        return DiskIncoming(self, self._aside())

    def move(self, path: Path, name: str, e_tag: str) -> None:
        """Make what is at `path` the file of that name."""
        with self._lock:
            # The old file is there until the new one is, even if the process is killed.
            self._tag(name).unlink(missing_ok=True)
            shutil.rmtree(self._pieces(name), ignore_errors=True)
            path.replace(self._file(name))
            self._tag(name).write_text(e_tag)

    def move_part(self, path: Path, upload_id: str, number: int, e_tag: str) -> None:
        """Make what is at `path` a part of an upload, in place of an earlier one."""
        with self._lock:
            folder = self._folder("parts", name_for(upload_id))
            path.replace(folder / f"{number:05}")
            (folder / f"{number:05}.tag").write_text(e_tag)

    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the parts that have arrived, by number."""
        with self._lock:
            folder = self._folder("parts") / name_for(upload_id)
            tags = sorted(folder.glob("*.tag"))
            return {int(tag.stem): tag.read_text() for tag in tags}

    def finish(self, upload_id: str, component_id: str) -> None:
        """Make the parts that have arrived the component's file, in their order."""
        name = name_for(component_id)
        with self._lock:
            e_tag = joined_tag(self.parts(upload_id).values())
            self._remove(name)
            folder = self._folder("parts", name_for(upload_id))
            folder.replace(self._pieces(name))
            self._tag(name).write_text(e_tag)

    def drop(self, upload_id: str) -> None:
        """Forget the parts of an upload that will not be finished."""
        with self._lock:
            self._clear(self._folder("parts") / name_for(upload_id))

    # -- kept --------------------------------------------------------------------

    def find(self, component_id: str) -> DiskBlob | None:
        """Return the component's file, ``None`` when there is none."""
        return self._find(name_for(component_id))

    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""
        with self._lock:
            return self._remove(name_for(component_id))

    def contents(self) -> Iterator[tuple[str, DiskBlob]]:
        """Yield every whole file under the name it is kept by, in their order."""
        for name in sorted(self._names()):
            found = self._find(name)
            if found is not None:
                yield name, found

    def replace_contents(self, contents: Iterable[tuple[str, Blob]]) -> None:
        """Make these the whole files, and drop the parts of every upload.

        One after the other: killed in between it has some old files and some new ones.
        """
        with self._lock:
            self._clear(self._folder("parts"))
            left = self._names()
            for name, kept in contents:
                self._copy(name, kept)
                left.discard(name)
            for name in left:
                self._remove(name)

    def close(self) -> None:
        """There is nothing to let go of: the files are to stay."""

    def _find(self, name: str) -> DiskBlob | None:
        with self._lock:
            path, pieces = self._file(name), self._pieces(name)
            if pieces.exists():
                self._assemble(pieces, path)
            if not path.exists():
                return None
            return DiskBlob(path, self._e_tag(path, self._tag(name)))

    def _e_tag(self, path: Path, tag: Path) -> str:
        # The process may have been killed before it was written, or as it was.
        if not tag.exists() or not tag.stat().st_size:
            with path.open("rb") as file:
                tag.write_text(hashlib.file_digest(file, hashlib.md5).hexdigest())
        return tag.read_text()

    def _remove(self, name: str) -> bool:
        path, pieces = self._file(name), self._pieces(name)
        was_there = path.exists() or pieces.exists()
        path.unlink(missing_ok=True)
        self._tag(name).unlink(missing_ok=True)
        shutil.rmtree(pieces, ignore_errors=True)
        return was_there

    def _copy(self, name: str, kept: Blob) -> None:
        incoming = self.receive()
        try:
            for block in read_blocks(kept):
                incoming.write(block)
            incoming.close()
            self.move(incoming.path, name, kept.e_tag)
        finally:
            incoming.discard()

    def _assemble(self, pieces: Path, path: Path) -> None:
        whole = path.with_suffix(".whole")
        with whole.open("wb") as target:
            for piece in sorted(pieces.iterdir()):
                if not piece.suffix:
                    with piece.open("rb") as source:
                        shutil.copyfileobj(source, target, _COPY_BLOCK)
        whole.replace(path)
        self._clear(pieces)

    def _clear(self, folder: Path) -> None:
        """Delete a folder that may be there, in one step as seen from outside.

        Half of the parts of an upload would be taken for a file after a crash.
        """
        if folder.exists():
            used = self._aside()
            folder.replace(used)
            shutil.rmtree(used)

    # -- places ------------------------------------------------------------------

    def _names(self) -> set[str]:
        # No name has a full stop: what has one stands for the file before it.
        return {path.name.partition(".")[0] for path in self._folder("files").iterdir()}

    def _file(self, name: str) -> Path:
        return self._folder("files") / name

    def _tag(self, name: str) -> Path:
        return self._folder("files") / f"{name}.tag"

    def _pieces(self, name: str) -> Path:
        return self._folder("files") / f"{name}.parts"

    def _aside(self) -> Path:
        """Return a path at which nothing is, and nothing is looked for."""
        return self._folder("incoming") / secrets.token_hex(16)

    def _folder(self, *names: str) -> Path:
        folder = self._directory.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class DiskIncoming(Incoming):
    """Bytes that arrive on disk, at `path`."""

    def __init__(self, store: DiskBlobStore, path: Path) -> None:
        super().__init__()
        self.path = path
        self._store = store
        self._file: IO[bytes] = path.open("xb")

    def _add(self, block: bytes | bytearray) -> None:
        self._file.write(block)

    def close(self) -> None:
        """Write everything out; calling it twice is harmless."""
        self._file.close()

    def keep(self, component_id: str) -> str:
        """Make what arrived the component's file; return its entity tag."""
        self.close()
        self._store.move(self.path, name_for(component_id), self.e_tag)
        return self.e_tag

    def keep_part(self, upload_id: str, number: int) -> str:
        """Make what arrived a part of an upload; return its entity tag."""
        self.close()
        self._store.move_part(self.path, upload_id, number, self.e_tag)
        return self.e_tag

    def discard(self) -> None:
        """Forget what arrived; what has been kept stays."""
        self.close()
        self.path.unlink(missing_ok=True)

"""Where the bytes of components are: whole files, and parts that are on their way.

Without a directory of its own a store keeps them in a temporary one, which goes with
it. Nothing is ever half there: what arrives is written under another name first.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final, NamedTuple

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
_COPY_BLOCK: Final = 8 * 1024 * 1024


class Kept(NamedTuple):
    """A whole file: where it is, and its entity tag, without quotes."""

    path: Path
    e_tag: str


class Incoming:
    """Bytes that arrive. They count for nothing until a store keeps them.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._file: IO[bytes] = path.open("xb")
        # The tag of a storage, as protocol 2.9 shows it; nothing is kept secret by it.
        self._digest = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes | bytearray) -> None:
        """Add the next bytes."""
        self._file.write(block)
        self._digest.update(block)
        self.size += len(block)

    @property
    def md5(self) -> bytes:
        """Return the MD5 of the bytes so far."""
        return self._digest.digest()

    def close(self) -> None:
        """Write everything out; calling it twice is harmless."""
        self._file.close()

    def discard(self) -> None:
        """Forget what arrived; what a store has kept stays."""
        self.close()
        self.path.unlink(missing_ok=True)


class FileStore:
    """Files by component id, and the parts of uploads by upload id and number.

    Several threads may use it at once.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()

    # -- arriving ----------------------------------------------------------------

    def receive(self) -> Incoming:
        """Return a place for bytes that arrive now."""
        return Incoming(self._folder("incoming") / secrets.token_hex(16))

    def keep(self, component_id: str, incoming: Incoming) -> str:
        """Make what arrived the component's file; return its entity tag."""
        incoming.close()
        e_tag = incoming.md5.hex()
        with self._lock:
            # The old file is there until the new one is, even if the process is killed.
            self._tag(component_id).unlink(missing_ok=True)
            shutil.rmtree(self._pieces(component_id), ignore_errors=True)
            incoming.path.replace(self._file(component_id))
            self._tag(component_id).write_text(e_tag)
        return e_tag

    def keep_part(self, upload_id: str, number: int, incoming: Incoming) -> str:
        """Make what arrived a part of an upload, in place of an earlier one.

        Returns its entity tag.
        """
        incoming.close()
        e_tag = incoming.md5.hex()
        with self._lock:
            folder = self._folder("parts", _safe(upload_id))
            incoming.path.replace(folder / f"{number:05}")
            (folder / f"{number:05}.tag").write_text(e_tag)
        return e_tag

    def parts(self, upload_id: str) -> dict[int, str]:
        """Return the entity tags of the parts that have arrived, by number."""
        with self._lock:
            folder = self._folder("parts", _safe(upload_id))
            tags = sorted(folder.glob("*.tag"))
            return {int(tag.stem): tag.read_text() for tag in tags}

    def finish(self, upload_id: str, component_id: str) -> None:
        """Make the parts that have arrived the component's file, in their order.

        They are put together when the file is first asked for.
        """
        with self._lock:
            tags = self.parts(upload_id)
            digest = hashlib.md5(usedforsecurity=False)
            for e_tag in tags.values():
                digest.update(bytes.fromhex(e_tag))
            folder = self._folder("parts", _safe(upload_id))
            self.discard(component_id)
            folder.replace(self._pieces(component_id))
            self._tag(component_id).write_text(f"{digest.hexdigest()}-{len(tags)}")

    # -- kept --------------------------------------------------------------------

    def find(self, component_id: str) -> Kept | None:
        """Return the component's file, ``None`` when there is none."""
        with self._lock:
            path, pieces = self._file(component_id), self._pieces(component_id)
            if pieces.exists():
                self._assemble(pieces, path)
            if not path.exists():
                return None
            return Kept(path, self._e_tag(path, self._tag(component_id)))

    def _e_tag(self, path: Path, tag: Path) -> str:
        # The process may have been killed before it was written, or as it was.
        if not tag.exists() or not tag.stat().st_size:
            with path.open("rb") as file:
                tag.write_text(hashlib.file_digest(file, hashlib.md5).hexdigest())
        return tag.read_text()

    def discard(self, component_id: str) -> bool:
        """Delete the component's file; return whether there was one."""
        with self._lock:
            path, pieces = self._file(component_id), self._pieces(component_id)
            was_there = path.exists() or pieces.exists()
            path.unlink(missing_ok=True)
            self._tag(component_id).unlink(missing_ok=True)
            shutil.rmtree(pieces, ignore_errors=True)
            return was_there

    def contents(self) -> list[tuple[str, bytes]]:
        """Return every whole file and its tag, by name; for `replace_contents`."""
        with self._lock:
            if self._directory is None and self._temporary is None:
                return []
            folder = self._folder("files")
            for pieces in folder.glob("*.parts"):
                self._assemble(pieces, pieces.with_suffix(""))
            return [(path.name, path.read_bytes()) for path in folder.iterdir()]

    def replace_contents(self, contents: Iterable[tuple[str, bytes]]) -> None:
        """Make these the whole files; parts of uploads on their way stay."""
        with self._lock:
            if self._directory is not None or self._temporary is not None:
                shutil.rmtree(self._folder("files"))
            for name, content in contents:
                (self._folder("files") / name).write_bytes(content)

    def close(self) -> None:
        """Delete what is kept, unless it is in a directory that was given."""
        with self._lock:
            temporary, self._temporary = self._temporary, None
        if temporary is not None:
            temporary.cleanup()

    def _assemble(self, pieces: Path, path: Path) -> None:
        whole = path.with_suffix(".whole")
        with whole.open("wb") as target:
            for piece in sorted(pieces.iterdir()):
                if not piece.suffix:
                    with piece.open("rb") as source:
                        shutil.copyfileobj(source, target, _COPY_BLOCK)
        whole.replace(path)
        # In one step: half of the parts would be taken for a file after a crash.
        used = self._folder("incoming") / secrets.token_hex(16)
        pieces.replace(used)
        shutil.rmtree(used)

    # -- places ------------------------------------------------------------------

    def _file(self, component_id: str) -> Path:
        return self._folder("files") / _safe(component_id)

    def _tag(self, component_id: str) -> Path:
        return self._folder("files") / f"{_safe(component_id)}.tag"

    def _pieces(self, component_id: str) -> Path:
        return self._folder("files") / f"{_safe(component_id)}.parts"

    def _folder(self, *names: str) -> Path:
        with self._lock:
            if self._directory is None and self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="ftrack-emulator-")
            root = self._directory or Path(
                str(self._temporary and self._temporary.name)
            )
            folder = root.joinpath(*names)
            folder.mkdir(parents=True, exist_ok=True)
            return folder


def _safe(name: str) -> str:
    """Return a file name for an id; ids are the clients' to choose."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    return hashlib.sha256(name.encode()).hexdigest()

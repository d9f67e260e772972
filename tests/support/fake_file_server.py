"""A storage and a server that keep everything in memory and do what a test says."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from ftrack_orm import FtrackError
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    Delete,
    GetUploadMetadata,
    Query,
    Response,
)
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Cancel, FileDownload, FileReply

SERVER = "https://studio.example"
FAST = RetryPolicy(attempts=4, first_wait=0.001, longest_wait=0.002)

Answer: TypeAlias = FileReply | BaseException | Callable[[], Any] | None
"""A reply, an error to raise, something to do; ``None`` takes the bytes."""


@dataclass
class Put:
    """One PUT: where to, what arrived, and with which headers."""

    url: str
    content: bytes
    headers: Mapping[str, str] | None
    announced: int


def tag_of(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()  # noqa: S324 # a storage's tag


class NoFile:
    """An answer that there is no file."""

    status = 404
    headers: Mapping[str, str] = MappingProxyType({})

    def blocks(self, size: int) -> Iterator[bytes]:
        return iter(())


@dataclass
class Storage:
    """A `FileTransport` whose answers a test chooses, by the end of the address."""

    puts: list[Put] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    most_at_once: int = 0
    pause: float = 0.0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        return f"{SERVER}{path}?id={parameters['id']}&apiKey=secret"

    def put(
        self,
        url: str,
        blocks: Iterable[bytes],
        size: int,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> FileReply:
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            content = b"".join(blocks)
            if self.pause:
                threading.Event().wait(self.pause)
            return self._answer(url, content, size, headers)
        finally:
            with self._lock:
                self._now -= 1

    def _answer(
        self, url: str, content: bytes, size: int, headers: Mapping[str, str] | None
    ) -> FileReply:
        with self._lock:
            self.puts.append(Put(url, content, headers, size))
            waiting = self.answers.get(url.rpartition("/")[2])
            answer = waiting.pop(0) if waiting else None
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, FileReply):
            return answer
        if answer is not None:
            answer()
        return FileReply(200, {"etag": f'"{tag_of(content)}"'})

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[FileDownload]:
        yield NoFile()

    def close(self) -> None:
        pass

    def tries(self, name: str) -> int:
        return sum(put.url.endswith(f"/{name}") for put in self.puts)


@dataclass
class Server:
    """Answers the batches of an upload; `failures` holds what an action meets."""

    calls: list[list[AnyOperation]] = field(default_factory=list)
    failures: dict[str, list[FtrackError]] = field(default_factory=dict)
    components: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    uploads: int = 0

    def __call__(
        self, operations: Sequence[AnyOperation], *, cancel: Cancel | None = None
    ) -> list[Response[Any]]:
        self.calls.append(list(operations))
        for operation in operations:
            assert not isinstance(operation, Mapping)
            waiting = self.failures.get(name_of(operation))
            if waiting:
                raise waiting.pop(0)
        return [self._answer(operation) for operation in operations]

    def _answer(self, operation: AnyOperation) -> Response[Any]:
        match operation:
            case Create("FileComponent", data):
                self.components.add(data["id"])
                return Response("create", dict(data))
            case Create(_, data):
                self.places.add(data["component_id"])
                return Response("create", dict(data))
            case Delete(_, key):
                self.components.discard(str(key[0]))
                return Response("delete", True)
            case GetUploadMetadata():
                self.uploads += 1
                return Response("get_upload_metadata", addresses(operation))
            case CompleteMultipartUpload():
                return Response("complete_multipart_upload", {})
            case Query(expression):
                kept = self.places if "ComponentLocation" in expression else None
                kept = self.components if kept is None else kept
                found = [{"id": one} for one in kept if f'"{one}"' in expression]
                return Response("query", found)
            case _:
                raise AssertionError(operation)

    def actions(self) -> list[list[str]]:
        return [[name_of(step) for step in call] for call in self.calls]


def name_of(operation: AnyOperation) -> str:
    if isinstance(operation, Create):
        return f"create {operation.entity_type}"
    return str(getattr(operation, "action", None))


def addresses(operation: GetUploadMetadata) -> dict[str, Any]:
    base = f"https://store.example/{operation.component_id}"
    if operation.parts is None:
        headers = {"Content-Type": "image/x-exr"}
        return {"component_id": "c", "url": f"{base}/whole", "headers": headers}
    urls = [
        {"part_number": number, "signed_url": f"{base}/{number}"}
        for number in range(1, operation.parts + 1)
    ]
    return {"component_id": "c", "upload_id": "u1", "urls": urls}

"""A storage that answers downloads with the replies that a test gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ftrack_orm import TransportError, TruncatedResponseError
from ftrack_orm.types import FileDownload
from tests.support.fake_file_server import Storage

CONTENT = bytes(range(256)) * 40
BROKEN = TruncatedResponseError("https://studio.example", 0, "reset")


@dataclass
class Answer:
    """A download's answer; `after` is raised, or done, when the body is read."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: TransportError | Callable[[], object] | None = None

    def blocks(self, size: int) -> Iterator[bytes]:
        for start in range(0, len(self.body), 1000):
            yield self.body[start : start + 1000]
        if isinstance(self.after, TransportError):
            raise self.after
        if self.after is not None:
            self.after()


@dataclass
class Library(Storage):
    """Gives the answers in order; the whole file when none is left."""

    replies: list[Answer | TransportError] = field(default_factory=list)
    asked: list[Mapping[str, str]] = field(default_factory=list)

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[FileDownload]:
        assert "/component/get?id=c1" in url
        self.asked.append(headers or {})
        reply = self.replies.pop(0) if self.replies else whole()
        if isinstance(reply, TransportError):
            raise reply
        yield reply


def whole(e_tag: str | None = '"v1"', content: bytes = CONTENT) -> Answer:
    headers = {"content-length": str(len(content))}
    return Answer(200, headers | ({"etag": e_tag} if e_tag else {}), content)


def broken(kept: int, e_tag: str | None = '"v1"') -> Answer:
    answer = whole(e_tag)
    return Answer(200, answer.headers, CONTENT[:kept], BROKEN)


def rest(start: int, e_tag: str = '"v1"', claimed: int | None = None) -> Answer:
    begin = start if claimed is None else claimed
    span = f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"
    return Answer(206, {"content-range": span, "etag": e_tag}, CONTENT[start:])

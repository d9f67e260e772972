"""Answers to a download that are cut at every byte, over sockets."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ftrack_orm import DownloadError, ServerError, TransportError
from ftrack_orm.transfer.download import download
from ftrack_orm.transport.files import RequestsFiles
from ftrack_orm.transport.retry import NO_RETRIES
from tests.support.fake_file_server import FAST
from tests.support.scripted_server import Answer, Request, ScriptedServer, serving

CONTENT = bytes(range(1, 120))
SIZE = len(CONTENT)
E_TAG = 'ETag: "v1"\r\n'
# The server hangs up after each answer; a client must not use the connection again.
OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n"


def with_length(content: bytes = CONTENT, extra: str = E_TAG) -> bytes:
    head = f"{OK}{extra}Content-Length: {len(content)}\r\n\r\n"
    return head.encode("ascii") + content


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving() as server:
        yield server


def in_chunks(content: bytes = CONTENT) -> bytes:
    head = f"{OK}Transfer-Encoding: chunked\r\n{E_TAG}\r\n"
    chunks = [content[start : start + 50] for start in range(0, len(content), 50)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return head.encode("ascii") + body + b"0\r\n\r\n"


def until_the_end(content: bytes = CONTENT) -> bytes:
    return f"{OK}{E_TAG}\r\n".encode("ascii") + content


def rest(request: Request) -> bytes:
    """Answer a request for the whole file, or for the rest of it."""
    wanted = request.headers.get("range")
    if wanted is None:
        return with_length()
    start = int(wanted.removeprefix("bytes=").removesuffix("-"))
    last = len(CONTENT) - 1
    head = (
        f"HTTP/1.1 206 Partial Content\r\nConnection: close\r\n{E_TAG}"
        f"Content-Range: bytes {start}-{last}/{len(CONTENT)}\r\n"
        f"Content-Length: {len(CONTENT) - start}\r\n\r\n"
    )
    return head.encode("ascii") + CONTENT[start:]


def always(answer: bytes) -> Answer:
    return lambda request: answer


def once(answer: bytes) -> Answer:
    """Return `answer` to the first request, and what is asked for to the others."""
    answers = iter([answer])
    return lambda request: next(answers, rest(request))


ANSWERS = {
    "length": with_length(),
    "chunks": in_chunks(),
    "until the end": until_the_end(),
}


@dataclass
class Size:
    """The size of a component: in memory, on the server, and how often asked for."""

    on_server: int | Exception | None = SIZE
    in_memory: int | None = None
    requests: int = 0

    def from_memory(self) -> int | None:
        return self.in_memory

    def from_server(self) -> int | None:
        self.requests += 1
        if isinstance(self.on_server, Exception):
            raise self.on_server
        return self.on_server


@pytest.fixture
def files(server: ScriptedServer) -> Iterator[RequestsFiles]:
    files = RequestsFiles(server.url, "jane", "key", timeout=5)
    yield files
    files.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "plate.exr"
    path.write_bytes(b"before")
    return path


def only(target: Path) -> bytes:
    """Return the target's content; nothing lies beside it."""
    assert list(target.parent.iterdir()) == [target]
    return target.read_bytes()


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_head_that_breaks_off_is_a_transport_error(
    server: ScriptedServer, files: RequestsFiles, kind: str
) -> None:
    answer = ANSWERS[kind]
    for cut in range(answer.index(b"\r\n\r\n") + 4):
        server.answer = always(answer[:cut])
        with (
            pytest.raises(TransportError),
            files.get(files.url("/component/get", {"id": "c1"})),
        ):
            pass


def test_a_put_whose_answer_breaks_off_in_its_head_is_a_transport_error(
    server: ScriptedServer, files: RequestsFiles
) -> None:
    answer = with_length(b"")
    for cut in range(len(answer)):
        server.answer = always(answer[:cut])
        with pytest.raises(TransportError):
            files.put(f"{server.url}/a", [b"x"], 1)


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_cut_download_is_an_error_and_changes_nothing(
    server: ScriptedServer, files: RequestsFiles, target: Path, kind: str
) -> None:
    answer = ANSWERS[kind]
    # What ends a body of chunks may be missing: all of the file is there.
    end = answer.rindex(b"\r\n0\r\n\r\n") if kind == "chunks" else len(answer)
    for cut in range(end):
        server.answer = always(answer[:cut])
        with pytest.raises(DownloadError):
            download(files, "c1", target, size=Size(), retry=NO_RETRIES)
        assert only(target) == b"before"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_download_that_is_cut_once_is_whole(
    server: ScriptedServer, files: RequestsFiles, target: Path, kind: str
) -> None:
    answer = ANSWERS[kind]
    for cut in range(len(answer)):
        server.answer = once(answer[:cut])
        target.write_bytes(b"before")
        download(files, "c1", target, size=Size(), retry=FAST)
        assert only(target) == CONTENT


@pytest.mark.parametrize("e_tag", [E_TAG, ""])
def test_a_body_and_its_length_that_are_cut_alike_are_no_file(
    server: ScriptedServer, files: RequestsFiles, target: Path, e_tag: str
) -> None:
    for length in range(len(CONTENT)):
        server.answer = always(with_length(CONTENT[:length], e_tag))
        with pytest.raises(DownloadError, match=f"{length} bytes arrived"):
            download(files, "c1", target, size=Size(), retry=NO_RETRIES)
        assert only(target) == b"before"


@pytest.mark.parametrize("e_tag", [E_TAG, ""])
def test_the_rest_of_a_body_that_was_cut_with_its_length_is_fetched(
    server: ScriptedServer, files: RequestsFiles, target: Path, e_tag: str
) -> None:
    for length in range(len(CONTENT)):
        server.answer = once(with_length(CONTENT[:length], e_tag))
        server.requests.clear()
        download(files, "c1", target, size=Size(), retry=FAST)
        assert only(target) == CONTENT
        is_continued = "range" in server.requests[-1].headers
        assert is_continued is bool(length and e_tag)


def test_more_bytes_than_the_component_has_are_no_file(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    server.answer = always(with_length(CONTENT + b"more"))

    with pytest.raises(DownloadError, match="123 bytes arrived, and the component has"):
        download(files, "c1", target, size=Size(), retry=FAST)

    assert only(target) == b"before"
    assert len(server.requests) == 2


@pytest.mark.parametrize("size", [None, 0])
def test_a_component_without_a_size_is_compared_with_nothing(
    server: ScriptedServer, files: RequestsFiles, target: Path, size: int | None
) -> None:
    server.answer = always(with_length())

    download(files, "c1", target, size=Size(size), retry=NO_RETRIES)

    assert only(target) == CONTENT


# -- where the size comes from ---------------------------------------------------------


@pytest.mark.parametrize(("in_memory", "requests"), [(None, 1), (len(CONTENT), 0)])
def test_the_size_is_asked_for_once_where_it_is_not_in_memory(
    server: ScriptedServer,
    files: RequestsFiles,
    target: Path,
    in_memory: int | None,
    requests: int,
) -> None:
    size = Size(in_memory=in_memory)
    server.answer = once(with_length()[:90])

    download(files, "c1", target, size=size, retry=FAST)

    assert size.requests == requests
    assert only(target) == CONTENT


def test_a_size_in_memory_that_is_out_of_date_is_asked_for(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    size = Size(in_memory=7)
    server.answer = always(with_length())

    download(files, "c1", target, size=size, retry=FAST)

    assert size.requests == 1
    assert only(target) == CONTENT


def test_a_file_that_is_cut_and_whose_size_is_out_of_date_is_fetched_again(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    size = Size(in_memory=7)
    answers = iter([with_length(CONTENT[:50], "")] * 2)
    server.answer = lambda request: next(answers, with_length())

    download(files, "c1", target, size=size, retry=FAST)

    assert (size.requests, len(server.requests)) == (1, 3)
    assert only(target) == CONTENT


@pytest.mark.parametrize("on_server", [None, 0])
def test_a_size_in_memory_that_the_server_no_longer_gives_is_forgotten(
    server: ScriptedServer, files: RequestsFiles, target: Path, on_server: int | None
) -> None:
    server.answer = always(with_length())

    download(files, "c1", target, size=Size(on_server, in_memory=7), retry=FAST)

    assert only(target) == CONTENT


def test_a_size_in_memory_that_is_right_is_believed_after_one_more_request(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    size = Size(in_memory=len(CONTENT))
    server.answer = always(with_length(CONTENT[:50], ""))

    with pytest.raises(DownloadError, match="50 bytes arrived"):
        download(files, "c1", target, size=size, retry=FAST)

    assert size.requests == 1
    assert only(target) == b"before"


@pytest.mark.parametrize(
    "failure",
    [TransportError("no answer"), ServerError("PermissionError", "You may not")],
)
def test_a_size_that_cannot_be_asked_for_is_an_error(
    server: ScriptedServer, files: RequestsFiles, target: Path, failure: Exception
) -> None:
    with pytest.raises(DownloadError) as caught:
        download(files, "c1", target, size=Size(failure), retry=FAST)

    assert caught.value.__cause__ is failure
    assert (server.requests, only(target)) == ([], b"before")


# -- checksums -------------------------------------------------------------------------


def md5(content: bytes) -> str:
    digest = hashlib.md5(content)  # noqa: S324 # the wire's checksum
    return b64encode(digest.digest()).decode()


HEADERS = [
    "Content-MD5: {0}\r\n",
    "x-goog-hash: md5={0}\r\n",
    "x-goog-hash: crc32c=n03x6A==, md5={0}\r\n",
    "x-goog-hash: crc32c=n03x6A==\r\nx-goog-hash: md5={0}\r\n",
]


@pytest.mark.parametrize("header", HEADERS)
def test_bytes_without_the_announced_md5_are_no_file(
    server: ScriptedServer, files: RequestsFiles, target: Path, header: str
) -> None:
    extra = E_TAG + header.format(md5(CONTENT))
    server.answer = always(with_length(CONTENT[::-1], extra))

    with pytest.raises(DownloadError, match="announced MD5"):
        download(files, "c1", target, retry=FAST)
    assert only(target) == b"before"

    server.answer = always(with_length(CONTENT, extra))
    download(files, "c1", target, retry=FAST)
    assert only(target) == CONTENT


def test_the_md5_is_that_of_the_whole_file_when_it_comes_in_two_answers(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    whole = with_length(CONTENT, f"{E_TAG}Content-MD5: {md5(CONTENT)}\r\n")
    server.answer = once(whole[:-40])
    download(files, "c1", target, retry=FAST)
    assert only(target) == CONTENT

    other = with_length(CONTENT, f"{E_TAG}Content-MD5: {md5(b'other')}\r\n")
    server.answer = once(other[:-40])
    server.requests.clear()
    download(files, "c1", target, retry=FAST)
    assert only(target) == CONTENT
    assert len(server.requests) == 3


@pytest.mark.parametrize("value", ["", "no base64", "AAAA", "é"])
def test_a_checksum_that_is_none_is_not_compared(
    server: ScriptedServer, files: RequestsFiles, target: Path, value: str
) -> None:
    answer = with_length(CONTENT, "Content-MD5: VALUE\r\n")
    server.answer = lambda request: answer.replace(b"VALUE", value.encode("latin-1"))

    download(files, "c1", target, retry=NO_RETRIES)

    assert only(target) == CONTENT


def test_an_entity_tag_that_looks_like_an_md5_is_not_compared(
    server: ScriptedServer, files: RequestsFiles, target: Path
) -> None:
    other = hashlib.md5(b"encrypted").hexdigest()  # noqa: S324 # a storage's tag
    server.answer = always(with_length(CONTENT, f'ETag: "{other}"\r\n'))

    download(files, "c1", target, retry=NO_RETRIES)

    assert only(target) == CONTENT


def test_a_head_that_breaks_off_behind_a_proxy_is_a_transport_error(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    files = RequestsFiles("http://studio.example", "jane", "key", timeout=5)
    server.answer = always(b"HTTP/1.1 200 OK\r\nETag: ")

    with (
        pytest.raises(TransportError),
        files.get("http://studio.example/component/get"),
    ):
        pass
    files.close()

    assert server.requests[0].path == "http://studio.example/component/get"

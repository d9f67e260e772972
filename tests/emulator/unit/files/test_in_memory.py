"""Files in memory: one copy of each, and no file system."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import Final

from ftrack_orm.emulator.blobs.in_memory import MemoryBlobStore
from ftrack_orm.emulator.blobs.store import BLOCK, read_blocks
from tests.support.stored_files import keep_part

PARTS: Final = 4
PART: Final = bytes(4 * BLOCK)


def test_an_upload_needs_the_memory_of_its_file_once() -> None:
    store = MemoryBlobStore()
    tracemalloc.start()
    try:
        for number in range(1, PARTS + 1):
            incoming = store.receive()
            for start in range(0, len(PART), BLOCK):
                incoming.write(PART[start : start + BLOCK])
            incoming.save_part("u1", number)
        store.finish("u1", "c1")
        kept = store.find("c1")
        assert kept is not None
        assert sum(map(len, read_blocks(kept))) == PARTS * len(PART)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < PARTS * len(PART) + 4 * BLOCK


def test_what_is_replaced_is_let_go_of() -> None:
    store = MemoryBlobStore()
    tracemalloc.start()
    try:
        for _ in range(5):
            keep_part(store, "u1", 1, bytes(PART))
            store.finish("u1", "c1")
        store.close()
        now, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < len(PART)
    assert store.find("c1") is None


# In a process of its own: an audit hook stays as long as its process.
_PROGRAM: Final = """
import io, json, os, sys
import ftrack_models
from PIL import Image
from ftrack_orm.emulator import Emulator

Image.init()
picture = io.BytesIO()
Image.new("RGB", (800, 400)).save(picture, "PNG")
content = picture.getvalue()
written = []

def watch(event, arguments):
    if event == "open":
        if isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
            written.append((event, arguments))
    elif event == "sqlite3.connect":
        if arguments[0] not in (":memory:", "file:emulator?vfs=memdb"):
            written.append((event, arguments))
    elif event.startswith("tempfile.") or event in ("os.mkdir", "os.rename"):
        written.append((event, arguments))

sys.addaudithook(watch)
emulator = Emulator()
before = emulator.snapshot()
transport = emulator.transport()
files = transport.files

def call(**operation):
    return json.loads(transport.call(json.dumps([operation]).encode()).body)[0]

def metadata(parts):
    return call(action="get_upload_metadata", component_id="c1", file_name="a.png",
                file_size=len(content), parts=parts)

def look():
    for path in ("/component/get", "/component/thumbnail"):
        with files.get(files.url(path, {"id": "c1"})) as answer:
            assert answer.status == 200 and b"".join(answer.blocks(1000))

assert files.put(metadata(None)["url"], [content], len(content)).status == 200
look()
found = metadata(2)
pieces = zip(found["urls"], (content[:99], content[99:]))
tags = [
    {
        "part_number": url["part_number"],
        "e_tag": files.put(url["signed_url"], [piece], len(piece)).headers["etag"],
    }
    for url, piece in pieces
]
call(action="complete_multipart_upload", component_id="c1",
     upload_id=found["upload_id"], parts=tags)
look()
emulator.restore(emulator.snapshot())
look()
emulator.restore(before)
emulator.close()
print(written)
"""


def test_an_emulator_without_database_and_directory_touches_no_disk() -> None:
    done = subprocess.run(
        # Python itself writes the bytecode of modules that it imports late.
        [sys.executable, "-B", "-c", _PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")

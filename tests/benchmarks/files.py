"""Uploading and downloading a file, beside the same transfer with bare `requests`.

``python -m tests.benchmarks.files [MIB]``. Every transfer runs in a process of its own,
so that its peak of memory is its own; the emulator runs in another.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import requests

from ftrack_orm import Session
from ftrack_orm.emulator import Credentials, Emulator

MEBIBYTE = 1024 * 1024
BLOCK = MEBIBYTE
REPEATS = 5


class Transfer(NamedTuple):
    """What one transfer took: seconds, and bytes of memory above the start."""

    seconds: float
    memory: int


def _api(credentials: Credentials, operations: list[dict[str, Any]]) -> Any:
    answer = requests.post(
        f"{credentials['server_url']}/api",
        json=operations,
        headers={
            "ftrack-user": credentials["api_user"],
            "ftrack-api-key": credentials["api_key"],
        },
        timeout=60,
    )
    return answer.json()


def upload_ours(credentials: Credentials, path: Path, target: Path) -> str:
    """Upload with the session; return the component's id."""
    del target
    with Session(**credentials, check_schema="ignore") as session:
        return str(session.create_component(path)[0].data.reference.key[0])


def upload_bare(credentials: Credentials, path: Path, target: Path) -> str:
    """Upload the same bytes as one PUT of `requests`, streamed from the file."""
    del target
    component_id = str(uuid.uuid4())
    asked = {
        "action": "get_upload_metadata",
        "component_id": component_id,
        "file_name": path.name,
        "file_size": path.stat().st_size,
        "parts": None,
    }
    [metadata] = _api(credentials, [asked])
    with path.open("rb") as source:
        answer = requests.put(
            metadata["url"], data=source, headers=metadata["headers"], timeout=600
        )
    answer.raise_for_status()
    return component_id


def _component(credentials: Credentials, path: Path) -> str:
    """Return the id of a component that holds the file; nobody's time is taken."""
    stem = path.with_suffix(".id")
    if not stem.exists():
        stem.write_text(upload_ours(credentials, path, path))
    return stem.read_text()


def _remove(credentials: Credentials, component_id: str) -> None:
    """Delete an uploaded file, so that the next has its room."""
    _endpoint(credentials, "remove", component_id).close()


def _endpoint(
    credentials: Credentials, name: str, component_id: str
) -> requests.Response:
    answer = requests.get(
        f"{credentials['server_url']}/component/{name}",
        params={
            "id": component_id,
            "username": credentials["api_user"],
            "apiKey": credentials["api_key"],
        },
        stream=True,
        timeout=600,
    )
    answer.raise_for_status()
    return answer


def download_ours(credentials: Credentials, path: Path, target: Path) -> None:
    """Download with the session."""
    with Session(**credentials, check_schema="ignore") as session:
        session.download_component(_component(credentials, path), target)


def download_bare(credentials: Credentials, path: Path, target: Path) -> None:
    """Download with one GET of `requests`, streamed to the file."""
    answer = _endpoint(credentials, "get", _component(credentials, path))
    with target.open("wb") as sink:
        for block in answer.iter_content(BLOCK):
            sink.write(block)


WORK: dict[str, Callable[[Credentials, Path, Path], str | None]] = {
    "upload_ours": upload_ours,
    "upload_bare": upload_bare,
    "download_ours": download_ours,
    "download_bare": download_bare,
}


STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak(*, anew: bool = False) -> int:
    """Return the most memory this process has held, in bytes; from now on if `anew`.

    Where the system cannot forget an earlier peak, what a process inherits from the
    one that started it counts as well.
    """
    if not CLEAR.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    if anew:
        CLEAR.write_text("5")
    lines = STATUS.read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def work(name: str, credentials: Credentials, path: Path, target: Path) -> None:
    """Do one transfer and print what it took."""
    if name.startswith("download"):
        _component(credentials, path)
    # Both write a new file: memory that a file has given back is faster to have again.
    target.unlink(missing_ok=True)
    # Modules are imported before the time is taken: it is that of the transfer.
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.mov")
        small.write_bytes(b"x")
        WORK[name](credentials, small, Path(folder, "copy.mov"))
    before, began = peak(anew=True), time.perf_counter()
    uploaded = WORK[name](credentials, path, target)
    took, needed = time.perf_counter() - began, peak() - before
    if uploaded is not None:
        _remove(credentials, uploaded)
    if name.startswith("download") and target.stat().st_size != path.stat().st_size:
        raise SystemExit("the copy is not whole")
    print(json.dumps([took, needed]))


def run(name: str, credentials: Credentials, path: Path, target: Path) -> Transfer:
    """Return what one transfer took, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.files", "--work", name]
    arguments = [json.dumps(credentials), str(path), str(target)]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=True
    )
    return Transfer(*json.loads(done.stdout.splitlines()[-1]))


def measure_files(size: int) -> dict[str, Transfer]:
    """Return the median of each transfer of `size` bytes; ours and bare by turns."""
    found: dict[str, list[Transfer]] = {name: [] for name in WORK}
    memory = "/dev/shm"  # noqa: S108 # the disk is not what is measured
    with tempfile.TemporaryDirectory(
        dir=memory if Path(memory).exists() else None
    ) as folder:
        path, target = Path(folder, "plate.mov"), Path(folder, "copy.mov")
        with path.open("wb") as file:
            file.truncate(size)
        with Emulator(data=Path(folder, "data")) as emulator:
            credentials = emulator.credentials
            # A virtual machine is slow to give memory that nobody had before.
            for name in list(found) * 2:
                run(name, credentials, path, target)
            for number in range(REPEATS):
                for name in list(found)[:: (-1) ** number]:
                    found[name].append(run(name, credentials, path, target))
    return {
        name: Transfer(
            statistics.median(each.seconds for each in transfers),
            max(each.memory for each in transfers),
        )
        for name, transfers in found.items()
    }


def main(arguments: list[str]) -> int:
    """Print what each transfer took and how ours compares."""
    if arguments[:1] == ["--work"]:
        name, credentials, path, target = arguments[1:]
        work(name, json.loads(credentials), Path(path), Path(target))
        return 0
    size = int(arguments[0]) if arguments else 1024
    found = measure_files(size * MEBIBYTE)
    for kind in ("upload", "download"):
        ours, bare = found[f"{kind}_ours"], found[f"{kind}_bare"]
        print(
            f"{kind} of {size} MiB: {ours.seconds:.2f} s, bare requests "
            f"{bare.seconds:.2f} s, speed {bare.seconds / ours.seconds:.2f} of it; "
            f"peak memory {ours.memory / MEBIBYTE:.0f} MiB, bare "
            f"{bare.memory / MEBIBYTE:.0f} MiB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The memory that the transfer of a large file needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ftrack_orm import (
    Session,
)
from ftrack_orm.emulator import Emulator

_MEASURING = """
import json, resource, sys
from pathlib import Path
from ftrack_orm import Session
credentials, path, target = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
small = Path(target + ".small")
small.write_bytes(b"x")
session = Session(**credentials, check_schema="ignore")
session.create_component(small)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
base = peak()
component = session.create_component(path)[0].data
session.download_component(component, target)
print(peak() - base)
"""


def test_a_file_of_any_size_needs_little_memory(
    over_http: Session, clean: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(256 * 1024 * 1024)
    target = tmp_path / "copy.bin"

    arguments = [json.dumps(clean.credentials), str(path), str(target)]
    found = subprocess.run(
        [sys.executable, "-c", _MEASURING, *arguments],
        check=True,
        capture_output=True,
    )

    assert target.stat().st_size == path.stat().st_size
    assert int(found.stdout) < 96 * 1024  # KiB

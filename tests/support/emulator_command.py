"""The command ``ftrack-orm emulator`` in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_PATH = {
    "PYTHONPATH": os.pathsep.join(
        map(str, (ROOT, ROOT / "codegen", ROOT / "generated"))
    )
}
RUN = "from ftrack_orm.cli.main import main; main()"


@contextmanager
def running(
    *arguments: str, stop: signal.Signals = signal.SIGINT, log: Path | None = None
) -> Iterator[dict[str, str]]:
    """Run the command, yield what it printed as name and value, interrupt it."""
    with (log or Path(os.devnull)).open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "emulator", *arguments],
            cwd=ROOT,
            env=os.environ | PYTHON_PATH,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        printed: dict[str, str] = {}
        try:
            while not (line := process.stdout.readline()).startswith("Serving"):
                assert line, "the command ended early"
                name, _, value = line.strip().partition("=")
                printed[name] = value
            yield printed
        finally:
            process.send_signal(stop)
            rest, _ = process.communicate(timeout=10)
    assert rest == "Stopped.\n"
    assert process.returncode == 0

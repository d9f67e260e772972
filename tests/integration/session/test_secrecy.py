"""One walk through every failing path, and a search for the key in all that came out.

Exceptions with everything that hangs on them, tracebacks with the local variables of
the library's frames, log records of all libraries at their most talkative, warnings,
standard output and every `repr`: the API key is in none of them.
"""

from __future__ import annotations

import logging
import threading
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import NO_RETRIES, FtrackError, RetryPolicy, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.stock.studio import ADMIN_API_KEY
from tests.support.demo_production import a_shot
from tests.support.fault_matrix import FAULTS, READS, UNTRACEABLE, WRITES, Act, Scene
from tests.support.reachable_text import reachable_from


def cancelled() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def upload(session: Session, scene: Scene, **options: Any) -> None:
    path = scene.extra["folder"] / "plate.mov"
    path.write_bytes(b"x" * 1000)
    session.create_component(path, retry=NO_RETRIES, **options)


def download(session: Session, scene: Scene, **options: Any) -> None:
    target = scene.extra["folder"] / "copy.mov"
    session.download_component(
        scene.extra["uploaded"], target, retry=NO_RETRIES, **options
    )


FILES: dict[str, Act] = {
    "create_component": upload,
    "create_component, resumed": lambda s, x: upload(s, x, resume=True),
    "create_component, cancelled": lambda s, x: upload(s, x, cancel=cancelled()),
    "download_component": download,
    "download_component, cancelled": lambda s, x: download(s, x, cancel=cancelled()),
    "download_component, of nothing": lambda s, x: s.download_component(
        "nothing", x.extra["folder"] / "nothing.mov", retry=NO_RETRIES
    ),
}
METHODS: dict[str, Act] = {
    **READS,
    **{name: act for name, (act, _) in WRITES.items()},
    **{f"{name} ": act for name, (_, act) in UNTRACEABLE.items()},
    **FILES,
}

IMPATIENCE = 0.3
"""Seconds until a session gives an answer of the storage up."""

FILE_FAULTS: dict[str, Callable[[Faults], None]] = {
    "reset": lambda faults: faults.drop_before(times=5),
    "answer lost": lambda faults: faults.drop_after(times=5),
    "late": lambda faults: faults.delay(3 * IMPATIENCE, times=5),
    "502": lambda faults: faults.html(status=502, times=5),
    "403": lambda faults: faults.status(403, times=5),
    "truncated": lambda faults: faults.truncate(3, times=5),
}


@pytest.mark.parametrize("method", METHODS)
def test_no_failing_path_shows_the_key(
    emulator: Emulator,
    scene: Scene,
    method: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    scene.extra["folder"] = tmp_path
    scene.extra["uploaded"] = "nothing-yet"
    texts: list[str] = []
    failures = 0
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for break_it in all_faults(emulator, method):
            failures += run(emulator, METHODS[method], scene, break_it, texts)
        texts += [str(warning.message) for warning in warned]

    assert failures > 0
    texts += [record.getMessage() + repr(record.args) for record in caplog.records]
    texts += capfd.readouterr()
    assert len(texts) > failures
    assert [text for text in texts if ADMIN_API_KEY in text] == []


def all_faults(emulator: Emulator, method: str) -> list[Callable[[], object]]:
    """Return what makes a method fail: on the API's way, and on the files'."""
    found: list[Callable[[], object]] = [
        lambda act=act: act(emulator.faults, 5)  # type: ignore[misc]
        for name, act in FAULTS.items()
        if name != "late"
    ]
    found.append(lambda: emulator.faults.deny_permission(times=5))
    found.append(emulator.stop)
    if method in FILES:
        found += [
            lambda act=act: act(emulator.file_faults)  # type: ignore[misc]
            for act in FILE_FAULTS.values()
        ]
    return found


def run(
    emulator: Emulator,
    act: Act,
    scene: Scene,
    break_it: Callable[[], object],
    texts: list[str],
) -> int:
    """Let a method fail in a session of its own; return 1 when it did."""
    with Session(
        **emulator.start().credentials,
        check_schema="ignore",
        retry=RetryPolicy(attempts=2, first_wait=0.001),
        timeout=2.0,
    ) as session:
        texts += [repr(session), repr(vars(session))]
        transport = session._core.transport
        texts += [repr(transport), repr(vars(transport))]
        emulator.faults.clear()
        emulator.file_faults.clear()
        shot = a_shot(session)
        task = session.create(
            Task, {"name": f"secret-{uuid.uuid4()}", "parent": shot}
        ).data
        own = Scene(emulator, shot, task, scene.extra)
        break_it()
        transport.files._timeout = IMPATIENCE  # type: ignore[attr-defined]
        try:
            act(session, own)
        except FtrackError as error:
            texts += reachable_from(error)
            return 1
        finally:
            emulator.faults.clear()
            emulator.file_faults.clear()
            emulator.start()
    return 0

"""Uploads and downloads meet every fault, of the API and of the storage.

What returns has left one component with its place and its file. What raises has left
nothing, or says what it has left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ftrack_models import FileComponent
from ftrack_orm import (
    NO_RETRIES,
    ComponentError,
    OutcomeUnknownError,
    RetryPolicy,
    Session,
    TransportError,
    UploadError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Faults
from tests.support.fault_matrix import ALWAYS, FAULTS, ONCE, time_out, wait_for_answers

QUICK = RetryPolicy(attempts=3, first_wait=0.001, deadline=20.0)
SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"

FILE_FAULTS: dict[str, Callable[[Faults, int], None]] = {
    "reset before storing": lambda faults, times: faults.drop_before(times),
    "reset after storing": lambda faults, times: faults.drop_after(times),
    "late": lambda faults, times: faults.drop_after(times),
    "502": lambda faults, times: faults.html(status=502, times=times),
    "503": lambda faults, times: faults.status(503, retry_after="0", times=times),
    "429": lambda faults, times: faults.status(429, retry_after="0", times=times),
    "403": lambda faults, times: faults.status(403, times=times),
    "truncated": lambda faults, times: faults.truncate(7, times),
}
PASSING = FILE_FAULTS.keys() - {"403"}


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    emulator.file_faults.clear()
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK
    ) as session:
        yield session
    emulator.file_faults.clear()


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    path = tmp_path / "plate.mov"
    path.write_bytes(bytes(range(256)) * 100)
    return path


def components(emulator: Emulator) -> list[str]:
    """Return the ids of the components of that name."""
    with emulator.storage.transaction() as connection:
        rows = emulator.storage.find_where(connection, "FileComponent", name="plate")
    return [row["id"] for row in rows]


def places(emulator: Emulator, component_id: str) -> list[str]:
    """Return the locations that hold a component."""
    with emulator.storage.transaction() as connection:
        rows = emulator.storage.find_where(
            connection, "ComponentLocation", component_id=component_id
        )
    return [row["location_id"] for row in rows]


def check_upload(
    emulator: Emulator, session: Session, plate: Path, *, impatient: bool
) -> Exception | None:
    """Upload, look at what is there afterwards, and return what was raised."""
    if impatient:
        time_out(session)
    raised: Exception | None = None
    try:
        session.create_component(plate, retry=QUICK)
    except (ComponentError, TransportError) as error:
        raised = error
    finally:
        emulator.faults.clear()
        emulator.file_faults.clear()
        wait_for_answers(session)
    found = components(emulator)
    if raised is None:
        [component_id] = found
        assert places(emulator, component_id) == [SERVER]
        target = session.download_component(component_id, plate.with_suffix(".copy"))
        assert target.read_bytes() == plate.read_bytes()
    elif found:
        assert len(found) == 1
        may_remain = isinstance(raised, UploadError) and raised.remains is not None
        assert may_remain or isinstance(raised, OutcomeUnknownError), repr(raised)
    return raised


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("passed", [0, 1], ids=["first request", "second request"])
def test_an_upload_meets_a_fault_of_the_api(
    emulator: Emulator,
    session: Session,
    plate: Path,
    fault: str,
    times: int,
    passed: int,
) -> None:
    emulator.faults.delay(0, passed)
    FAULTS[fault](emulator.faults, times)

    check_upload(emulator, session, plate, impatient=fault == "late")


@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_an_upload_survives_one_fault_of_the_storage_that_passes(
    emulator: Emulator, session: Session, plate: Path, fault: str
) -> None:
    FILE_FAULTS[fault](emulator.file_faults, ONCE)

    raised = check_upload(emulator, session, plate, impatient=fault == "late")

    assert (raised is None) is (fault in PASSING)


# The answer to a PUT has no body that could be cut short.
@pytest.mark.parametrize("fault", sorted(FILE_FAULTS.keys() - {"truncated"}))
def test_an_upload_that_the_storage_never_takes_leaves_nothing(
    emulator: Emulator, session: Session, plate: Path, fault: str
) -> None:
    FILE_FAULTS[fault](emulator.file_faults, ALWAYS)

    raised = check_upload(emulator, session, plate, impatient=fault == "late")

    assert isinstance(raised, UploadError)
    assert raised.remains is None
    assert components(emulator) == []


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_download_is_whole_or_leaves_what_was_there(
    emulator: Emulator, session: Session, plate: Path, fault: str, times: int
) -> None:
    component = session.create_component(plate)[0].data
    assert isinstance(component, FileComponent)
    target = plate.with_suffix(".copy")
    target.write_bytes(b"as it was")
    FILE_FAULTS[fault](emulator.file_faults, times)
    if fault == "late":
        time_out(session)

    try:
        session.download_component(component, target, retry=QUICK)
    except ComponentError:
        assert fault not in PASSING or times == ALWAYS
        assert target.read_bytes() == b"as it was"
    else:
        assert fault in PASSING
        assert target.read_bytes() == plate.read_bytes()
    assert sorted(path.name for path in plate.parent.iterdir()) == [
        "plate.copy",
        "plate.mov",
    ]


def test_a_server_that_is_away_takes_and_gives_nothing(
    emulator: Emulator, session: Session, plate: Path
) -> None:
    component = session.create_component(plate)[0].data
    target = plate.with_suffix(".copy")
    emulator.stop()
    try:
        with pytest.raises(TransportError):
            session.create_component(plate, retry=NO_RETRIES)
        with pytest.raises(ComponentError):
            session.download_component(component, target, retry=NO_RETRIES)
    finally:
        emulator.start()

    assert len(components(emulator)) == 1
    assert not target.exists()

"""The fixtures that users' tests stand on, in test runs of their own."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

_HEAD = """
import os
import pytest
from ftrack_models import Project, ProjectSchema, Shot, Status, User
from ftrack_orm import Session
"""


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Run tests with the plugin, in a process of their own."""
    pytester.makepyfile(_HEAD + source)
    return pytester.runpytest_subprocess(
        "-p", "ftrack_orm.pytest_plugin", "--strict-markers", "-W", "error", *arguments
    )


def test_every_test_begins_with_the_seed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("number", range(3))
def test_it(ftrack_emulator, ftrack_session, number):
    assert ftrack_session.select(Project).all() == []
    assert ftrack_emulator.calls[1:] == ()
    assert len(ftrack_emulator.faults) == 0
    assert ftrack_emulator.file_requests == ()
    schema = ftrack_session.select(ProjectSchema).first()
    ftrack_session.add(Project(name="p", full_name="p", project_schema=schema))
    ftrack_session.commit()
    ftrack_session.create("ObjectType", {"name": "Level"})
    response, _, _ = ftrack_session.create_component(__file__)
    ftrack_emulator.faults.drop_before()
    schema.name = "not committed"
    if number == 1:
        raise RuntimeError("in the middle of it")

def test_files_and_types_are_gone(ftrack_emulator, ftrack_session):
    assert ftrack_session.get_schema("Level") is None
    assert ftrack_emulator.snapshot() == ftrack_emulator.snapshot()
    assert b"__files__" not in ftrack_emulator.snapshot()
""",
    )
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*RuntimeError: in the middle of it*"])


def test_addresses_of_the_test_before_lead_nowhere(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import json
import requests

given = []

def call(transport, **operation):
    [found] = json.loads(transport.call(json.dumps([operation]).encode()).body)
    return found

def addresses(transport):
    url = call(transport, action="get_upload_metadata", component_id="c1",
               file_name="a", file_size=1)["url"]
    assert transport.files.put(url, [b"x"], 1).status == 200
    call(transport, action="create", entity_type="FileComponent",
         entity_data={"id": "c1", "name": "a"})
    signed = call(transport, action="generate_signed_url", component_id="c1")
    return url, signed["signed_url"]

def test_first(ftrack_emulator):
    transport = ftrack_emulator.transport()
    url, signed = addresses(transport)
    with transport.files.get(signed) as answer:
        assert answer.status == 200
    given.extend([url, signed, ftrack_emulator.server_url])

def test_second(ftrack_emulator):
    files = ftrack_emulator.transport().files
    url, signed, server_url = given
    assert server_url == ftrack_emulator.server_url
    assert files.put(url, [b"x"], 1).status == 403
    with files.get(signed) as answer:
        assert answer.status == 403
    in_process = "emulator://in-process"
    over_http = [each.replace(in_process, server_url) for each in (url, signed)]
    assert requests.put(over_http[0], data=b"x", timeout=9).status_code == 403
    assert requests.get(over_http[1], timeout=9).status_code == 403
""",
    )
    result.assert_outcomes(passed=2)


def test_nobody_listens_to_events_of_another_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
heard = []

@pytest.mark.parametrize("number", range(2))
def test_it(ftrack_emulator, ftrack_session, number):
    hub = ftrack_emulator.event_hub
    assert (hub.events, hub.subscriptions) == ((), ())
    heard.append(hub.subscribe("topic=ftrack.update"))
    ftrack_session.create("User", {"username": "ben"})
    assert [len(each.events) for each in heard] == [1] * (number + 1)
""",
    )
    result.assert_outcomes(passed=2)


def test_code_that_opens_its_own_session_meets_the_emulator(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTRACK_SERVER", "https://real.example.com")
    result = run(
        pytester,
        """
def test_it(ftrack_emulator):
    with Session() as session:
        assert session.server_url == ftrack_emulator.server_url
        assert session.select(User).first().username == "admin"

def test_afterwards():
    assert os.environ["FTRACK_SERVER"] == "https://real.example.com"
""",
    )
    result.assert_outcomes(passed=2)


def test_the_marker_says_what_it_holds(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
pytestmark = pytest.mark.ftrack_emulator(seed="empty")

def test_of_the_module(ftrack_session):
    assert ftrack_session.select(Status).all() == []

@pytest.mark.ftrack_emulator(seed="demo")
def test_of_its_own(ftrack_session):
    assert ftrack_session.select(Shot).first() is not None

def test_of_the_module_again(ftrack_session):
    assert ftrack_session.select(Shot).all() == []
""",
    )
    result.assert_outcomes(passed=3)


def test_the_settings_say_what_it_holds(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nftrack_emulator_seed = demo\n")
    result = run(
        pytester,
        """
def test_it(ftrack_session):
    assert ftrack_session.select(Shot).first() is not None
""",
    )
    result.assert_outcomes(passed=1)


def test_a_marker_without_names_is_refused(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.ftrack_emulator("demo")
def test_it(ftrack_session):
    pass
""",
    )
    result.stdout.fnmatch_lines(["*takes options by name*"])
    result.assert_outcomes(errors=1)


def test_workers_have_emulators_of_their_own(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("number", range(8))
def test_it(ftrack_session, number):
    assert len(ftrack_session.select(User).where(User.username == "x").all()) == 0
    ftrack_session.create(User, {"username": "x"})
""",
        "-n",
        "2",
    )
    result.assert_outcomes(passed=8)


def test_a_run_that_does_not_use_it_does_not_import_it() -> None:
    code = (
        "import sys, ftrack_orm.pytest_plugin\n"
        "heavy = ('sqlalchemy', 'starlette', 'uvicorn', 'pydantic', 'requests')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


_TOOL = """
from ftrack_models import Task


def up(plan, *, project: str, bid: float = 3.0):
    for task in plan.each(plan.select(Task).where(Task.project.name == project)):
        task.bid = bid
"""

_REVISION = """
from ftrack_models import Status
from ftrack_orm.migrations import Revision

revision = Revision("b_2", "revised", needs=["a_1"])


def up(plan):
    plan.find(Status, Status.name == "Revise").name = "Revised"
"""


def test_a_rehearsal_gives_the_emulator_after_a_revision(
    pytester: pytest.Pytester,
) -> None:
    pytester.mkdir("migrations")
    (pytester.path / "migrations" / "b_2.py").write_text(_REVISION)
    (pytester.path / "tool.py").write_text(_TOOL)
    result = run(
        pytester,
        """
from ftrack_models import Task

pytestmark = pytest.mark.ftrack_emulator(seed="demo")

@pytest.mark.parametrize("number", range(2))
def test_it(ftrack_rehearsal, number):
    emulator = ftrack_rehearsal("migrations/b_2.py")
    assert ftrack_rehearsal("tool.py", project="bunny", bid=7) is emulator
    assert os.environ["FTRACK_SERVER"] == emulator.server_url
    with Session(transport=emulator.transport()) as session:
        assert session.select(Status).where(Status.name == "Revised").exists()
        tasks = session.select(Task).where(Task.project.name == "bunny").all()
        assert {task.bid for task in tasks} == {7.0}

def test_afterwards(ftrack_session):
    assert not ftrack_session.select(Status).where(Status.name == "Revised").exists()

def test_a_wrong_parameter(ftrack_rehearsal):
    with pytest.raises(Exception, match="there is no parameter shot"):
        ftrack_rehearsal("tool.py", shot="x")
""",
    )
    result.assert_outcomes(passed=4)


def test_a_rehearsal_begins_with_the_rows_of_the_test(
    pytester: pytest.Pytester,
) -> None:
    (pytester.path / "tool.py").write_text(_TOOL)
    result = run(
        pytester,
        """
from ftrack_models import Task

pytestmark = pytest.mark.ftrack_emulator(seed="demo")

@pytest.fixture
def mine(ftrack_session):
    shot = ftrack_session.select(Shot).where(Shot.project.name == "bunny").first()
    ftrack_session.add(Task(name="mine", parent=shot))
    ftrack_session.commit()

def test_it(mine, ftrack_emulator, ftrack_rehearsal):
    assert ftrack_rehearsal("tool.py", project="bunny", bid=7) is ftrack_emulator
    with Session() as session:
        assert session.find(Task, name="mine").bid == 7.0

def test_afterwards(ftrack_rehearsal):
    emulator = ftrack_rehearsal("tool.py", project="bunny")
    with Session(transport=emulator.transport()) as session:
        assert not session.select(Task).where(Task.name == "mine").exists()
""",
    )
    result.assert_outcomes(passed=2)


def test_a_rehearsal_on_a_snapshot(pytester: pytest.Pytester) -> None:
    (pytester.path / "tool.py").write_text(_TOOL)
    result = run(
        pytester,
        """
from ftrack_models import Task
from ftrack_orm.cli.snapshot_file import SnapshotFacts, write_snapshot
from ftrack_orm.cli.snapshot_reading import SnapshotReader

@pytest.mark.ftrack_emulator(seed="demo")
def test_it(ftrack_rehearsal, ftrack_session, tmp_path):
    reader = SnapshotReader(ftrack_session)
    rows = list(reader.read(["bunny"], without=(), on_rows=lambda name, count: None))
    facts = SnapshotFacts("x", ["bunny"], False, reader.schema.to_json())
    write_snapshot(tmp_path / "bunny.snapshot", facts, rows)

    emulator = ftrack_rehearsal(
        "tool.py", snapshot=tmp_path / "bunny.snapshot", project="bunny"
    )

    with Session(transport=emulator.transport()) as session:
        assert {task.bid for task in session.select(Task)} == {3.0}
    bids = {task.bid for task in ftrack_session.select(Task)}
    assert len(bids) > 1
""",
    )
    result.assert_outcomes(passed=1)

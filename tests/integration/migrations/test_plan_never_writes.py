"""A planning function cannot write, whatever it or its helpers call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ftrack_models import FileComponent, Note, Shot, Task, User
from ftrack_orm import PlanningError, Session, WriteWhilePlanningError
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner, make_plan
from ftrack_orm.operations import Create, Delete, ResetRemote, Update
from tests.support.planning import READS, actions_of, session_on


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed="demo") as emulator:
        yield emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    emulator.call_log.clear()
    with session_on(emulator) as session:
        yield session


def commit(session: Session) -> None:
    task = session.select(Task).first()
    assert task is not None
    task.description = "written"
    session.commit()


def create(session: Session) -> None:
    session.create(Note, {"content": "written"})


def update(session: Session) -> None:
    session.update("Shot", _a_shot(session).id, {"description": "written"})


def delete(session: Session) -> None:
    session.delete(Shot, _a_shot(session).id)


def ensure(session: Session) -> None:
    session.ensure(User, {"username": "new"}, ["username"])


def call_create(session: Session) -> None:
    session.call([Create("Note", {"content": "written"})])


def call_mixed(session: Session) -> None:
    shot = _a_shot(session)
    session.call([Update("Shot", (shot.id,), {"description": "written"})])


def call_delete(session: Session) -> None:
    session.call([Delete("Shot", (_a_shot(session).id,))])


def call_plain(session: Session) -> None:
    session.call([{"action": "an_action_of_next_year"}])


def reset(session: Session) -> None:
    user = session.select(User).first()
    assert user is not None
    session.call([ResetRemote("api_key", "User", user.id)])


def upload(session: Session) -> None:
    session.create_component(Path(__file__))


def encode(session: Session) -> None:
    component = session.select(FileComponent).first()
    assert component is not None
    session.encode_media(component)


def _a_shot(session: Session) -> Shot:
    shot = session.select(Shot).first()
    assert shot is not None
    return shot


WRITES = (
    commit,
    create,
    update,
    delete,
    ensure,
    call_create,
    call_mixed,
    call_delete,
    call_plain,
    reset,
    upload,
    encode,
)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("is_own_session", [True, False])
def test_a_write_is_refused_and_not_sent(
    emulator: Emulator,
    session: Session,
    write: Callable[[Session], None],
    is_own_session: bool,
) -> None:
    def up(plan: Planner) -> None:
        write(plan.session if is_own_session else session)

    before = emulator.dump()
    with pytest.raises(WriteWhilePlanningError):
        make_plan(session, up)

    assert actions_of(emulator) <= READS
    assert emulator.dump() == before


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("is_own_session", [True, False])
def test_a_refusal_that_is_caught_makes_no_plan(
    session: Session, write: Callable[[Session], None], is_own_session: bool
) -> None:
    def up(plan: Planner) -> None:
        writer = plan.session if is_own_session else session
        try:
            write(writer)
        except WriteWhilePlanningError:
            writer.rollback()

    with pytest.raises(WriteWhilePlanningError):
        make_plan(session, up)


def test_over_http_too(emulator: Emulator) -> None:
    emulator.call_log.clear()
    with Session(**emulator.credentials, check_schema="ignore") as session:
        with pytest.raises(WriteWhilePlanningError):
            make_plan(session, lambda plan: commit(plan.session))
        with pytest.raises(WriteWhilePlanningError):
            make_plan(session, lambda plan: upload(plan.session))
        # The session itself writes again.
        session.create(
            Note,
            {"content": "x", "parent_id": _a_shot(session).id, "parent_type": "Shot"},
        )
    assert actions_of(emulator) <= {*READS, "create"}


def test_edits_of_the_other_session_are_no_plan(session: Session) -> None:
    shot = _a_shot(session)

    def up(plan: Planner) -> None:
        del plan
        shot.description = "lost"

    with pytest.raises(PlanningError, match=r"not of plan\.session"):
        make_plan(session, up)


def test_the_other_session_keeps_its_edits_and_entities(session: Session) -> None:
    shot = _a_shot(session)
    shot.description = "mine"

    def up(plan: Planner) -> None:
        for found in plan.each(plan.select(Shot)):
            assert found is not shot
            found.description = "planned"

    make_plan(session, up)

    assert shot.description == "mine"
    assert len(session.plan()) == 1


def test_a_failed_function_leaves_no_file(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def up(plan: Planner) -> None:
        raise RuntimeError(plan.session.server_url)

    with pytest.raises(RuntimeError):
        make_plan(session, up)
    assert list(tmp_path.iterdir()) == []

    with make_plan(session, lambda plan: None) as plan:
        assert plan.file.path.parent == tmp_path
        assert plan.file.path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_files_can_be_read(session: Session, tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("content")
    component = session.create_component(source)[0]
    key = str(component.data.reference.key[0])

    def up(plan: Planner) -> None:
        found = plan.find(FileComponent, FileComponent.id == key)
        plan.session.download_component(found, tmp_path / "b.txt")

    assert make_plan(session, up).changes == 0
    assert (tmp_path / "b.txt").read_text() == "content"

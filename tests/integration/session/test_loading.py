"""What reading an attribute costs, and when it may cost nothing."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

from ftrack_models import Context, Project, Sequence, Shot, Task, User
from ftrack_orm import NotLoadedError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.demo import build_demo
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import sql


@pytest.fixture(scope="module")
def large() -> Iterator[Emulator]:
    """A production with 320 tasks of shots beside the demo's 80."""
    emulator = Emulator(seed="demo")
    build_demo(emulator.storage, 2, shots=80, tasks_per_shot=4, versions_per_shot=1)
    yield emulator
    emulator.close()


def names_by_sql(emulator: Emulator, count: int) -> list[tuple[str, str, str]]:
    rows = sql(
        emulator,
        """select task.id, status.name, state.short, parent.name from Context task
        join Status status on status.id = task.status_id
        join State state on state.id = status.state_id
        join Context parent on parent.id = task.parent_id
        where task.__type__ = 'Task' order by task.id limit :count""",
        count=count,
    )
    return [(status, short, parent) for _, status, short, parent in rows]


@pytest.mark.parametrize("count", [10, 300])
@pytest.mark.parametrize("load", ["auto", "joined"])
def test_a_loop_costs_a_request_per_level_whatever_its_length(
    large: Emulator, count: int, load: str
) -> None:
    with Session(transport=large.transport()) as session:
        query = session.select(Task).order_by(Task.id).limit(count)
        if load == "joined":
            query = query.load(Task.status, Task.status.state, Task.parent)
        read = [
            (task.status.name, task.status.state.short, str(task.parent.name))
            for task in query
            if task.parent is not None
        ]
        assert session.requests == (1 if load == "joined" else 4)

    assert read == names_by_sql(large, count)


def test_later_pages_ask_for_what_the_first_turned_out_to_lack(large: Emulator) -> None:
    with Session(transport=large.transport(), page_size=50) as session:
        query = session.select(Task).order_by(Task.id).limit(300)
        read = []
        for task in query:
            assert task.parent is not None
            status = task.status
            read.append((status.name, status.state.short, str(task.parent.name)))
        # Six pages, and each of three levels at most once for the first page and
        # once for the second, which was fetched while the first was worked on.
        assert session.requests <= 6 + 2 * 3

    assert read == names_by_sql(large, 300)


def test_a_project_with_its_sequences_shots_and_tasks_costs_five_requests(
    large: Emulator,
) -> None:
    with Session(transport=large.transport()) as session:
        show = session.select(Project).where(Project.name == "bunny2").one()
        tasks = [
            (task.name, task.status.name)
            for sequence in show.children
            for shot in sequence.children
            for task in shot.children
            if isinstance(task, Task)
        ]
        assert session.requests <= 5

    expected = sql(
        large,
        """select task.name, status.name from Context task
        join Status status on status.id = task.status_id
        join Context project on project.id = task.project_id
        where task.__type__ = 'Task' and project.name = 'bunny2'""",
    )
    assert sorted(tasks) == sorted(expected)


def test_single_mode_loads_one_entity_at_a_time(emulator: Emulator) -> None:
    with Session(transport=emulator.transport(), load="single") as session:
        tasks = session.select(Task).order_by(Task.id).limit(4).all()
        before = session.requests
        shots = {task.parent_id for task in tasks}
        for task in tasks:
            assert task.parent is not None
        assert session.requests == before + len(shots)


def test_strict_mode_names_the_load_to_add(emulator: Emulator) -> None:
    with Session(transport=emulator.transport(), load="strict") as session:
        task = session.select(Task).order_by(Task.id).first()
        assert task is not None
        before = session.requests
        with pytest.raises(NotLoadedError) as raised:
            _ = task.status
        assert ".load(Task.status)" in str(raised.value)
        assert session.requests == before

        loaded = session.select(Task).where(Task.id == task.id).load(Task.status).one()
        assert loaded is task
        assert task.status.name


def test_looking_at_an_entity_never_asks(emulator: Emulator, session: Session) -> None:
    query = session.select(Task).where(Task.parent.name == "sq010_sh010")
    first, second = query.limit(2).all()
    with emulator.expect_calls(0):
        assert first.id in repr(first)
        assert str(first) == repr(first)
        assert first != second
        assert first == copy.copy(first)
        assert copy.deepcopy(first).id == first.id
        assert pickle.loads(pickle.dumps(first)) == first  # noqa: S301 - our own
        assert first.model_dump()["name"] == first.name
        assert first.name in first.model_dump_json()
        assert first.model_copy().name == first.name
        assert hash(first) != hash(second)
        assert {first: 1}[first] == 1
        assert "status" not in first.model_dump()


def test_collections_load_for_all_owners_of_a_result(
    emulator: Emulator, session: Session
) -> None:
    shots = session.select(Shot).order_by(Shot.name).all()
    before = session.requests
    read = {
        shot.name: sorted(str(child.name) for child in shot.children) for shot in shots
    }
    assert session.requests == before + 1

    expected: dict[str, list[str]] = {}
    for shot, task in sql(
        emulator,
        """select shot.name, task.name from Context shot
        join Context task on task.parent_id = shot.id
        where shot.__type__ = 'Shot' order by shot.name, task.name""",
    ):
        expected.setdefault(shot, []).append(task)
    assert read == expected


def test_collections_through_link_rows_load(
    emulator: Emulator, session: Session
) -> None:
    tasks = session.select(Task).load(Task.assignments.each.resource).all()
    before = session.requests
    read = sorted(
        (task.id, assignment.resource.username)
        for task in tasks
        for assignment in task.assignments
        if isinstance(assignment.resource, User)
    )
    # A resource is asked what it is; what users have besides comes with one more.
    assert session.requests == before + 1

    assert read == sorted(
        sql(
            emulator,
            """select context_id, username from Appointment
            join Resource on Resource.id = resource_id where type = 'assignment'""",
        )
    )


def test_metadata_and_custom_attributes_load_for_the_batch(
    emulator: Emulator, session: Session
) -> None:
    shots = session.select(Shot).all()
    before = session.requests
    ends = {shot.name: shot.custom_attributes["fend"] for shot in shots}
    assert session.requests == before + 1
    assert all(len(shot.metadata) == 0 for shot in shots)
    assert session.requests == before + 2
    assert project(session).metadata == {"delivery": "DCP 2K flat"}

    assert ends == {
        name: float(value)
        for name, value in sql(
            emulator,
            """select name, value from CustomAttributeValue
            join Context on Context.id = entity_id
            join CustomConfigurationBase c on c.id = configuration_id
            where c.key = 'fend'""",
        )
    }


def test_load_fills_entities_in_hand_level_by_level(session: Session) -> None:
    tasks = session.select(Task).limit(20).all()
    before = session.requests
    session.load(tasks, Task.status.state, Task.assignments.each.resource)
    cost = session.requests - before
    # Statuses with assignments, then states with resources.
    assert cost == 2
    for task in tasks:
        assert task.status.state.short
        assert all(one.resource.id for one in task.assignments)
    assert session.requests == before + cost


def test_an_attribute_of_an_entity_gone_from_the_server_says_so(
    session: Session, other: Session
) -> None:
    task = a_task(session)
    other.delete(Task, task.id)

    with pytest.raises(NotLoadedError, match="still exists"):
        _ = task.timelogs


def test_a_null_link_reads_as_none_and_costs_nothing_more(
    emulator: Emulator, session: Session
) -> None:
    tasks = session.select(Task).limit(5).all()
    before = session.requests
    for task in tasks:
        assert task.thumbnail is None
    assert session.requests <= before + 1


def test_refresh_reads_the_server_anew_and_forgets_edits(
    session: Session, other: Session
) -> None:
    mine, theirs = a_task(session), a_task(other)
    assert mine.status.name
    theirs.name = "anim"
    other.commit()
    mine.description = "local"

    session.refresh(mine)

    assert mine.name == "anim"
    assert mine.description == ""
    assert not session.plan()


def test_only_loads_what_is_named(emulator: Emulator, session: Session) -> None:
    [task] = session.select(Task).only(Task.name).limit(1).all()

    with emulator.expect_calls(0):
        assert task.name
    with emulator.expect_calls(1):
        assert task.status_id


# -- identity ----------------------------------------------------------------------


def test_one_object_stands_for_an_entity_however_it_is_reached(
    session: Session,
) -> None:
    shot = a_shot(session)
    by_base = session.select(Context).where(Context.id == shot.id).one()
    task = a_task(session)

    assert by_base is shot
    assert session.get(Shot, shot.id) is shot
    assert session.get(Context, shot.id) is shot
    assert task.parent is shot
    assert any(child is task for child in shot.children)


def test_a_query_for_a_base_returns_the_concrete_classes(
    emulator: Emulator, session: Session
) -> None:
    found = session.select(Context).all()

    assert sorted({type(one).__name__ for one in found}) == sorted(
        name for (name,) in sql(emulator, "select distinct __type__ from Context")
    )
    assert len(found) == sql(emulator, "select count(*) from Context")[0][0]
    assert any(isinstance(one, Sequence) for one in found)


def test_two_sessions_have_objects_of_their_own(
    session: Session, other: Session
) -> None:
    mine, theirs = a_shot(session), a_shot(other)

    assert mine is not theirs
    assert mine == theirs


def test_merging_never_overwrites_an_edit_nor_erases_what_was_loaded(
    session: Session, other: Session
) -> None:
    mine = session.select(Shot).load(Shot.status).limit(1).one()
    status = mine.status
    mine.description = "mine"
    theirs = other.get(Shot, mine.id)
    assert theirs is not None
    theirs.description, theirs.name = "theirs", "renamed"
    other.commit()

    again = (
        session.select(Shot).only(Shot.name, Shot.description).where(Shot.id == mine.id)
    )
    assert again.one() is mine
    assert mine.description == "mine"
    assert mine.name == "renamed"
    before = session.requests
    assert mine.status is status
    assert session.requests == before
    session.rollback()
    assert mine.description == "theirs"


def test_merging_never_overwrites_an_edited_collection_or_metadata(
    session: Session, other: Session
) -> None:
    mine = a_shot(session)
    mine.metadata["mine"] = "1"
    theirs = a_shot(other)
    theirs.metadata["theirs"] = "2"
    other.commit()

    session.select(Shot).where(Shot.id == mine.id).load(Shot.metadata).one()

    # Rows are merged key by key: only an edited key is kept from the server's value.
    assert dict(mine.metadata) == {"mine": "1", "theirs": "2"}
    session.rollback()
    assert dict(mine.metadata) == {"theirs": "2"}


def test_a_link_follows_its_foreign_key_when_the_server_has_moved_it(
    session: Session, other: Session
) -> None:
    mine, theirs = a_task(session), a_task(other)
    assert mine.parent is a_shot(session)
    theirs.parent = a_shot(other, "sq010_sh020")
    theirs.name = "moved"
    other.commit()

    a_task_by_id = session.select(Task).where(Task.id == mine.id)
    assert a_task_by_id.one() is mine
    assert mine.parent is not None
    assert mine.parent.name == "sq010_sh020"


def test_get_many_answers_in_order_with_one_request(
    emulator: Emulator, session: Session
) -> None:
    known = a_shot(session)
    ids = [
        row[0] for row in sql(emulator, "select id from Context where __type__='Shot'")
    ]
    with emulator.expect_calls(1):
        found = session.get_many(Shot, [*ids, "nowhere", known.id])

    assert [shot.id if shot else None for shot in found] == [*ids, None, known.id]
    assert found[-1] is known
    with emulator.expect_calls(0):
        assert session.get(Shot, ids[3]) is found[3]


def test_get_finds_composite_keys(session: Session) -> None:
    from ftrack_models import Metadata

    show = project(session)
    row = session.get(Metadata, (show.id, "delivery"))

    assert row is not None
    assert row.value == "DCP 2K flat"

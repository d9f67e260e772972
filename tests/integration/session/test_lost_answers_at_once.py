"""Immediate writes whose answer is lost: settled, never guessed, never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import Metadata, Shot, Status, Task
from ftrack_orm import (
    NO_RETRIES,
    ConnectionLostError,
    EntityState,
    OutcomeUnknownError,
    ServerError,
    Session,
)
from ftrack_orm.emulator import Emulator, Faults
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.operations import (
    Create,
    Delete,
    Query,
    QuerySchemas,
    SendUserInvite,
    Update,
)
from ftrack_orm.types import Reply
from tests.support.demo_production import a_shot, a_task, state_of
from tests.support.emulator_records import existing_row, stored, written

APPLIED: dict[str, Callable[[Faults], None]] = {
    "dropped": lambda faults: faults.drop_after(),
    "truncated": lambda faults: faults.truncate(),
    "too short": lambda faults: faults.wrong_length(-1),
    "too long": lambda faults: faults.wrong_length(1),
}
NOT_APPLIED: dict[str, Callable[[Faults], None]] = {
    "dropped": lambda faults: faults.drop_before(),
    "a page": lambda faults: faults.html(status=200),
    "a gateway": lambda faults: faults.status(502),
}


@pytest.mark.parametrize("fault", APPLIED)
def test_a_create_that_was_applied_is_read_and_not_repeated(
    emulator: Emulator, over_http: Session, fault: str
) -> None:
    shot = a_shot(over_http)
    APPLIED[fault](emulator.faults)

    response = over_http.create(Task, {"name": "dust", "parent": shot})

    assert written(emulator) == [("create", "Task")]
    assert response.action == "create"
    task = response.data
    assert task.entity_state is EntityState.PERSISTENT
    assert (task.name, task.parent) == ("dust", shot)
    assert task.status_id, "what the server has filled in is known as well"


@pytest.mark.parametrize("fault", NOT_APPLIED)
def test_a_create_that_was_not_applied_is_sent_once_more(
    emulator: Emulator, over_http: Session, fault: str
) -> None:
    shot = a_shot(over_http)
    NOT_APPLIED[fault](emulator.faults)

    task = over_http.create(Task, {"name": "dust", "parent": shot}).data

    named = over_http.query(f"Task where id is '{task.id}'").data
    assert named == [task]


@pytest.mark.parametrize("faults", [APPLIED, NOT_APPLIED], ids=["applied", "not"])
def test_an_update_arrives_whatever_happens(
    emulator: Emulator, over_http: Session, faults: dict[str, Any]
) -> None:
    task = a_task(over_http)
    for number, fault in enumerate(faults.values()):
        fault(emulator.faults)

        response = over_http.update(Task, task.id, {"description": f"{number}"})

        assert response.data is task
        assert task.description == f"{number}"
        row = existing_row(emulator, "Task", task.id)
        assert row["description"] == f"{number}"


@pytest.mark.parametrize("faults", [APPLIED, NOT_APPLIED], ids=["applied", "not"])
def test_a_delete_arrives_whatever_happens(
    emulator: Emulator, over_http: Session, faults: dict[str, Any]
) -> None:
    shot = a_shot(over_http)
    for fault in faults.values():
        task = over_http.create(Task, {"name": "dust", "parent": shot}).data
        fault(emulator.faults)

        assert over_http.delete(Task, task.id).data is True

        assert stored(emulator, "Task", task.id) is None
        assert state_of(task) is EntityState.DETACHED


def test_a_row_whose_key_others_could_make_is_told_by_what_it_holds(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    data = {"parent_id": task.id, "parent_type": "Task", "key": "a", "value": "b"}
    emulator.faults.drop_after()

    made = over_http.create(Metadata, data).data

    assert made.value == "b"
    assert written(emulator) == [("create", "Metadata")]


def test_every_result_of_a_mixed_batch_is_found_again(
    emulator: Emulator, over_http: Session
) -> None:
    task, shot = a_task(over_http), a_shot(over_http)
    gone = over_http.create(Task, {"name": "gone", "parent": shot}).data
    emulator.faults.drop_after()

    responses = over_http.call(
        [
            Create(
                "Task", {"id": "t-1", "name": "dust", "parent_id": shot.id}, ("t-1",)
            ),
            Query("select name from Task where id is 't-1'"),
            Update("Task", (task.id,), {"description": "x"}),
            Delete("Task", (gone.id,)),
            QuerySchemas(),
        ]
    )

    assert [response.action for response in responses] == [
        "create",
        "query",
        "update",
        "delete",
        "query_schemas",
    ]
    made = responses[0].data
    assert isinstance(made, Task)
    assert responses[1].data == [made]
    assert responses[2].data is task
    assert task.description == "x"
    assert responses[3].data is True
    assert responses[4].data[0]["id"]
    assert state_of(gone) is EntityState.DETACHED
    assert written(emulator).count(("create", "Task")) == 2  # `gone`, and this one


def test_a_second_loss_is_asked_about_again(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.faults.drop_before()
    emulator.faults.delay(0)  # the question passes
    emulator.faults.drop_after()

    task = over_http.create(Task, {"name": "dust", "parent": shot}).data

    assert stored(emulator, "Task", task.id) is not None
    named = over_http.query(f"Task where parent_id is '{shot.id}' and name is dust")
    assert len(named.data) == 1


def test_a_refusal_of_the_repetition_is_the_servers_own(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.faults.drop_before()
    emulator.faults.delay(0)
    emulator.faults.refuse(Invalid("No dust here."))

    with pytest.raises(ServerError, match="No dust here"):
        over_http.create(Task, {"name": "dust", "parent": shot})


def test_when_nobody_can_be_asked_the_outcome_is_unknown(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.faults.drop_after()
    emulator.faults.drop_before()

    with pytest.raises(OutcomeUnknownError) as raised:
        over_http.create(Task, {"name": "dust", "parent": shot})

    assert raised.value.server_url == emulator.server_url
    assert written(emulator) == [("create", "Task")]


def test_what_leaves_no_trace_is_not_sent_twice(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    keyless = Create("Task", {"name": "dust", "parent_id": shot.id})
    mapping = {
        "action": "create",
        "entity_type": "Task",
        "entity_data": {"name": "dust", "parent_id": shot.id},
    }
    for operation in (keyless, mapping, SendUserInvite("nobody")):
        emulator.faults.drop_after()
        with emulator.expect_calls(1), pytest.raises(OutcomeUnknownError):
            over_http.call([operation])


def test_an_answer_that_comes_too_late_is_asked_for(emulator: Emulator) -> None:
    with Session(
        **emulator.start().credentials,
        check_schema="ignore",
        retry=NO_RETRIES,
        timeout=0.5,
    ) as session:
        shot = a_shot(session)
        emulator.faults.delay(1.0)

        task = session.create(Task, {"name": "dust", "parent": shot}).data

        assert stored(emulator, "Task", task.id) is not None
        assert written(emulator) == [("create", "Task")]


def test_a_batch_of_reads_is_no_reason_to_ask(
    emulator: Emulator, over_http: Session
) -> None:
    emulator.faults.drop_after()

    with emulator.expect_calls(1), pytest.raises(ConnectionLostError) as raised:
        over_http.query("select id from Status", Status)

    assert raised.value.server_url == emulator.server_url
    assert "changes" not in str(raised.value)


def test_an_entity_read_by_its_base_type_is_updated_all_the_same(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)
    emulator.faults.drop_after()

    response = over_http.update("TypedContext", shot.id, {"description": "x"})

    assert response.data is shot
    assert isinstance(response.data, Shot)
    assert shot.description == "x"


class Losing:
    """A transport of a user's own, which calls every lost answer an unknown outcome."""

    server_url = "https://studio.example"

    def call(self, body: bytes, **options: object) -> Reply:
        raise OutcomeUnknownError(self.server_url, "the line went dead")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("cancel", [None, threading.Event()])
def test_a_read_has_no_unknown_outcome_whatever_the_transport_raises(
    cancel: threading.Event | None,
) -> None:
    with Session(
        transport=Losing(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        with pytest.raises(ConnectionLostError) as raised:
            session.call([Query("Status")], cancel=cancel)
        with pytest.raises(OutcomeUnknownError):
            session.call([SendUserInvite("u")], cancel=cancel)

    assert raised.value.reason == "the line went dead"
    assert raised.value.server_url == "https://studio.example"

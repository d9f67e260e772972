"""A session never takes the answer to one request for that to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ftrack_models import Status, Task
from ftrack_orm import (
    NO_RETRIES,
    OutcomeUnknownError,
    ReplyMismatchError,
    ServerError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import Query, Update
from ftrack_orm.types import Reply, Transport
from tests.support.demo_production import a_shot
from tests.support.emulator_records import existing_row
from tests.support.transports import PassingTransport

# Protocol 9.8: frame start, an attribute of shots.
FSTART = "acd86546-4082-11e2-95b1-0019bb4983d8"


class StaleTransport(PassingTransport):
    """Answers the next call with `stale`, once, when that is set."""

    def __init__(self, inner: Transport) -> None:
        super().__init__(inner)
        self.last: Reply | None = None
        self.stale: Reply | None = None
        self.is_forwarding = True

    def repeat(self, *, is_forwarding: bool) -> None:
        """Answer the next call with the last reply; the server may get it or not."""
        self.stale = self.last
        self.is_forwarding = is_forwarding

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        stale, self.stale = self.stale, None
        if stale is not None and not self.is_forwarding:
            return stale
        self.last = send()
        return stale or self.last


@pytest.fixture
def transport(emulator: Emulator) -> StaleTransport:
    return StaleTransport(emulator.transport())


@pytest.fixture
def mixed(transport: StaleTransport) -> Iterator[Session]:
    with Session(
        transport=transport, check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.mark.parametrize("is_forwarding", [True, False])
def test_a_create_with_the_answer_of_a_query_is_settled(
    emulator: Emulator, transport: StaleTransport, mixed: Session, is_forwarding: bool
) -> None:
    shot = a_shot(mixed)
    mixed.query("select name from Status limit 1", Status)
    transport.repeat(is_forwarding=is_forwarding)

    task = mixed.create(Task, {"name": "dust", "parent": shot}).data

    row = existing_row(emulator, "Task", task.id)
    assert row["name"] == "dust"


def test_a_refused_commit_with_the_answer_of_a_query_is_no_success(
    transport: StaleTransport, mixed: Session
) -> None:
    first, second = mixed.query(
        "select name, parent_id from Task where parent.name is sq010_sh010 limit 2",
        Task,
    ).data
    mixed.query("select name from Status limit 1", Status)
    second.name, second.parent_id = first.name, first.parent_id
    transport.repeat(is_forwarding=False)

    # A second task of that name in one parent (protocol 1.6).
    with pytest.raises(ServerError) as raised:
        mixed.commit()

    assert raised.value.exception == "DuplicateEntryError"
    assert mixed.plan()


def test_an_operation_without_a_trace_has_an_unknown_outcome(
    transport: StaleTransport, mixed: Session
) -> None:
    mixed.query("select name from Status limit 1", Status)
    transport.repeat(is_forwarding=True)

    with pytest.raises(OutcomeUnknownError) as raised:
        mixed.send_user_invite("u1")

    assert isinstance(raised.value.__cause__, ReplyMismatchError)


def test_a_page_that_comes_twice_is_refused(
    transport: StaleTransport, mixed: Session
) -> None:
    mixed.query("select id from Task offset 0 limit 5", Task)
    transport.repeat(is_forwarding=True)

    with pytest.raises(ReplyMismatchError, match="beyond 5"):
        mixed.query("select id from Task offset 5 limit 5", Task)


def test_the_answer_to_another_query_is_refused(
    transport: StaleTransport, mixed: Session
) -> None:
    mixed.query("select id from Status", Status)
    transport.repeat(is_forwarding=True)

    with pytest.raises(ReplyMismatchError, match="of type Task"):
        mixed.call([Query("select id from Task")])


# Protocol 2.4 and 3.5: a value is written by its own type's name or the general one, an
# entity by its type or a base; the answer names the concrete type.
@pytest.mark.parametrize(
    "entity_type", ["ContextCustomAttributeValue", "CustomAttributeValue"]
)
def test_values_of_custom_attributes_are_updated_by_either_name(
    mixed: Session, entity_type: str
) -> None:
    shot = a_shot(mixed)
    update = Update(entity_type, (FSTART, shot.id), {"value": 1001})

    [response] = mixed.call([update])

    assert response.data.reference.key == (FSTART, shot.id)


@pytest.mark.parametrize("entity_type", ["Shot", "TypedContext", "Context"])
def test_an_entity_is_updated_by_its_type_or_a_base(
    mixed: Session, entity_type: str
) -> None:
    shot = a_shot(mixed)

    [response] = mixed.call([Update(entity_type, (shot.id,), {"name": "x"})])

    assert response.data is shot


def test_groups_are_plain_objects(mixed: Session) -> None:
    counted = "select count(id), status_id from Task group by status_id"

    [response] = mixed.call([Query(counted)])

    assert sum(row["count_id"] for row in response.data) > 0

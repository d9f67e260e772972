"""Every method meets every fault: what leaves the library, and what was applied.

Only documented exceptions leave a method. What a method returns from has been applied
once; what raises anything but `OutcomeUnknownError` has not been applied; no create is
ever applied twice. All over real HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ftrack_models import (
    FileComponent,
    ReviewSession,
    ReviewSessionInvitee,
    Shot,
    Status,
    Task,
    User,
)
from ftrack_orm import (
    Create,
    OutcomeUnknownError,
    Query,
    RetryPolicy,
    Session,
    TransportError,
    Update,
)
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.emulator.server import Emulator
from tests.support.demo_production import a_shot, a_task, project
from tests.support.emulator_records import stored

TIMEOUT = 0.8
QUICK = RetryPolicy(attempts=2, first_wait=0.001, deadline=5.0)


@dataclass
class Scene:
    """What a method works on, made before anything fails."""

    emulator: Emulator
    shot: Shot
    task: Task
    extra: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"fault-{uuid.uuid4()}")

    def tasks(self) -> int:
        """Return how many tasks have the scene's name."""
        with self.emulator.storage.transaction() as connection:
            found = self.emulator.storage.find_where(connection, "Task", name=self.name)
        return len(found)

    def described(self) -> int:
        """Return 1 when the scene's task has its name as description, 0 otherwise."""
        row = stored(self.emulator, "Task", self.task.id)
        return int(row is not None and row["description"] == self.name)

    def gone(self) -> int:
        """Return 1 when the scene's task is no longer there, 0 otherwise."""
        return int(stored(self.emulator, "Task", self.task.id) is None)

    def reset(self) -> int:
        """Return 1 when the scene's user has a new key, 0 otherwise."""
        row = stored(self.emulator, "User", self.extra["user"].id)
        return int(row is not None and row["api_key"] != "emulator-anna-key")

    def encodings(self) -> int:
        """Return how many encodings were begun."""
        with self.emulator.storage.transaction() as connection:
            found = self.emulator.storage.find_where(
                connection, "Job", type="encode_media"
            )
        return len(found)

    def asked(self, action: str) -> int:
        """Return how often an action was received."""
        operations = self.emulator.journal.operations
        return sum(step["action"] == action for step in operations)


Act = Callable[[Session, Scene], object]
Applied = Callable[[Scene], int]


def commit_new(session: Session, scene: Scene) -> None:
    session.add(Task(name=scene.name, parent=scene.shot))
    session.commit()


def commit_changed(session: Session, scene: Scene) -> None:
    scene.task.description = scene.name
    session.commit()


def commit_removed(session: Session, scene: Scene) -> None:
    session.remove(scene.task)
    session.commit()


READS: dict[str, Act] = {
    "query": lambda s, x: s.query("select name from Status", Status).data[0].name,
    "call": lambda s, x: s.call([Query("Task limit 1"), {"action": "query_schemas"}]),
    "search": lambda s, x: s.search(Task, "animation").data[0],
    "select": lambda s, x: s.select(Status).all()[0],
    "values": lambda s, x: s.select(Status).values(Status.name)[0],
    "get": lambda s, x: s.get(Task, str(uuid.uuid4())),
    "load": lambda s, x: s.load([x.task], Task.status),
    "lazy": lambda s, x: x.task.status.name,
    "refresh": lambda s, x: s.refresh(x.task),
    "get_server_information": lambda s, x: s.get_server_information()["version"],
    "server_information": lambda s, x: s.server_information["version"],
    "get_schema": lambda s, x: s.get_schema("Unheard"),
    "get_primary_key_attributes": lambda s, x: s.get_primary_key_attributes("Unheard"),
    "ensure, there": lambda s, x: s.ensure(Task, {"id": x.task.id, "bid": x.task.bid}),
    "get_widget_url": lambda s, x: s.get_widget_url("info", x.task),
    "generate_signed_url": lambda s, x: s.generate_signed_url(x.extra["component"]),
}

WRITES: dict[str, tuple[Act, Applied]] = {
    "create": (
        lambda s, x: s.create(Task, {"name": x.name, "parent": x.shot}),
        Scene.tasks,
    ),
    "update": (
        lambda s, x: s.update(Task, x.task.id, {"description": x.name}),
        Scene.described,
    ),
    "delete": (lambda s, x: s.delete(Task, x.task.id), Scene.gone),
    "ensure, missing": (
        lambda s, x: s.ensure(Task, {"name": x.name, "parent": x.shot}),
        Scene.tasks,
    ),
    "ensure, other": (
        lambda s, x: s.ensure(Task, {"id": x.task.id, "description": x.name}, ["id"]),
        Scene.described,
    ),
    "call": (
        lambda s, x: s.call(
            [
                Create("Task", {"id": x.name, "name": x.name, "parent_id": x.shot.id}),
                Update("Task", (x.name,), {"description": x.name}),
            ]
        ),
        Scene.tasks,
    ),
    "call with a key": (
        lambda s, x: s.call(
            [
                Create(
                    "Task",
                    {"id": x.name, "name": x.name, "parent_id": x.shot.id},
                    (x.name,),
                ),
                Query(f"Task where id is '{x.name}'"),
            ]
        ),
        Scene.tasks,
    ),
    "commit, new": (commit_new, Scene.tasks),
    "commit, changed": (commit_changed, Scene.described),
    "commit, removed": (commit_removed, Scene.gone),
    "reset_remote": (
        lambda s, x: s.reset_remote("api_key", x.extra["user"]),
        Scene.reset,
    ),
    "delayed_job": (
        lambda s, x: s.delayed_job(
            "DELETE", {"entity_type": "Task", "entity_key": x.task.id}
        ),
        Scene.gone,
    ),
    "encode_media": (
        lambda s, x: s.encode_media(x.extra["component"]),
        Scene.encodings,
    ),
}

# What a mail server would have to count.
UNTRACEABLE: dict[str, tuple[str, Act]] = {
    "send_user_invite": (
        "send_user_invite",
        lambda s, x: s.send_user_invite(x.extra["user"]),
    ),
    "send_review_session_invite": (
        "send_review_session_invite",
        lambda s, x: s.send_review_session_invite(x.extra["invitee"]),
    ),
    "reset_remote": (
        "reset_remote",
        lambda s, x: s.reset_remote("api_key", x.extra["user"]),
    ),
    "encode_media": ("encode_media", lambda s, x: s.encode_media(x.extra["component"])),
    "delayed_job": ("delayed_job", lambda s, x: s.delayed_job("SYNC_USERS_LDAP")),
}

ONCE, ALWAYS = 1, 30
FAULTS: dict[str, Callable[[Faults, int], None]] = {
    "reset before applying": lambda faults, times: faults.drop_before(times),
    "reset after applying": lambda faults, times: faults.drop_after(times),
    "late": lambda faults, times: faults.delay(1.5 * TIMEOUT, times),
    "502": lambda faults, times: faults.status(502, times=times),
    "503": lambda faults, times: faults.status(503, retry_after="0", times=times),
    "429": lambda faults, times: faults.status(429, retry_after="0", times=times),
    "truncated": lambda faults, times: faults.truncate(7, times),
    "html": lambda faults, times: faults.html(status=200, times=times),
    "too short": lambda faults, times: faults.wrong_length(-1, times),
    "too long": lambda faults, times: faults.wrong_length(1, times),
}
PERMANENT = {"html", "too short", "too long"}


@pytest.fixture
def patient(emulator: Emulator) -> Iterator[Session]:
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK
    ) as session:
        yield session


@pytest.fixture
def scene(emulator: Emulator, patient: Session) -> Scene:
    with Session(transport=emulator.transport(), check_schema="ignore") as maker:
        component = maker.create(
            FileComponent, {"name": "plate", "file_type": ".mov", "size": 3}
        ).data.id
        review = maker.create(
            ReviewSession, {"name": "monday", "project": project(maker)}
        ).data
        invitee = maker.create(
            ReviewSessionInvitee,
            {"review_session": review, "name": "guest", "email": "guest@example.com"},
        ).data.id
    found = Scene(emulator, a_shot(patient), a_task(patient))
    found.extra = {
        "component": component,
        "invitee": invitee,
        "user": patient.select(User).where(User.username == "anna").one(),
    }
    emulator.journal.clear()
    return found


def attempt(act: Act, session: Session, scene: Scene) -> TransportError | None:
    """Return the error that leaves the library; any but the documented is raised."""
    try:
        act(session, scene)
    except TransportError as error:
        return error
    finally:
        scene.emulator.faults.clear()
        session._space.transport._timeout = 60.0  # type: ignore[attr-defined]
    return None


def inject(session: Session, scene: Scene, fault: str, times: int) -> None:
    """Let the next requests meet a fault; one that is late meets impatience."""
    FAULTS[fault](scene.emulator.faults, times)
    if fault == "late":
        session._space.transport._timeout = TIMEOUT  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", READS)
def test_a_read_survives_one_fault_that_passes(
    patient: Session, scene: Scene, method: str, fault: str
) -> None:
    inject(patient, scene, fault, ONCE)

    error = attempt(READS[method], patient, scene)

    assert (error is not None) is (fault in PERMANENT)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", READS)
def test_a_read_says_what_does_not_pass_and_can_be_repeated(
    patient: Session, scene: Scene, method: str, fault: str
) -> None:
    inject(patient, scene, fault, ALWAYS)

    assert attempt(READS[method], patient, scene) is not None

    assert attempt(READS[method], patient, scene) is None


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", WRITES)
def test_a_write_is_applied_once_or_not_at_all_and_says_which(
    patient: Session, scene: Scene, method: str, fault: str, times: int
) -> None:
    act, applied = WRITES[method]
    assert applied(scene) == 0
    inject(patient, scene, fault, times)

    error = attempt(act, patient, scene)

    if error is None:
        assert applied(scene) == 1
    elif isinstance(error, OutcomeUnknownError):
        assert applied(scene) in (0, 1)
    else:
        assert applied(scene) == 0


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", UNTRACEABLE)
def test_what_leaves_no_trace_is_asked_for_once(
    patient: Session, scene: Scene, method: str, fault: str, times: int
) -> None:
    action, act = UNTRACEABLE[method]
    inject(patient, scene, fault, times)

    attempt(act, patient, scene)

    assert scene.asked(action) == 1


@pytest.mark.parametrize("method", [*READS, *WRITES, *UNTRACEABLE])
def test_a_server_that_is_away_is_said_to_be_and_nothing_is_applied(
    patient: Session, scene: Scene, method: str
) -> None:
    act = READS.get(method)
    if act is None:
        act = WRITES[method][0] if method in WRITES else UNTRACEABLE[method][1]
    scene.emulator.stop()
    try:
        error = attempt(act, patient, scene)
    finally:
        scene.emulator.start()

    assert type(error).__name__ == "ConnectionFailedError"
    if method in WRITES:
        assert WRITES[method][1](scene) == 0

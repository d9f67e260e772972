"""The methods of a session and the faults that each of them meets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ftrack_models import (
    Shot,
    Status,
    Task,
)
from ftrack_orm import (
    ConnectionLostError,
    RequestTimeoutError,
    RetryPolicy,
    Session,
    TransportError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Faults
from ftrack_orm.operations import Create, Query, Update
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
        operations = self.emulator.call_log.operations
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
    "late": lambda faults, times: faults.drop_after(times),
    "502": lambda faults, times: faults.status(502, times=times),
    "503": lambda faults, times: faults.status(503, retry_after="0", times=times),
    "429": lambda faults, times: faults.status(429, retry_after="0", times=times),
    "truncated": lambda faults, times: faults.truncate(7, times),
    "html": lambda faults, times: faults.html(status=200, times=times),
    "too short": lambda faults, times: faults.wrong_length(-1, times),
    "too long": lambda faults, times: faults.wrong_length(1, times),
}
PERMANENT = {"html", "too short", "too long"}


def attempt(act: Act, session: Session, scene: Scene) -> TransportError | None:
    """Return the error that leaves the library; any but the documented is raised."""
    try:
        act(session, scene)
    except TransportError as error:
        return error
    finally:
        scene.emulator.faults.clear()
        wait_for_answers(session)
    return None


def inject(session: Session, scene: Scene, fault: str, times: int) -> None:
    """Let the next requests meet a fault; an answer that is late times out."""
    FAULTS[fault](scene.emulator.faults, times)
    if fault == "late":
        time_out(session)


def time_out(session: Session) -> None:
    """Make a session's transports raise a timeout for every answer that is lost.

    The answer is as late as one that a real timeout ends, without the wait for it.
    """
    transport: Any = session._core.transport
    call, put, get = transport.call, transport.files.put, transport.files.get

    def late_call(*arguments: Any, **options: Any) -> Any:
        with lost_as_late():
            return call(*arguments, **options)

    def late_put(*arguments: Any, **options: Any) -> Any:
        with lost_as_late():
            return put(*arguments, **options)

    @contextmanager
    def late_get(*arguments: Any, **options: Any) -> Iterator[Any]:
        with lost_as_late(), get(*arguments, **options) as answer:
            yield answer

    transport.call = late_call
    transport.files.put, transport.files.get = late_put, late_get


@contextmanager
def lost_as_late() -> Iterator[None]:
    try:
        yield
    except ConnectionLostError as error:
        raise RequestTimeoutError(error.server_url or "", TIMEOUT) from error


def wait_for_answers(session: Session) -> None:
    """Undo `time_out`."""
    transport: Any = session._core.transport
    vars(transport).pop("call", None)
    for name in ("put", "get"):
        vars(transport.files).pop(name, None)

"""A studio of three projects and several users, for tests of who may do what.

::

    mine    010 (Shot) ── anim (Task)   asset rig v1, component, note and reply, log...
    theirs  020 (Shot) ── comp (Task)   the same
    secret  030 (Shot) ── fx (Task)     the same; the project is private

Ids say what they are: ``task-mine``, ``version-theirs``. Every project has the same
kinds of rows, so a test can ask for all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ftrack_orm.emulator import Credentials, Emulator
from tests.support.emulator_client import ADMIN, Client, create, make_emulator

PROJECTS: Final = ("mine", "theirs", "secret")
BOTH: Final = ("mine", "theirs")


def make_studio() -> Emulator:
    """Return an emulator with the three projects, made as a client makes them."""
    emulator = make_emulator()
    admin = Client(emulator)
    for name in PROJECTS:
        admin.project(name, id=f"project-{name}", is_private=name == "secret")
        admin.call(*_rows(name))
    return emulator


def _rows(name: str) -> Iterable[dict[str, Any]]:
    project, shot, task = (f"{kind}-{name}" for kind in ("project", "shot", "task"))
    asset, version, component = (
        f"{kind}-{name}" for kind in ("asset", "version", "component")
    )
    yield create("Shot", id=shot, name=f"shot {name}", parent_id=project)
    yield create("Task", id=task, name=f"task {name}", parent_id=shot)
    yield create("Task", id=f"next-{name}", name=f"next {name}", parent_id=shot)
    yield create(
        "TypedContextLink", id=f"link-{name}", from_id=task, to_id=f"next-{name}"
    )
    yield create("Asset", id=asset, name="rig", context_id=shot)
    yield create("AssetVersion", id=version, asset_id=asset, task_id=task)
    yield create("FileComponent", id=component, name="main", version_id=version)
    yield create("SequenceComponent", id=f"frames-{name}", version_id=version)
    yield create(
        "ContainerComponent", id=f"inner-{name}", container_id=f"frames-{name}"
    )
    yield create("FileComponent", id=f"frame-{name}", container_id=f"inner-{name}")
    yield create(
        "ComponentLocation",
        id=f"stored-{name}",
        component_id=component,
        location_id="3a372bde-05bc-11e4-8908-20c9d081909b",
    )
    yield create(
        "Note", id=f"note-{name}", content="Longer.", parent_id=task, parent_type="Task"
    )
    yield create(
        "Note", id=f"reply-{name}", content="Done.", in_reply_to_id=f"note-{name}"
    )
    yield create(
        "Metadata", parent_id=version, parent_type="AssetVersion", key="k", value="v"
    )
    yield create(
        "Metadata",
        parent_id=f"frame-{name}",
        parent_type="FileComponent",
        key="k",
        value="v",
    )
    yield create(
        "Timelog", id=f"log-{name}", context_id=task, user_id=ADMIN, duration=60
    )
    yield create(
        "Appointment",
        id=f"assigned-{name}",
        context_id=task,
        resource_id=ADMIN,
        type="assignment",
    )
    yield create(
        "TypedContextList",
        id=f"list-{name}",
        name="list",
        project_id=project,
        category_id="a063986c-916b-47a9-a74c-3d4af59f274b",
        is_open=True,
    )
    yield create(
        "ListObject", id=f"item-{name}", list_id=f"list-{name}", entity_id=task
    )
    yield create(
        "ReviewSession", id=f"review-{name}", name="review", project_id=project
    )
    yield create(
        "ReviewSessionObject",
        id=f"reviewed-{name}",
        review_session_id=f"review-{name}",
        version_id=version,
        name="rig",
    )
    yield create(
        "ReviewSessionInvitee",
        id=f"guest-{name}",
        review_session_id=f"review-{name}",
        name="Guest",
        email="guest@example.com",
    )
    yield create(
        "CalendarEvent",
        id=f"event-{name}",
        name="kick-off",
        project_id=project,
        start="2024-01-01",
        end="2024-01-02",
    )


def login(emulator: Emulator, credentials: Credentials) -> Client:
    """Return a client of that user, with errors as HTTP has them."""
    return Client(
        emulator,
        {
            "ftrack-user": credentials["api_user"],
            "ftrack-api-key": credentials["api_key"],
        },
    )


def artist(emulator: Emulator, projects: Iterable[str] | None = ("mine",)) -> Client:
    """Return a client of a new user who works on these projects."""
    return login(emulator, emulator.add_user("artist", projects=projects))


def manager(emulator: Emulator, projects: Iterable[str] | None = ("mine",)) -> Client:
    """Return a client of a new user who manages these projects."""
    role = "Project Manager"
    return login(emulator, emulator.add_user("manager", role=role, projects=projects))


def nobody(emulator: Emulator) -> Client:
    """Return a client of a new user without any role."""
    return login(emulator, emulator.add_user("nobody", role=None))


def call(client: Client, action: str, **arguments: Any) -> Any:
    """Return the answer to one action."""
    [result] = client.call({"action": action, **arguments})
    return result


def id_of(client: Client, username: str) -> str:
    [found] = client.query(f"User where username is {username}")
    return str(found["id"])


def tasks(client: Client) -> list[str]:
    return [row["id"] for row in client.query("Task where name like 'task%'")]

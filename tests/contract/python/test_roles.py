"""Users, keys and roles, as the official client meets them (2.16, 6.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import ftrack_api.exception
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect

Login: TypeAlias = Callable[..., Any]
DENIED = r"Server reported error: PermissionError\("


@pytest.fixture
def login(emulator: Emulator, folder: Path) -> Iterator[Login]:
    """Adds a user and returns a session of it."""
    opened: list[Any] = []

    def log_in(username: str, **more: Any) -> Any:
        credentials = emulator.add_user(username, **more)
        opened.append(connect(emulator, folder, **credentials))
        return opened[-1]

    yield log_in
    for session in opened:
        session.close()


@pytest.fixture
def projects(session: Any, project: Any, task: Any) -> Any:
    """Two projects more beside that of the fixtures, one of them private."""
    schema = session.query('ProjectSchema where name is "VFX"').one()
    for name in ("other", "secret"):
        values = {"name": name, "full_name": name.title(), "project_schema": schema}
        made = session.create("Project", {**values, "is_private": name == "secret"})
        shot = session.create("Shot", {"name": f"{name} shot", "parent": made})
        session.create("Task", {"name": f"{name} task", "parent": shot})
    session.commit()
    return session


def names(rows: Any) -> list[str]:
    return sorted(row["name"] for row in rows)


# -- reading ------------------------------------------------------------------


def test_projects_of_others_are_not_there(projects: Any, login: Login) -> None:
    mine = login("ben", projects=["bunny"])
    assert names(mine.query("Project")) == ["bunny"]
    assert names(mine.query("Task")) == ["anim"]
    assert mine.query('Project where name is "other"').first() is None


def test_a_role_on_all_open_projects_leaves_private_ones_out(
    projects: Any, login: Login
) -> None:
    assert names(login("ben").query("Project")) == ["bunny", "other"]


def test_without_a_role_there_is_no_project(projects: Any, login: Login) -> None:
    nobody = login("ben", role=None)
    assert nobody.query("Project").all() == []
    assert nobody.query("Task").all() == []
    assert len(nobody.query("Status").all()) > 5


def test_an_entity_out_of_sight_cannot_be_got(projects: Any, login: Login) -> None:
    hidden = projects.query('Task where name is "secret task"').one()
    assert login("ben").get("Task", hidden["id"]) is None


def test_populating_reads_what_may_be_read(
    projects: Any, login: Login, task: Any, asset: Any
) -> None:
    other = projects.query('Task where name is "other task"').one()
    version = projects.create("AssetVersion", {"asset": asset, "task": other})
    projects.commit()
    mine = login("ben", projects=["bunny"])
    seen = mine.get("AssetVersion", version["id"])
    mine.populate(seen, "asset.name, task.name, comment")
    assert seen["asset"]["name"] == "hero"
    assert seen["task"] is None
    assert projects.get("AssetVersion", version["id"])["task"]["name"] == "other task"


def test_collections_are_without_what_is_hidden(
    projects: Any, login: Login, project: Any, task: Any
) -> None:
    other = projects.query('Task where name is "other task"').one()
    category = projects.query("ListCategory").first()
    made = projects.create(
        "TypedContextList",
        {"name": "todo", "project": project, "category": category, "is_open": True},
    )
    made["items"].extend([task, other])
    projects.commit()
    mine = login("ben", projects=["bunny"])
    assert names(mine.get("TypedContextList", made["id"])["items"]) == ["anim"]


def test_conditions_see_no_hidden_row(projects: Any, login: Login) -> None:
    mine = login("ben", projects=["bunny"])
    for condition in (
        'parent.name is "other shot"',
        'project.name is "other"',
        'ancestors any (name is "secret shot")',
    ):
        assert len(projects.query(f"Task where {condition}").all()) == 1
        assert mine.query(f"Task where {condition}").all() == []


def test_pages_hold_only_what_may_be_read(projects: Any, login: Login) -> None:
    mine = login("ben", projects=["bunny"])
    assert len(mine.query("select name from TypedContext", page_size=2).all()) == 3


# -- changing -----------------------------------------------------------------


def test_artists_do_their_work(projects: Any, login: Login, task: Any) -> None:
    ben = login("ben", projects=["bunny"])
    mine = ben.get("Task", task["id"])
    mine["status"] = ben.query('Status where name is "In progress"').one()
    mine.create_note("On it.", author=ben.query('User where username is "ben"').one())
    mine["metadata"]["take"] = "3"
    ben.create("Timelog", {"context": mine, "duration": 60})
    ben.commit()
    projects.reset()
    seen = projects.get("Task", task["id"])
    assert seen["status"]["name"] == "In progress"
    assert [note["content"] for note in seen["notes"]] == ["On it."]
    assert seen["metadata"]["take"] == "3"


def test_artists_publish(projects: Any, login: Login, shot: Any, folder: Path) -> None:
    ben = login("ben", projects=["bunny"])
    kind = ben.query('AssetType where short is "geo"').one()
    mine = ben.get("Shot", shot["id"])
    asset = ben.create("Asset", {"name": "hero", "type": kind, "parent": mine})
    version = ben.create("AssetVersion", {"asset": asset})
    ben.commit()
    location = ben.query('Location where name is "ftrack.unmanaged"').one()
    component = version.create_component(str(folder / "hero.mov"), location=location)
    assert component["version"] is version
    assert version["version"] == 1


def test_artists_make_and_delete_no_task(
    projects: Any, login: Login, shot: Any, task: Any
) -> None:
    ben = login("ben", projects=["bunny"])
    ben.create("Task", {"name": "new", "parent": ben.get("Shot", shot["id"])})
    with pytest.raises(ftrack_api.exception.ServerError, match=DENIED):
        ben.commit()
    ben.rollback()
    ben.delete(ben.get("Task", task["id"]))
    with pytest.raises(ftrack_api.exception.ServerError, match=DENIED):
        ben.commit()
    assert names(projects.query("Task")) == ["anim", "other task", "secret task"]


def test_managers_plan_their_project_only(
    projects: Any, login: Login, shot: Any
) -> None:
    hana = login("hana", role="Project Manager", projects=["bunny"])
    hana.create("Task", {"name": "new", "parent": hana.get("Shot", shot["id"])})
    hana.commit()
    other = projects.query('Shot where name is "other shot"').one()
    hana.create("Task", {"name": "new", "parent_id": other["id"]})
    with pytest.raises(ftrack_api.exception.ServerError, match="does not exist"):
        hana.commit()


@pytest.mark.parametrize("role", ["User", "Project Manager"])
def test_settings_are_refused(projects: Any, login: Login, role: str) -> None:
    user = login("ben", role=role)
    status = user.query('Status where name is "Approved"').one()

    def rename() -> None:
        status["name"] = "Fine"

    changes: tuple[Callable[[], object], ...] = (
        lambda: user.create("User", {"username": "new"}),
        lambda: user.create("Group", {"name": "new"}),
        lambda: user.delete(status),
        rename,
    )
    for change in changes:
        change()
        with pytest.raises(ftrack_api.exception.ServerError, match=DENIED):
            user.commit()
        user.rollback()


def test_a_refused_commit_leaves_nothing(
    projects: Any, login: Login, task: Any
) -> None:
    ben = login("ben", projects=["bunny"])
    ben.get("Task", task["id"])["name"] = "changed"
    ben.create("Group", {"name": "new"})
    with pytest.raises(ftrack_api.exception.ServerError, match=DENIED):
        ben.commit()
    assert projects.query("Group").all() == []
    assert projects.query('Task where name is "changed"').all() == []


def test_what_is_out_of_sight_cannot_be_changed(projects: Any, login: Login) -> None:
    hidden = projects.query('Task where name is "secret task"').one()
    ben = login("ben", role="Project Manager", projects=["bunny"])
    operation = {"entity_type": "Task", "entity_key": [hidden["id"]]}
    for more in ({"action": "delete"}, {"action": "update", "entity_data": {}}):
        with pytest.raises(ftrack_api.exception.ServerError, match="Could not find"):
            ben.call([{**operation, **more}])


# -- several users ------------------------------------------------------------


def test_two_users_work_side_by_side(projects: Any, login: Login, task: Any) -> None:
    other = projects.query('Task where name is "other task"').one()
    anna = login("anna", projects=["bunny"])
    bram = login("bram", projects=["other"])
    for user, key in ((anna, task["id"]), (bram, other["id"])):
        user.get("Task", key).create_note(
            f"From {user.api_user}.",
            author=user.query(f'User where username is "{user.api_user}"').one(),
        )
        user.commit()
    assert [note["content"] for note in anna.query("Note")] == ["From anna."]
    assert [note["content"] for note in bram.query("Note")] == ["From bram."]
    assert len(projects.query("Note").all()) == 2


def test_each_author_is_the_one_who_wrote(
    projects: Any, login: Login, task: Any
) -> None:
    anna = login("anna", projects=["bunny"])
    anna.create("Timelog", {"context_id": task["id"], "duration": 60})
    anna.commit()
    [log] = projects.query("select user.username from Timelog")
    assert log["user"]["username"] == "anna"


# -- keys and roles -----------------------------------------------------------


def test_a_wrong_key_opens_no_session(emulator: Emulator, folder: Path) -> None:
    credentials = emulator.add_user("ben")
    for wrong in ({"api_key": "nope"}, {"api_user": "admin"}, {"api_user": "ghost"}):
        with pytest.raises(ftrack_api.exception.ServerError, match="InvalidCredential"):
            connect(emulator, folder, **{**credentials, **wrong})


def test_a_key_that_was_reset_ends_the_open_session(
    emulator: Emulator, folder: Path, login: Login
) -> None:
    ben = login("ben")
    me = ben.query('User where username is "ben"').one()
    made = ben.reset_remote("api_key", entity=me)
    with pytest.raises(ftrack_api.exception.ServerError, match="InvalidCredential"):
        ben.query("Status").first()
    again = connect(emulator, folder, api_user="ben", api_key=made["api_key"])
    assert again.query("Status").first() is not None
    again.close()


def test_nobody_resets_the_key_of_another(login: Login, admin: Any) -> None:
    ben = login("ben")
    other = ben.get("User", admin["id"])
    with pytest.raises(ftrack_api.exception.ServerError, match=DENIED):
        ben.reset_remote("api_key", entity=other)


def test_roles_are_given_as_the_documentation_shows(
    projects: Any, login: Login
) -> None:
    nobody = login("ben", role=None)
    user = projects.query('User where username is "ben"').one()
    role = projects.query(
        'SecurityRole where name is "Project Manager" and type is "PROJECT"'
    ).one()
    ids = {"user_id": user["id"], "role_id": role["id"]}
    projects.call([{"action": "add_user_security_role", **ids}])
    project = projects.query('Project where full_name is "Other"').one()
    projects.call(
        [
            {
                "action": "grant_user_security_role_project",
                **ids,
                "project_id": project["id"],
            }
        ]
    )
    assert names(nobody.query("Project")) == ["other"]
    [held] = nobody.query('UserSecurityRole where user.username is "ben"')
    assert held["security_role"]["name"] == "Project Manager"
    projects.call([{"action": "remove_user_security_role", **ids}])
    nobody.reset()
    assert nobody.query("Project").all() == []


def test_an_administrator_assumes_a_user(projects: Any, login: Login) -> None:
    login("ben", projects=["bunny"])
    user = projects.query('User where username is "ben"').one()
    projects.call([{"action": "assume_user", "user_id": user["id"]}])
    try:
        assert names(projects.query("Project")) == ["bunny"]
    finally:
        projects.call([{"action": "un_assume_user"}])
    assert len(projects.query("Project").all()) == 3


def test_a_role_allows_what_is_asked_of_it(
    projects: Any, login: Login, task: Any
) -> None:
    ben = login("ben", projects=["bunny"])
    for action, kind, expected in (
        ("create", "Note", True),
        ("create", "Task", False),
        ("delete", "Task", False),
    ):
        context = {"entity_type": "Task", "entity_key": task["id"]}
        data = {"action": action, "data": {"entity_type": kind}, "context": context}
        [answer] = ben.call([{"action": "_authorize_operation", "data": data}])
        assert answer == {"result": expected}

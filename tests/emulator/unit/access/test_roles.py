"""Giving and taking roles, playing parts, and asking what one may (protocol 2.16)."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm import UnsupportedError
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.people import (
    NotAListError,
    UnknownNameError,
    UserExistsError,
)
from tests.support.emulator_client import ADMIN, Client, Refused, create, make_emulator
from tests.support.three_projects import (
    artist,
    call,
    id_of,
    login,
    manager,
    nobody,
    tasks,
)

USER = "235d3746-ea23-4a85-b976-2ac84a3ca089"
MANAGER = "04bf8e23-20fc-4718-a4bc-f92967d15fa3"
API = "479126bf-f027-418e-8c03-fec070e3c04a"


# -- roles of users -----------------------------------------------------------


@pytest.mark.parametrize("name", ["role_id", "security_role_id"])
def test_a_role_is_added_and_granted_projects(
    studio: Emulator, admin: Client, name: str
) -> None:
    client = nobody(studio)
    role = {"user_id": id_of(client, "nobody"), name: USER}
    answer = call(admin, "add_user_security_role", **role)
    assert answer == {"action": "add_user_security_role", "data": True}
    assert tasks(client) == []
    for project in ("mine", "secret"):
        call(
            admin,
            "grant_user_security_role_project",
            **role,
            project_id=f"project-{project}",
        )
    assert tasks(client) == ["task-mine", "task-secret"]
    call(admin, "revoke_user_security_role_project", **role, project_id="project-mine")
    assert tasks(client) == ["task-secret"]
    call(admin, "remove_user_security_role", **role)
    assert tasks(client) == []
    assert admin.query(f"UserSecurityRole where user_id is {role['user_id']}") == []
    assert admin.query("UserSecurityRoleProject") == []


def test_a_role_can_be_on_all_open_projects(studio: Emulator, admin: Client) -> None:
    client = nobody(studio)
    role = {"user_id": id_of(client, "nobody"), "role_id": USER}
    call(admin, "add_user_security_role", **role, all_open_projects=True)
    assert tasks(client) == ["task-mine", "task-theirs"]
    with pytest.raises(Refused, match="all open projects"):
        call(
            admin,
            "grant_user_security_role_project",
            **role,
            project_id="project-secret",
        )


def test_a_role_becomes_another_on_the_same_projects(
    studio: Emulator, admin: Client
) -> None:
    client = artist(studio)
    with pytest.raises(Refused, match="PermissionError"):
        client.create("Task", name="new", parent_id="shot-mine")
    call(
        admin,
        "update_user_security_role",
        user_id=id_of(client, "artist"),
        role_id=USER,
        new_role_id=MANAGER,
    )
    client.create("Task", name="new", parent_id="shot-mine")
    assert tasks(client) == ["task-mine"]


@pytest.mark.parametrize(
    ("action", "more", "refusal"),
    [
        ("add_user_security_role", {"role_id": USER}, "DuplicateEntryError"),
        ("add_user_security_role", {"role_id": "nope"}, "Could not find entity"),
        ("add_user_security_role", {"role_id": API}, "ValidationError"),
        ("add_user_security_role", {}, "add_user_security_role needs role_id"),
        ("add_user_security_role", {"role_id": MANAGER, "project_id": "nope"}, "Could"),
        ("remove_user_security_role", {"role_id": MANAGER}, "Could not find entity"),
        ("update_user_security_role", {"role_id": USER}, "needs new_role_id"),
        ("grant_user_security_role_project", {"role_id": USER}, "needs project_id"),
        (
            "grant_user_security_role_project",
            {"role_id": USER, "project_id": "project-mine"},
            "DuplicateEntryError",
        ),
        (
            "revoke_user_security_role_project",
            {"role_id": USER, "project_id": "project-theirs"},
            "Could not find entity",
        ),
    ],
)
def test_what_cannot_be_done_with_roles_is_refused(
    studio: Emulator, admin: Client, action: str, more: dict[str, str], refusal: str
) -> None:
    client = artist(studio)
    with pytest.raises(Refused, match=refusal):
        call(admin, action, user_id=id_of(client, "artist"), **more)


def test_roles_for_assigned_tasks_alone_are_refused_by_name(
    studio: Emulator, admin: Client
) -> None:
    """The Python client documents that there are such roles, and no more of them."""
    client = artist(studio)
    user_id = id_of(client, "artist")
    admin.create("SecurityRole", id="assigned", name="Freelancer", type="ASSIGNED")
    for operation in (
        {
            "action": "add_user_security_role",
            "user_id": user_id,
            "role_id": "assigned",
        },
        {
            "action": "update_user_security_role",
            "user_id": user_id,
            "role_id": USER,
            "new_role_id": "assigned",
        },
        create("UserSecurityRole", user_id=user_id, security_role_id="assigned"),
    ):
        with pytest.raises(Refused, match="type ASSIGNED") as refused:
            admin.call(operation)
        assert refused.value.exception == "UnsupportedError"
    with pytest.raises(UnsupportedError, match="type ASSIGNED"):
        studio.add_user("ben", role="Freelancer")


@pytest.mark.parametrize("of", [artist, manager, nobody])
@pytest.mark.parametrize(
    "action",
    [
        "add_user_security_role",
        "assume_user",
        "grant_api_key_project",
        "grant_api_key_security_role",
        "grant_user_security_role_project",
        "remove_user_security_role",
        "revoke_api_key_project",
        "revoke_api_key_security_role",
        "revoke_user_security_role_project",
        "update_user_security_role",
    ],
)
def test_rights_are_the_administrators_to_give(
    studio: Emulator, of: Any, action: str
) -> None:
    client = of(studio)
    ids = {"user_id": id_of(client, of.__name__), "role_id": MANAGER}
    with pytest.raises(Refused, match="PermissionError"):
        call(client, action, **ids, project_id="project-mine", new_role_id=MANAGER)


# -- global API keys ----------------------------------------------------------


def test_a_global_key_has_the_rights_of_its_roles(
    studio: Emulator, admin: Client
) -> None:
    answer = call(
        admin,
        "reset_remote",
        reset_type="api_key",
        entity_type="ApiKey",
        entity_data={"identifier": "farm"},
    )
    [row] = admin.query("select identifier, prefix from ApiKey")
    secret = answer["data"]["api_key"]
    assert row["identifier"] == "farm"
    assert secret.startswith(row["prefix"])
    key = Client(studio, {"ftrack-user": "admin", "ftrack-api-key": secret})
    # The rights are those of the key, not those of the user it is used for.
    assert tasks(key) == []
    ids = {"api_key_id": row["id"]}
    call(admin, "grant_api_key_security_role", **ids, role_id=USER)
    call(admin, "grant_api_key_project", **ids, project_id="project-secret")
    assert tasks(key) == ["task-secret"]
    with pytest.raises(Refused, match="PermissionError"):
        key.create("NoteLabel", name="new")
    call(admin, "revoke_api_key_project", **ids, project_id="project-secret")
    assert tasks(key) == []
    call(admin, "grant_api_key_security_role", **ids, role_id=API)
    assert len(tasks(key)) == 3
    key.create("NoteLabel", name="new")
    call(admin, "revoke_api_key_security_role", **ids, role_id=API)
    assert tasks(key) == []


@pytest.mark.parametrize(
    ("action", "more", "refusal"),
    [
        ("grant_api_key_security_role", {"role_id": API}, "DuplicateEntryError"),
        ("revoke_api_key_security_role", {"role_id": USER}, "Could not find entity"),
        ("revoke_api_key_project", {"project_id": "project-mine"}, "Could not find"),
        ("grant_api_key_project", {}, "needs project_id"),
    ],
)
def test_what_cannot_be_done_with_keys_is_refused(
    studio: Emulator, admin: Client, action: str, more: dict[str, str], refusal: str
) -> None:
    studio.add_api_key("farm")
    [row] = admin.query("ApiKey")
    with pytest.raises(Refused, match=refusal):
        call(admin, action, api_key_id=row["id"], **more)


def test_a_global_key_is_told_by_the_information(studio: Emulator) -> None:
    credentials = studio.add_api_key("farm", role="User", projects=["mine"])
    key = login(studio, credentials)
    [row] = key.query("ApiKey")
    information = call(key, "query_server_information")["user_information"]
    assert information["username"] == "admin"
    assert information["access_key_id"] == row["id"]
    assert information["is_global_access_key"] is True
    assert information["restricted_user"] is True
    assert information["permissions"] == ["User"]


def test_no_query_shows_a_key(studio: Emulator, admin: Client) -> None:
    studio.add_api_key("farm")
    assert admin.query("select id, identifier, prefix from ApiKey")[0].keys() == {
        "__entity_type__",
        "id",
        "identifier",
        "prefix",
        "resource_id",
    }
    for expression in ("select secret from ApiKey", "select api_key from User"):
        with pytest.raises(Refused, match="No attribute"):
            admin.query(expression)


# -- who calls ----------------------------------------------------------------

WRONG = (
    "The supplied API key is not valid. API keys are created from Settings under the "
    "page API keys. The api key should be passed in the request header "
    '"ftrack-api-key".'
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("artist", "wrong"),
        ("artist", ""),
        ("artist", "emulator-admin-key"),
        ("admin", "emulator-artist-key"),
        ("unknown", "emulator-artist-key"),
        ("", ""),
    ],
)
def test_wrong_credentials_are_refused_in_the_recorded_words(
    studio: Emulator, name: str, key: str
) -> None:
    studio.add_user("artist")
    headers = {"ftrack-user": name, "ftrack-api-key": key}
    for strict, status in (("true", 401), ("false", 200)):
        client = Client(studio, {**headers, "ftrack-strict-api": strict})
        with pytest.raises(Refused) as refused:
            client.call()
        assert refused.value.status == status
        assert refused.value.answer == {
            "exception": "InvalidCredentialsError",
            "content": WRONG,
            "error_code": "api_credentials_invalid",
        }


def test_users_who_are_not_active_cannot_log_in(
    studio: Emulator, admin: Client
) -> None:
    client = artist(studio)
    user_id = id_of(admin, "artist")
    admin.update("User", user_id, is_active=False)
    with pytest.raises(Refused, match="InvalidCredentialsError"):
        client.call()
    admin.update("User", user_id, is_active=True)
    assert client.call() == []


def test_one_resets_its_own_key(studio: Emulator) -> None:
    client = artist(studio)
    arguments = {"reset_type": "api_key", "entity_type": "User"}
    made = call(client, "reset_remote", **arguments, entity_key=id_of(client, "artist"))
    with pytest.raises(Refused, match="InvalidCredentialsError"):
        client.call()
    key = made["data"]["api_key"]
    assert Client(studio, {"ftrack-user": "artist", "ftrack-api-key": key}).call() == []


def test_the_information_tells_what_one_may(studio: Emulator, admin: Client) -> None:
    told = call(admin, "query_server_information")["user_information"]
    assert told["restricted_user"] is False
    assert told["is_global_access_key"] is False
    assert told["access_key_id"] is None
    assert told["permissions"] == ["Administrator"]
    told = call(artist(studio), "query_server_information")["user_information"]
    assert told["restricted_user"] is True
    assert told["permissions"] == ["User"]


# -- asking -------------------------------------------------------------------


def may(client: Client, action: str, kind: str, *context: str) -> bool:
    """Return what the server says of an operation, in a context if there is one."""
    where = dict(zip(("entity_type", "entity_key"), context, strict=False))
    asked = {
        "action": action,
        "data": {"entity_type": kind},
        "context": where or None,
    }
    answer = call(client, "_authorize_operation", data=asked)
    assert answer.keys() == {"result"}
    return bool(answer["result"])


@pytest.mark.parametrize(
    ("action", "kind", "context", "expected"),
    [
        # who: artist of mine, manager of mine, nobody, administrator
        ("create", "Note", ("Task", "task-mine"), (True, True, False, True)),
        ("create", "Task", ("Shot", "shot-mine"), (False, True, False, True)),
        ("create", "Task", ("Shot", "shot-theirs"), (False, False, False, True)),
        ("create", "Note", ("Shot", "shot-theirs"), (False, False, False, True)),
        ("create", "Status", (), (False, False, False, True)),
        ("create", "Task", (), (False, True, False, True)),
        ("create", "Note", (), (True, True, False, True)),
        ("update", "Task", ("Task", "task-mine"), (True, True, False, True)),
        ("update", "TypedContext", ("Task", "task-mine"), (True, True, False, True)),
        ("delete", "Task", ("Task", "task-mine"), (False, True, False, True)),
        ("delete", "Timelog", ("Timelog", "log-mine"), (True, True, False, True)),
        ("update", "User", ("User", ADMIN), (False, False, False, True)),
        ("query", "Task", ("Task", "task-theirs"), (False, False, False, True)),
        ("query", "Task", ("Task", "task-mine"), (True, True, False, True)),
        ("query", "Task", (), (True, True, True, True)),
        ("update", "Task", ("Task", "nope"), (False, False, False, False)),
    ],
)
def test_what_one_may_can_be_asked(
    studio: Emulator,
    action: str,
    kind: str,
    context: tuple[str, ...],
    expected: tuple[bool, ...],
) -> None:
    clients = (artist(studio), manager(studio), nobody(studio), Client(studio))
    told = tuple(may(client, action, kind, *context) for client in clients)
    assert told == expected


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"action": "create", "data": {}},
        {"action": "dance", "data": {"entity_type": "Task"}},
        {"action": "create", "data": {"entity_type": "Task"}, "context": 1},
    ],
)
def test_a_question_that_is_none_is_refused(admin: Client, data: Any) -> None:
    with pytest.raises(Refused, match="ValidationError"):
        call(admin, "_authorize_operation", data=data)


def test_actions_of_which_the_answer_alone_is_known_are_answered(admin: Client) -> None:
    assert call(admin, "permissions") == {"action": "permissions", "data": {}}
    assert call(admin, "compute_rollups") == {"data": []}


# -- for testers --------------------------------------------------------------


def test_a_user_is_added_with_a_role_and_projects(studio: Emulator) -> None:
    credentials = studio.add_user(
        "ben", role=MANAGER, projects=["project-theirs", "mine"], api_key="open sesame"
    )
    assert credentials["api_user"] == "ben"
    assert credentials["api_key"] == "open sesame"
    assert tasks(login(studio, credentials)) == ["task-mine", "task-theirs"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"role": "Boss"}, UnknownNameError),
        ({"projects": ["nope"]}, UnknownNameError),
        ({"projects": "mine"}, NotAListError),
        ({"username": "admin"}, UserExistsError),
    ],
)
def test_a_user_that_cannot_be_added_leaves_nothing(
    arguments: dict[str, Any], error: type[Exception]
) -> None:
    emulator = make_emulator()
    before = emulator.snapshot()
    with pytest.raises(error):
        emulator.add_user(**{"username": "ben", **arguments})
    assert emulator.snapshot() == before
    emulator.close()


def test_a_key_is_not_added_for_the_letters_of_a_project(studio: Emulator) -> None:
    projects: Any = "mine"
    with pytest.raises(NotAListError, match="Pass a list"):
        studio.add_api_key("pipeline", projects=projects)


def test_the_people_of_the_demo_have_roles() -> None:
    emulator = make_emulator("demo")
    hana, anna = (
        Client(
            emulator,
            {"ftrack-user": name, "ftrack-api-key": f"emulator-{name}-key"},
        )
        for name in ("hana", "anna")
    )
    [shot] = anna.query("select id from Shot limit 1")
    with pytest.raises(Refused, match="PermissionError"):
        anna.create("Task", name="new", parent_id=shot["id"])
    hana.create("Task", name="new", parent_id=shot["id"])
    with pytest.raises(Refused, match="PermissionError"):
        hana.create("NoteLabel", name="new")
    emulator.close()

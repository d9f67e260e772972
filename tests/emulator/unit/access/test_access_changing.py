"""What users change: their work, their project, their own row, or all (protocol 6.5).

Which role may do what is assumed, no source says it; that a refusal is a
``PermissionError`` and leaves nothing half done is not.
"""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import (
    ADMIN,
    IN_PROGRESS,
    Client,
    Refused,
    create,
    delete,
    ref,
    update,
)
from tests.support.three_projects import artist, login, manager, nobody

CATEGORY = "a063986c-916b-47a9-a74c-3d4af59f274b"
STRICT = {"ftrack-strict-api": "true"}


def denied(client: Client, *operations: dict[str, Any]) -> str:
    """Check that a batch is refused and leaves nothing; return the error's text."""
    before = client.emulator.storage.snapshot()
    with pytest.raises(Refused) as refused:
        client.call(*operations)
    assert refused.value.exception == "PermissionError"
    assert refused.value.status == 403
    assert client.emulator.storage.snapshot() == before
    return str(refused.value.content)


# -- artists ------------------------------------------------------------------

WORK = [
    create("Note", content="a", parent_id="task-mine", parent_type="Task"),
    create("Note", content="a", in_reply_to_id="note-mine"),
    create("Asset", name="anim", context_id="shot-mine"),
    create("AssetVersion", asset_id="asset-mine"),
    create("FileComponent", version_id="version-mine"),
    create("FileComponent"),
    create(
        "ComponentLocation",
        component_id="frame-mine",
        location_id="cb268ecc-8809-11e3-a7e2-20c9d081909b",
    ),
    create("Timelog", context_id="task-mine", duration=1),
    create("Timer", context_id="task-mine", name="a"),
    create("Metadata", parent_id="task-mine", parent_type="Task", key="a", value="b"),
    create(
        "TypedContextList",
        name="a",
        project_id="project-mine",
        category_id=CATEGORY,
        is_open=True,
    ),
    create("ListObject", list_id="list-mine", entity_id="next-mine"),
    create("Job", type="api_job", data="{}"),
    create("Dashboard", name="a"),
    update(
        "Task",
        "task-mine",
        status_id=IN_PROGRESS,
        start_date="2024-01-01",
        description="a",
        name="b",
    ),
    update("Shot", "shot-mine", custom_attributes=[]),
    update("Asset", "asset-mine", name="a"),
    update("Project", "project-mine", color="#ffffff"),
    update("Project", "project-mine", thumbnail_id="component-mine"),
    delete("Timelog", "log-mine"),
    delete("AssetVersion", "version-mine"),
    delete("Metadata", "version-mine", "k"),
]


@pytest.mark.parametrize("operation", WORK, ids=str)
@pytest.mark.parametrize("of", [artist, manager])
def test_work_is_made_by_whoever_has_a_role_there(
    studio: Emulator, operation: dict[str, Any], of: Any
) -> None:
    [result] = of(studio).call(operation)
    assert result["action"] == operation["action"]


@pytest.mark.parametrize("operation", WORK, ids=str)
def test_without_a_role_nothing_is_made(
    studio: Emulator, operation: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        nobody(studio).call(operation)


MANAGED = [
    create("Task", name="a", parent_id="shot-mine"),
    create("Shot", name="a", parent_id="project-mine"),
    create("Appointment", context_id="task-mine", resource_id=ADMIN, type="allocation"),
    create(
        "Manager",
        context_id="project-mine",
        user_id=ADMIN,
        type_id="bd7c403b-23a7-4996-b0e5-a656c05ec30a",
    ),
    create("TypedContextLink", from_id="next-mine", to_id="task-mine"),
    create("ReviewSession", name="a", project_id="project-mine"),
    create(
        "CalendarEvent",
        name="a",
        project_id="project-mine",
        start="2024-01-01",
        end="2024-01-02",
    ),
    update("Task", "task-mine", parent_id="project-mine"),
    update("Task", "task-mine", parent=ref("Project", "project-mine")),
    update("Project", "project-mine", full_name="Mine"),
    update(
        "Project",
        "project-mine",
        children=[ref("Shot", "shot-mine"), ref("Task", "task-mine")],
    ),
    update("Task", "task-mine", assignments=[]),
    delete("Task", "task-mine"),
    delete("Appointment", "assigned-mine"),
    delete("Project", "project-mine"),
    {"action": "send_review_session_invite", "review_session_invitee_id": "guest-mine"},
    {
        "action": "delayed_job",
        "job_type": "DELETE",
        "data": {"entity_type": "Task", "entity_key": "task-mine"},
    },
]


@pytest.mark.parametrize("operation", MANAGED, ids=str)
def test_planning_is_the_managers(studio: Emulator, operation: dict[str, Any]) -> None:
    denied(artist(studio), operation)
    assert len(manager(studio).call(operation)) == 1


SETTINGS = [
    create("Status", name="a"),
    create("User", username="a"),
    create("Group", name="a"),
    create("ObjectType", name="Level"),
    create("UserSecurityRole", user_id=ADMIN, security_role_id="a"),
    create("Setting", name="a", group="b", value="c"),
    create("Metadata", parent_id=ADMIN, parent_type="User", key="a", value="b"),
    update("Status", IN_PROGRESS, name="a"),
    update("User", ADMIN, first_name="a"),
    update("User", ADMIN, metadata=[]),
    update("Setting", "storage_scenario", "STORAGE", value="{}"),
    update("ProjectSchema", "caddd816-acb5-11e1-8668-f23c91df1211", object_types=[]),
    delete("User", ADMIN),
    delete("Status", IN_PROGRESS),
    {"action": "send_user_invite", "user_id": ADMIN},
    {"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"},
    {
        "action": "reset_remote",
        "reset_type": "api_key",
        "entity_type": "User",
        "entity_key": ADMIN,
    },
]


@pytest.mark.parametrize("operation", SETTINGS, ids=str)
@pytest.mark.parametrize("of", [artist, manager, nobody])
def test_settings_are_the_administrators(
    studio: Emulator, operation: dict[str, Any], of: Any
) -> None:
    client = of(studio)
    text = denied(client, operation)
    assert text.startswith(f'User "{of.__name__}" may not ')


@pytest.mark.parametrize("of", [artist, manager])
def test_a_batch_with_one_thing_refused_leaves_nothing(
    studio: Emulator, of: Any
) -> None:
    denied(of(studio), WORK[0], WORK[14], SETTINGS[0])


def test_a_refusal_has_status_200_unless_the_client_is_strict(studio: Emulator) -> None:
    client = artist(studio)
    client._headers = {**client._headers, "ftrack-strict-api": "false"}
    with pytest.raises(Refused, match="PermissionError") as refused:
        client.call(SETTINGS[0])
    assert refused.value.status == 200


# -- what is hidden, and what is between ---------------------------------------


@pytest.mark.parametrize(
    "operation",
    [
        create("AssetVersion", asset_id="asset-theirs"),
        create("AssetVersion", asset_id="asset-mine", task_id="task-theirs"),
        create("FileComponent", version_id="version-theirs"),
        create("Note", content="a", parent_id="task-theirs", parent_type="Task"),
        create("Note", content="a", project_id="project-theirs"),
        create("Note", content="a", in_reply_to_id="note-theirs"),
        create(
            "Metadata", parent_id="task-theirs", parent_type="Task", key="a", value="b"
        ),
        create(
            "Metadata",
            parent_id="frame-theirs",
            parent_type="FileComponent",
            key="a",
            value="b",
        ),
        create("ListObject", list_id="list-mine", entity_id="task-theirs"),
        create("Timelog", context_id="task-theirs", duration=1),
        update("Timelog", "log-mine", context_id="task-theirs"),
        update("Note", "note-mine", parent_id="task-theirs", parent_type="Task"),
        update("Task", "task-mine", notes=[ref("Note", "note-theirs")]),
        update(
            "AssetVersion",
            "version-mine",
            uses_versions=[ref("AssetVersion", "version-theirs")],
        ),
        update("AssetVersion", "version-mine", task=ref("Task", "task-theirs")),
    ],
    ids=str,
)
def test_nothing_can_refer_to_what_is_hidden(
    studio: Emulator, operation: dict[str, Any]
) -> None:
    client = artist(studio)
    before = studio.storage.snapshot()
    with pytest.raises(Refused, match="not exist") as refused:
        client.call(operation)
    assert refused.value.exception == "IntegrityError"
    assert studio.storage.snapshot() == before


def test_nothing_can_be_put_where_one_may_only_read(studio: Emulator) -> None:
    """A manager of one project works on another: tasks cannot move there."""
    client = manager(studio)
    [me] = client.query("User where username is manager")
    Client(studio).call(
        {
            "action": "add_user_security_role",
            "user_id": me["id"],
            "role_id": "235d3746-ea23-4a85-b976-2ac84a3ca089",
            "project_id": "project-theirs",
        }
    )
    denied(client, update("Task", "task-mine", parent_id="shot-theirs"))
    denied(client, update("Task", "task-theirs", parent_id="shot-mine"))
    denied(client, create("Task", name="a", parent_id="shot-theirs"))
    denied(client, create("TypedContextLink", from_id="task-mine", to_id="task-theirs"))
    client.create("AssetVersionLink", from_id="version-mine", to_id="version-theirs")


def test_members_that_are_hidden_stay(studio: Emulator) -> None:
    Client(studio).call(
        create(
            "AssetVersionLink", id="a", from_id="version-theirs", to_id="version-mine"
        ),
        create(
            "AssetVersionLink", id="b", from_id="version-secret", to_id="version-mine"
        ),
        create("ListObject", id="c", list_id="list-mine", entity_id="task-theirs"),
        create(
            "Metadata", parent_id="task-mine", parent_type="Task", key="a", value="b"
        ),
    )
    client = artist(studio, ("mine", "secret"))
    client.update("AssetVersion", "version-mine", uses_versions=[])
    client.update("TypedContextList", "list-mine", items=[])
    client.update("Task", "task-mine", metadata=[])
    admin = Client(studio)
    [row] = admin.query(
        "select uses_versions from AssetVersion where id is version-mine"
    )
    assert [each["id"] for each in row["uses_versions"]] == ["version-theirs"]
    [row] = admin.query("select items from TypedContextList where id is list-mine")
    assert [each["id"] for each in row["items"]] == ["task-theirs"]
    assert admin.query("Metadata where parent_id is task-mine") == []


def test_what_the_server_does_itself_is_not_asked_of_the_user(studio: Emulator) -> None:
    """Status changes and the caller as recipient are rows that no artist creates."""
    client = artist(studio)
    client.update("Task", "task-mine", status_id=IN_PROGRESS)
    [change] = client.query(
        "select status_id from TypedContextStatusChange where parent_id is task-mine"
    )
    assert change["status_id"] == IN_PROGRESS
    made = client.create("Note", content="a", parent_id="task-mine", parent_type="Task")
    [recipient] = client.query(f"Recipient where note_id is {made['id']}")
    [me] = client.query("User where username is artist")
    assert recipient["resource_id"] == me["id"]


def test_a_manager_deletes_a_project_with_all_it_has(studio: Emulator) -> None:
    client = manager(studio)
    client.delete("Project", "project-mine")
    assert Client(studio).query("Task where project_id is project-mine") == []
    assert client.query("TypedContext") == []


# -- projects -----------------------------------------------------------------


def project(**more: Any) -> dict[str, Any]:
    schema = "caddd816-acb5-11e1-8668-f23c91df1211"
    return create(
        "Project", name="new", full_name="New", project_schema_id=schema, **more
    )


def test_managers_of_all_open_projects_create_open_ones(studio: Emulator) -> None:
    client = manager(studio, None)
    [made] = client.call(project(id="new"))
    assert made["data"]["name"] == "new"
    client.create("Shot", name="a", parent_id="new")


def test_others_create_no_project(studio: Emulator) -> None:
    denied(manager(studio), project())
    of_all = login(studio, studio.add_user("hana", role="Project Manager"))
    denied(of_all, project(is_private=True))
    denied(artist(studio, None), project())


def test_a_manager_cannot_lock_itself_out(studio: Emulator) -> None:
    client = manager(studio, None)
    denied(client, update("Project", "project-mine", is_private=True))
    assert len(client.query("Project where id is project-mine")) == 1


# -- oneself ------------------------------------------------------------------


@pytest.mark.parametrize("of", [artist, manager, nobody])
def test_everybody_changes_its_own_row(studio: Emulator, of: Any) -> None:
    client = of(studio)
    [me] = client.query(f"User where username is {of.__name__}")
    changed = client.update("User", me["id"], first_name="Jo", email="jo@example.com")
    assert changed["first_name"] == "Jo"
    client.create(
        "Metadata", parent_id=me["id"], parent_type="User", key="a", value="b"
    )
    client.delete("Metadata", me["id"], "a")


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"username": "root"},
        {"is_totp_enabled": True},
        {"user_security_roles": []},
        {"memberships": []},
    ],
    ids=str,
)
def test_nobody_gives_itself_rights(studio: Emulator, values: dict[str, Any]) -> None:
    client = artist(studio)
    [me] = client.query("User where username is artist")
    Client(studio).call(
        create("Group", id="crew", name="crew"),
        create("Membership", group_id="crew", user_id=me["id"]),
    )
    denied(client, update("User", me["id"], **values))


def test_nobody_deletes_itself(studio: Emulator) -> None:
    client = artist(studio)
    [me] = client.query("User where username is artist")
    denied(client, delete("User", me["id"]))


def test_values_of_custom_attributes_follow_their_owner(studio: Emulator) -> None:
    admin = Client(studio)
    [text] = admin.query("CustomAttributeType where name is text")
    admin.create(
        "CustomAttributeConfiguration",
        id="phone",
        key="phone",
        label="Phone",
        entity_type="user",
        type_id=text["id"],
        config="{}",
        default="",
    )
    client = artist(studio)
    [me] = client.query("User where username is artist")
    client.update("UserCustomAttributeValue", "phone", me["id"], value="555")
    denied(client, update("UserCustomAttributeValue", "phone", ADMIN, value="555"))
    denied(
        client,
        create("CustomAttributeValue", configuration_id="phone", entity_id=ADMIN),
    )
    [row] = client.query(
        "ContextCustomAttributeValue where entity_id is shot-mine and key is fend"
    )
    key = (row["configuration_id"], "shot-mine")
    assert client.update("ContextCustomAttributeValue", *key, value=7)["value"] == 7


def test_what_is_personal_is_its_owners(studio: Emulator) -> None:
    admin = Client(studio)
    admin.call(
        create("Dashboard", id="board", name="a"),
        create("Job", id="job", type="api_job", data="{}"),
    )
    client = artist(studio)
    client.call(
        create("Dashboard", id="own", name="a"),
        create(
            "DashboardWidget", id="w", dashboard_id="own", type="a", config="", sort=0
        ),
        update("DashboardWidget", "w", sort=1),
    )
    denied(client, update("Dashboard", "board", name="b"))
    denied(client, delete("Job", "job"))
    denied(client, create("Job", type="api_job", data="{}", user_id=ADMIN))
    denied(
        client,
        create("DashboardWidget", dashboard_id="board", type="a", config="", sort=0),
    )


# -- files --------------------------------------------------------------------


def upload(component_id: str, **more: Any) -> dict[str, Any]:
    return {"action": "get_upload_metadata", "component_id": component_id, **more}


def test_bytes_are_taken_for_components_one_may_change(studio: Emulator) -> None:
    client = artist(studio)
    described = {"file_name": "a.mov", "file_size": 1}
    assert "url" in client.call(upload("component-mine"))[0]
    assert "url" in client.call(upload("new", **described))[0]
    denied(nobody(studio), upload("new", **described))


def test_files_are_given_to_those_who_may_read_their_component(
    studio: Emulator,
) -> None:
    admin = studio.transport().files
    for name in ("component-mine", "component-theirs"):
        [made] = Client(studio).call(upload(name, file_name="a", file_size=1))
        assert admin.put(made["url"], [b"x"], 1).status == 200
    credentials = studio.add_user("artist", projects=["mine"])
    files = studio.transport(credentials["api_user"], credentials["api_key"]).files

    def status(endpoint: str, component_id: str) -> int:
        with files.get(
            files.url(f"/component/{endpoint}", {"id": component_id})
        ) as found:
            return found.status

    assert status("get", "component-mine") == 200
    assert status("get", "component-theirs") == 404
    assert status("remove", "component-theirs") == 404
    assert status("remove", "component-mine") == 200
    unknown = studio.transport("artist", "wrong").files
    with unknown.get(
        unknown.url("/component/get", {"id": "component-theirs"})
    ) as found:
        assert found.status == 403

"""What users read: rows of their projects, and what belongs to none (protocol 6.5)."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import ADMIN, Client, Refused, create
from tests.support.three_projects import BOTH, PROJECTS, artist, login, manager, nobody

STRICT = {"ftrack-strict-api": "true"}


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("id", "parent_id", "note_id", "entity_id", "key")
    return tuple(row[name] for name in names if name in row)


def endings(rows: list[dict[str, Any]]) -> set[str]:
    """Return the projects that rows are of, by the ends of their ids."""
    return {str(key(row)[0]).rpartition("-")[2] for row in rows}


# Types whose rows belong to projects, each on another way.
BOUND = [
    "Appointment",
    "Asset",
    "AssetVersion",
    "CalendarEvent",
    "Component",
    "ComponentLocation",
    "Context",
    "ContextCustomAttributeValue",
    "FileComponent",
    "List",
    "ListObject",
    "Metadata",
    "Note",
    "Project",
    "Recipient",
    "ReviewSession",
    "ReviewSessionInvitee",
    "ReviewSessionObject",
    "SequenceComponent",
    "Task",
    "Timelog",
    "TypedContext",
    "TypedContextLink",
]


@pytest.mark.parametrize("entity_type", BOUND)
def test_rows_of_other_projects_are_not_there(
    studio: Emulator, entity_type: str
) -> None:
    every = Client(studio).query(entity_type)
    seen = artist(studio).query(entity_type)
    assert endings(every) == set(PROJECTS)
    assert endings(seen) == {"mine"}
    assert [key(row) for row in seen] == [
        key(row) for row in every if str(key(row)[0]).endswith("mine")
    ]


@pytest.mark.parametrize("entity_type", BOUND)
def test_a_role_on_all_open_projects_leaves_private_ones_out(
    studio: Emulator, entity_type: str
) -> None:
    assert endings(artist(studio, None).query(entity_type)) == set(BOTH)


@pytest.mark.parametrize("entity_type", BOUND)
def test_a_private_project_is_there_for_those_it_was_granted_to(
    studio: Emulator, entity_type: str
) -> None:
    seen = artist(studio, ("secret", "project-mine")).query(entity_type)
    assert endings(seen) == {"mine", "secret"}


@pytest.mark.parametrize("entity_type", BOUND)
def test_without_a_role_no_project_is_there(studio: Emulator, entity_type: str) -> None:
    assert nobody(studio).query(entity_type) == []


@pytest.mark.parametrize("role", ["Administrator", "API"])
def test_some_roles_have_no_limits(studio: Emulator, role: str) -> None:
    user = login(studio, studio.add_user("boss", role=role, projects=()))
    assert endings(user.query("Metadata")) == set(PROJECTS)


@pytest.mark.parametrize(
    "entity_type", ["Status", "Type", "User", "ObjectType", "SecurityRole", "Setting"]
)
def test_what_belongs_to_no_project_is_there_for_all(
    studio: Emulator, entity_type: str
) -> None:
    user = nobody(studio)
    assert user.query(entity_type) == Client(studio).query(entity_type) != []


def test_a_component_of_nothing_belongs_to_no_project(studio: Emulator) -> None:
    Client(studio).create("FileComponent", id="loose", name="picture")
    assert [row["id"] for row in nobody(studio).query("Component")] == ["loose"]


def test_a_role_of_its_own_reads_as_users_do(studio: Emulator) -> None:
    Client(studio).create("SecurityRole", id="own", name="Trainee", type="PROJECT")
    user = login(studio, studio.add_user("t", role="Trainee", projects=["mine"]))
    assert endings(user.query("Task")) == {"mine"}


def test_the_deprecated_flag_means_open_projects_too(studio: Emulator) -> None:
    user = nobody(studio)
    [me] = user.query("User where username is nobody")
    Client(studio).create(
        "UserSecurityRole",
        user_id=me["id"],
        security_role_id="235d3746-ea23-4a85-b976-2ac84a3ca089",
        is_all_projects=True,
    )
    assert endings(user.query("Task")) == set(BOTH)


def test_roles_add_up(studio: Emulator) -> None:
    user = artist(studio)
    [me] = user.query("User where username is artist")
    ids = {"user_id": me["id"], "role_id": "04bf8e23-20fc-4718-a4bc-f92967d15fa3"}
    Client(studio).call(
        {"action": "add_user_security_role", **ids, "project_id": "project-theirs"}
    )
    assert endings(user.query("Task")) == set(BOTH)
    user.create("Task", name="new", parent_id="shot-theirs")
    with pytest.raises(Refused, match="PermissionError"):
        user.create("Task", name="new", parent_id="shot-mine")


# -- through relations --------------------------------------------------------


def join(studio: Emulator) -> None:
    """Let something of the first project point at something of the second."""
    Client(studio).call(
        create(
            "AssetVersionLink",
            id="used",
            from_id="version-theirs",
            to_id="version-mine",
        ),
        create("ListObject", id="across", list_id="list-mine", entity_id="task-theirs"),
        create(
            "AssetVersion", id="made-for", asset_id="asset-mine", task_id="task-theirs"
        ),
    )


def test_a_link_to_what_is_hidden_is_null(studio: Emulator) -> None:
    join(studio)
    expression = (
        "select task, task.name, task_id from AssetVersion where id is made-for"
    )
    [row] = artist(studio).query(expression)
    assert row["task"] is None
    # What stands in the row itself is the row's.
    assert row["task_id"] == "task-theirs"
    [row] = Client(studio).query(expression)
    assert row["task"]["name"] == "task theirs"


def test_a_collection_is_without_what_is_hidden(studio: Emulator) -> None:
    join(studio)
    user = artist(studio)
    [version] = user.query(
        "select uses_versions from AssetVersion where id is version-mine"
    )
    assert version["uses_versions"] == []
    [found] = user.query("select items.name from TypedContextList")
    assert [each["id"] for each in found["items"]] == ["task-mine"]
    assert [row["id"] for row in user.query("ListObject")] == ["item-mine"]
    assert user.query("AssetVersionLink") == []


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("AssetVersion where task.name is 'task theirs'", []),
        ("AssetVersion where task has (name like 'task%')", ["version-mine"]),
        ("AssetVersion where task is none", ["made-for"]),
        ("AssetVersion where task is task-theirs", []),
        ("AssetVersion where task_id is task-theirs", ["made-for"]),
        (
            "AssetVersion where not task.name is 'task theirs'",
            ["version-mine", "made-for"],
        ),
        ("TypedContextList where items any (name is 'task theirs')", []),
        ("TypedContextList where items any ()", ["list-mine"]),
        ("AssetVersion where uses_versions any ()", []),
        ("Shot where descendants any (name like 'task%')", ["shot-mine"]),
        ("Task where ancestors any (name like 'shot%')", ["task-mine", "next-mine"]),
        ("User where timelogs any (context.name is 'task theirs')", []),
        ("User where timelogs.context.name is 'task mine'", [ADMIN]),
        ("Task where id in (select task_id from AssetVersion)", ["task-mine"]),
        (
            "Status where id in "
            "(select status_id from Task where name is 'task theirs')",
            [],
        ),
        (
            "Component where version.asset.parent.project.name is mine",
            ["component-mine", "frames-mine"],
        ),
        ("Note where in_reply_to.content is 'Longer.'", ["reply-mine"]),
    ],
)
def test_conditions_know_nothing_of_what_is_hidden(
    studio: Emulator, expression: str, found: list[str]
) -> None:
    join(studio)
    assert [row["id"] for row in artist(studio).query(expression)] == found


def test_order_knows_nothing_of_what_is_hidden(studio: Emulator) -> None:
    join(studio)
    user = artist(studio)
    rows = user.query("AssetVersion order by task.name descending")
    assert [row["id"] for row in rows] == ["version-mine", "made-for"]


def test_pages_are_of_what_is_seen(studio: Emulator) -> None:
    user = artist(studio)
    [first] = user.call({"action": "query", "expression": "TypedContext limit 2"})
    [last] = user.call(
        {"action": "query", "expression": "TypedContext offset 2 limit 2"}
    )
    assert first["metadata"]["next"]["offset"] == 2
    assert last["metadata"]["next"]["offset"] is None
    assert [row["id"] for row in last["data"]] == ["next-mine"]


def test_counts_are_of_what_is_seen(studio: Emulator) -> None:
    join(studio)
    user = artist(studio)
    user._headers = {**user._headers, **STRICT}
    rows = user.query("select count(id), project_id from Task group by project_id")
    assert rows == [{"count_id": 2, "project_id": "project-mine"}]
    rows = user.query("select count(id), task from AssetVersion group by task")
    assert [row["count_id"] for row in rows] == [1, 1]


def test_a_search_finds_what_is_seen(studio: Emulator) -> None:
    user = artist(studio)

    def search(**more: Any) -> list[str]:
        [result] = user.call(
            {
                "action": "search",
                "entity_type": "TypedContext",
                "expression": "select name from TypedContext",
                "terms": ["task"],
                **more,
            }
        )
        return [row["id"] for row in result["data"]]

    assert search() == ["task-mine"]
    assert search(context_id="project-theirs") == []


def test_computed_values_are_of_what_is_seen(studio: Emulator) -> None:
    user = artist(studio)
    [shot] = user.query("select time_logged, link from Shot")
    assert shot["time_logged"] == 60
    assert [each["id"] for each in shot["link"]] == ["project-mine", "shot-mine"]
    [asset] = user.query("select latest_version.version, ancestors from Asset")
    assert asset["latest_version"]["id"] == "version-mine"
    assert [each["id"] for each in asset["ancestors"]] == ["shot-mine"]


def test_values_of_custom_attributes_are_of_what_is_seen(studio: Emulator) -> None:
    admin = Client(studio)
    values = {}
    for name in BOTH:
        [row] = admin.query(
            "ContextCustomAttributeValue where key is fstart "
            f"and entity_id is shot-{name}"
        )
        values[name] = (row["configuration_id"], row["entity_id"])
        admin.update("ContextCustomAttributeValue", *values[name], value=1001)
    user = artist(studio)
    assert [row["entity_id"] for row in user.query("CustomAttributeValue")] == [
        "shot-mine"
    ]
    [row] = user.query(
        "select value from ContextCustomAttributeValue where value is 1001"
    )
    assert row["entity_id"] == "shot-mine"
    with pytest.raises(Refused, match="Could not find entity"):
        user.update("ContextCustomAttributeValue", *values["theirs"], value=1)


@pytest.mark.parametrize(
    "operation",
    [
        {"action": "generate_signed_url", "component_id": "component-theirs"},
        {"action": "encode_media", "component_id": "component-theirs"},
        {
            "action": "encode_media",
            "component_id": "component-mine",
            "version_id": "version-theirs",
        },
        {
            "action": "get_upload_metadata",
            "component_id": "component-theirs",
            "file_name": "a",
            "file_size": 1,
        },
        {
            "action": "get_widget_url",
            "name": "info",
            "entity_type": "Task",
            "entity_key": ["task-theirs"],
        },
        {
            "action": "send_review_session_invite",
            "review_session_invitee_id": "guest-theirs",
        },
        {
            "action": "delayed_job",
            "job_type": "DELETE",
            "data": {"entity_type": "Task", "entity_key": "task-theirs"},
        },
        {"action": "delete", "entity_type": "Timelog", "entity_key": ["log-theirs"]},
        {
            "action": "update",
            "entity_type": "Asset",
            "entity_key": ["asset-theirs"],
            "entity_data": {"name": "x"},
        },
    ],
)
@pytest.mark.parametrize("of", [artist, manager])
def test_no_action_finds_what_is_hidden(
    studio: Emulator, operation: dict[str, Any], of: Any
) -> None:
    Client(studio).update("FileComponent", "component-mine", file_type=".mov")
    with pytest.raises(Refused, match="Could not find entity") as refused:
        of(studio).call(operation)
    assert refused.value.exception == "ValueError"
    assert refused.value.status == 404


def test_custom_object_types_are_restricted_like_all_contexts(studio: Emulator) -> None:
    admin = Client(studio)
    admin.create("ObjectType", name="Level")
    for name in BOTH:
        admin.create("Level", id=f"level-{name}", name="1", parent_id=f"project-{name}")
    assert [row["id"] for row in artist(studio).query("Level")] == ["level-mine"]


def test_what_an_answer_refers_to_is_hidden_too(studio: Emulator) -> None:
    join(studio)
    user = artist(studio)
    changed = user.update("AssetVersion", "made-for", comment="Better.", task=None)
    assert changed["task"] is None
    assert user.query("AssetVersion where comment is 'Better.'")[0]["id"] == "made-for"

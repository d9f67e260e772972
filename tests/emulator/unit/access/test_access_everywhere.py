"""Every family of types that belongs to projects, read by users of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.access.project_paths import PROJECT_PATHS
from tests.support.emulator_client import ADMIN, Client, create
from tests.support.schemas import recorded
from tests.support.three_projects import PROJECTS, artist, make_studio, nobody

LABEL: Final = "c24d2856-5618-4cd9-998f-57a7054568eb"
MANAGER_TYPE: Final = "bd7c403b-23a7-4996-b0e5-a656c05ec30a"
TEXT: Final = "6268aef0-381c-11e0-acff-0019bb49847a"
FSTART: Final = "acd86546-4082-11e2-95b1-0019bb4983d8"
ADMIN_ROLE: Final = "d4799a3b-1f76-456f-81dd-d27279f06902"

LINKS: Final = create(
    "CustomAttributeLinkConfiguration",
    id="linked",
    key="linked",
    label="Linked",
    entity_type="task",
    entity_type_to="task",
    config="{}",
)


EVENTS: Final = 1_000_000
"""Numbers between the events here, which those that the emulator logs count on from."""


def rows(number: int, name: str) -> Iterable[dict[str, Any]]:
    """Return what `make_studio` has not; ids end with the name of the project."""
    project, task, event = f"project-{name}", f"task-{name}", f"event-{name}"
    component, reviewed = f"component-{name}", f"reviewed-{name}"
    reviews = {"review_session_object_id": reviewed}
    yield create(
        "AssetVersion", id=f"second-{name}", asset_id=f"asset-{name}", version=2
    )
    yield create(
        "AssetVersionLink",
        id=f"used-{name}",
        from_id=f"version-{name}",
        to_id=f"second-{name}",
    )
    yield create(
        "CalendarEventResource",
        id=f"invited-{name}",
        calendar_event_id=event,
        resource_id=ADMIN,
    )
    yield create(
        "ContextCustomAttributeLink",
        id=f"linked-{name}",
        configuration_id="linked",
        from_id=task,
        to_id=f"next-{name}",
    )
    yield create(
        "CustomAttributeValue",
        configuration_id=FSTART,
        entity_id=f"shot-{name}",
        value=7,
    )
    yield create(
        "CustomAttributeConfiguration",
        id=f"field-{name}",
        key="field",
        label="Field",
        entity_type="task",
        type_id=TEXT,
        config="{}",
        default="",
        project_id=project,
    )
    yield create(
        "EntitySetting",
        parent_id=f"review-{name}",
        parent_type="ReviewSession",
        group="g",
        name="n",
        value="v",
    )
    yield create(
        "Event", id=EVENTS * number, project_id=project, parent_id=task, action="a"
    )
    yield create("Feed", id=f"feed-{name}", social_id=EVENTS * number, owner_id=ADMIN)
    yield create("Job", id=f"job-{name}", type="api_job", data="{}")
    yield create("JobComponent", job_id=f"job-{name}", component_id=component)
    yield create(
        "Manager",
        id=f"managed-{name}",
        context_id=task,
        user_id=ADMIN,
        type_id=MANAGER_TYPE,
    )
    yield create(
        "NoteAnnotationComponent", note_id=f"note-{name}", component_id=component
    )
    yield create("NoteLabelLink", note_id=f"reply-{name}", label_id=LABEL)
    yield create("ReviewSessionFolder", id=f"folder-{name}", project_id=project)
    yield create(
        "ReviewSessionObjectStatus",
        id=f"said-{name}",
        review_session_invitee_id=f"guest-{name}",
        status="approved",
        **reviews,
    )
    yield create(
        "ReviewSessionObjectAnnotation",
        id=f"drawn-{name}",
        data="",
        frame_number=1,
        **reviews,
    )
    yield create(
        "ReviewSessionObjectAnnotationComponent",
        component_id=component,
        frame_number="1",
        **reviews,
    )
    yield create(
        "SettingComponent",
        component_id=component,
        name="storage_scenario",
        group="STORAGE",
    )
    yield create(
        "SplitTaskPart",
        id=f"part-{name}",
        task_id=task,
        start_date="2024-01-01",
        end_date="2024-01-02",
    )
    yield create(
        "TypedContextStatusChange",
        id=f"changed-{name}",
        parent_id=task,
        parent_type="TypedContext",
    )
    yield create("User", id=f"user-{name}", username=name)
    yield create(
        "Timer", id=f"timer-{name}", context_id=task, name="a", user_id=f"user-{name}"
    )
    yield create(
        "UserSecurityRoleProject",
        id=f"granted-{name}",
        user_security_role_id=ADMIN_ROLE,
        project_id=project,
    )


def make_everything() -> Emulator:
    emulator = make_studio()
    admin = Client(emulator)
    admin.call(LINKS)
    for number, name in enumerate(PROJECTS, 1):
        admin.call(*rows(number, name))
    return emulator


@pytest.fixture(scope="module")
def studio() -> Iterator[Emulator]:
    emulator = make_everything()
    yield emulator
    emulator.close()


@pytest.fixture(scope="module")
def clients(studio: Emulator) -> tuple[Client, Client, Client]:
    """The administrator, somebody of one project, and somebody of none."""
    return Client(studio), artist(studio), nobody(studio)


def across() -> Iterable[dict[str, Any]]:
    """Return what joins the project that is read with the others."""
    for other in ("theirs", "secret"):
        task, version = f"task-{other}", f"version-{other}"
        yield create(
            "AssetVersion", id=f"for_{other}", asset_id="asset-mine", task_id=task
        )
        yield create("AssetVersionLink", from_id=version, to_id="version-mine")
        yield create("AssetVersionLink", from_id="version-mine", to_id=version)
        yield create("TypedContextLink", from_id=task, to_id="task-mine")
        yield create("TypedContextLink", from_id="task-mine", to_id=task)
        yield create("ListObject", list_id="list-mine", entity_id=task)
        yield create("ListObject", list_id=f"list-{other}", entity_id="task-mine")
        yield create(
            "ReviewSessionObject",
            name="across",
            review_session_id="review-mine",
            version_id=version,
        )
        yield create(
            "NoteComponent", note_id="note-mine", component_id=f"component-{other}"
        )
        yield create("Note", content="a", in_reply_to_id=f"note-{other}")
        yield create("Job", id=f"of_{other}", type="api_job", data="{}")
        yield create(
            "JobComponent", job_id=f"of_{other}", component_id=f"component-{other}"
        )
        yield create(
            "ContextCustomAttributeLink",
            configuration_id="linked",
            from_id="task-mine",
            to_id=task,
        )
        yield create(
            "ContextCustomAttributeLink",
            configuration_id="linked",
            from_id=task,
            to_id="next-mine",
        )
        yield {
            "action": "update",
            "entity_type": "Task",
            "entity_key": ["task-mine"],
            "entity_data": {"thumbnail_id": f"component-{other}"},
        }


def projects_in(found: list[dict[str, Any]]) -> set[str]:
    """Return the projects whose names end ids in rows; events have numbers."""
    ends = {
        str(value).rpartition("-")[2]
        for row in found
        for value in row.values()
        if isinstance(value, str)
    }
    return ends & set(PROJECTS)


# An event shows its number alone, and the project that it is of.
SELECTED: Final = {
    "Event": "select project_id from Event",
    "Feed": "select id from Feed",
    "ReviewSessionFolder": "select id from ReviewSessionFolder",
}


@pytest.mark.parametrize("family", sorted(PROJECT_PATHS))
def test_rows_of_other_projects_are_hidden(
    clients: tuple[Client, Client, Client], family: str
) -> None:
    expression = SELECTED.get(family, family)
    admin, of_one, of_none = (client.query(expression) for client in clients)
    assert projects_in(admin) == set(PROJECTS)
    assert projects_in(of_one) == {"mine"}
    assert projects_in(of_none) == set()
    # What belongs to no project stays.
    assert len(admin) - len(of_none) == sum(bool(projects_in([row])) for row in admin)


@pytest.mark.parametrize(
    "entity_type",
    [
        "ContextCustomAttributeLink",
        "CustomAttributeLinkFrom",
        "ContextCustomAttributeLinkFrom",
    ],
)
def test_links_are_hidden_from_both_their_ends(
    clients: tuple[Client, Client, Client], entity_type: str
) -> None:
    admin, of_one, of_none = (client.query(entity_type) for client in clients)
    assert projects_in(admin) == set(PROJECTS)
    assert projects_in(of_one) == {"mine"}
    assert of_none == []


def test_what_links_to_something_hidden_is_hidden(
    clients: tuple[Client, Client, Client],
) -> None:
    expression = "Task where custom_attribute_links any (configuration.key is linked)"
    assert [row["id"] for row in clients[1].query(expression)] == ["task-mine"]


# -- every relation of every type ---------------------------------------------

SCHEMA: Final = recorded()


def paths(entity_type: str) -> Iterator[list[str]]:
    """Yield all that can be selected of a type, a relation at a time."""
    attributes = SCHEMA[entity_type].attributes.values()
    shown = [each for each in attributes if not each.restricted_projection]
    yield [each.name for each in shown if not each.is_relation]
    for each in shown:
        if each.is_relation and each.target is not None:
            inner = SCHEMA[each.target].attributes.values()
            yield [
                f"{each.name}.{further.name}"
                for further in inner
                if not further.restricted_projection
            ]


def entities_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every entity in an answer, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from entities_in(each)
    elif isinstance(value, dict):
        if "__entity_type__" in value:
            yield value
        for each in value.values():
            yield from entities_in(each)


@pytest.fixture(scope="module")
def joined() -> Iterator[tuple[Client, Client]]:
    """The administrator, and somebody of a project that much joins with others."""
    emulator = make_everything()
    admin = Client(emulator)
    admin.call(*across())
    yield admin, artist(emulator)
    emulator.close()


def led_to(client: Client, entity_type: str) -> set[tuple[object, ...]]:
    """Return the entities of other projects that some way from a type leads to.

    Keys tell: those of what belongs to a project end with its name.
    """
    found = set()
    for names in filter(None, paths(entity_type)):
        expression = f"select {', '.join(names)} from {entity_type}"  # noqa: S608 - no SQL
        answer = client.query(expression)
        for entity in entities_in(answer):
            kind = entity["__entity_type__"]
            key = tuple(entity[name] for name in SCHEMA[kind].primary_key)
            ends = {str(part).rpartition("-")[2] for part in key}
            if kind not in ("User", "Job") and ends & {"theirs", "secret"}:
                found.add((kind, *key))
    return found


@pytest.mark.parametrize("entity_type", sorted(each.name for each in SCHEMA))
def test_no_way_leads_to_an_entity_of_another_project(
    joined: tuple[Client, Client], entity_type: str
) -> None:
    assert led_to(joined[1], entity_type) == set()


def test_there_are_ways_for_those_who_may_go_them(
    joined: tuple[Client, Client],
) -> None:
    kinds = ("AssetVersion", "TypedContextList", "NoteComponent", "User", "Status")
    assert all(led_to(joined[0], kind) for kind in kinds)

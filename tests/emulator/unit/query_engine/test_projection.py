"""What is returned of each row, and how often: protocol 3.3 to 3.7 and 6.3."""

from __future__ import annotations

from functools import partial

from ftrack_orm.emulator.blobs.signed_urls import plain_url
from ftrack_orm.emulator.query_engine.projection import system_projections
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.expected_rows import bare, shot, task
from tests.support.recorded_responses import read
from tests.support.sample_storage import rows
from tests.support.schemas import recorded

DONE = {"__entity_type__": "State", "id": "done", "short": "DONE"}


def test_a_row_has_type_key_system_projections_and_what_was_asked(
    storage: Storage,
) -> None:
    assert rows(storage, "select name, bid, start_date from Task where id is anim") == [
        task(
            "anim",
            name="Anim",
            bid=3600.0,
            start_date={"__type__": "datetime", "value": "2020-01-02T00:00:00"},
        )
    ]


def test_without_select_the_defaults_of_the_type_are_returned(storage: Storage) -> None:
    assert rows(storage, "Task where id is anim") == [task("anim", name="Anim")]


def test_the_concrete_type_is_named_whatever_was_queried(storage: Storage) -> None:
    found = rows(storage, "select id from Context where id in (bunny, s1, anim)")
    assert found == [
        {"__entity_type__": "Project", "id": "bunny", "context_type": "show"},
        shot("s1"),
        task("anim"),
    ]


def test_system_projections_have_public_names() -> None:
    """The table of protocol 3.7; internal ones without an attribute are left out."""
    schema = recorded()
    expected = {
        "Project": {"context_type"},
        "Shot": {"context_type", "project_id", "object_type_id"},
        "Asset": {"context_id"},
        "AssetVersion": {"asset_id"},
        "User": {"resource_type"},
        "FileComponent": {"system_type", "version_id", "container_id"},
        "ComponentLocation": {"location_id", "component_id"},
        "ContextCustomAttributeValue": {"entity_id", "key"},
        "NoteComponent": set(),
        "Status": set(),
    }
    assert {
        name: set(system_projections(schema[name])) for name in expected
    } == expected


def test_recorded_references_carry_the_same_system_projections() -> None:
    """`query_object_types.json` and `query_types.json` list ``tasks`` unqualified."""
    schema = recorded()
    references = [
        task
        for name in ("query_object_types.json", "query_types.json")
        for each in read(name)
        for task in each["tasks"]
    ]
    in_full = [reference for reference in references if len(reference) > 2]
    assert len(in_full) > 100
    for reference in in_full:
        entity_type = schema[reference["__entity_type__"]]
        assert set(reference) - {"__entity_type__", "id"} == set(
            system_projections(entity_type)
        )


def test_nested_projections_nest(storage: Storage) -> None:
    expression = (
        "select status.state.short, parent[Shot].bid, assignments.resource.username "
        "from Task where id is anim"
    )
    assert rows(storage, expression) == [
        task(
            "anim",
            status={"__entity_type__": "Status", "id": "ok", "state": DONE},
            parent=shot("s1", bid=3.0),
            assignments=[
                {
                    "__entity_type__": "Appointment",
                    "id": "a1",
                    "resource": {
                        "__entity_type__": "User",
                        "id": "jane",
                        "resource_type": "user",
                        "username": "jane",
                    },
                }
            ],
        )
    ]


def test_empty_relations_are_null_and_empty_lists(storage: Storage) -> None:
    found = rows(
        storage, "select status.name, assignments.id from Task where id is light"
    )
    assert found == [task("light", status=None, assignments=[])]


def test_relations_alone_are_references(storage: Storage) -> None:
    found = rows(storage, "select status, parent, children from Shot where id is s1")
    assert found == [
        shot(
            "s1",
            status=None,
            parent={
                "__entity_type__": "Project",
                "id": "bunny",
                "context_type": "show",
            },
            children=[task("anim"), task("light")],
        )
    ]


def test_a_downcast_is_silent_about_other_types(storage: Storage) -> None:
    found = rows(storage, "select parent[Folder].bid, parent.name from Task")
    assert [row["parent"] for row in found] == [
        shot("s1", name="010"),
        bare("Shot", "s1"),
        shot("s2", name="O_20%"),
    ]


def test_attributes_of_subtypes_are_shown_by_those_that_have_them(
    storage: Storage,
) -> None:
    found = rows(storage, "select resource.username, resource.name from Appointment")
    assert [row["resource"] for row in found] == [
        {
            "__entity_type__": "User",
            "id": "jane",
            "resource_type": "user",
            "username": "jane",
        },
        {
            "__entity_type__": "Group",
            "id": "crew",
            "resource_type": "group",
            "name": "crew",
        },
    ]


def test_mapped_arrays_are_lists_of_keys_and_values(storage: Storage) -> None:
    (found,) = rows(
        storage, "select metadata, custom_attributes from Task where id is anim"
    )
    assert found["metadata"] == [
        {
            "__entity_type__": "Metadata",
            "parent_id": "anim",
            "key": "source",
            "value": "edit",
        }
    ]
    assert found["custom_attributes"] == [
        {
            "__entity_type__": "ContextCustomAttributeValue",
            "configuration_id": "c-tags",
            "entity_id": "anim",
            "key": "tags",
            "value": ["x", "Y"],
        }
    ]


def test_links_joined_by_several_keys_are_found(storage: Storage) -> None:
    with storage.transaction() as connection:
        storage.insert(
            connection,
            "SettingComponent",
            {"component_id": "c", "name": "storage_scenario", "group": "OTHER"},
        )
    (found,) = rows(storage, "select setting.value from SettingComponent")
    assert found["setting"] == {
        "__entity_type__": "Setting",
        "name": "storage_scenario",
        "group": "OTHER",
        "value": "[]",
    }


# -- each entity once --------------------------------------------------------


def test_an_entity_is_said_in_full_once(storage: Storage) -> None:
    found = rows(storage, "select parent.name, parent.status.name from Task")
    assert [row["parent"] for row in found] == [
        shot("s1", name="010", status=None),
        bare("Shot", "s1"),
        shot("s2", name="O_20%", status=None),
    ]


def test_a_root_reached_again_is_bare_even_before_its_own_attributes(
    storage: Storage,
) -> None:
    """The recorded query of protocol 3.6."""
    found = rows(
        storage,
        "select asset.versions.version, version from AssetVersion where id is v1",
    )
    assert found == [
        {
            "__entity_type__": "AssetVersion",
            "id": "v1",
            "asset_id": "rig",
            "asset": {
                "__entity_type__": "Asset",
                "id": "rig",
                "context_id": "s1",
                "versions": [
                    bare("AssetVersion", "v1"),
                    {
                        "__entity_type__": "AssetVersion",
                        "id": "v2",
                        "asset_id": "rig",
                        "version": 2,
                    },
                ],
            },
            "version": 1,
        }
    ]


def test_the_first_occurrence_has_the_requests_of_all(storage: Storage) -> None:
    """The root is first, and a nested occurrence requests more (protocol D)."""
    found = rows(storage, "select name, parent.children.bid from Task where id is anim")
    assert found[0]["bid"] == 3600.0
    assert found[0]["parent"]["children"] == [
        bare("Task", "anim"),
        task("light", bid=None),
    ]


def test_a_later_root_is_in_full_where_a_relation_reaches_it_first(
    storage: Storage,
) -> None:
    found = rows(storage, "select name, parent.children.id from Task")
    assert [row["id"] for row in found] == ["anim", "light", "eclair"]
    assert found[0]["parent"]["children"] == [
        bare("Task", "anim"),
        task("light", name="light", parent=bare("Shot", "s1")),
    ]
    assert found[1] == bare("Task", "light")


def test_first_occurrences_follow_one_another_across_relations(
    storage: Storage,
) -> None:
    """Three relations lead to one user; only the first occurrence has attributes."""
    (found,) = rows(
        storage,
        "select assignments.resource.id, assignments.resource.username, "
        "assignments.context.assignments.resource[User].first_name from Task "
        "where id is anim",
    )
    (assignment,) = found["assignments"]
    assert assignment["context"] == bare("Task", "anim")
    assert assignment["resource"]["username"] == "jane"
    assert assignment["resource"]["first_name"] is None


def test_operations_of_one_response_share_what_was_said(storage: Storage) -> None:
    """A client merges the results of a batch by identity (5.4, JS getStatuses)."""
    encoder = ResponseEncoder()
    rows(storage, "select name, status.name from Task where id is anim", encoder)
    again = rows(storage, "select name, bid, status.name from Task", encoder)
    assert again[0] == {"__entity_type__": "Task", "id": "anim", "bid": 3600.0}
    assert again[1] == task("light", name="light", bid=None, status=None)
    third = rows(
        storage, "select name, status.name from Task where id is anim", encoder
    )
    assert third == [bare("Task", "anim")]


def test_denormalized_responses_repeat_everything(storage: Storage) -> None:
    encoder = ResponseEncoder(denormalize=True)
    found = rows(storage, "select parent.name from Task", encoder)
    assert [row["parent"] for row in found] == [
        shot("s1", name="010"),
        shot("s1", name="010"),
        shot("s2", name="O_20%"),
    ]


def test_strict_responses_leave_system_projections_out(storage: Storage) -> None:
    encoder = ResponseEncoder(denormalize=True, strict=True)
    assert rows(storage, "select name from Task where id is anim", encoder) == [
        {"__entity_type__": "Task", "id": "anim", "name": "Anim"}
    ]


# -- computed ----------------------------------------------------------------


def test_links_lead_from_the_project_to_the_entity(storage: Storage) -> None:
    (found,) = rows(storage, "select link, _link from Task where id is anim")
    expected = [
        {"type": "Project", "id": "bunny", "name": "bunny"},
        {"type": "TypedContext", "id": "s1", "name": "010"},
        {"type": "TypedContext", "id": "anim", "name": "Anim"},
    ]
    assert (found["link"], found["_link"]) == (expected, expected)


def test_the_link_of_a_version_ends_with_itself(storage: Storage) -> None:
    (found,) = rows(storage, "select link from AssetVersion where id is v1")
    types = [(each["type"], each["id"]) for each in found["link"]]
    assert types == [
        ("Project", "bunny"),
        ("TypedContext", "s1"),
        ("AssetVersion", "v1"),
    ]


def test_pictures_and_files_have_urls_or_null(storage: Storage) -> None:
    encoder = ResponseEncoder(sign=partial(plain_url, server_url="https://studio"))
    found = rows(storage, "select thumbnail_url from Shot", encoder)
    url = "https://studio/component/thumbnail?id=picture"
    assert [row["thumbnail_url"] for row in found] == [{"url": url, "value": url}, None]
    (found_file,) = rows(storage, "select url from ComponentLocation", encoder)
    assert found_file["url"]["value"] == "https://studio/component/get?id=file"


def test_logged_time_counts_what_lies_below(storage: Storage) -> None:
    found = rows(
        storage,
        "select time_logged, bid_time_logged_difference from TypedContext "
        "where id in (s1, anim, light)",
    )
    assert [
        (row["time_logged"], row["bid_time_logged_difference"]) for row in found
    ] == [(65.0, 3.0 - 65.0), (60.0, 3540.0), (0.0, 0.0)]


def test_the_latest_version_is_the_highest(storage: Storage) -> None:
    (asset,) = rows(storage, "select latest_version.version from Asset")
    assert asset["latest_version"]["version"] == 2
    found = rows(storage, "select is_latest_version from AssetVersion")
    assert [row["is_latest_version"] for row in found] == [False, True]


def test_trees_leave_the_entity_itself_and_the_project_out(storage: Storage) -> None:
    (anim,) = rows(storage, "select ancestors.name from Task where id is anim")
    assert anim["ancestors"] == [shot("s1", name="010")]
    (project,) = rows(storage, "select descendants from Project")
    assert [each["id"] for each in project["descendants"]] == [
        "s1",
        "s2",
        "anim",
        "light",
        "eclair",
    ]
    (s1,) = rows(storage, "select descendants.name from Shot where id is s1")
    assert [each["name"] for each in s1["descendants"]] == ["Anim", "light"]
    (asset,) = rows(storage, "select ancestors from Asset")
    assert [each["id"] for each in asset["ancestors"]] == ["s1"]


def test_open_is_told_by_dates(storage: Storage) -> None:
    found = rows(storage, "select is_open from ReviewSession")
    assert [row["is_open"] for row in found] == [True, False]


def test_joined_members_are_collections(storage: Storage) -> None:
    (todo,) = rows(storage, "select items.name from TypedContextList")
    assert todo["items"] == [task("light", name="light")]
    (found,) = rows(storage, "select uses_versions from AssetVersion where id is v2")
    assert [each["id"] for each in found["uses_versions"]] == ["v1"]

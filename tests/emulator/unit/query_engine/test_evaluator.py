"""Which rows a query selects and in which order: protocol 5.2, 5.3, 5.5 and 10.

The rows are drawn in `sample_storage`; every expectation is read off it by hand.
"""

from __future__ import annotations

import pytest

from ftrack_orm import UnsupportedError
from ftrack_orm.emulator.query_engine.evaluator import QueryNameError, QueryValueError
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.sample_storage import ids, make_storage, page, rows
from tests.support.schemas import recorded


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # types
        ("Task", "anim light eclair"),
        ("Shot", "s1 s2"),
        ("TypedContext", "s1 s2 anim light eclair"),
        ("Context", "bunny s1 s2 anim light eclair"),
        ("Resource", "jane crew"),
        ("BaseUser", "jane"),
        ("CustomConfigurationBase", "c-fstart c-tags c-due c-boss"),
        # text without regard to case, also beyond ASCII
        ('Task where name is "ANIM"', "anim"),
        ("Task where name is éCLAIR", "eclair"),
        ("Task where name in (LIGHT, anim)", "anim light"),
        ('Task where name in ("ÉCLAIR", "anim")', "anim eclair"),
        ("Task where name not_in (anim)", "light eclair"),
        ('Task where name > "b"', "light eclair"),
        # like: % is any run, the underscore itself, \% a percent sign
        ('Context where name like "%i%"', "anim light eclair"),
        ('Context where name like "o_20%"', "s2"),
        ('Context where name like "_10"', ""),
        (r'Context where name like "%\%"', "s2"),
        (r'Context where name like "\%"', ""),
        ('Task where name like "éC%"', "eclair"),
        ('Task where name not_like "%I%"', ""),
        # null
        ("Task where status_id is none", "light"),
        ("Task where status_id is_not None", "anim eclair"),
        ("Task where status is null", "light"),
        ('Task where status_id is_not "ok"', "light eclair"),
        ("Task where not status_id is ok", "light eclair"),
        ("Task where status_id not_in (ok)", "light eclair"),
        ("Task where status_id not_in (ok, none)", "eclair"),
        ("Task where status_id in (ok, none)", "anim light"),
        ("Task where description not_like x", "anim light eclair"),
        ("Task where not description like x", "anim light eclair"),
        ("Task where description like none", ""),
        ("Task where bid > none", ""),
        ("Task where bid < 5 or bid >= 5", "anim"),
        ("Task where not (bid < 5 or bid >= 5)", "light eclair"),
        ("Task where not (bid < 5 and name is anim)", "anim light eclair"),
        ("Task where not not bid > 5", "anim"),
        ("Task where status.name is_not approved", "light eclair"),
        ("Task where status.name is none", "light"),
        # numbers, booleans, keys
        ("Task where bid is 3600", "anim"),
        ('Task where bid is "3600.0"', "anim"),
        ("TypedContext where bid < 3600 and bid > -2.5", "s1"),
        ("Status where is_active is True", "ok"),
        ("Status where is_active is_not true", "wip"),
        ("Status where is_active is false", ""),
        ("Task where id in (anim,light)", "anim light"),
        # dates are instants; naive ones are UTC
        ("Task where start_date is 2020-01-02", "anim"),
        ('Task where start_date is "2020-01-02T02:00:00+02:00"', "anim"),
        ('Task where start_date is "2020-01-02T00:00:00Z"', "anim"),
        ('Task where start_date after "2020-01-01T23:59:59"', "anim"),
        ('Task where start_date after "2020-01-02"', ""),
        ('Task where start_date before "2020-01-02T00:00:00.5"', "anim"),
        ('Task where start_date like "2020-01-02%"', "anim"),
        # links
        ("Task where status.state.short = DONE", "anim"),
        ("Task where status has (state.short is DONE)", "anim"),
        ("Task where status has (state has (short is DONE) and name is x)", ""),
        ("Task where status has ()", "anim eclair"),
        ("Task where not status has (state.short is DONE)", "light eclair"),
        ("Task where parent.name is 010 and parent.parent.name is bunny", "anim light"),
        ("Task where parent[Shot].bid > 2", "anim light"),
        ("Task where parent[Folder].name is_not none", ""),
        ("Task where parent[Shot] is s1", "anim light"),
        ("Task where parent[Shot] is_not none", "anim light eclair"),
        ("Task where parent[Folder] is_not none", ""),
        (
            "Task where parent[Shot] in (select id from Shot where bid > 2)",
            "anim light",
        ),
        ("TypedContext where parent[Project] has (name is bunny)", "s1 s2"),
        ("Context where children[Task] any (name is anim)", "s1"),
        ("Project where children[Task] any ()", ""),
        ("TypedContext where project.name is bunny", "s1 s2 anim light eclair"),
        ("Appointment where resource.username is jane", "a1"),
        ("Task where status is ok", "anim"),
        # collections
        ("Task where assignments any ()", "anim"),
        ("Task where appointments any ()", "anim light"),
        ("User where not timelogs any ()", ""),
        ("Resource where not allocations any ()", "jane"),
        ("Task where assignments any (resource.username = JANE)", "anim"),
        ("Task where appointments.resource.id is crew", "light"),
        ("Shot where children any (name is anim and status.name is none)", ""),
        ("Shot where children.name is anim and children.status.name is none", "s1"),
        ("Shot where children.assignments.resource.username is jane", "s1"),
        ("Context where children any (children any (name is anim))", "bunny"),
        ("Shot where not children.name is anim", "s2"),
        ("Task where metadata any (key is SOURCE and value is edit)", "anim"),
        ("Task where metadata.key is source", "anim"),
        ("Status where tasks any (parent.name is 010)", "ok"),
        # joined by rows of their own
        ("AssetVersion where uses_versions any (version is 1)", "v2"),
        ("AssetVersion where used_in_versions.version is 2", "v1"),
        ("TypedContextList where items any (name is light)", "todo"),
        ("Task where lists any (project.name is bunny)", "light"),
        # trees
        ("Task where ancestors any (name is 010)", "anim light"),
        ("Task where ancestors.id is s2", "eclair"),
        ("TypedContext where ancestors any ()", "anim light eclair"),
        ("TypedContext where descendants any (status.name is approved)", "s1"),
        ("Project where descendants.name is anim", "bunny"),
        ("Asset where ancestors any (id is s1)", "rig"),
        ("Asset where ancestors any (id is s2)", ""),
        # computed, but told by rows
        ("AssetVersion where is_latest_version is True", "v2"),
        ("AssetVersion where is_latest_version is false", "v1"),
        ("Asset where latest_version.version is 2", "rig"),
        ("ReviewSession where is_open is true", "open"),
        # subqueries
        (
            "Task where id in (select context_id from Timelog "
            "where user.username is jane)",
            "anim",
        ),
        ("Task where id not_in (select context_id from Appointment)", "eclair"),
        (
            "Task where status_id not_in "
            "(select id from Status where name is approved)",
            "light eclair",
        ),
        (
            "Task where parent_id in (select id from Shot where id in "
            "(select parent_id from Task where status.name is approved))",
            "anim light",
        ),
        ("Task where id in (select id from Task order by name desc limit 1)", "eclair"),
        ("Task where parent_id in (Shot where name is 010)", "anim light"),
        # … that select through links, and all that collections lead to
        ("Task where id in (select context from Timelog)", "anim"),
        ("User where id in (select user.id from Timelog)", "jane"),
        (
            "Task where id in (select children.id from Shot where name is 010)",
            "anim light",
        ),
        ("Task where id in (select children from Shot where bid is none)", "eclair"),
        (
            "Task where id in (select children from Shot where children.name is anim)",
            "anim light",
        ),
        ("Task where id not_in (select children from Shot where bid is 3)", "eclair"),
        (
            "Task where id not_in (select children[Folder].id from Shot)",
            "anim light eclair",
        ),
        (
            "User where id in (select children.assignments.resource from Shot)",
            "jane",
        ),
        ("User where id in (select allocations.resource from Task)", ""),
        ("Task where id in (select items.id from TypedContextList)", "light"),
        ("Shot where id in (select ancestors.id from Task)", "s1 s2"),
        (
            "Shot where id in (select ancestors from Task where name is anim)",
            "s1",
        ),
        ("Shot where id in (select asset.ancestors.id from AssetVersion)", "s1"),
        ("Task where id in (select descendants.id from Project)", "anim light eclair"),
        (
            "Task where id in (select custom_attributes.entity_id from Task "
            "where name is light)",
            "light",
        ),
        (
            "Shot where id in (select parent_id from Task where id in "
            "(select appointments.context_id from User))",
            "s1",
        ),
        # custom attributes
        ("Shot where custom_attributes any (key is fstart and value > 1000)", "s1"),
        ("Shot where custom_attributes any (key is fstart and value is 1)", "s2"),
        (
            "Shot where custom_attributes any "
            "(configuration.key is fstart and value is 1001)",
            "s1",
        ),
        ("Task where custom_attributes any (key is fstart)", ""),
        ("Task where custom_attributes any (key is tags and value is y)", "anim"),
        (
            "Task where custom_attributes any (key is tags and value in (a, b))",
            "light eclair",
        ),
        ('Task where custom_attributes any (key is tags and value like "X%")', "anim"),
        (
            "Project where custom_attributes any (key is due and value > 2026-02-28)",
            "bunny",
        ),
        (
            "Project where custom_attributes any "
            '(key is due and value is "2026-03-01T01:00:00+01:00")',
            "bunny",
        ),
        ("AssetVersion where custom_attributes any (key is tags)", "v1 v2"),
        (
            "Task where custom_attribute_links any "
            '(configuration.key is "supervisor" and user.username is "jane")',
            "anim",
        ),
        (
            "User where custom_attribute_links_from any "
            "(configuration.key is supervisor and context.name is anim)",
            "jane",
        ),
    ],
)
def test_rows_are_those_that_meet_the_conditions(
    storage: Storage, expression: str, expected: str
) -> None:
    assert ids(storage, expression) == expected.split()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Task order by name", "anim light eclair"),
        ("Task order by name desc", "eclair light anim"),
        (
            "TypedContext order by parent.name descending, name",
            "eclair s1 s2 anim light",
        ),
        ("Task order by status.name", "light anim eclair"),
        ("TypedContext order by context_type", "s1 s2 anim light eclair"),
        ("TypedContext order by context_type desc", "s1 s2 anim light eclair"),
        ("Task limit 2", "anim light"),
        ("Task offset 1 limit 1", "light"),
        ("Task offset 2", "eclair"),
        ("Task limit 0", ""),
    ],
)
def test_rows_come_in_the_order_asked_for_then_as_inserted(
    storage: Storage, expression: str, expected: str
) -> None:
    assert ids(storage, expression) == expected.split()


@pytest.mark.parametrize(
    ("expression", "following"),
    [
        ("Task limit 1", 1),
        ("Task limit 2", 2),
        ("Task limit 3", None),
        ("Task limit 4", None),
        ("Task offset 1 limit 1", 2),
        ("Task offset 2 limit 1", None),
        ("Task offset 9 limit 1", None),
        ("Task", None),
    ],
)
def test_the_next_offset_tells_whether_a_row_is_left(
    storage: Storage, expression: str, following: int | None
) -> None:
    """A page that is exactly full is followed by none (2.1)."""
    assert page(storage, expression)[1] == following


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # Both tasks of 010 fit most of these, and the project's two shots.
        ('Shot where children.name like "%i%" limit 1', (["s1"], 1)),
        (
            'Shot where children.bid >= 0 and children.name like "%"',
            (["s1"], None),
        ),
        ('Shot where children any (name like "%") limit 1', (["s1"], 1)),
        ('Shot where children.name like "%" order by name desc', (["s2", "s1"], None)),
        (
            'Project where children any (children any (name like "%"))',
            (["bunny"], None),
        ),
        ('Task where parent.children.name like "%" limit 2', (["anim", "light"], 2)),
        # What a condition needs of a link is left out where there is none.
        ('Shot where children any (status.name is "Approved")', (["s1"], None)),
        ("Shot where children any (status.name is none)", (["s1"], None)),
        (
            'Shot where children any (not status.name is "Approved")',
            (["s1", "s2"], None),
        ),
        ('Task where status.name is "Approved" or bid = 0', (["anim"], None)),
        ('Task where not status.name is "Approved"', (["light", "eclair"], None)),
    ],
)
def test_a_row_comes_once_however_many_members_meet_a_condition(
    storage: Storage, expression: str, expected: tuple[list[str], int | None]
) -> None:
    found, following = page(storage, expression)
    assert ([row["id"] for row in found], following) == expected


def test_rows_are_counted_once_however_many_members_meet_a_condition(
    storage: Storage,
) -> None:
    found = rows(
        storage,
        'select count(id) from Shot where children.name like "%" group by parent_id',
    )
    assert [row["count_id"] for row in found] == [2]


def test_composite_keys_are_conditions_like_others(storage: Storage) -> None:
    found = rows(
        storage,
        "select value from Setting where (name is storage_scenario and group is "
        '"OTHER"and value is "[]")',
    )
    assert [row["value"] for row in found] == ["[]"]


def test_dense_values_are_there_for_every_configuration_that_applies(
    storage: Storage,
) -> None:
    found = rows(storage, "select value from ContextCustomAttributeValue")
    assert [(row["entity_id"], row["key"], row["value"]) for row in found] == [
        ("bunny", "tags", ["a"]),
        ("bunny", "due", {"__type__": "datetime", "value": "2026-03-01T00:00:00"}),
        ("s1", "fstart", 1001),
        ("s1", "tags", ["a"]),
        ("s2", "fstart", 1),
        ("s2", "tags", ["a"]),
        ("anim", "tags", ["x", "Y"]),
        ("light", "tags", ["a"]),
        ("eclair", "tags", ["a"]),
    ]


def test_sparse_values_are_there_only_where_set(storage: Storage) -> None:
    found = rows(storage, "select value from CustomAttributeValue")
    assert [(row["entity_id"], row["configuration_id"]) for row in found] == [
        ("s1", "c-fstart"),
        ("anim", "c-tags"),
        ("bunny", "c-due"),
    ]


def test_a_projects_own_configuration_hides_the_global_one() -> None:
    storage = make_storage(recorded())
    with storage.transaction() as connection:
        storage.insert(
            connection,
            "CustomAttributeConfiguration",
            {
                "id": "c-own",
                "key": "due",
                "entity_type": "show",
                "project_id": "bunny",
                "default": '"soon"',
                "is_hierarchical": 0,
            },
        )
    found = rows(
        storage, "select value from ContextCustomAttributeValue where key is due"
    )
    assert [(row["configuration_id"], row["value"]) for row in found] == [
        ("c-own", "soon")
    ]
    storage.close()


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("Nothing", "Nothing"),
        ("Task where nothing is 1", "nothing"),
        ("Task where status.nothing is 1", "nothing"),
        ("Task where name.nothing is 1", "name"),
        ("Task where parent[Nothing].name is 1", "Nothing"),
        ("Task where parent[Status].name is 1", "Status"),
        ("Task where link is 1", "link"),
        ("Task where thumbnail_url is_not none", "thumbnail_url"),
        ("Task where time_logged > 1", "time_logged"),
        ("Note where parent has (id is 1)", "parent"),
        ("Task where children is 1", "children"),
        ("Task where children has (name is 1)", "children"),
        ("Task where status any (name is 1)", "status"),
        ("Task order by children.name", "children"),
        ("Task order by nothing", "nothing"),
        ("Task where id in (select nothing from Task)", "nothing"),
        ("select nothing from Task", "nothing"),
        ("select name.x from Task", "name"),
        ("select parent[Status].name from Task", "Status"),
        ("select custom_attribute_links from Task", "custom_attribute_links"),
        ("select count(id) from Status group by name", "group by"),
        ("select name, count(id) from Task group by status_id", "name"),
        ("select count(id) from Task group by status_id order by name", "name"),
        ("select count(id) from Task order by name", "name"),
        ("select count(id) from Task group by children.name", "children"),
        ("select sum(children.bid) from Task group by status_id", "children"),
        ("Task where name[Shot] is x", "name"),
        ("Task where children[Task] is x", "children"),
        ("Task order by children[Task].name", "children"),
        ("Task where id in (select name.id from Task)", "name"),
    ],
)
def test_names_that_cannot_be_used_are_refused_by_name(
    storage: Storage, expression: str, name: str
) -> None:
    with pytest.raises(QueryNameError) as caught:
        rows(storage, expression)
    assert caught.value.name == name


def test_a_near_name_is_offered(storage: Storage) -> None:
    with pytest.raises(QueryNameError, match="Did you mean 'description'"):
        rows(storage, "Task where descripton is x")


@pytest.mark.parametrize(
    "expression",
    [
        "Task where bid is much",
        "Task where start_date after tomorrow",
        "Status where is_active is perhaps",
    ],
)
def test_values_of_another_kind_are_refused(storage: Storage, expression: str) -> None:
    with pytest.raises(QueryValueError):
        rows(storage, expression)


@pytest.mark.parametrize(
    "expression",
    [
        "Task where id in (select id, name from Task)",
        "Task where id in (select count(id) from Task)",
        # It would be one of members, not of the entities that are asked for.
        "Task where id in (select children from Shot limit 1)",
        "Task where id in (select children.id from Shot offset 1)",
        # Each kind's leads elsewhere.
        "List where items any (name is light)",
        "StatusChange where parent has (name is anim)",
        # More than SQLite, or Python, reads.
        f"Task where {'children any (' * 40}name is x{')' * 40}",
        f"Task where {'not ' * 2000}name is x",
        f"Task where {'parent.' * 80}name is x",
    ],
)
def test_what_the_emulator_does_not_know_is_refused(
    storage: Storage, expression: str
) -> None:
    with pytest.raises(UnsupportedError):
        rows(storage, expression)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("start_date is 2020-1-2", "anim"),
        ("start_date >= 2020-1-02 and start_date < 2020-01-3", "anim"),
        ("start_date > 2020-1-2T00:00:01", ""),
        ("start_date < 2020-1-2", ""),
    ],
)
def test_dates_may_lack_leading_zeros(
    storage: Storage, condition: str, expected: str
) -> None:
    assert ids(storage, f"Task where {condition}") == expected.split()


@pytest.mark.parametrize("written", ["2020-13-1", "2020-0-1", "2020-1-234", "20-1-2"])
def test_a_date_that_no_calendar_has_is_refused(storage: Storage, written: str) -> None:
    with pytest.raises(QueryValueError, match="expected a date"):
        rows(storage, f"Task where start_date is {written}")

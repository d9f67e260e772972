"""Every form of query, as the client sends it (protocol 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ftrack_api.exception
import ftrack_api.symbol
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect


@pytest.fixture(scope="module")
def snapshots() -> list[bytes]:
    """The data of the production, once it is made."""
    return []


@pytest.fixture
def production(
    emulator: Emulator,
    session: Any,
    snapshots: list[bytes],
    request: pytest.FixtureRequest,
) -> Any:
    """A session of the client on the production, which is made once."""
    if not snapshots:
        project, admin = map(request.getfixturevalue, ("project", "admin"))
        make_production(session, project, admin)
        snapshots.append(emulator.snapshot())
    emulator.restore(snapshots[0])
    session.reset()
    return session


def make_production(session: Any, project: Any, admin: Any) -> None:
    """Make two sequences of three shots, two tasks each; admin does all animation."""
    status = {each["name"]: each for each in session.query("Status")}
    kinds = {each["name"]: each for each in session.query("Type")}
    for outer in range(2):
        sequence = session.create("Sequence", {"name": f"sq{outer}", "parent": project})
        for inner in range(3):
            shot = session.create(
                "Shot",
                {
                    "name": f"sh{outer}{inner}",
                    "parent": sequence,
                    "status": status["Completed" if inner == 0 else "In progress"],
                    "description": f'a "quoted" 100% {inner}',
                    "metadata": {"cut": str(inner)},
                    "custom_attributes": {"fstart": 1001 + inner},
                },
            )
            for name in ("Animation", "Compositing"):
                task = session.create(
                    "Task",
                    {
                        "name": name.lower(),
                        "parent": shot,
                        "type": kinds[name],
                        "bid": 3600 * (inner + 1),
                        "start_date": f"2024-05-0{inner + 1}T09:00:00",
                    },
                )
                if name == "Animation":
                    session.create(
                        "Appointment",
                        {"context": task, "resource": admin, "type": "assignment"},
                    )
    session.commit()


# Expression and how many it finds: 2 sequences, 6 shots, 12 tasks in the production.
COUNTS = [
    ("Shot", 6),
    ("TypedContext", 20),
    ("Context", 21),
    ('Shot where name is "sh00"', 1),
    ("Shot where name = sh00", 1),
    ("Shot where name is 'sh00'", 1),
    ('Shot where name is "SH00"', 1),
    ('Shot where name != "sh00"', 5),
    ('Shot where name is_not "sh00"', 5),
    ('Shot where name like "sh0%"', 3),
    ('Shot where name not_like "sh0%"', 3),
    ('Shot where name in ("sh00", "sh01")', 2),
    ("Shot where name in (sh00,sh01)", 2),
    ('Shot where name not_in ("sh00", "sh01")', 4),
    ('Shot where not name in ("sh00", "sh01")', 4),
    ('Shot where status.name is "Completed"', 2),
    ('Shot where status.state.short is "IN_PROGRESS"', 4),
    ("Shot where status.state.short is DONE", 2),
    ('Shot where status has (name is "Completed")', 2),
    ('Shot where parent.name is "sq0"', 3),
    ('Shot where parent has (name is "sq0" and project.name is "bunny")', 3),
    ('Task where parent[Shot].name is "sh00"', 2),
    ('Task where project.name is "bunny"', 12),
    ('Task where type.name is "Animation" and parent.name is "sh00"', 1),
    ('Task where type.name is "Animation" or parent.name is "sh00"', 7),
    ('Task where not (type.name is "Animation" or parent.name is "sh00")', 5),
    ('Shot where name is "sh00" or name is "sh01" and name is "no"', 1),
    ('Shot where (name is "sh00" or name is "sh01") and name is "no"', 0),
    ('Shot where children any (name like "anim%")', 6),
    ("Shot where children any ()", 6),
    ("Task where not assignments any ()", 6),
    ('Task where assignments any (resource.username = "admin")', 6),
    ('Task where assignments any (resource.username is "nobody")', 0),
    ('Task where ancestors any (name is "sq1")', 6),
    ('Task where ancestors.name is "sq1"', 6),
    ('Sequence where descendants any (name is "sh00")', 1),
    ("Task where bid > 3600", 8),
    ("Task where bid>=7200", 8),
    ("Task where bid greater_than 7200", 4),
    ("Task where bid less_than 7200", 4),
    ('Task where start_date after "2024-05-02"', 8),
    ('Task where start_date before "2024-05-02"', 4),
    ('Task where start_date >= "2024-05-02T09:00:00"', 8),
    ('Task where start_date > "2024-05-02T11:00:00+02:00"', 4),
    ("Task where end_date is none", 12),
    ("Task where start_date is_not None", 12),
    ('Shot where metadata any (key is "cut" and value is "1")', 2),
    ('Shot where metadata.key is "cut"', 6),
    ('Shot where custom_attributes any (key is "fstart" and value > 1001)', 4),
    (
        "Shot where custom_attributes any "
        '(configuration.key is "fstart" and value is 1002)',
        2,
    ),
    ('Shot where description like "%100\\%%"', 6),
    ('Shot where description like "%\\"quoted\\"%"', 6),
    ('Shot where id in (select parent_id from Task where type.name is "Animation")', 6),
    (
        "Sequence where id in (select parent_id from Shot where id in "
        '(select parent_id from Task where bid is 7200) and name is "sh01")',
        1,
    ),
    ('Status where name is "Completed"', 1),
    ("Status where is_active is True", 11),
    ("User where not timelogs any ()", 1),
    ('Setting where name is "storage_scenario" and group is "STORAGE"', 1),
    ("select id from Shot\n  where\n\tname is 'sh00'\n", 1),
]


@pytest.mark.parametrize(("expression", "count"), COUNTS)
def test_it_finds_as_many_as_there_are(
    production: Any, expression: str, count: int
) -> None:
    assert len(production.query(expression).all()) == count


def names(found: Any) -> list[str]:
    return [each["name"] for each in found]


def test_rows_come_in_the_order_asked_for(production: Any) -> None:
    found = production.query("Shot order by parent.name descending, name asc")
    assert names(found) == ["sh10", "sh11", "sh12", "sh00", "sh01", "sh02"]


def test_limit_and_offset_cut_a_piece_out(production: Any) -> None:
    found = production.query("Shot order by name limit 2 offset 1")
    assert names(found) == ["sh01", "sh02"]


def test_pages_follow_each_other_without_a_gap(
    emulator: Emulator, production: Any
) -> None:
    emulator.forget()
    found = names(production.query("Shot order by name", page_size=2))
    assert found == ["sh00", "sh01", "sh02", "sh10", "sh11", "sh12"]
    # The last page is full, and there is no empty one after it (protocol 2.1).
    assert len(emulator.calls) == 3


def test_a_limit_of_ones_own_is_kept_over_pages(production: Any) -> None:
    found = production.query("Shot order by name limit 5", page_size=2)
    assert len(found.all()) == 5


def test_first_and_one(production: Any) -> None:
    assert production.query("Shot order by name").first()["name"] == "sh00"
    assert production.query('Shot where name is "no"').first() is None
    assert production.query('Shot where name is "sh12"').one()["name"] == "sh12"


def test_one_refuses_none_and_many(production: Any) -> None:
    with pytest.raises(ftrack_api.exception.NoResultFoundError):
        production.query('Shot where name is "no"').one()
    with pytest.raises(ftrack_api.exception.MultipleResultsFoundError):
        production.query("Shot").one()


def test_projections_come_with_the_query(emulator: Emulator, production: Any) -> None:
    found = production.query(
        "select name, status.state.short, parent.name, assignments.resource.username,"
        " custom_attributes, metadata from Shot"
    ).all()
    emulator.forget()
    with production.auto_populating(False):
        for shot in found:
            assert shot["status"]["state"]["short"] in ("DONE", "IN_PROGRESS")
            assert shot["parent"]["name"] in ("sq0", "sq1")
            assert shot["custom_attributes"]["fstart"] == 1001 + int(
                shot["metadata"]["cut"]
            )
    assert emulator.calls == ()


def test_a_downcast_reaches_what_the_base_has_not(production: Any) -> None:
    found = production.query("select parent[Shot].name from Task")
    assert {task["parent"]["name"] for task in found} >= {"sh00", "sh12"}


def test_base_types_give_concrete_entities(production: Any) -> None:
    kinds = {each.entity_type for each in production.query("Context")}
    assert kinds == {"Project", "Sequence", "Shot", "Task"}


def test_attributes_load_when_they_are_read(
    emulator: Emulator, production: Any
) -> None:
    shot = production.query('Shot where name is "sh00"').one()
    emulator.forget()
    assert shot["description"] == 'a "quoted" 100% 0'
    [call] = emulator.calls
    assert call.operations[0]["expression"].startswith("select ")


def test_many_are_populated_in_one_request(emulator: Emulator, production: Any) -> None:
    shots = production.query("Shot").all()
    emulator.forget()
    production.populate(shots, "description, status.name")
    assert len(emulator.calls) == 1
    with production.auto_populating(False):
        assert {shot["status"]["name"] for shot in shots} == {
            "Completed",
            "In progress",
        }


def test_a_mixed_list_is_populated_for_the_first_type(production: Any) -> None:
    shot, task = production.query("Shot").first(), production.query("Task").first()
    production.populate([shot, task], "bid")
    with production.auto_populating(False):
        assert shot["bid"] == 0
        assert task["bid"] is ftrack_api.symbol.NOT_SET


def test_rows_with_two_keys_are_populated(emulator: Emulator, production: Any) -> None:
    rows = production.query("select key from Metadata").all()
    emulator.forget()
    production.populate(rows, "value")
    assert len(emulator.calls) == 1
    with production.auto_populating(False):
        assert {row["value"] for row in rows} == {"0", "1", "2"}


def test_get_finds_by_one_key_and_by_two(production: Any) -> None:
    shot = production.query('Shot where name is "sh01"').one()
    production.reset()
    assert production.get("Shot", shot["id"])["name"] == "sh01"
    assert production.get("Context", shot["id"]).entity_type == "Shot"
    row = production.get("Metadata", [shot["id"], "cut"])
    assert row["value"] == "1"
    assert production.get("Shot", "nobody") is None


def test_ensure_finds_changes_and_creates(session: Any) -> None:
    first = session.ensure("User", {"username": "jane", "first_name": "J"})
    again = session.ensure(
        "User",
        {"username": "jane", "first_name": "Jane"},
        identifying_keys=["username"],
    )
    assert again["id"] == first["id"]
    session.reset()
    assert session.get("User", first["id"])["first_name"] == "Jane"
    assert len(session.query('User where username is "jane"').all()) == 1


def test_ensure_refuses_more_than_one(production: Any) -> None:
    with pytest.raises(ftrack_api.exception.MultipleResultsFoundError):
        production.ensure("Task", {"name": "animation"})


def test_groups_are_counted_for_strict_clients(
    emulator: Emulator, production: Any, folder: Path
) -> None:
    query = {
        "action": "query",
        "expression": "select count(id), sum(bid) from Task group by type_id",
    }
    strict = connect(emulator, folder, strict_api=True)
    [answer] = strict.call([query])
    strict.close()
    assert [row["count_id"] for row in answer["data"]] == [6, 6]
    # One hour, two and three, in each of two sequences.
    assert [row["sum_bid"] for row in answer["data"]] == [2 * 6 * 3600] * 2
    assert all(row["type_id"] for row in answer["data"])
    with pytest.raises(ftrack_api.exception.ServerError, match="strict"):
        production.call([query])


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("select name from Shot where", "ParseError"),
        ("select name from Shot where name ~ 3", "ParseError"),
        ('select name from Shot where name is "open', "ParseError"),
        ("select nothing from Shot", "Error"),
        ("select name from Shot where nothing is 1", "Error"),
        ("select name from Nothing", "Error"),
        ("select name from Shot where link is 1", "Error"),
        ("select custom_attribute_links from Shot", "Error"),
    ],
)
def test_what_makes_no_sense_is_an_error(
    session: Any, expression: str, error: str
) -> None:
    with pytest.raises(ftrack_api.exception.ServerError, match=error):
        session.call([{"action": "query", "expression": expression}])

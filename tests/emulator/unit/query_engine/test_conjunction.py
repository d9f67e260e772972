"""Very many conditions, and conditions in conditions: protocol 5.5 and 10, row 29."""

from __future__ import annotations

from ftrack_orm.emulator.storage.storage import Storage
from tests.support.sample_storage import ids, rows


def test_a_list_of_thousands_is_no_limit(storage: Storage) -> None:
    """SQLite binds at most 32,766 values one by one (10, row 29)."""
    many = ",".join(f"id-{number}" for number in range(40_000))
    assert ids(storage, f"Task where id in ({many},anim)") == ["anim"]


def test_thousands_of_conditions_are_no_limit(storage: Storage) -> None:
    """PY has one for each of the rows with two keys that it populates."""
    pairs = [f'(parent_id is "p{number}"and key is "k")' for number in range(2_000)]
    wanted = '(parent_id is "anim"and key is "source")'
    some = " or ".join([*pairs[:1_000], wanted, *pairs[1_000:]])
    assert [row["key"] for row in rows(storage, f"Metadata where {some}")] == ["source"]
    others = " and ".join(f'name is_not "n{number}"' for number in range(3_000))
    assert ids(storage, f"Task where {others} and not name is anim") == [
        "light",
        "eclair",
    ]
    either = " or ".join(
        ["name is anim and bid > 1", *(["bid > 5 and name is x"] * 150)]
    )
    assert ids(storage, f"Task where ({either}) and status_id is ok") == ["anim"]


def test_conditions_may_be_nested_as_deep_as_people_nest_them(storage: Storage) -> None:
    nested = "name is anim"
    for number in range(10):
        nested = f"not (name is x{number} or not (bid > 1 and ({nested})))"
    assert ids(storage, f"Task where {nested}") == ["anim"]
    assert ids(storage, f"Task where {'not ' * 20}name is anim") == ["anim"]

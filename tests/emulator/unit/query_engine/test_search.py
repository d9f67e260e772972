"""The action ``search``: protocol 2.2, against a matcher that reads like it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.emulator_client import (
    SHOT,
    TASK,
    Client,
    Refused,
    create,
    make_emulator,
    ref,
)
from tests.support.type_catalogue import SERVED, properties

NAMED = [name for name in SERVED if "name" in properties(name)]


def search(expression: str, entity_type: str, *terms: str, **more: Any) -> Any:
    return {
        "action": "search",
        "expression": expression,
        "entity_type": entity_type,
        "terms": list(terms),
        **more,
    }


def found(client: Client, entity_type: str, *terms: str, **more: Any) -> list[str]:
    [result] = client.call(search(entity_type, entity_type, *terms, **more))
    return [row["id"] for row in result["data"]]


# -- a small tree ------------------------------------------------------------


@pytest.fixture
def tree(client: Client) -> Client:
    """Bunny (010 (Anim, light), O_20% (Éclair)) and other (010); rig below 010."""
    bunny, other = client.project("Bunny"), client.project("other")
    client.call(
        create("Shot", id="s1", name="010", parent_id=bunny),
        create("Shot", id="s2", name="O_20%", parent_id=bunny),
        create("Task", id="anim", name="Anim", parent_id="s1"),
        create("Task", id="light", name="light", parent_id="s1"),
        create("Task", id="eclair", name="Éclair", parent_id="s2"),
        create("Shot", id="o1", name="010", parent_id=other),
        create("Asset", id="rig", name="rig", context_id="s1"),
        create("Asset", id="geo", name="Geo", context_id=other),
        create("AssetVersion", id="v1", asset_id="rig"),
        create("AssetVersion", id="v2", asset_id="geo"),
        create("User", id="u1", username="jdoe", first_name="Jane", last_name="Doe"),
        create("User", id="u2", username="who", first_name="Doris"),
        create("ListCategory", id="c1", name="Work"),
        create(
            "TypedContextList",
            id="l1",
            name="To do",
            project_id=bunny,
            category_id="c1",
        ),
    )
    return client


def project_id(client: Client, name: str) -> str:
    [row] = client.query(f'Project where name is "{name}"')
    return str(row["id"])


@pytest.mark.parametrize(
    ("entity_type", "terms", "expected"),
    [
        ("Task", ["anim"], ["anim"]),
        ("Task", ["ANIM"], ["anim"]),
        ("Task", ["ni"], ["anim"]),
        ("Task", ["010"], ["anim", "light"]),
        ("Task", ["bunny", "010", "LIGHT"], ["light"]),
        ("Task", ["anim", "light"], []),
        ("Task", ["éclair"], ["eclair"]),
        ("Task", ["ÉCL"], ["eclair"]),
        ("Task", ["other"], []),
        # What a name and the next make together is no name.
        ("Task", ["010anim"], []),
        ("Shot", ["010"], ["s1", "o1"]),
        ("Shot", ["anim"], []),
        ("TypedContext", ["010"], ["s1", "anim", "light", "o1"]),
        ("Shot", ["%"], ["s2"]),
        ("Shot", ["_"], ["s2"]),
        ("Shot", ["0%"], ["s2"]),
        ("Shot", ["0_0"], []),
        ("Shot", ["0%0"], []),
        ("Shot", ["\\"], []),
        ("Shot", ['"'], []),
        ("Shot", ["' or 1=1 --"], []),
        ("Task", [""], ["anim", "light", "eclair"]),
        ("Task", [], ["anim", "light", "eclair"]),
        ("Asset", ["rig"], ["rig"]),
        ("Asset", ["bunny"], ["rig"]),
        ("Asset", ["other", "geo"], ["geo"]),
        ("AssetVersion", ["rig"], ["v1"]),
        ("AssetVersion", ["010", "RIG"], ["v1"]),
        ("AssetVersion", ["geo", "bunny"], []),
        ("User", ["doe"], ["u1"]),
        ("User", ["do"], ["u1", "u2"]),
        ("User", ["jane", "jdoe"], ["u1"]),
        ("TypedContextList", ["to do"], ["l1"]),
        ("TypedContextList", ["bunny"], []),
    ],
)
def test_every_term_is_part_of_a_name_on_the_path(
    tree: Client, entity_type: str, terms: list[str], expected: list[str]
) -> None:
    assert found(tree, entity_type, *terms) == expected


@pytest.mark.parametrize("name", ['say "hi"', "it's", "a\\b", "50%", "a_b", "a\\%b"])
def test_no_character_of_a_term_means_anything(tree: Client, name: str) -> None:
    tree.call(create("Task", id="odd", name=f"x{name}x", parent_id="s1"))
    assert found(tree, "Task", name) == ["odd"]


@pytest.mark.parametrize(
    ("entity_type", "context", "expected"),
    [
        ("Task", "s1", ["anim", "light"]),
        ("Task", "anim", ["anim"]),
        ("TypedContext", "s2", ["s2", "eclair"]),
        ("Shot", "Bunny", ["s1", "s2"]),
        ("Project", "Bunny", ["Bunny"]),
        ("Asset", "s1", ["rig"]),
        ("Asset", "other", ["geo"]),
        ("AssetVersion", "Bunny", ["v1"]),
        ("AssetVersion", "s2", []),
        ("TypedContextList", "Bunny", ["l1"]),
        ("TypedContextList", "s1", []),
        ("Task", "nowhere", []),
    ],
)
def test_a_context_leaves_itself_and_what_is_below_it(
    tree: Client, entity_type: str, context: str, expected: list[str]
) -> None:
    ids = {name: project_id(tree, name) for name in ("Bunny", "other")}
    rows = found(tree, entity_type, context_id=ids.get(context, context))
    assert rows == [ids.get(each, each) for each in expected]


def test_a_context_and_terms_restrict_together(tree: Client) -> None:
    assert found(tree, "TypedContext", "010", context_id="o1") == ["o1"]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([SHOT], ["s1", "o1"]),
        ([TASK], ["anim", "light"]),
        ([SHOT, TASK], ["s1", "anim", "light", "o1"]),
        (["nothing"], []),
        ([], ["s1", "anim", "light", "o1"]),
        (None, ["s1", "anim", "light", "o1"]),
    ],
)
def test_object_types_choose_among_contexts(
    tree: Client, ids: list[str] | None, expected: list[str]
) -> None:
    assert found(tree, "TypedContext", "010", object_type_ids=ids) == expected


# -- the expression ----------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected", "following"),
    [
        ("Task", ["anim", "light"], None),
        ("select name from Task", ["anim", "light"], None),
        ('Task where name is "light"', ["light"], None),
        ('Task where name is "anim" or name is "Éclair"', ["anim"], None),
        ("Task order by name desc", ["light", "anim"], None),
        ("Task limit 1", ["anim"], 1),
        ("Task limit 1 offset 1", ["light"], None),
        ("Task offset 1 limit 2", ["light"], None),
        ("Task limit 2", ["anim", "light"], None),
    ],
)
def test_the_expression_says_the_rest_as_in_a_query(
    tree: Client, expression: str, expected: list[str], following: int | None
) -> None:
    [result] = tree.call(search(expression, "Task", "010"))
    assert [row["id"] for row in result["data"]] == expected
    assert result["action"] == "search"
    assert result["metadata"] == {"next": {"offset": following}}


def test_what_is_selected_is_returned(tree: Client) -> None:
    [result] = tree.call(search("select name, parent.name from Task", "Task", "anim"))
    [row] = result["data"]
    assert row["name"] == "Anim"
    assert row["parent"]["name"] == "010"


def test_found_rows_can_be_counted(tree: Client) -> None:
    strict = Client(tree.emulator, {"ftrack-strict-api": "true"})
    expression = "select count(id) from Task group by project_id"
    [result] = strict.call(search(expression, "Task", "010"))
    assert [row["count_id"] for row in result["data"]] == [2]


def test_the_expression_may_select_a_kind_of_the_type(tree: Client) -> None:
    [result] = tree.call(search("Shot", "TypedContext", "010"))
    assert [row["id"] for row in result["data"]] == ["s1", "o1"]


# -- refusals ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"expression": 7}, "needs an expression"),
        ({"entity_type": None}, "entity type"),
        ({"entity_type": "Nonsense"}, "Nonsense"),
        ({"terms": None}, "terms"),
        ({"terms": "anim"}, "terms"),
        ({"terms": [7]}, "terms"),
        ({"context_id": 7}, "context_id"),
        ({"object_type_ids": "x"}, "object_type_ids"),
        ({"object_type_ids": [7]}, "object_type_ids"),
        ({"entity_type": "Shot"}, "selects Task, which is no Shot"),
        ({"expression": "TypedContext"}, "selects TypedContext, which is no Task"),
        ({"expression": "Nonsense"}, "Nonsense"),
        ({"expression": "Note", "entity_type": "Note"}, "Note has no name"),
        (
            {"expression": "Metadata", "entity_type": "Metadata", "terms": []},
            "Metadata has no name",
        ),
        (
            {"expression": "User", "entity_type": "User", "context_id": "x"},
            "User is not below a context",
        ),
        (
            {"expression": "Asset", "entity_type": "Asset", "object_type_ids": [TASK]},
            "Asset has no object type",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused(
    client: Client, changes: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told) as refused:
        client.call({**search("Task", "Task", "x"), **changes})
    assert refused.value.exception == "ValidationError"


def test_groups_are_found_by_the_groups_above_them(client: Client) -> None:
    """The path of a group are the groups above it (protocol 6.3)."""
    client.call(
        create("Group", id="g1", name="Animation"),
        create("Group", id="g2", name="Lead", parent_id="g1"),
        create("Group", id="g3", name="Lead"),
    )
    assert found(client, "Group", "anim", "lead") == ["g2"]


def test_users_and_groups_are_found_as_resources(client: Client) -> None:
    client.call(
        create("Group", id="g1", name="Jane's crew"),
        create("User", id="u1", username="jdoe", first_name="Jane"),
    )
    assert found(client, "Resource", "jane") == ["g1", "u1"]


@pytest.mark.parametrize("entity_type", NAMED)
def test_every_type_that_has_a_name_is_searched(
    client: Client, entity_type: str
) -> None:
    [first, *_] = result = client.call(
        search(entity_type, entity_type, "no such name anywhere")
    )
    assert len(result) == 1
    assert first["data"] == []


def test_an_expression_that_cannot_be_parsed_is_quoted(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.call(search("Task where", "Task", "x"))
    assert refused.value.exception == "ParseError"


# -- against a plain matcher -------------------------------------------------


@dataclass(frozen=True)
class Row:
    kind: str
    object_type: str | None
    path: tuple[tuple[str, str], ...]
    names: tuple[str, ...]


class World:
    """The demo production, read by queries and matched in Python."""

    def __init__(self) -> None:
        self.emulator = make_emulator("demo")
        self.client = Client(self.emulator)
        self.rows: dict[str, Row] = {}
        contexts = self.client.query("select id, name, parent_id from Context")
        by_id = {each["id"]: each for each in contexts}
        for each in contexts:
            path = self._path(by_id, each["id"])
            kind = each["__entity_type__"]
            self.rows[each["id"]] = Row(kind, each.get("object_type_id"), path, ())
        self._read_assets(by_id)

    def _path(self, by_id: dict[str, Any], key: str | None) -> tuple[Any, ...]:
        if key is None:
            return ()
        row = by_id[key]
        return (*self._path(by_id, row["parent_id"]), (key, row["name"]))

    def _read_assets(self, by_id: dict[str, Any]) -> None:
        for asset in self.client.query("select id, name, context_id from Asset"):
            path = self._path(by_id, asset["context_id"])
            self.rows[asset["id"]] = Row("Asset", None, path, (asset["name"],))
        for version in self.client.query("select id, asset_id from AssetVersion"):
            held = self.rows[version["asset_id"]]
            row = Row("AssetVersion", None, held.path, held.names)
            self.rows[version["id"]] = row

    def matching(
        self, kind: str, terms: list[str], context: str | None, types: list[str] | None
    ) -> list[str]:
        return [
            key
            for key, row in self.rows.items()
            if row.kind == kind
            and all(_is_in(term, row) for term in terms)
            and (context is None or context in (each for each, _ in row.path))
            and (not types or row.object_type in types)
        ]


def _is_in(term: str, row: Row) -> bool:
    names = [*(name for _, name in row.path), *row.names]
    return any(term.casefold() in name.casefold() for name in names)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.emulator.close()


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_search_finds_what_a_plain_matcher_finds(
    world: World, data: st.DataObject
) -> None:
    kinds = ["Task", "Shot", "Sequence", "Project", "AssetBuild"]
    kind = data.draw(st.sampled_from([*kinds, "Asset", "AssetVersion"]))
    names = sorted({name for row in world.rows.values() for _, name in row.path})
    part = st.sampled_from(names).flatmap(
        lambda name: st.tuples(
            st.integers(0, len(name)), st.integers(0, len(name))
        ).map(lambda ends: name[min(ends) : max(ends)])
    )
    odd = st.text(alphabet="0aE_%\\'\"é ", max_size=3)
    terms = data.draw(
        st.lists(st.one_of(part, part.map(str.swapcase), odd), max_size=3)
    )
    places = sorted({key for row in world.rows.values() for key, _ in row.path})
    context = data.draw(st.one_of(st.none(), st.sampled_from(places)))
    types = None
    if kind in kinds:
        types = data.draw(st.sampled_from([None, [], [TASK], [SHOT, TASK]]))
    rows = found(world.client, kind, *terms, context_id=context, object_type_ids=types)
    assert sorted(rows) == sorted(world.matching(kind, terms, context, types))


def test_without_an_expression_the_type_is_searched(client: Client) -> None:
    """The JavaScript client's types allow it (protocol D)."""
    project = client.project()
    client.create("Shot", id="s1", name="010", parent=ref("Project", project))
    client.create("Task", id="t1", name="layout", parent=ref("Shot", "s1"))
    for more in ({}, {"expression": None}):
        operation = {
            "action": "search",
            "entity_type": "Task",
            "terms": ["lay"],
            **more,
        }
        [result] = client.call(operation)
        assert [row["id"] for row in result["data"]] == ["t1"]
        assert result["data"][0]["name"] == "layout"

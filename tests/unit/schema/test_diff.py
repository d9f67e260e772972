from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ftrack_orm.schema.diff import (
    AttributeAdded,
    AttributeChanged,
    AttributeRemoved,
    SchemaChange,
    TypeAdded,
    TypeChanged,
    TypeRemoved,
    diff_schemas,
)
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.types import UNSET
from tests.support.schemas import load_older_form, load_served, recorded

Served = dict[str, dict[str, Any]]

BASES = {served["id"]: served.get("$mixin", {}).get("$ref") for served in load_served()}


def serve() -> Served:
    """Return the recorded types by name, free to edit."""
    return {served["id"]: served for served in load_served()}


def parse(served: Served) -> Schema:
    return parse_schema(list(served.values())).schema


def diff_from_recorded(served: Served) -> tuple[SchemaChange, ...]:
    return diff_schemas(recorded(), parse(served))


def family(name: str) -> list[str]:
    """Return the type and all that inherit from it, by the served mixins."""
    below = [each for each, base in BASES.items() if base == name]
    return [name, *(each for child in below for each in family(child))]


# -- nothing changed ---------------------------------------------------------


def test_a_schema_does_not_differ_from_itself() -> None:
    assert diff_schemas(recorded(), recorded()) == ()
    assert diff_from_recorded(serve()) == ()


def test_order_of_types_attributes_and_name_sets_is_no_change() -> None:
    served = dict(reversed(serve().items()))
    for each in served.values():
        each["properties"] = dict(reversed(each["properties"].items()))
        for key in ("required", "immutable", "computed", "default_projections"):
            if key in each:
                each[key].reverse()
    served["Job"]["properties"]["status"]["enum"].reverse()

    assert diff_from_recorded(served) == ()


def test_an_empty_list_is_no_change_from_an_absent_one() -> None:
    served = serve()
    assert "computed" not in served["Dashboard"]
    served["Dashboard"]["computed"] = []

    assert diff_from_recorded(served) == ()


def test_the_older_form_differs_by_the_hints_it_cannot_say_alone() -> None:
    older = parse_schema(load_older_form()).schema

    assert [(type(one), one.type_name) for one in diff_schemas(recorded(), older)] == [
        (TypeChanged, "AssetVersionStatusChange"),
        (TypeChanged, "TypedContextStatusChange"),
    ]


# -- single changes ----------------------------------------------------------


def test_types_added_and_removed_are_found() -> None:
    served = serve()
    dashboard = recorded()["Dashboard"]
    del served["Dashboard"]
    fewer = parse(served)

    assert diff_schemas(recorded(), fewer) == (TypeRemoved("Dashboard", dashboard),)
    assert diff_schemas(fewer, recorded()) == (TypeAdded("Dashboard", dashboard),)


def test_a_change_that_subtypes_inherit_is_said_at_the_base_alone() -> None:
    served = serve()
    assert len(family("Context")) == 13
    for name in family("Context"):
        served[name]["properties"]["mood"] = {"type": "string"}
        del served[name]["properties"]["scopes"]
        served[name]["required"].append("parent_id")
        served[name]["properties"]["name"]["default"] = "unnamed"
    new = parse(served)

    assert diff_schemas(recorded(), new) == (
        AttributeRemoved(
            "Context", "scopes", recorded()["Context"].attributes["scopes"]
        ),
        AttributeAdded("Context", "mood", new["Context"].attributes["mood"]),
        AttributeChanged("Context", "name", "default", "", "unnamed"),
        AttributeChanged("Context", "parent_id", "required", False, True),
    )


def test_a_change_of_a_subtype_alone_is_said_there() -> None:
    served = serve()
    served["Shot"]["immutable"].append("description")

    assert diff_from_recorded(served) == (
        AttributeChanged("Shot", "description", "immutable", False, True),
    )


def test_a_subtype_that_changes_in_another_way_than_its_base_is_said_too() -> None:
    served = serve()
    for name in family("Context"):
        default = "a shot" if name == "Shot" else "a context"
        served[name]["properties"]["name"]["default"] = default

    assert diff_from_recorded(served) == (
        AttributeChanged("Context", "name", "default", "", "a context"),
        AttributeChanged("Shot", "name", "default", "", "a shot"),
    )


def test_an_inherited_change_is_said_once_across_a_base_that_is_new() -> None:
    served = serve()
    for name in family("Resource"):
        served[name]["properties"]["mood"] = {"type": "string"}
    new = parse(served)
    older = serve()
    del older["BaseUser"]
    for name in ("User", "Collaborator"):
        older[name]["$mixin"]["$ref"] = "Resource"

    found = diff_schemas(parse(older), new)

    added = [one for one in found if isinstance(one, AttributeAdded)]
    assert [(one.type_name, one.attribute) for one in added] == [("Resource", "mood")]


def test_the_order_of_a_key_is_a_change() -> None:
    served = serve()
    served["EntitySetting"]["primary_key"].reverse()

    assert diff_from_recorded(served) == (
        TypeChanged(
            "EntitySetting",
            "primary_key",
            ("parent_id", "group", "name"),
            ("name", "group", "parent_id"),
        ),
    )


@pytest.mark.parametrize(
    ("default", "other"), [(0, False), (1, True), ("", None), (None, UNSET)]
)
def test_defaults_that_python_may_take_for_equal_differ(
    default: Any, other: Any
) -> None:
    def with_default(value: Any) -> Schema:
        served = serve()
        if value is not UNSET:
            served["Timelog"]["properties"]["name"]["default"] = value
        return parse(served)

    assert diff_schemas(with_default(default), with_default(other)) == (
        AttributeChanged("Timelog", "name", "default", default, other),
    )


def test_a_new_base_is_a_change_of_the_type() -> None:
    served = serve()
    served["Collaborator"]["$mixin"]["$ref"] = "Resource"

    assert diff_from_recorded(served) == (
        TypeChanged("Collaborator", "base", "BaseUser", "Resource"),
    )


def test_required_names_without_attribute_are_changes_of_the_type() -> None:
    served = serve()
    served["Timelog"]["required"].append("ghost")

    assert diff_from_recorded(served) == (
        TypeChanged("Timelog", "required", (), ("ghost",)),
    )


def test_changes_read_well() -> None:
    served = serve()
    del served["Dashboard"]
    served["Mood"] = {**served["Scope"], "id": "Mood"}
    served["Timelog"]["properties"]["mood"] = {"$ref": "Mood"}
    del served["Timelog"]["properties"]["name"]
    served["Timelog"]["properties"]["comment"]["default"] = "none"
    served["Timelog"]["default_projections"].append("start")
    served["Timer"]["properties"]["context"]["$ref"] = "Task"

    assert [str(change) for change in diff_from_recorded(served)] == [
        "Dashboard: type removed",
        "Mood: type added",
        'Timelog: default_projections changed from ["id"] to ["id", "start"]',
        "Timelog.name: attribute removed (string)",
        "Timelog.mood: attribute added (link to Mood)",
        'Timelog.comment: default changed from "" to "none"',
        'Timer.context: target changed from "Context" to "Task"',
    ]


# -- random edits ------------------------------------------------------------

Edit = Callable[[Served, str, str], tuple[str, Any, Any]]


def edit_description(served: Served, name: str, attribute: str) -> Any:
    old = served[name]["properties"][attribute].get("description")
    for each in family(name):
        served[each]["properties"][attribute]["description"] = "edited"
    return ("description", old, "edited")


def edit_alias(served: Served, name: str, attribute: str) -> Any:
    old = served[name]["properties"][attribute].get("alias_for")
    for each in family(name):
        served[each]["properties"][attribute]["alias_for"] = "edited"
    return ("alias_for", old, "edited")


def edit_computed(served: Served, name: str, attribute: str) -> Any:
    was = attribute in served[name].get("computed", [])
    for each in family(name):
        names = served[each].setdefault("computed", [])
        names.remove(attribute) if was else names.append(attribute)
    return ("computed", was, not was)


def introduced(name: str) -> list[str]:
    """Return the attributes that the type has and its base has not."""
    types = recorded().types
    base = types[name].base
    inherited = types[base].attributes if base else {}
    return [each for each in types[name].attributes if each not in inherited]


def is_same_below(name: str, attribute: str) -> bool:
    """Return whether every subtype has the attribute as its base has it.

    Where one differs, as `project_id` of `TypedContext` does, one edit of the whole
    family is a change of its own there.
    """
    types = recorded().types
    return all(
        types[each].attributes.get(attribute) == types[name].attributes[attribute]
        for each in family(name)
    )


places = [
    (name, attribute)
    for name in recorded().types
    for attribute in introduced(name)
    if is_same_below(name, attribute)
]
edits = st.dictionaries(
    st.sampled_from(places),
    st.sampled_from([None, "add", edit_description, edit_alias, edit_computed]),
    max_size=12,
)


@settings(deadline=None, max_examples=25)
@given(edits)
def test_random_edits_are_found_exactly(
    chosen: dict[tuple[str, str], Edit | str | None],
) -> None:
    served = serve()
    expected: set[tuple[str, ...]] = set()
    for (name, attribute), edit in chosen.items():
        if edit is None:
            for each in family(name):
                del served[each]["properties"][attribute]
            removed_from_lists(served, name, attribute)
            expected.add(("AttributeRemoved", name, attribute))
        elif isinstance(edit, str):
            for each in family(name):
                served[each]["properties"][f"new_{attribute}"] = {"type": "number"}
            expected.add(("AttributeAdded", name, f"new_{attribute}"))
        else:
            facet, old, new = edit(served, name, attribute)
            said = (facet, json.dumps(old), json.dumps(new))
            expected.add(("AttributeChanged", name, attribute, *said))

    found = [said_by(change) for change in diff_from_recorded(served)]

    assert sorted(found) == sorted(expected)


def removed_from_lists(served: Served, name: str, attribute: str) -> None:
    """Take a removed attribute out of the lists of names, as a server would."""
    for each in family(name):
        for key in ("required", "immutable", "computed"):
            if attribute in served[each].get(key, []):
                served[each][key].remove(attribute)


def said_by(change: SchemaChange) -> tuple[str, ...]:
    kind = type(change).__name__
    if isinstance(change, AttributeAdded | AttributeRemoved):
        return (kind, change.type_name, change.attribute)
    if isinstance(change, AttributeChanged):
        old, new = json.dumps(change.old), json.dumps(change.new)
        return (kind, change.type_name, change.attribute, change.facet, old, new)
    return (kind, str(change))

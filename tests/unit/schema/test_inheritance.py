from __future__ import annotations

from ftrack_orm.schema.parse import parse_schema
from tests.support.schemas import load_older_form, load_served, make_subtype, make_type

# -- the older form ----------------------------------------------------------


def test_older_form_gives_the_same_bases_as_mixins() -> None:
    parsed = parse_schema(load_older_form())

    assert parsed.problems == ()
    assert {each.name: each.base for each in parsed.schema} == {
        served["id"]: served.get("$mixin", {}).get("$ref") for served in load_served()
    }


def test_older_form_is_served_again_without_loss() -> None:
    assert parse_schema(load_older_form()).schema.to_json() == load_older_form()


def test_older_form_names_the_base_of_a_studio_object_type() -> None:
    classified = {"id": "Task", "classifiers": {"object_typeid": "1"}}
    served = [
        make_type("Task", alias_for={"id": "Task", "classifiers": {"a": "2"}}),
        make_type("Prop", alias_for=classified),
        make_type("TypedContext", alias_for="Task"),
    ]

    bases = {each.name: each.base for each in parse_schema(served).schema}

    assert bases == {
        "Task": "TypedContext",
        "Prop": "TypedContext",
        "TypedContext": None,
    }


def test_older_form_gives_users_the_nearest_base_there_is() -> None:
    parsed = parse_schema([make_type("User"), make_type("Resource")])

    assert parsed.schema["User"].base == "Resource"


def test_older_form_gives_no_base_whose_attributes_the_type_lacks() -> None:
    context = make_type("Context")
    context["properties"]["parent_id"] = {"type": "string"}

    parsed = parse_schema([make_type("Project"), context])

    assert parsed.schema["Project"].base is None


# -- bases said by $mixin ----------------------------------------------------


def test_a_missing_base_is_reported_and_dropped() -> None:
    parsed = parse_schema([make_subtype("Thing", "Ghost")])

    assert parsed.schema["Thing"].base is None
    assert [(one.severity, one.place) for one in parsed.problems] == [
        ("error", "Thing")
    ]


def test_a_cycle_of_bases_is_reported_once_and_opened() -> None:
    parsed = parse_schema(
        [
            make_subtype("D", "A"),
            make_subtype("A", "B"),
            make_subtype("B", "C"),
            make_subtype("C", "A"),
        ]
    )

    assert {each.name: each.base for each in parsed.schema} == {
        "D": "A",
        "A": None,
        "B": "C",
        "C": "A",
    }
    assert [str(one) for one in parsed.problems] == [
        "error: A: inherits from itself (A < B < C < A); taken as a root."
    ]


def test_a_type_that_is_its_own_base_becomes_a_root() -> None:
    parsed = parse_schema([make_subtype("Thing", "Thing")])

    assert parsed.schema["Thing"].base is None
    assert len(parsed.problems) == 1


def test_a_subtype_that_lacks_an_attribute_of_its_base_is_reported() -> None:
    base = make_type("Base")
    base["properties"]["name"] = {"type": "string"}

    parsed = parse_schema([base, make_subtype("Thing", "Base")])

    assert [str(one) for one in parsed.problems] == [
        "warning: Thing: lacks 'name' of its base Base."
    ]

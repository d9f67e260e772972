from __future__ import annotations

import keyword

import pydantic
import pytest
from hypothesis import given, settings, strategies as st

from ftrack_orm import Entity, ProjectWorkflow, SchemaError
from ftrack_orm.schema.names import (
    OWNED_BY_ENTITY,
    RESERVED,
    class_name,
    class_names,
    module_name,
    module_names,
    python_name,
    server_name,
)
from tests.support.schemas import recorded

letters = "abAB1é\N{LATIN SMALL LIGATURE FI}"
names = st.one_of(
    st.text("_" + letters, min_size=1, max_size=8),
    st.builds(
        lambda before, core, after: "_" * before + core + "_" * after,
        st.integers(0, 4),
        st.sampled_from([*sorted(RESERVED), "model_x", "link", "attribute_0x6162"]),
        st.integers(0, 4),
    ),
)
identifiers = names.filter(str.isidentifier)


def is_usable(name: str) -> bool:
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and not name.startswith("_")
        and not hasattr(pydantic.BaseModel, name)
        and name not in OWNED_BY_ENTITY
    )


# -- attributes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "python"),
    [
        ("name", "name"),
        ("type", "type"),
        ("list", "list"),
        ("from", "from_"),
        ("global", "global_"),
        ("schema", "schema_"),
        ("copy", "copy_"),
        ("json", "json_"),
        ("entity_type", "entity_type"),
        ("reference", "reference_"),
        ("model_fields", "model_fields_"),
        ("link", "link"),
        ("_link", "link_"),
        ("link_", "link__"),
        ("__link", "link___"),
        ("_schemas", "schemas_"),
        ("_schema", "schema__"),
    ],
)
def test_python_name_follows_the_rule(server: str, python: str) -> None:
    assert python_name(server) == python
    assert server_name(python) == server


@settings(deadline=None)
@given(identifiers)
def test_every_identifier_has_a_usable_name_and_comes_back(name: str) -> None:
    assert is_usable(python_name(name))
    assert server_name(python_name(name)) == name


@settings(deadline=None)
@given(st.text(max_size=8))
def test_every_text_has_a_usable_name_and_comes_back(name: str) -> None:
    assert is_usable(python_name(name))
    assert server_name(python_name(name)) == name


@settings(deadline=None)
@given(names | st.text(max_size=8))
def test_a_python_name_is_of_one_attribute_or_of_none(name: str) -> None:
    try:
        server = server_name(name)
    except SchemaError:
        return
    assert python_name(server) == name


@pytest.mark.parametrize(
    "name",
    [
        "schema",
        "from",
        "model_dump",
        "_link",
        "",
        "_",
        "1a",
        "a b",
        "attribute_0xzz",
        "attribute_0x6162",
        "attribute_0x5F31",
    ],
)
def test_a_name_that_no_attribute_can_have_is_refused(name: str) -> None:
    with pytest.raises(SchemaError, match="No server attribute"):
        server_name(name)


def test_every_recorded_attribute_is_reachable_and_apart() -> None:
    count = 0
    for entity_type in recorded():
        by_python = {python_name(name): name for name in entity_type.attributes}
        assert len(by_python) == len(entity_type.attributes)
        for python, server in by_python.items():
            assert is_usable(python)
            assert server_name(python) == server
            count += 1
    assert count == 1587


def test_only_these_recorded_attributes_have_another_name() -> None:
    renamed = {
        name: python_name(name)
        for entity_type in recorded()
        for name in entity_type.attributes
        if python_name(name) != name
    }

    assert renamed == {
        "_link": "link_",
        "_overrides": "overrides_",
        "_schemas": "schemas_",
        "_task_type_schema": "task_type_schema_",
        "_task_workflow": "task_workflow_",
        "_version_workflow": "version_workflow_",
        "from": "from_",
        "global": "global_",
        "schema": "schema_",
    }


def test_fixed_names_cover_this_python_and_this_pydantic() -> None:
    owned = {name for name in dir(pydantic.BaseModel) if not name.startswith("_")}
    needed = owned | set(keyword.kwlist)

    assert {name for name in needed if not name.startswith("model_")} <= RESERVED


def test_names_of_entities_are_reserved_but_that_of_their_type() -> None:
    owned = {
        name
        for owner in (Entity, ProjectWorkflow)
        for name in vars(owner)
        if not name.startswith(("_", "model_"))
    }

    # A schema's attribute of that name wins.
    assert owned - {"entity_type"} == OWNED_BY_ENTITY


def test_reserved_names_have_no_underscores_around_them() -> None:
    assert [name for name in RESERVED if name.strip("_") != name] == []


# -- types -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_name", "class_", "module"),
    [
        ("Task", "Task", "task"),
        ("AssetVersion", "AssetVersion", "asset_version"),
        ("Type", "Type", "type"),
        ("List", "List", "list"),
        ("None", "None_", "none"),
        ("Import", "Import", "import_"),
        ("URLThing", "URLThing", "url_thing"),
        ("Shot2D", "Shot2D", "shot2d"),
        ("2DShot", "Type2DShot", "type2d_shot"),
        ("Asset Build", "Asset_Build", "asset_build"),
        ("_Hidden", "Hidden", "hidden"),
        ("Aux", "Aux", "aux_"),
    ],
)
def test_types_have_readable_classes_and_modules(
    type_name: str, class_: str, module: str
) -> None:
    assert class_name(type_name) == class_
    assert module_name(type_name) == module


def test_recorded_types_keep_their_names_and_stay_apart() -> None:
    types = list(recorded().types)

    assert {class_name(name) for name in types} == set(types)
    assert len({module_name(name).casefold() for name in types}) == 130
    assert module_names(types) == {name: module_name(name) for name in types}


def test_names_that_differ_only_by_case_get_modules_of_their_own() -> None:
    assert module_names(["task", "TASK", "Task", "Task_2"]) == {
        "task": "task",
        "TASK": "task_3",
        "Task": "task_4",
        "Task_2": "task_2",
    }


def test_names_that_need_the_same_class_get_classes_of_their_own() -> None:
    assert class_names(["Asset-Build", "Asset Build", "Asset_Build", "None"]) == {
        "Asset_Build": "Asset_Build",
        "Asset Build": "Asset_Build_2",
        "Asset-Build": "Asset_Build_3",
        "None": "None_",
    }


@settings(deadline=None)
@given(st.lists(st.text(" -_" + letters, max_size=5), max_size=8))
def test_any_types_get_valid_names_apart_in_any_order(types: list[str]) -> None:
    for chosen in (class_names(types), module_names(types)):
        assert set(chosen) == set(types)
        assert len(set(chosen.values())) == len(chosen)
        assert all(is_importable(name) for name in chosen.values())
    assert class_names(reversed(types)) == class_names(types)
    assert module_names(reversed(types)) == module_names(types)


def is_importable(name: str) -> bool:
    return (
        name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")
    )

"""The behaviour of the classes in the golden packages."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.schema.attribute_kind import AttributeKind


@pytest.fixture(autouse=True)
def _importable(packages: Path) -> None:
    """Every test here imports golden packages."""


def facts_of(case: str, entity_type: str) -> dict[str, AttributeInfo]:
    entity_class = importlib.import_module(case).registry.resolve(entity_type)
    by_name: dict[str, AttributeInfo] = entity_class.__ftrack__.by_server_name
    return by_name


def annotations_of(case: str, entity_type: str) -> dict[str, str]:
    """Return the annotations a class states itself, as its module writes them."""
    import ast

    package = importlib.import_module(case)
    entity_class: Any = package.registry.resolve(entity_type)
    source = Path(importlib.import_module(entity_class.__module__).__file__ or "")
    body = next(
        node.body
        for node in ast.parse(source.read_bytes()).body
        if isinstance(node, ast.ClassDef)
    )
    return {
        ast.unparse(node.target): ast.unparse(node.annotation)
        for node in body
        if isinstance(node, ast.AnnAssign)
    }


def test_keywords_are_reached_with_an_underscore() -> None:
    facts = facts_of("keyword_names", "Link")
    assert facts["from"].name == "from_"
    assert facts["global"].name == "global_"
    assert facts["None"].name == "None_"
    assert facts["match"].name == "match"
    package = importlib.import_module("keyword_names")
    thing = package.Thing(lambda_=1.5)
    link = package.Link(from_=thing, to=thing, global_=True)
    assert (link.from_, link.from_id, link.global_) == (thing, thing.id, True)
    assert package.registry.resolve("class") is package.class_


def test_names_with_underscores_stay_apart() -> None:
    facts = facts_of("underscore_names", "Thing")
    assert facts["link"].name == "link"
    assert facts["_link"].name == "link_"
    assert len({attribute.name for attribute in facts.values()}) == 12
    assert facts["_schemas"].kind is AttributeKind.COLLECTION
    assert "schema" not in {attribute.name for attribute in facts.values()}


def test_names_of_pydantic_and_entities_are_free_for_them() -> None:
    thing = importlib.import_module("owned_names").Thing(
        schema_id="s", copy_="c", json_="{}", dict_={"a": 1}, model_x_="m"
    )
    assert thing.copy_ == "c"
    assert callable(thing.copy)
    assert thing.entity_type is None
    assert thing.reference.entity_type == "Thing"
    dumped = thing.model_dump()
    assert (dumped["schema_id"], dumped["model_x_"]) == ("s", "m")


def test_attributes_called_like_types_are_checked_as_what_they_are() -> None:
    facts = facts_of("shadowing_names", "Thing")
    assert facts["datetime"].check.expected.startswith("a datetime")
    assert (facts["str"].exact, facts["int"].exact) == (str, int)
    assert facts["OptionalRef"].nullable
    assert facts["last"].read_only
    assert not facts["ReadOnly"].read_only
    assert facts["kind"].enum == ("a", "b")


def test_types_called_like_typing_names_are_entities() -> None:
    package = importlib.import_module("type_names")
    for name in ("Type", "List", "Sequence", "Attr", "Entity", "Literal", "str"):
        assert getattr(package, name).__ftrack__.name == name
    assert facts_of("type_names", "Type")["list"].target == "List"
    assert annotations_of("type_names", "Type")["list"] == "Ref[List]"


def test_a_class_called_like_its_module_is_always_the_class() -> None:
    import type_names  # type: ignore[import-not-found, unused-ignore] # a golden package
    from type_names import (  # type: ignore[import-not-found, unused-ignore] # a golden package
        status,
    )

    assert status is type_names.registry.resolve("status")
    importlib.import_module("type_names.status_")
    assert type_names.status is status
    assert type_names.registry.__class__.__name__ == "Registry"


def test_three_types_with_one_class_name_are_three_classes() -> None:
    registry = importlib.import_module("type_names").registry
    names = ("Asset Build", "asset-build", "AssetBuild")
    assert len({registry.resolve(name) for name in names}) == 3
    assert registry.resolve("AssetBuild").__name__ == "AssetBuild"


def test_links_in_circles_and_to_oneself_lead_to_their_types() -> None:
    annotations = annotations_of("circular_links", "Child")
    assert annotations["parent"] == "Ref[Parent]"
    assert annotations["twin"] == "OptionalRef[Child]"
    # The subtype requires its foreign key.
    assert annotations_of("circular_links", "Grandchild")["twin"] == "Ref[Child]"
    assert "parent" not in annotations_of("circular_links", "Grandchild")


def test_keys_of_several_parts_keep_their_order_and_are_given_by_the_caller() -> None:
    package = importlib.import_module("composite_keys")
    assert package.Setting.__ftrack__.primary_key == ("name", "group")
    special = package.registry.resolve("Special Row")
    assert special.__ftrack__.primary_key == ("owner_id", "key", "number")
    row = package.Row(owner_id="o", key="k", value=1)
    assert row.reference.key == ("o", "k")
    assert package.Event.__ftrack__.attributes["id"].exact is int


def test_mapped_arrays_have_the_values_of_their_rows() -> None:
    annotations = annotations_of("composite_keys", "Holder")
    assert annotations["metadata"] == "Mapped[VariableValue]"
    assert annotations["texts"] == "Mapped[str]"
    assert annotations["custom_attribute_links"] == "Many[Row]"
    assert facts_of("composite_keys", "Holder")["custom_attribute_links"].read_only


def test_subtypes_state_only_what_differs_from_their_base() -> None:
    middle = annotations_of("mixin_chain", "Middle")
    assert set(middle) == {
        "kind_id",
        "bid",
        "size",
        "mode",
        "own",
        "state",
        "owner_id",
    } | {
        "owner",
        "gone",
    }
    assert annotations_of("mixin_chain", "Same") == {}
    assert middle["bid"] == "ReadOnly[float]"
    assert middle["size"] == "Attr[int | None]"


def test_an_attribute_that_a_subtype_lacks_is_not_there() -> None:
    package = importlib.import_module("mixin_chain")
    assert "gone" in package.Middle.__ftrack__.attributes
    assert "gone" not in package.Leaf.__ftrack__.attributes
    assert issubclass(package.Leaf, package.Middle)
    with pytest.raises(AttributeError, match="gone"):
        _ = package.Leaf().gone
    with pytest.raises(AttributeError, match="gone"):
        _ = package.Leaf.gone


def test_what_a_subtype_makes_immutable_cannot_be_set_on_it() -> None:
    package = importlib.import_module("mixin_chain")
    base, leaf = package.Base(bid=1.0), package.Leaf()
    base.bid = 2.0
    for name in ("bid", "owner", "owner_id"):
        with pytest.raises(Exception, match=f"{name} cannot be set"):
            setattr(leaf, name, None)


def test_unknown_types_hold_any_value_and_unknown_targets_any_entity() -> None:
    annotations = annotations_of("unknown_types", "Odd")
    assert annotations["colour"] == "Attr[VariableValue | None]"
    assert annotations["required_colour"] == "Attr[VariableValue]"
    assert annotations["lost"] == "OptionalRef[Entity]"
    assert annotations["mixed"] == "Attr[Literal['a', 1, None, True]]"
    odd = importlib.import_module("unknown_types").Odd(colour=[1, "a"])
    assert odd.colour == [1, "a"]
    default = facts_of("unknown_types", "Odd")["quoted"].default
    assert default == "'\"\\\n\t\u2028{{ x }} {% raw %}"


def test_a_type_without_a_key_has_none() -> None:
    package = importlib.import_module("unknown_types")
    assert package.Keyless.__ftrack__.primary_key == ()
    assert package.KeylessChild.__ftrack__.primary_key == ()
    assert package.Bare.__ftrack__.attributes == {}


def test_older_servers_inherit_by_shared_tables() -> None:
    package = importlib.import_module("older_form")
    assert package.Task.__mro__[1:3] == (package.TypedContext, package.Context)
    assert package.Project.__base__ is package.Context
    assert set(annotations_of("older_form", "Task")) == {"size"}


def test_a_schema_without_types_is_an_empty_package() -> None:
    package = importlib.import_module("no_types")
    assert list(package.registry) == []
    with pytest.raises(AttributeError, match="no attribute 'Task'"):
        _ = package.Task


def test_a_base_that_cannot_be_is_left_out_the_same_way_every_time() -> None:
    package = importlib.import_module("unknown_types")
    assert package.Orphan.__ftrack__.base is None
    # Each names the other as its base; the first by name becomes the root.
    assert package.Hen.__ftrack__.base is package.Egg.__ftrack__
    assert package.Egg.__ftrack__.base is None

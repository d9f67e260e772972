from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import ftrack_orm.errors
from ftrack_orm import SchemaError
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.parse import load_schema_file, parse_schema, read_reply
from ftrack_orm.types import UNSET
from tests.support.recorded_responses import SCHEMAS, path_of
from tests.support.schemas import load_served, make_type, recorded

# -- builders ----------------------------------------------------------------


def make_property_type(content: Any) -> dict[str, Any]:
    served = make_type()
    served["properties"]["odd"] = content
    return served


def problems_of(*served: Any) -> list[str]:
    return [str(problem) for problem in parse_schema(served).problems]


# -- the recorded schema: counts from protocol 4.1-4.3 -----------------------


def test_recorded_schema_has_no_problems() -> None:
    assert parse_schema(load_served()).problems == ()


def test_recorded_schema_is_served_again_without_loss() -> None:
    assert recorded().to_json() == load_served()


def test_every_type_and_attribute_is_read() -> None:
    assert len(recorded()) == 130
    assert sum(len(entity_type.attributes) for entity_type in recorded()) == 1587


def test_24_types_have_composite_keys() -> None:
    composite = [each for each in recorded() if len(each.primary_key) > 1]

    assert len(composite) == 24
    assert recorded()["EntitySetting"].primary_key == ("parent_id", "group", "name")


@pytest.mark.parametrize(
    ("facet", "count"),
    [
        ("system_projections", 53),
        ("alias_for", 43),
        ("mixin", 43),
        ("base", 43),
        ("metadata", 30),
        ("computed", 25),
        ("type", 129),
    ],
)
def test_type_facets_are_as_many_as_the_protocol_says(facet: str, count: int) -> None:
    assert sum(getattr(each, facet) is not None for each in recorded()) == count


def test_attribute_facets_are_as_many_as_the_protocol_says() -> None:
    attributes = [one for each in recorded() for one in each.attributes.values()]

    assert sum(one.restricted_projection is True for one in attributes) == 48
    assert sum(one.transform is not None for one in attributes) == 35
    assert sum(one.enum is not None for one in attributes) == 2


def test_kinds_types_and_formats_are_as_many_as_the_protocol_says() -> None:
    found = Counter(
        (one.kind.value, one.type, one.format)
        for each in recorded()
        for one in each.attributes.values()
    )

    assert found == {
        ("scalar", "string", None): 399,
        ("scalar", "string", "foreign_key"): 296,
        ("link", None, None): 281,
        ("collection", "array", None): 297,
        ("mapped", "mapped_array", None): 91,
        ("scalar", "string", "date-time"): 70,
        ("scalar", "number", None): 52,
        ("scalar", "boolean", None): 40,
        ("scalar", "object", None): 29,
        ("scalar", "integer", None): 21,
        ("scalar", "variable", None): 8,
        ("scalar", "string", "json"): 1,
        ("scalar", "integer", "foreign_key"): 1,
        ("scalar", "string", "integer"): 1,
    }


def test_mapped_arrays_hold_what_the_protocol_says() -> None:
    found = Counter(
        one.target
        for each in recorded()
        for one in each.attributes.values()
        if one.kind is AttributeKind.MAPPED
    )

    assert found == {
        "CustomAttributeLink": 24,
        "CustomAttributeLinkFrom": 24,
        "Metadata": 23,
        "ContextCustomAttributeValue": 13,
        "ListCustomAttributeValue": 3,
        "AssetVersionCustomAttributeValue": 1,
        "ListObjectCustomAttributeValue": 1,
        "UserCustomAttributeValue": 1,
        "AssetCustomAttributeValue": 1,
    }


def test_a_type_knows_all_that_is_said_of_it() -> None:
    shot = recorded()["Shot"]

    assert shot.base == "TypedContext"
    assert shot.table == "Task"
    assert shot.classifiers == {"object_typeid": "bad911de-3bd6-47b9-8b46-3476e237cb36"}
    assert shot.default_projections == ("context_type", "id", "name")
    assert shot.is_group_by
    assert {each.name for each in recorded().bases("Shot")} == {
        "Shot",
        "TypedContext",
        "Context",
    }


def test_an_attribute_knows_all_that_is_said_of_it() -> None:
    shot = recorded()["Shot"].attributes

    assert shot["id"].default == "{uid}"
    assert shot["id"].required
    assert shot["bid"].immutable
    assert shot["thumbnail_url"].computed
    assert shot["status_id"].alias_for == "statusid"
    assert shot["status"].target == "Status"
    assert shot["children"].target == "Context"
    assert shot["metadata"].key_value_attributes == {"key": "key", "value": "value"}
    assert recorded()["Image"].attributes["priority_id"].default is None
    assert shot["description"].default is UNSET
    assert recorded()["Job"].attributes["status"].enum == (
        "queued",
        "running",
        "done",
        "failed",
    )


# -- what is kept ------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            {"type": "string", "$ref": "Thing", "format": "foreign_key"},
            AttributeKind.SCALAR,
        ),
        ({"format": "foreign_key"}, AttributeKind.SCALAR),
    ],
)
def test_oddities_of_older_servers_are_read_and_kept(
    content: dict[str, Any], kind: AttributeKind
) -> None:
    served = make_property_type(content)
    parsed = parse_schema([served])

    assert parsed.problems == ()
    assert parsed.schema["Thing"].attributes["odd"].kind is kind
    assert parsed.schema.to_json() == [served]


@pytest.mark.parametrize(
    "key",
    [
        "type",
        "properties",
        "primary_key",
        "required",
        "immutable",
        "default_projections",
    ],
)
def test_a_missing_key_of_a_type_stays_missing(key: str) -> None:
    served = make_type()
    del served[key]

    assert parse_schema([served]).schema.to_json() == [served]


@pytest.mark.parametrize(
    "changes",
    [
        {"computed": []},
        {"system_projections": []},
        {"deprecated": {"$ref": "#", "message": "gone"}},
        {"type": None},
        {"properties": None},
        {"required": None},
        {"required": ["id", 3]},
        {"required": ["id", "id"]},
        {"alias_for": ["Task"]},
        {"alias_for": {"classifiers": {}}},
        {"alias_for": {"id": "Table"}},
        {"$mixin": "Context"},
        {"$mixin": {"hints": {}}},
        {"metadata": {}},
        {"metadata": None},
    ],
)
def test_unknown_and_odd_keys_of_a_type_are_kept(changes: dict[str, Any]) -> None:
    served = make_type(**changes)

    assert parse_schema([served]).schema.to_json() == [served]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"type": "blob"},
        {"type": "string", "format": "colour"},
        {"type": ["string", "null"]},
        {"type": "string", "format": None, "description": 5, "new": {"a": [1]}},
        {"type": "string", "default": None, "enum": []},
        {"type": "string", "enum": "none"},
        {"type": "array"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"$ref": "Thing", "unique": True}},
        {"type": "array", "items": {"$ref": "Thing"}, "$ref": "Thing"},
        {"type": "mapped_array", "items": {"$ref": "Thing"}, "format": "x"},
        {"type": "mapped_array", "items": None, "key_value_attributes": {"key": 1}},
        {"items": {"$ref": "Thing"}},
        {"$ref": "Thing", "type": "number"},
        {"$ref": 4},
        {"type": "string", "restricted_projection": False, "transform": {}},
        {"type": "string", "restricted_projection": 1, "transform": []},
    ],
)
def test_any_property_is_kept(content: dict[str, Any]) -> None:
    served = make_property_type(content)

    assert parse_schema([served]).schema.to_json() == [served]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aé", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "$ref", "items", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
properties = st.dictionaries(
    st.sampled_from(
        [
            "type",
            "format",
            "$ref",
            "items",
            "default",
            "alias_for",
            "enum",
            "description",
            "other",
            "key_value_attributes",
            "restricted_projection",
            "transform",
        ]
    ),
    json_values | st.sampled_from(["string", "array", "mapped_array", "foreign_key"]),
)
type_changes = st.dictionaries(
    st.sampled_from(
        [
            "type",
            "primary_key",
            "required",
            "immutable",
            "default_projections",
            "computed",
            "system_projections",
            "alias_for",
            "$mixin",
            "metadata",
            "other",
        ]
    ),
    json_values,
)


@settings(deadline=None)
@given(type_changes, properties)
def test_no_content_of_a_type_raises_or_is_lost(
    changes: dict[str, Any], content: dict[str, Any]
) -> None:
    served = make_property_type(content) | changes

    assert parse_schema([served]).schema.to_json() == [served]


@settings(deadline=None)
@given(st.lists(json_values, max_size=4))
def test_no_list_raises(served: list[Any]) -> None:
    parse_schema(served)


# -- problems ----------------------------------------------------------------


def test_problems_are_gathered_with_their_place_and_the_rest_is_read() -> None:
    thing = make_type()
    thing["properties"].update(
        {
            "blob": {"type": "blob"},
            "tint": {"type": "string", "format": "colour"},
            "gone": {"$ref": "Ghost"},
            "ghosts": {"type": "array", "items": {"$ref": "Ghost"}},
            "text": "string",
            "name": {"type": "string"},
        }
    )
    served: list[Any] = [5, {"type": "object"}, thing, make_type(), make_type("Next")]
    parsed = parse_schema(served)

    assert [(one.severity, one.place) for one in parsed.problems] == [
        ("error", "[0]"),
        ("error", "[1]"),
        ("warning", "Thing.blob"),
        ("warning", "Thing.tint"),
        ("error", "Thing.text"),
        ("error", "Thing"),
        ("error", "Thing.gone"),
        ("error", "Thing.ghosts"),
    ]
    assert list(parsed.schema.types) == ["Thing", "Next"]
    assert list(parsed.schema["Thing"].attributes) == [
        "id",
        "blob",
        "tint",
        "gone",
        "ghosts",
        "name",
    ]


def test_a_problem_reads_as_a_sentence_with_its_place() -> None:
    assert problems_of(make_property_type({"$ref": "Ghost"})) == [
        "error: Thing.odd: refers to 'Ghost', which does not exist."
    ]


def test_unknown_types_and_formats_are_taken_as_untyped_scalars() -> None:
    for content in ({"type": "blob"}, {"type": "array", "items": {"type": "string"}}):
        parsed = parse_schema([make_property_type(content)])

        assert parsed.schema["Thing"].attributes["odd"].kind is AttributeKind.SCALAR
        assert [one.severity for one in parsed.problems] == ["warning"]


def test_the_first_of_two_types_with_one_name_is_used() -> None:
    parsed = parse_schema([make_type(metadata={"group_by": True}), make_type()])

    assert parsed.schema["Thing"].is_group_by
    assert [str(one) for one in parsed.problems] == [
        "error: Thing: is served again at [1]; the first is used."
    ]


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"primary_key": []}, "error"),
        ({"primary_key": ["ghost"]}, "error"),
        ({"default_projections": ["ghost"]}, "warning"),
        ({"type": "array"}, "warning"),
        ({"required": ["id", "id"]}, "warning"),
    ],
)
def test_what_a_type_says_wrongly_of_itself_is_reported(
    changes: dict[str, Any], severity: str
) -> None:
    problems = parse_schema([make_type(**changes)]).problems

    assert [(one.place, one.severity) for one in problems] == [("Thing", severity)]


# -- files -------------------------------------------------------------------


def test_the_recorded_file_is_read() -> None:
    assert load_schema_file(path_of(SCHEMAS)).schema == recorded()


def test_a_whole_reply_is_read_as_its_only_result(tmp_path: Path) -> None:
    path = tmp_path / "reply.json"
    path.write_text(json.dumps([[make_type()]]))

    assert list(load_schema_file(path).schema.types) == ["Thing"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "{}",
        "null",
        '"Task"',
        "[1, 2]",
        "[[1], [2]]",
        '{"exception": "ServerError", "content": "no"}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_any_other_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(SchemaError, match=r"other\.json"):
        load_schema_file(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"ghost\.json"):
        load_schema_file(tmp_path / "ghost.json")


@pytest.mark.parametrize("content", [[], [[]]])
def test_an_empty_schema_is_a_schema(content: list[Any]) -> None:
    assert read_reply(content, "here") == []


# -- weight ------------------------------------------------------------------


# The package's public names import pydantic, so a bare package stands in for them:
# what is left is what the schema layer itself asks for.
IMPORT_SCHEMA_LAYER = """
import sys, types
package = types.ModuleType("ftrack_orm")
package.__path__ = [sys.argv[1]]
sys.modules["ftrack_orm"] = package
import ftrack_orm.schema.parse, ftrack_orm.schema.names
import ftrack_orm.schema.diff, ftrack_orm.schema.fingerprint
print([n for n in ("pydantic", "jsonschema", "requests") if n in sys.modules])
"""


def test_the_schema_layer_itself_imports_no_heavy_library() -> None:
    package = Path(ftrack_orm.errors.__file__).parents[1]
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_SCHEMA_LAYER, str(package)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == "[]"

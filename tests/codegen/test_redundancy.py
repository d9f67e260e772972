"""Committed and golden modules state nothing that their base or annotation gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_codegen.summaries import SUMMARIES
from ftrack_orm.schema.model import Attribute, EntitySchema, Schema
from ftrack_orm.schema.names import server_name
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.types import JSONObject
from tests.support.golden_cases import GOLDEN, GoldenCase

PACKAGE: Final = Path(__file__).resolve().parents[2] / "generated" / "ftrack_models"
TYPES: Final = {
    "bool": "boolean",
    "float": "number",
    "int": "integer",
    "str": "string",
    "JSONObject": "object",
}


@dataclass(frozen=True)
class ClassText:
    """One class of a generated module, as its source states it."""

    keywords: Mapping[str, Any]
    attributes: Mapping[str, tuple[str, Mapping[str, Any]]]
    docstring: str | None


def read_classes(folder: Path) -> dict[str, ClassText]:
    """Return the classes of a package by entity type."""
    classes: dict[str, ClassText] = {}
    for path in folder.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                text = _read_class(node)
                classes[text.keywords["entity_type"]] = text
    return classes


def _read_class(node: ast.ClassDef) -> ClassText:
    attributes: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for declared in node.body:
        if isinstance(declared, ast.AnnAssign):
            assert isinstance(declared.target, ast.Name)
            assert isinstance(declared.value, ast.Call)
            name = server_name(declared.target.id)
            arguments = _values(declared.value.keywords)
            attributes[name] = (ast.unparse(declared.annotation), arguments)
    return ClassText(_values(node.keywords), attributes, ast.get_docstring(node))


def _values(keywords: list[ast.keyword]) -> dict[str, Any]:
    return {
        str(keyword.arg): ast.literal_eval(keyword.value)
        for keyword in keywords
        if not isinstance(keyword.value, ast.Name)
    }


def restated(schema: Schema, classes: Mapping[str, ClassText]) -> list[str]:
    """Return each keyword and argument that could be left out, with its class."""
    found: list[str] = []
    for entity_type in schema:
        text = classes[entity_type.name]
        base = schema.types.get(entity_type.base or "")
        if base is not None:
            found += _restated_keywords(text, entity_type, base)
        for name, (annotation, arguments) in text.attributes.items():
            inherited = base.attributes.get(name) if base is not None else None
            place = f"{entity_type.name}.{name}"
            found += _read_from_annotation(place, annotation, arguments)
            if inherited is not None:
                found += _restated_arguments(place, arguments, inherited)
    return found


def _restated_keywords(
    text: ClassText, entity_type: EntitySchema, base: EntitySchema
) -> Iterator[str]:
    for key in ("required", "immutable", "default_projections", "computed"):
        if key not in text.keywords:
            continue
        stated, inherited = text.keywords[key], getattr(base, key)
        if getattr(entity_type, key) == inherited:
            yield f"{entity_type.name}: {key} is that of {base.name}"
        # A list that only adds names at one end states the names alone.
        names, count = getattr(entity_type, key) or (), len(inherited or ())
        is_longer = inherited and len(set(names)) > count
        if is_longer and inherited in (names[:count], names[-count:]):
            for name in set(stated) & set(inherited):
                yield f"{entity_type.name}: {name} of {base.name} in {key}"
    for key in ("metadata", "system_projections"):
        if key in text.keywords and getattr(entity_type, key) == getattr(base, key):
            yield f"{entity_type.name}: {key} is that of {base.name}"
    if text.keywords.get("mixin") == {"$ref": base.name}:
        yield f"{entity_type.name}: mixin names the base of the class"
    if text.keywords.get("key") == base.primary_key:
        yield f"{entity_type.name}: key is that of {base.name}"


def _read_from_annotation(
    place: str, annotation: str, arguments: Mapping[str, Any]
) -> Iterator[str]:
    head, _, rest = annotation.partition("[")
    inner = rest.removesuffix("]").removesuffix(" | None")
    if inner.startswith("Literal") and "enum" in arguments:
        yield f"{place}: enum is in the annotation"
    if TYPES.get(inner, ...) == arguments.get("type"):
        yield f"{place}: type is in the annotation"
    if head in ("Ref", "OptionalRef", "Many") and arguments.get("ref") == inner:
        yield f"{place}: ref is in the annotation"
    is_key = arguments.get("format") == "foreign_key"
    if is_key and str(arguments.get("description")).startswith("Foreign key(s): "):
        yield f"{place}: format and description could be references"


def _restated_arguments(
    place: str, arguments: Mapping[str, Any], inherited: Attribute
) -> Iterator[str]:
    for key in ("alias_for", "description", "format", "transform"):
        if key in arguments and arguments[key] == getattr(inherited, key):
            yield f"{place}: {key} is that of the base"
    if "ref" in arguments and arguments["ref"] == inherited.target:
        yield f"{place}: ref is that of the base"
    if f"Foreign key(s): {arguments.get('references')}" == inherited.description:
        yield f"{place}: references is that of the base"


def test_models_restate_nothing_of_their_base_or_annotation(
    recorded: list[JSONObject],
) -> None:
    classes = read_classes(PACKAGE)
    assert len(classes) == len(recorded)
    assert restated(parse_schema(recorded).schema, classes) == []


def test_golden_packages_restate_nothing(case: GoldenCase) -> None:
    # `Ref[Entity]` stands for an unknown target, so a type of that name is stated.
    allowed = [f"{name}.entity: ref is in the annotation" for name in ("Attr", "Type")]
    found = restated(case.schema(), read_classes(case.expected_folder))
    assert [line for line in found if line not in allowed] == []


def test_foreign_keys_follow_from_the_links_they_belong_to(
    recorded: list[JSONObject],
) -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py")]
    assert not any("foreign_key" in text for text in texts)
    assert not any("Foreign key" in text for text in texts)
    assert not any("enum=" in text for text in texts)
    schema = parse_schema(recorded).schema
    for name, text in read_classes(PACKAGE).items():
        for attribute, (_, arguments) in text.attributes.items():
            link = schema[name].attributes.get(attribute.removesuffix("_id"))
            target = link.target if link and attribute.endswith("_id") else None
            assert arguments.get("references") != f"{target}.id", f"{name}.{attribute}"


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("required", ("own", ...)),
        ("immutable", (..., "own")),
        ("default_projections", (..., "own", "name")),
    ],
)
def test_a_subtype_states_the_names_it_adds(
    keyword: str, expected: tuple[object, ...]
) -> None:
    classes = read_classes(GOLDEN / "differences" / "expected")
    assert classes["More"].keywords[keyword] == expected


def test_a_subtype_without_differences_is_an_empty_class() -> None:
    same = read_classes(GOLDEN / "differences" / "expected")["Same"]
    assert same.keywords == {"entity_type": "Same"}
    assert (same.attributes, same.docstring) == ({}, None)


def test_a_subtype_that_lacks_names_states_the_whole_list() -> None:
    less = read_classes(GOLDEN / "differences" / "expected")["Less"]
    assert less.keywords["required"] == ("id", "owner_id")
    assert less.keywords["computed"] == ()


def test_summaries_describe_types_of_the_stock_server_in_a_line_each(
    recorded: list[JSONObject],
) -> None:
    names = {str(entity_type["id"]) for entity_type in recorded}
    assert SUMMARIES.keys() <= names
    for name, summary in SUMMARIES.items():
        assert summary.endswith("."), name
        assert len(f'    """{summary}"""') <= 88, name


def test_only_types_with_a_summary_have_a_docstring() -> None:
    documented = {
        name: text.docstring
        for name, text in read_classes(PACKAGE).items()
        if text.docstring is not None
    }
    assert documented == dict(SUMMARIES)

"""What may be set, be missing or be None, against protocol 6.1 and appendix A."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.constraints import (
    ALWAYS_FILLED,
    NEEDED_AT_CREATION,
    SERVER_FILLED,
    SOMETIMES_EMPTY,
    is_nullable,
    is_read_only,
    is_required_argument,
)
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.schema.relations import Relations
from tests.support.recorded_responses import path_of


def test_tables_name_attributes_that_the_stock_server_has(schema: Schema) -> None:
    for entity_type, name in (
        ALWAYS_FILLED | NEEDED_AT_CREATION | SERVER_FILLED | SOMETIMES_EMPTY
    ):
        assert name in schema[entity_type].attributes, f"{entity_type}.{name}"


def test_tables_hold_exceptions_only(schema: Schema, relations: Relations) -> None:
    for entity_type, name in SERVER_FILLED:
        assert any(
            subtype.attributes[name].required
            for subtype in schema.subtypes(entity_type)
        ), f"{entity_type}.{name}"
    for entity_type, name in NEEDED_AT_CREATION:
        attribute = schema[entity_type].attributes[name]
        assert not attribute.required, f"{entity_type}.{name}"
        assert not attribute.has_default, f"{entity_type}.{name}"
    for entity_type, name in ALWAYS_FILLED:
        attribute = schema[entity_type].attributes[name]
        if attribute.kind is AttributeKind.SCALAR:
            assert not attribute.required, f"{entity_type}.{name}"


def test_every_value_of_the_recorded_rows_fits(
    schema: Schema, relations: Relations
) -> None:
    rows = 0
    for row in recorded_rows():
        entity_type = schema[row["__entity_type__"]]
        rows += 1
        for name, value in row.items():
            attribute = entity_type.attributes.get(name)
            if value is None and attribute is not None:
                assert is_nullable(schema, entity_type, attribute, relations), (
                    f"{entity_type.name}.{name}"
                )
    assert rows > 100


def recorded_rows() -> Iterator[dict[str, Any]]:
    """Yield every entity in the recorded replies, nested ones too."""
    waiting = [
        json.loads(path.read_bytes())
        for path in sorted(path_of("").glob("query_*.json"))
        if path.name != "query_schemas.json"
    ]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "__entity_type__" in value:
                yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Task.id", False),
        ("Task.name", False),
        ("Task.description", True),
        ("Task.bid", False),
        ("Task.link", False),
        ("Task._link", False),
        ("Task.status", False),
        ("Task.project", False),  # required by nobody, always there
        ("Task.parent", True),
        ("Task.thumbnail_url", True),
        ("Task.children", False),
        ("Task.metadata", False),
        ("Project.parent", True),
        ("Image.priority_id", True),  # its default is null
        ("Image.priority", True),
        ("Shot.priority", False),
        ("Shot.type", True),  # its object type has none, so it is immutable
        ("Shot.type_id", True),
        ("Shot.status", False),
        ("Sequence.status", True),
        ("TypedContext.status", True),  # some subtypes have none
        ("TypedContext.priority_id", True),
        ("Milestone.type", False),
        ("Note.author", False),  # held by user_id, which is required
        ("Note.category", True),
        ("Recipient.recipient", False),
        ("Recipient.user", True),  # a group may be a recipient
        ("Status.state", False),
        ("Asset.parent", False),
        ("Asset.latest_version", True),
        ("AssetVersion.asset", False),
        ("AssetVersion.task", True),
        ("CustomAttributeLink.id", False),  # part of a key, though not required
        ("AssetCustomAttributeLink.asset", False),  # held by to_id
        ("ContextCustomAttributeValue.value", True),
        ("User.thumbnail", True),
    ],
)
def test_what_may_be_none(
    schema: Schema, relations: Relations, path: str, expected: bool
) -> None:
    type_name, _, name = path.partition(".")
    entity_type = schema[type_name]
    attribute = entity_type.attributes[name]
    assert is_nullable(schema, entity_type, attribute, relations) is expected
    assert is_nullable(schema, entity_type, attribute) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Task.id", True),
        ("Task.name", False),
        ("Task.bid", False),
        ("Shot.bid", True),
        ("Shot.type", True),
        ("Task.type", False),
        ("Sequence.status_id", True),
        ("TypedContext.time_logged", True),
        ("Task.thumbnail_url", True),
        ("Task.created_by", True),
        ("Task.link", True),
        ("Task.custom_attribute_links", True),
        ("Task.custom_attributes", False),
        ("Asset.latest_version", True),
        ("Metadata.parent_id", False),  # part of a key that callers make
        ("Setting.name", False),
        ("Event.id", True),
        ("Job.type", True),
        ("Group.resource_type", True),
        ("CustomAttributeLink.configuration_id", False),  # settled at creation
        ("CustomAttributeLinkConfiguration.entity_type_to", False),
    ],
)
def test_what_only_the_server_sets(schema: Schema, path: str, expected: bool) -> None:
    type_name, _, name = path.partition(".")
    entity_type = schema[type_name]
    assert is_read_only(schema, entity_type, entity_type.attributes[name]) is expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("Task", {"parent"}),  # name has a default, the rest is filled (6.1)
        ("Project", {"full_name", "project_schema"}),
        ("AssetVersion", {"asset"}),
        ("FileComponent", set()),
        ("Note", set()),
        ("Job", set()),
        ("User", set()),
        ("Timelog", {"duration"}),
        ("Timer", set()),
        ("Metadata", {"parent_id", "parent_type", "key", "value"}),
        ("Setting", set()),  # every part has a default
        ("Appointment", {"context", "resource", "type"}),
        ("Recipient", {"note", "recipient"}),  # `user` has the key of `recipient`
        ("CalendarEvent", {"start", "end"}),
        ("ReviewSessionInvitee", {"email", "name", "review_session"}),
        ("AssetType", {"name", "short"}),
        # `asset` gives to_id, and the server finds the types of both ends (6.7).
        ("AssetCustomAttributeLink", {"asset", "configuration", "from_id"}),
        ("AssetCustomAttributeLinkFrom", {"asset", "configuration", "to_id"}),
    ],
)
def test_what_a_constructor_must_be_given(
    schema: Schema, relations: Relations, type_name: str, expected: set[str]
) -> None:
    entity_type = schema[type_name]
    required = {
        name
        for name, attribute in entity_type.attributes.items()
        if is_required_argument(schema, entity_type, attribute, relations)
    }
    assert required == expected


def test_a_default_of_none_allows_none_whatever_is_required() -> None:
    thing = parse_schema(
        [
            {
                "id": "Thing",
                "primary_key": ["id"],
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "string"},
                    "name": {"type": "string", "default": None},
                },
            }
        ]
    ).schema
    entity_type = thing["Thing"]
    assert is_nullable(thing, entity_type, entity_type.attributes["name"])

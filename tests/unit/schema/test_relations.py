"""How relations are stored, against the recorded schema of a stock server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrack_orm import UnknownAttributeError, UnknownEntityTypeError
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.relations import (
    Association,
    Computed,
    ForeignKey,
    Relations,
    Reverse,
    Unresolved,
)
from tests.support.recorded_responses import read


def test_every_relation_of_the_recorded_schema_is_resolved(
    relations: Relations,
) -> None:
    assert relations.unresolved() == ()


def test_every_relation_names_existing_attributes(
    schema: Schema, relations: Relations
) -> None:
    missing = []
    for entity_type, name, relation in relations.every():
        needed: list[tuple[str, str]] = []
        match relation:
            case ForeignKey(local=None, composite=composite):
                assert len(composite) == len(schema[relation.target].primary_key)
                needed = [(entity_type, local) for local in composite]
            case ForeignKey(local=str() as local, hidden=False):
                needed = [(entity_type, local)]
            case Reverse(target=target, remote=remote, filters=filters):
                needed = [(target, remote), *((target, each) for each in filters)]
            case Association(through=through, near=near, far=far, hidden=False):
                needed = [(through, near), (through, far)]
            case _:
                pass
        missing += [
            f"{entity_type}.{name}: {owner}.{attribute}"
            for owner, attribute in needed
            if attribute not in schema[owner].attributes
        ]
    assert missing == []


def test_foreign_keys_agree_with_the_types_their_descriptions_name(
    schema: Schema, relations: Relations
) -> None:
    """A description says ``Foreign key(s): X.id``; a few name a table of old."""
    disagreeing = set()
    for entity_type, name, relation in relations.every():
        if not isinstance(relation, ForeignKey) or relation.local is None:
            continue
        attribute = schema[entity_type].attributes.get(relation.local)
        if attribute is None or not (attribute.description or "").startswith("Foreign"):
            continue
        named = (attribute.description or "").split(": ")[1].split(".")[0]
        family = {base.name for base in schema.bases(relation.target)}
        family |= {below.name for below in schema.subtypes(relation.target)}
        if named not in family:
            disagreeing.add(f"{entity_type}.{name} -> {named}")
    assert disagreeing == set()


def test_collections_with_a_link_back_are_told_apart(relations: Relations) -> None:
    """Expectations from protocol appendix A and 6.2, worked out by hand."""
    expected = {
        ("Task", "children"): Reverse("Context", "parent_id"),
        ("Shot", "notes"): Reverse("Note", "parent_id"),
        ("Project", "notes"): Reverse("Note", "parent_id"),
        ("AssetVersion", "notes"): Reverse("Note", "parent_id"),
        ("Note", "replies"): Reverse("Note", "in_reply_to_id"),
        ("Asset", "versions"): Reverse("AssetVersion", "asset_id"),
        ("Project", "assets"): Reverse("Asset", "context_id"),
        ("Task", "assignments"): Reverse(
            "Appointment", "context_id", {"type": "assignment"}
        ),
        ("User", "allocations"): Reverse(
            "Appointment", "resource_id", {"type": "allocation"}
        ),
        ("Task", "appointments"): Reverse("Appointment", "context_id"),
        ("SequenceComponent", "members"): Reverse("Component", "container_id"),
        ("AssetVersion", "components"): Reverse("Component", "version_id"),
        ("ReviewSession", "settings"): Reverse("EntitySetting", "parent_id"),
        ("ProjectSchema", "_overrides"): Reverse(
            "ProjectSchemaOverride", "project_schema_id"
        ),
        ("ProjectSchema", "_schemas"): Reverse("Schema", "project_schema_id"),
        ("Schema", "types"): Reverse("SchemaType", "schema_id"),
        ("Task", "metadata"): Reverse("Metadata", "parent_id"),
        ("Event", "feeds"): Reverse("Feed", "social_id"),
        ("User", "custom_attribute_links"): Reverse("CustomAttributeLink", "from_id"),
        ("User", "custom_attribute_links_from"): Reverse(
            "CustomAttributeLinkFrom", "to_id"
        ),
    }
    assert {asked: relations.of(*asked) for asked in expected} == expected


def test_links_without_a_foreign_key_of_their_name_are_known(
    relations: Relations,
) -> None:
    expected = {
        ("Note", "author"): ForeignKey("user_id", "BaseUser"),
        ("Asset", "parent"): ForeignKey("context_id", "Context"),
        ("AssetVersionList", "owner"): ForeignKey("user_id", "User"),
        ("Status", "state"): ForeignKey("state_id", "State", hidden=True),
        ("Recipient", "user"): ForeignKey("resource_id", "User"),
        ("SettingComponent", "setting"): ForeignKey(
            None, "Setting", composite=("name", "group")
        ),
        ("Context", "created_by"): ForeignKey("created_by_id", "User"),
        ("TypedContextStatusChange", "parent"): ForeignKey("parent_id", "TypedContext"),
        ("UserCustomAttributeLink", "user"): ForeignKey("to_id", "User"),
        ("UserCustomAttributeLinkFrom", "user"): ForeignKey("from_id", "User"),
        ("UserCustomAttributeLink", "configuration"): ForeignKey(
            "configuration_id", "CustomAttributeLinkConfiguration"
        ),
    }
    assert {asked: relations.of(*asked) for asked in expected} == expected


def test_a_version_uses_what_its_links_lead_from(relations: Relations) -> None:
    assert relations.of("AssetVersion", "uses_versions") == Association(
        "AssetVersion", "AssetVersionLink", "to_id", "from_id"
    )


def test_collections_of_tasks_hold_every_typed_context(relations: Relations) -> None:
    """`query_object_types.json` lists shots and sequences under ``tasks``."""
    recorded = read("query_object_types.json")
    types = {task["__entity_type__"] for each in recorded for task in each["tasks"]}
    assert types > {"Shot", "Task"}
    assert relations.of("ObjectType", "tasks") == Reverse(
        "TypedContext", "object_type_id"
    )


def test_computed_relations_name_their_rule(relations: Relations) -> None:
    assert relations.of("Shot", "ancestors") == Computed("TypedContext", "ancestors")
    assert relations.of("Task", "custom_attributes") == Computed(
        "ContextCustomAttributeValue", "custom_attributes"
    )


def test_hidden_associations_have_a_table_per_declaring_type(
    relations: Relations,
) -> None:
    assert relations.of(
        "CustomAttributeConfiguration", "read_security_roles"
    ) == Association(
        "SecurityRole",
        "CustomConfigurationBase.read_security_roles",
        "owner_id",
        "member_id",
        hidden=True,
    )


@pytest.mark.parametrize(
    ("end", "other"),
    [
        (("Context", "children"), ("Context", "parent")),
        (("Context", "parent"), ("Context", "children")),
        (("Asset", "versions"), ("AssetVersion", "asset")),
        (("AssetVersion", "asset"), ("Asset", "versions")),
        (("Component", "version"), ("AssetVersion", "components")),
        (("Task", "assignments"), ("Appointment", "context")),
        (("Appointment", "context"), ("Context", "appointments")),
        (("Task", "status"), ("Status", "tasks")),
        (("Note", "in_reply_to"), ("Note", "replies")),
        (("Shot", "project"), None),
        (("Shot", "notes"), None),
        (("ProjectSchema", "_overrides"), None),
        (("AssetVersion", "uses_versions"), None),
    ],
)
def test_inverse_is_the_other_end_of_a_plain_pair(
    relations: Relations, end: tuple[str, str], other: tuple[str, str] | None
) -> None:
    assert relations.inverse(*end) == other


def test_foreign_key_shows_only_attributes_of_the_schema(relations: Relations) -> None:
    assert relations.foreign_key("Task", "status") == "status_id"
    assert relations.foreign_key("Status", "state") is None
    assert relations.foreign_key("SettingComponent", "setting") is None
    assert relations.foreign_key("Task", "children") is None


def test_plain_values_and_unknown_names_are_refused(relations: Relations) -> None:
    with pytest.raises(UnknownAttributeError):
        relations.of("Task", "name")
    with pytest.raises(UnknownAttributeError):
        relations.of("Task", "nothing")
    with pytest.raises(UnknownEntityTypeError):
        relations.of("Nothing", "name")


def test_types_of_another_studio_fall_back_to_the_rules(schema: Schema) -> None:
    """A custom object type inherits; an unknown link is reported, not guessed."""
    shot = schema["Shot"]
    odd = Attribute("mystery", AttributeKind.LINK, target="Status")
    custom = replace(shot, name="Level", attributes={**shot.attributes, "mystery": odd})
    own = EntitySchema(
        "Crate",
        {
            "id": Attribute("id", AttributeKind.SCALAR, "string"),
            "level_id": Attribute("level_id", AttributeKind.SCALAR, "string"),
            "level": Attribute("level", AttributeKind.LINK, target="Level"),
        },
        ("id",),
    )
    crates = Attribute("crates", AttributeKind.COLLECTION, "array", target="Crate")
    custom = replace(custom, attributes={**custom.attributes, "crates": crates})
    relations = Relations(Schema({**schema.types, "Level": custom, "Crate": own}))
    assert relations.unresolved() == ("Level.mystery",)
    assert relations.of("Level", "mystery") == Unresolved("Status")
    assert relations.of("Crate", "level") == ForeignKey("level_id", "Level")
    assert relations.of("Level", "crates") == Reverse("Crate", "level_id")
    assert relations.of("Level", "ancestors") == Computed("TypedContext", "ancestors")

"""Every type of the recorded schema, created, read, changed and deleted by the API.

Protocol 2.3, 3.4, 4.4, 6.1 to 6.5 and appendix A.
"""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.emulator_client import ADMIN, NOW, Client, Refused, date
from tests.support.every_type import Made, Maker, Mode
from tests.support.type_catalogue import (
    ABSTRACT,
    CREATABLE,
    DENSE,
    SERVED,
    bases,
    is_link,
    is_list_fixed,
    is_scalar,
    key_of_link,
    lists,
    properties,
    selectable,
    settable,
)

MODES: Final[tuple[Mode, ...]] = ("links", "ids")

NULL: Final = {
    # No versions yet.
    ("Asset", "latest_version"),
    # For every object type.
    ("CustomConfigurationBase", "object_type"),
    ("CustomConfigurationBase", "object_type_id"),
    # Its key in two random texts is no setting's.
    ("SettingComponent", "setting"),
    # Which context a picture comes from is not described anywhere.
    ("TypedContext", "thumbnail_source_id"),
    # Its source, a version, has no picture.
    ("ReviewSession", "thumbnail_id"),
    ("ReviewSession", "thumbnail_url"),
}
"""What may have no value though everything that can be set was."""

WRITTEN_ONCE: Final = {
    # Type and project of a configuration (protocol 6.7).
    ("CustomAttributeConfiguration", "project_id"),
    ("CustomAttributeConfiguration", "type"),
    ("CustomAttributeConfiguration", "type_id"),
}
"""What cannot be changed though the schema does not say so."""

CHOSEN: Final = {
    ("Appointment", "type"),
    ("CustomAttributeConfiguration", "default"),
    ("CustomConfigurationBase", "entity_type"),
    ("Project", "project_schema_id"),
    ("Project", "status"),
    ("StatusRuleGroup", "entity_type"),
}
"""Attributes whose values are few: no text will do."""


@pytest.fixture
def client(maker: Maker) -> Client:
    """The client of the maker's emulator."""
    return maker.client


def read(client: Client, made: Made, names: list[str] | None = None) -> dict[str, Any]:
    """Return all that a query says of an entity."""
    listed = ", ".join(names or selectable(made.entity_type))
    [row] = client.query(f"select {listed} from {made.entity_type} where {made.where}")  # noqa: S608 - no SQL
    return row


def is_same(got: Any, sent: Any) -> bool:
    """Return whether a value came back; references may tell more than was sent."""
    if isinstance(sent, dict) and "__entity_type__" in sent:
        return isinstance(got, dict) and sent.items() <= got.items()
    return bool(got == sent)


def is_among(entity_type: str, name: str, listed: set[tuple[str, str]]) -> bool:
    """Return whether an attribute, or that of a base, is listed."""
    return any((base, name) in listed for base in bases(entity_type))


def is_fixed(entity_type: str, name: str) -> bool:
    """Return whether nobody may change an attribute, or the key behind a link."""
    immutable = SERVED[entity_type]["immutable"]
    key = (
        key_of_link(entity_type, name)
        if is_link(properties(entity_type)[name])
        else None
    )
    return (
        name in immutable
        or key in immutable
        or (entity_type, name) == ("SettingComponent", "setting")
        or (entity_type, name) in WRITTEN_ONCE
    )


def test_the_types_are_those_of_the_recorded_server() -> None:
    assert len(SERVED) == 130
    assert len(CREATABLE) + len(ABSTRACT) + len(DENSE) == 130


# -- create and read ---------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("entity_type", CREATABLE)
def test_every_type_is_answered_and_read_as_it_was_created(
    client: Client, maker: Maker, entity_type: str, mode: Mode
) -> None:
    made = maker.whole(entity_type, mode)
    row = read(client, made)
    assert row["__entity_type__"] == entity_type
    for name, sent in made.sent.items():
        assert is_same(row[name], sent), name
    for name, prop in properties(entity_type).items():
        if name in row and (is_scalar(prop) or is_link(prop)):
            assert row[name] is not None or is_among(entity_type, name, NULL), name
    check_answer(made, row)


def check_answer(made: Made, row: dict[str, Any]) -> None:
    """An answer holds what was sent and what was filled in, and nothing else (2.3)."""
    computed = SERVED[made.entity_type].get("computed", ())
    for name, told in made.answer.items():
        if name != "__entity_type__":
            assert told is not None, name
            assert name not in computed, name
            if is_scalar(properties(made.entity_type)[name]):
                assert told == row[name], name
            else:
                assert is_same(told, made.sent[name]), name
    filled = {
        name
        for name, prop in settable(made.entity_type)
        if is_scalar(prop) and row[name] is not None
    }
    assert made.sent.keys() | filled <= made.answer.keys()


@pytest.mark.parametrize("entity_type", CREATABLE)
def test_what_is_not_sent_has_the_schemas_default(
    client: Client, maker: Maker, entity_type: str
) -> None:
    """The JavaScript client sends none of them (protocol 4.5)."""
    made = maker.least(entity_type)
    row = read(client, made)
    for name, prop in properties(entity_type).items():
        is_due = is_scalar(prop) and "default" in prop and name not in made.sent
        if is_due and prop["default"] != "{uid}":
            assert row[name] == prop["default"], name


@pytest.mark.parametrize(
    "entity_type",
    [
        name
        for name in CREATABLE
        if {"created_at", "created_by_id"} & properties(name).keys()
    ],
)
def test_when_and_by_whom_it_was_created_is_filled_in(
    client: Client, maker: Maker, entity_type: str
) -> None:
    row = read(client, maker.least(entity_type))
    filled = {"created_at": date(NOW), "created_by_id": ADMIN}
    needed = {"created_at", "created_by_id"} & {*SERVED[entity_type]["required"]}
    for name, value in filled.items():
        # What the schema demands was sent.
        if name in properties(entity_type) and name not in needed:
            assert row[name] == value


def test_no_type_takes_the_internal_name_of_an_attribute(client: Client) -> None:
    """Internal names are used nowhere on the API (appendix B)."""
    tried = 0
    for entity_type in CREATABLE:
        attributes = properties(entity_type)
        internal = {prop.get("alias_for", name) for name, prop in attributes.items()}
        for name in sorted(internal - attributes.keys()):
            with pytest.raises(Refused) as refused:
                client.create(entity_type, **{name: "x"})
            assert refused.value.content == (
                f'Unknown attribute "{name}" on entity {entity_type}.'
            )
            tried += 1
    assert tried > 400


@pytest.mark.parametrize(
    "entity_type",
    [name for name in CREATABLE if SERVED[name]["primary_key"] != ["id"]],
)
def test_a_key_of_several_attributes_is_told_in_their_order(
    client: Client, maker: Maker, entity_type: str
) -> None:
    """In that of the schema, for every action (protocol 3.8)."""
    made = maker.whole(entity_type, "ids")
    for action in (client.update, client.delete):
        with pytest.raises(Refused, match="Could not find entity"):
            action(entity_type, *reversed(made.key))
    assert client.update(entity_type, *made.key)["__entity_type__"] == entity_type
    assert client.delete(entity_type, *made.key) is True
    with pytest.raises(Refused, match="Could not find entity"):
        client.delete(entity_type, *made.key)


@pytest.mark.parametrize("frame", [12, "12"])
def test_the_frame_of_an_annotation_is_a_number_in_text(
    client: Client, maker: Maker, frame: object
) -> None:
    kind = "ReviewSessionObjectAnnotationComponent"
    values = maker.values(kind, "ids")
    made = maker.create(kind, {**values, "frame_number": frame})
    assert read(client, made, ["frame_number"])["frame_number"] == "12"


def test_events_have_numbers(client: Client) -> None:
    first, second = client.create("Event"), client.create("Event")
    assert (first["id"], second["id"]) == (1, 2)
    client.call(
        {
            "action": "update",
            "entity_type": "Event",
            "entity_key": [2],
            "entity_data": {},
        },
        {"action": "delete", "entity_type": "Event", "entity_key": 1},
    )
    assert [row["id"] for row in client.query("Event where id is 2")] == [2]


@pytest.mark.parametrize("entity_type", sorted(ABSTRACT | DENSE))
def test_bases_and_dense_values_are_not_created(
    client: Client, maker: Maker, entity_type: str
) -> None:
    with pytest.raises(Refused) as refused:
        maker.create(entity_type, {})
    assert refused.value.exception == "ValidationError"
    assert refused.value.content == f"{entity_type} cannot be created."


# -- change ------------------------------------------------------------------


@pytest.mark.parametrize("entity_type", CREATABLE)
def test_what_may_change_changes_and_the_rest_is_refused(
    client: Client, maker: Maker, entity_type: str
) -> None:
    made = maker.whole(entity_type, "ids")
    for name, _ in settable(entity_type):
        if is_among(entity_type, name, CHOSEN):
            continue
        value = maker.value(entity_type, name, other=True)
        if is_fixed(entity_type, name):
            with pytest.raises(Refused) as refused:
                client.update(entity_type, *made.key, **{name: value})
            assert refused.value.exception == "ValidationError", name
        else:
            answer = client.update(entity_type, *made.key, **{name: value})
            assert is_same(answer[name], value), name
            assert is_same(read(client, made, [name])[name], value), name


@pytest.mark.parametrize("entity_type", CREATABLE)
def test_what_nobody_may_change_can_be_sent_unchanged(
    client: Client, maker: Maker, entity_type: str
) -> None:
    made = maker.whole(entity_type, "links")
    fixed = {
        name: value for name, value in made.sent.items() if is_fixed(entity_type, name)
    }
    client.update(entity_type, *made.key, **fixed)


# -- lists -------------------------------------------------------------------


@pytest.mark.parametrize("entity_type", [*filter(lists, CREATABLE)])
def test_a_list_is_the_full_membership_or_cannot_be_set(
    client: Client, maker: Maker, entity_type: str
) -> None:
    for name in lists(entity_type):
        owner = maker.least(entity_type)
        member = maker.least(properties(entity_type)[name]["items"]["$ref"])
        sent = {name: [member.reference]}
        if is_list_fixed(entity_type, name, member.entity_type):
            with pytest.raises(Refused) as refused:
                client.update(entity_type, *owner.key, **sent)
            assert refused.value.exception == "ValidationError", name
            continue
        answer = client.update(entity_type, *owner.key, **sent)
        [told], [found] = answer[name], read(client, owner, [name])[name]
        assert is_same(told, member.reference), name
        assert is_same(found, member.reference), name

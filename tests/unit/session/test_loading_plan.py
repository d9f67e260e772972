"""The conversions that rows of one type and one set of attributes need."""

from __future__ import annotations

from ftrack_models import (
    ContextCustomAttributeValue,
    Metadata,
    Recipient,
    Status,
    Task,
    TypedContextLink,
)
from ftrack_orm import Entity
from ftrack_orm.session.loading_plan import LinkStep, LoadingPlan


def plan(entity_class: type[Entity], *names: str) -> LoadingPlan:
    return LoadingPlan(entity_class.__ftrack__, names)


def test_plain_values_need_no_conversion() -> None:
    assert plan(Task, "id", "name", "bid", "description").is_plain
    assert not plan(Task, "id", "name", "not_there").is_plain


def test_every_other_kind_of_value_is_listed_with_its_kind() -> None:
    made = plan(
        Task, "id", "name", "start_date", "status", "notes", "metadata", "not_there"
    )

    assert not made.is_plain
    assert made.datetimes == ("start_date",)
    assert [step.name for step in made.links] == ["status"]
    assert [name for name, _ in made.collections] == ["notes"]
    assert [name for name, _ in made.mapped] == ["metadata"]
    assert made.unknown == ("not_there",)


def test_a_value_of_any_type_and_a_renamed_attribute_are_converted() -> None:
    # Protocol 3.5: the value of a custom attribute has the type of its configuration.
    value = plan(ContextCustomAttributeValue, "configuration_id", "value")
    assert value.variables == ("value",)
    assert not value.is_plain

    link = plan(TypedContextLink, "from", "to")
    assert [server_name for server_name, _ in link.renamed] == ["from"]
    assert [step.name for step in link.links] == ["from_", "to"]


def test_a_row_is_a_reference_when_it_has_nothing_but_the_key() -> None:
    assert plan(Status, "id").is_reference
    assert plan(Metadata, "key", "parent_id").is_reference
    assert not plan(Metadata, "key", "parent_id", "value").is_reference
    assert not plan(Status, "id", "name").is_reference


def test_a_link_fills_its_foreign_key_unless_the_row_has_it() -> None:
    assert plan(Task, "id", "status").links == (
        LinkStep("status", "status_id", stores_reference=False, clears_key=True),
    )
    [step] = plan(Task, "id", "status", "status_id").links
    assert (step.holder, step.stores_reference) == (None, False)


def test_a_link_without_a_foreign_key_stores_the_reference() -> None:
    [step] = plan(Status, "id", "state").links
    assert (step.holder, step.stores_reference) == (None, True)


def test_a_null_link_clears_the_key_only_if_every_target_would_fit_it() -> None:
    # Both have the foreign key `resource_id`. Without a user it may be a group's.
    steps = plan(Recipient, "note_id", "recipient", "user").links
    assert {step.name: step.clears_key for step in steps} == {
        "recipient": True,
        "user": False,
    }

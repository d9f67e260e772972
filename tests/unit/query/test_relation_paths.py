"""Links, collections and mapped attributes read on a class, and their conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    Group,
    Project,
    SettingComponent,
    Shot,
    Status,
    Task,
    User,
    registry,
)
from ftrack_orm import CriterionError
from ftrack_orm.schema.attribute_kind import AttributeKind
from tests.support.compiled_criteria import compiled
from tests.support.fake_executor import persistent


def test_is_an_entity_compares_the_foreign_key() -> None:
    status = persistent(Status, id="s1")
    assert compiled(Task.status.is_(status)) == 'status_id is "s1"'
    assert compiled(Task.status.is_not(status)) == 'status_id is_not "s1"'


def test_is_goes_along_the_path_to_the_link() -> None:
    project = persistent(Project, id="p1")
    assert compiled(AssetVersion.task.project.is_(project)) == 'task.project_id is "p1"'


def test_is_an_entity_without_a_foreign_key_compares_the_key_of_the_link() -> None:
    state: Any = persistent(registry.resolve("State"), id="x")
    assert compiled(Status.state.is_(state)) == 'state.id is "x"'


def test_is_compares_every_part_of_a_composite_key() -> None:
    setting: Any = persistent(registry.resolve("Setting"), name="n", group="g")
    assert (
        compiled(SettingComponent.setting.is_(setting))
        == 'setting.name is "n" and setting.group is "g"'
    )
    assert (
        compiled(SettingComponent.setting.is_not(setting))
        == 'not (setting.name is "n" and setting.group is "g")'
    )
    assert (
        compiled(SettingComponent.setting.is_(None))
        == "setting.name is none and setting.group is none"
    )


def test_is_takes_an_entity_of_a_subtype_of_the_target() -> None:
    shot = persistent(Shot, id="s")
    assert compiled(Task.parent.is_(shot)) == 'parent_id is "s"'


def test_is_an_entity_that_the_link_never_leads_to_is_refused() -> None:
    status: Any = persistent(Status, id="s")
    with pytest.raises(CriterionError, match=r"Task\.parent leads to Context"):
        Task.parent.is_(status)


@pytest.mark.parametrize("value", ["s1", 5, Status])
def test_is_no_entity_is_refused(value: Any) -> None:
    with pytest.raises(CriterionError, match=r"Task\.status leads to Status"):
        Task.status.is_(value)


def test_as_a_type_that_is_not_below_the_target_is_refused() -> None:
    with pytest.raises(CriterionError, match="not a subtype of"):
        Task.parent.as_(User)  # type: ignore[unused-ignore] # refused at run time


def test_a_link_is_not_compared_with_operators() -> None:
    status: Any = persistent(Status, id="s")
    with pytest.raises(CriterionError, match=r"is_\(\) or is_not\(\)"):
        _ = Task.status == status
    with pytest.raises(CriterionError, match=r"is_\(\) or is_not\(\)"):
        _ = Task.status != status


def test_a_link_compared_with_a_text_offers_an_attribute_to_compare() -> None:
    name: Any = "Approved"
    with pytest.raises(CriterionError, match=r"such as Task\.status\.name\.$"):
        _ = Task.status == name


def test_a_method_of_links_on_a_class_itself_says_what_it_needs() -> None:
    for call in (
        lambda: Task.is_(None),
        lambda: Task.is_not(None),
        lambda: Task.has(),
        lambda: Task.as_(Task),
    ):
        with pytest.raises(CriterionError, match="needs a link"):
            call()


def test_the_inside_of_any_and_has_is_about_the_target() -> None:
    wrong: list[Callable[[], Any]] = [
        lambda: Task.notes.any(Task.name == "x"),
        lambda: Task.status.has(Task.name == "x"),
        lambda: Task.metadata.any(Task.name == "x"),
        lambda: Task.assignments.any(User.username == "x"),
    ]
    for use in wrong:
        with pytest.raises(CriterionError, match="This is about"):
            use()


def test_the_inside_of_any_takes_conditions_only() -> None:
    mistake: Any = True
    with pytest.raises(CriterionError, match="not a condition"):
        Task.notes.any(mistake)


def test_has_looks_at_the_subtype_after_as() -> None:
    found = Appointment.resource.as_(Group).has(Group.local == True)  # noqa: E712
    assert compiled(found) == "resource[Group] has (local is true)"


def test_metadata_cannot_order_a_query() -> None:
    with pytest.raises(CriterionError, match="cannot order"):
        Task.metadata["k"].desc()
    with pytest.raises(CriterionError, match="cannot order"):
        Task.metadata["k"].asc()


def test_every_attribute_is_reachable_through_every_link() -> None:
    # `Project.root` was hidden by an attribute of the path itself.
    hidden = [
        f"{name}.{link.name}.{step}"
        for name in registry
        for link in registry.resolve(name).__ftrack__.relations
        if link.kind is AttributeKind.LINK
        for step in registry.resolve(str(link.target)).__ftrack__.attributes
        if repr(getattr(getattr(registry.resolve(name), link.name), step))
        != f"{registry.resolve(name).__name__}.{link.name}.{step}"
    ]
    assert hidden == []

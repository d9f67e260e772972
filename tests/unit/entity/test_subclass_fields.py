"""The fields and private values that a subclass adds to the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from ftrack_models import Task
from ftrack_orm import NotLoadedError, UnknownAttributeError
from ftrack_orm.entity.subclass_fields import (
    Extension,
    complete,
    extension_of,
    fields_set,
    private_defaults,
    set_names,
    set_value,
)
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


class Reviewed(Task):
    """A task with a required field, one with a default, and one with other names."""

    model_config = ConfigDict(validate_assignment=True)

    ticket: str
    votes: int = Field(default=1, ge=0)
    tags: list[str] = Field(
        default_factory=list, validation_alias=AliasChoices("tags", "labels")
    )
    _cache: list[int] = PrivateAttr(default_factory=list)
    _limit: int = PrivateAttr(default=5)
    _log: str = PrivateAttr()

    @field_validator("name")
    @classmethod
    def short_name(cls, value: str) -> str:
        """Refuse long names and drop blanks."""
        if len(value) > 10:
            raise ValueError("too long")
        return value.strip()

    @model_validator(mode="after")
    def refuse_unlucky(self) -> Reviewed:
        """Refuse one number."""
        if self.votes == 13:
            raise ValueError("unlucky")
        return self


class Observed(Task):
    """A task that counts the votes of all loaded tasks when it is loaded."""

    votes: int = 2
    loaded_with: int = 0

    def model_post_init(self, context: Any, /) -> None:
        """Add the votes of the tasks that were loaded at the same time."""
        vars(self)["loaded_with"] = sum(one.votes for one in OBSERVED)


OBSERVED: list[Observed] = []


def reviewed(**values: Any) -> Reviewed:
    data: Mapping[str, Any] = {"name": "anim", "ticket": "T-1", **values}
    return Reviewed.model_validate(data)


def extension() -> Extension:
    found = extension_of(Reviewed)
    assert found is not None
    return found


def test_only_a_class_that_adds_something_has_an_extension() -> None:
    class Titled(Task):
        def title(self) -> str:
            return self.name.title()

    assert extension_of(Task) is None
    assert extension_of(Titled) is None
    assert set(extension().fields) == {"ticket", "votes", "tags"}


def test_loaded_entities_have_their_defaults_before_a_hook_reads_them() -> None:
    OBSERVED[:] = [persistent(Observed, id="t1"), persistent(Observed, id="t2")]

    complete(OBSERVED)

    assert [(one.votes, one.loaded_with) for one in OBSERVED] == [(2, 4), (2, 4)]


def test_a_loaded_entity_lacks_a_field_without_a_default() -> None:
    loaded = persistent(Reviewed, id="t1", votes=7)

    complete([loaded])

    assert (loaded.votes, loaded.tags) == (7, [])
    assert "ticket" not in vars(loaded)
    with pytest.raises((NotLoadedError, AttributeError)):
        _ = loaded.ticket


def test_fields_are_filled_by_name_or_alias_and_only_given_ones_are_set() -> None:
    task = persistent(Reviewed, id="t1")

    extension().fill(task, {"ticket": "T-1", "labels": ["a"]}, {})

    assert (task.ticket, task.votes, task.tags) == ("T-1", 1, ["a"])
    assert set_names(task) == {"ticket", "tags"}
    assert fields_set(task, ["id", "votes", "tags"]) == {"id", "tags"}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"ticket": "T-1", "label": ["a"]}, UnknownAttributeError),
        ({"votes": 3}, ValidationError),
        ({"ticket": "T-1", "votes": -1}, ValidationError),
    ],
)
def test_a_wrong_or_missing_field_leaves_the_entity_as_it_was(
    values: dict[str, Any], error: type[Exception]
) -> None:
    task = persistent(Reviewed, id="t1")

    with pytest.raises(error):
        extension().fill(task, values, {})

    assert vars(task) == {"id": "t1"}


def test_a_refused_assignment_restores_the_field() -> None:
    task = reviewed(votes=3)

    for refused in (-1, 13):
        with pytest.raises(ValidationError):
            set_value(task, "votes", refused)
        assert task.votes == 3
    with pytest.raises(UnknownAttributeError, match="vots"):
        set_value(task, "vots", 4)

    set_value(task, "votes", "4")
    assert task.votes == 4


def test_a_validator_of_an_attribute_returns_the_value_that_is_set() -> None:
    task = reviewed()
    attributes = Reviewed.__ftrack__.attributes

    assert extension().validate_value(task, attributes["name"], " fx ") == "fx"
    assert extension().validate_value(task, attributes["description"], " x ") == " x "
    with pytest.raises(ValidationError, match="too long"):
        extension().validate_value(task, attributes["name"], "a" * 11)
    assert task.name == "anim"


def test_private_values_have_separate_defaults() -> None:
    first, second = private_defaults(reviewed()), private_defaults(reviewed())

    assert first == second == {"_cache": [], "_limit": 5}
    assert first is not None
    assert second is not None
    assert first["_cache"] is not second["_cache"]
    assert private_defaults(incomplete(Task, name="anim")) is None

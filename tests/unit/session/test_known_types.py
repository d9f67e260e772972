"""Keys and relations of the models' types, as replies are checked by them."""

from __future__ import annotations

import pytest

from ftrack_models import registry
from ftrack_orm import ModelsNotFoundError
from ftrack_orm.entity.entity import Entity
from ftrack_orm.session.known_types import KnownTypes


@pytest.fixture
def types() -> KnownTypes:
    return KnownTypes(registry.resolve)


def test_keys_are_those_of_the_schema(types: KnownTypes) -> None:
    assert types.primary_key("Metadata") == ("parent_id", "key")
    assert types.primary_key("EntitySetting") == ("parent_id", "group", "name")
    assert types.primary_key("Episode of a studio") is None


# Protocol 4.4 and, for values of custom attributes, 2.4.
@pytest.mark.parametrize(
    ("entity_type", "other", "expected"),
    [
        ("Task", "Task", True),
        ("Context", "Task", True),
        ("Task", "TypedContext", True),
        ("Resource", "User", True),
        ("Component", "SequenceComponent", True),
        ("CustomAttributeValue", "ContextCustomAttributeValue", True),
        ("Task", "Unknown", True),
        ("Task", "Shot", False),
        ("Status", "Task", False),
        ("User", "Group", False),
    ],
)
def test_types_are_related_along_one_line(
    types: KnownTypes, entity_type: str, other: str, expected: bool
) -> None:
    assert types.is_related(entity_type, other) is expected
    assert types.is_related(other, entity_type) is expected


def test_without_models_every_type_is_unknown() -> None:
    def resolve(name: str) -> type[Entity]:
        raise ModelsNotFoundError("studio_models")

    types = KnownTypes(resolve)

    assert types.primary_key("Task") is None
    assert types.is_related("Task", "Status")

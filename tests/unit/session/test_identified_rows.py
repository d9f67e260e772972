"""The rows of `find_or_add` and the values that identify their entities."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Folder, Sequence, Shot
from ftrack_orm import (
    AttributeValueError,
    CriterionError,
    IdentificationError,
    InvalidArgumentError,
    UnknownAttributeError,
)
from ftrack_orm.session.identified_rows import (
    identified_rows,
    identifying_attributes,
)
from ftrack_orm.types import Reference

TYPE = Shot.__ftrack__
PARENT = Reference("Sequence", ("q1",))


def identities(rows: list[Any], *by: Any) -> list[Any]:
    names = identifying_attributes(TYPE, by or (Shot.parent, Shot.name))
    return [row.identity for row in identified_rows(TYPE, rows, names)]


def test_attributes_are_paths_or_names() -> None:
    for by in ((Shot.parent, Shot.name), ("parent", "name"), [Shot.parent, "name"]):
        names = [attribute.name for attribute in identifying_attributes(TYPE, by)]
        assert names == ["parent", "name"]
    assert [each.name for each in identifying_attributes(TYPE, Shot.name)] == ["name"]
    assert [each.name for each in identifying_attributes(TYPE, "name")] == ["name"]


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ((), IdentificationError),
        ((Shot.status.name,), CriterionError),
        ((Shot.children,), CriterionError),
        ((Shot.metadata,), CriterionError),
        ((Sequence.name, Folder.description), CriterionError),
        (("nmae",), UnknownAttributeError),
        ((5,), CriterionError),
    ],
)
def test_other_attributes_cannot_identify(by: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        identifying_attributes(TYPE, by)


def test_links_are_identified_by_their_key() -> None:
    rows = [
        {"parent": PARENT, "name": "a"},
        {"parent_id": "q2", "name": "b"},
        Shot(parent_id="q3", name="c"),  # type: ignore[call-arg] # by its key
    ]
    assert identities(rows) == [("q1", "a"), ("q2", "b"), ("q3", "c")]


def test_an_empty_value_must_be_stated() -> None:
    row = {"description": None, "name": "a"}
    assert identities([row], "description", "name") == [(None, "a")]
    with pytest.raises(IdentificationError, match=r"every attribute of by="):
        identities([{"name": "a"}], "description", "name")


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"parent": PARENT}, IdentificationError),
        ({"parent": PARENT, "name": None}, AttributeValueError),
        ({"parent": PARENT, "name": "a", "x": 1}, UnknownAttributeError),
        ({"parent": Reference("Status", ("s",)), "name": "a"}, AttributeValueError),
        ("a", InvalidArgumentError),
        (None, InvalidArgumentError),
    ],
)
def test_wrong_rows_are_refused(row: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        identities([row])


@pytest.mark.parametrize("rows", [{"name": "a"}, "rows", 5])
def test_rows_are_a_list(rows: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="a list of rows"):
        identities(rows)

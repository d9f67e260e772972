from __future__ import annotations

from ftrack_codegen.studio.identifiers import (
    OWNED_BY_CUSTOM_ATTRIBUTES,
    python_names,
)
from ftrack_codegen.studio.vocabulary import row_names
from ftrack_orm import CustomAttributes, MappedPath, MappedValues


def test_every_name_of_the_mapping_is_reserved() -> None:
    owned = {
        name
        for owner in (CustomAttributes, MappedValues, MappedPath)
        for name in dir(owner)
        if not name.startswith("_")
    }
    assert owned <= OWNED_BY_CUSTOM_ATTRIBUTES


def test_keys_that_are_identifiers_are_attributes() -> None:
    assert python_names(["fstart", "größe", "Frame"]) == {
        "fstart": "fstart",
        "größe": "größe",
        "Frame": "Frame",
    }


def test_keys_that_are_no_identifiers_are_items_only() -> None:
    keys = ["frame-rate", "3d", "a b", "", "_private", "__class__", "ﬁlm", "🎬"]
    assert set(python_names(keys).values()) == {""}


def test_reserved_keys_get_an_underscore_unless_it_is_taken() -> None:
    assert python_names(["class", "keys"]) == {"class": "class_", "keys": "keys_"}
    assert python_names(["keys", "keys_"]) == {"keys": "", "keys_": "keys_"}


def test_names_that_checkers_need_in_the_class_are_items_only() -> None:
    assert python_names(["overload", "TYPE_CHECKING"]) == {
        "overload": "",
        "TYPE_CHECKING": "",
    }


def test_names_of_rows_become_identifiers() -> None:
    assert row_names(["Approved", "Pending Review", "Lay-out / Previz", "Färbung"]) == {
        "Approved": "approved",
        "Pending Review": "pending_review",
        "Lay-out / Previz": "lay_out_previz",
        "Färbung": "färbung",
    }


def test_rows_without_an_unambiguous_identifier_are_read_by_name() -> None:
    names = ["WIP", "wip", "3D", "🎬", "get", "Row", "Import", "In-progress"]
    names += ["in progress", ""]
    assert row_names(names) == dict.fromkeys(names, "")
    assert row_names(["None"]) == {"None": "none"}

from __future__ import annotations

from ftrack_codegen.imports import Names


def test_names_are_imported_as_they_are_when_nothing_hides_them() -> None:
    names = Names("Task", ["name"])
    assert (names.library("Attr"), names.library("str")) == ("Attr", "str")
    assert names.runtime_imports() == ("from ftrack_orm import Attr",)


def test_a_builtin_hidden_by_an_attribute_is_imported_under_another_name() -> None:
    names = Names("Task", ["str"])
    assert names.library("str") == "_str"
    assert names.runtime_imports() == ("from builtins import str as _str",)


def test_a_name_hidden_by_a_linked_class_is_imported_under_another_name() -> None:
    names = Names("Task", [])
    names.reserve(["Attr"])
    assert names.library("Attr") == "_Attr"


def test_targets_are_imported_for_checkers_only() -> None:
    names = Names("Task", [])
    assert names.target("status", "Status") == "Status"
    assert names.runtime_imports() == ("from typing import TYPE_CHECKING",)
    assert names.static_imports() == ("from .status import Status",)


def test_a_target_that_is_the_base_is_not_imported_twice() -> None:
    names = Names("Task", [])
    assert names.base("context", "Context") == "Context"
    assert names.target("context", "Context") == "Context"
    assert names.static_imports() == ()


def test_a_link_to_oneself_needs_no_import() -> None:
    names = Names("Context", ["parent"])
    assert names.target("context", "Context") == "Context"
    assert names.static_imports() == ()


def test_a_target_hidden_by_an_attribute_has_another_name() -> None:
    names = Names("Task", ["Status"])
    assert names.target("status", "Status") == "_Status_"
    assert names.static_imports() == ("from .status import Status as _Status_",)


def test_a_target_and_a_name_of_the_library_are_hidden_apart() -> None:
    names = Names("Task", ["Ref"])
    names.reserve(["Ref"])
    assert (names.library("Ref"), names.target("ref", "Ref")) == ("_Ref", "_Ref_")

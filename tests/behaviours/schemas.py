"""Schemas."""

from __future__ import annotations

from tests.behaviours.behaviour import Behaviour, Evidence

BEHAVIOURS = (
    Behaviour(
        "Types are served key for key as they were given, older form included.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "4.1, 4.2",
        (
            "tests/emulator/unit/storage/test_object_types.py::test_the_schema_served_is_the_schema_given",
        ),
    ),
    Behaviour(
        "Every type and format of a property is served and stored as its kind says.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "4.3",
        (
            "tests/emulator/unit/test_wire.py::test_a_value_of_its_type_is_stored_as_sent",
            "tests/contract/python/test_session.py::test_the_client_has_a_class_for_every_recorded_type",
        ),
    ),
    Behaviour(
        "Base types are named by $mixin, and exist.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "4.4",
        (
            "tests/contract/javascript/session.test.mjs::every schema with a base names one that exists",
        ),
    ),
    Behaviour(
        "An attribute with a restricted projection can be filtered by, and not selected.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "4.2",
        (
            "tests/contract/python/test_queries.py::test_what_makes_no_sense_is_an_error",
        ),
    ),
    Behaviour(
        "Updates and creates of one entity are merged by the Python client before they are sent.",
        Evidence.DOCUMENTED,
        "official Python client, batch optimisation",
        "3.9",
        (
            "tests/contract/python/test_production.py::test_edits_of_one_entity_are_one_operation",
        ),
    ),
    Behaviour(
        "A foreign key may have a $ref in the schema; it holds an id.",
        Evidence.RECORDED,
        "schema recorded in the tests of the JavaScript client",
        "4.3, D",
        (
            "tests/emulator/unit/storage/test_older_schema.py::test_foreign_keys_with_a_ref_are_served_and_hold_ids",
        ),
    ),
    Behaviour(
        "Types and attributes whose names differ by case only are different.",
        Evidence.ASSUMED,
        "identifiers have a case, and only texts of attributes are compared without it",
        "4.1",
        (
            "tests/emulator/unit/storage/test_names_by_case.py::test_types_that_differ_by_case_have_different_rows",
            "tests/emulator/unit/storage/test_names_by_case.py::test_attributes_that_differ_by_case_have_different_values",
        ),
    ),
)

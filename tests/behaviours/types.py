"""The schema served, and object types that change it."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_TESTS: Final = "tests/emulator/unit/storage/test_object_types.py"
_DISPATCH: Final = "tests/emulator/unit/test_dispatch.py"

BEHAVIOURS = (
    Behaviour(
        "Schemas are a bare list, each as it was given, key for key, and in order.",
        Evidence.RECORDED,
        "recorded answer to query_schemas",
        "4.1",
        (
            f"{_DISPATCH}::test_schemas_are_served_bare_and_as_recorded",
            f"{_TESTS}::test_the_schema_served_is_the_schema_given",
        ),
    ),
    Behaviour(
        "The schema hash is the MD5 of the schemas' JSON text with sorted keys.",
        Evidence.RECORDED,
        "recorded schema and its hash; the official Python client computes it so",
        "1.8",
        (f"{_DISPATCH}::test_server_information_has_what_clients_read",),
    ),
    Behaviour(
        "A type follows from its object type: name without spaces, classifier, "
        "defaults and immutable attributes by its flags.",
        Evidence.RECORDED,
        "the ten recorded object types and their schemas agree with the rules",
        "4.4",
        (
            f"{_TESTS}::test_types_made_of_the_recorded_object_types_are_the_recorded_ones",
        ),
    ),
    Behaviour(
        "A new object type is a type of the schema, and its hash changes.",
        Evidence.DOCUMENTED,
        "official documentation of object types; recorded studio types",
        "4.4",
        (
            f"{_TESTS}::test_a_new_object_type_is_served_with_its_hash",
            f"{_TESTS}::test_it_can_be_used_in_the_very_request_that_makes_it",
        ),
    ),
    Behaviour(
        "An object type whose type the schema has, and that has no row, joins that type "
        "when it is created, under the id of the client or else the recorded one.",
        Evidence.ASSUMED,
        "an empty server is filled through its API alone",
        "4.4, 6.1",
        (
            "tests/emulator/unit/test_rows.py::test_an_object_type_that_the_schema_serves_can_be_created",
            "tests/emulator/unit/seed/test_filled.py::test_it_becomes_the_standard_one_row_by_row",
        ),
    ),
    Behaviour(
        "The schema follows within the batch, and a batch that fails leaves no type.",
        Evidence.ASSUMED,
        "a batch is one transaction whose operations see the ones before",
        "1.7",
        (
            f"{_TESTS}::test_it_can_be_used_in_the_very_request_that_makes_it",
            f"{_TESTS}::test_a_batch_that_fails_leaves_no_type",
        ),
    ),
    Behaviour(
        "Renaming an object type renames its type, with all entities of it.",
        Evidence.ASSUMED,
        "the type's name is the object type's without spaces",
        "4.4",
        (
            f"{_TESTS}::test_renaming_one_renames_its_type_and_entities",
            f"{_TESTS}::test_a_stock_one_is_renamed_like_others",
            f"{_TESTS}::test_rows_that_name_the_type_follow_its_new_name",
        ),
    ),
    Behaviour(
        "Deleting an object type without entities takes its type from the schema, "
        "with its configurations and its places in project schemas.",
        Evidence.ASSUMED,
        "creating one adds a schema",
        "4.4",
        (f"{_TESTS}::test_an_unused_one_goes_with_what_belongs_to_it",),
    ),
    Behaviour(
        "Deleting an object type that has entities is refused with IntegrityError.",
        Evidence.ASSUMED,
        "entities cannot be without an object type",
        "6.4",
        (f"{_TESTS}::test_an_unused_one_can_be_deleted_and_a_used_one_not",),
    ),
    Behaviour(
        "An object type whose name another type has is refused with "
        "DuplicateEntryError.",
        Evidence.ASSUMED,
        "schema ids are unique",
        "6.5",
        (f"{_TESTS}::test_a_name_that_a_type_has_is_refused",),
    ),
    Behaviour(
        "An object type whose name makes no identifier is refused with "
        "ValidationError.",
        Evidence.ASSUMED,
        "no query could name the type",
        "6.1",
        (f"{_TESTS}::test_a_name_that_makes_no_type_is_refused",),
    ),
    Behaviour(
        "Renaming an object type that links are declared to, as Task, and deleting "
        "one that the emulator was given, are refused by the emulator.",
        Evidence.ASSUMED,
        "no source tells what becomes of links to the type",
        "4.4",
        (
            f"{_TESTS}::test_one_that_other_types_refer_to_is_not_renamed",
            f"{_TESTS}::test_types_of_the_schema_given_are_not_deleted",
        ),
    ),
    Behaviour(
        "A studio's types and attributes, an older form and a smaller schema serve.",
        Evidence.RECORDED,
        "two dumps of servers of different age and setup",
        "4.1",
        (
            f"{_TESTS}::test_object_types_of_a_studio_have_rows_and_attributes",
            f"{_TESTS}::test_an_older_form_gets_types_of_the_older_form",
            f"{_TESTS}::test_a_smaller_schema_gets_no_types_it_was_not_given",
            f"{_TESTS}::test_a_database_file_grows_with_the_schema",
        ),
    ),
)

"""Every type, one by one."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_TESTS: Final = "tests/emulator/unit/rules/test_every_type.py"
_DELETES: Final = "tests/emulator/unit/rules/test_every_delete.py"
_LISTS: Final = "tests/emulator/unit/rules/test_collections.py"
_COMPUTED: Final = "tests/emulator/unit/query_engine/test_computed.py"
_DUPLICATES: Final = "tests/emulator/unit/rules/test_duplicates.py"
_PROJECT_SCHEMAS: Final = "tests/emulator/unit/rules/test_project_schemas.py"
_OFFICIAL: Final = "tests/contract/python/test_every_type.py"

BEHAVIOURS = (
    Behaviour(
        "An entity of every concrete type is created by its links or its keys, and "
        "every attribute of it that can be selected is read back.",
        Evidence.DOCUMENTED,
        "schema; official Python client and JavaScript client",
        "2.3, A",
        (
            f"{_TESTS}::test_every_type_is_answered_and_read_as_it_was_created",
            f"{_OFFICIAL}::test_the_client_creates_reads_and_deletes_every_type",
        ),
    ),
    Behaviour(
        "What the schema has a default for is filled in on every type.",
        Evidence.DOCUMENTED,
        "schema; official JavaScript client sends none",
        "4.5",
        (f"{_TESTS}::test_what_is_not_sent_has_the_schemas_default",),
    ),
    Behaviour(
        "`created_at` and `created_by_id` are now and the caller on every type.",
        Evidence.RECORDED,
        "event recorded by a third party",
        "6.1",
        (f"{_TESTS}::test_when_and_by_whom_it_was_created_is_filled_in",),
    ),
    Behaviour(
        "Types that others inherit from, and dense values, are not created.",
        Evidence.DOCUMENTED,
        "official Python client updates values and creates concrete types",
        "3.5, 6.2",
        (f"{_TESTS}::test_bases_and_dense_values_are_not_created",),
    ),
    Behaviour(
        "Immutable attributes, and links whose key is immutable, are refused unless "
        "they are sent as they are; all others change.",
        Evidence.ASSUMED,
        "clients refuse before",
        "6.5, A",
        (
            f"{_TESTS}::test_what_may_change_changes_and_the_rest_is_refused",
            f"{_TESTS}::test_what_nobody_may_change_can_be_sent_unchanged",
        ),
    ),
    Behaviour(
        "What tells types of a family apart follows from the type, project from the "
        "tree: another value is overwritten in a create and refused in an update.",
        Evidence.DOCUMENTED,
        "schema; official Python client sends the type's own values",
        "4.4, 6.1, 6.3",
        (
            "tests/emulator/unit/rules/test_create.py::test_what_tells_types_apart_follows_from_the_type",
            "tests/emulator/unit/rules/test_update.py::test_type_and_project_follow_and_are_not_set",
            "tests/emulator/unit/rules/test_update.py::test_a_version_is_of_the_project_of_its_asset",
        ),
    ),
    Behaviour(
        "A key, link or member of another kind than is declared is refused; where a "
        "schema says Task any typed context will do.",
        Evidence.ASSUMED,
        "recorded rows have shots where the schema says tasks",
        "3.3, 3.4",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_a_key_of_another_kind_breaks_integrity",
            f"{_LISTS}::test_a_member_is_of_the_kind_of_the_list",
        ),
    ),
    Behaviour(
        "Groups, replies and containers are not put below themselves.",
        Evidence.ASSUMED,
        "their links and threads would not end",
        "6.5",
        ("tests/emulator/unit/rules/test_update.py::test_nothing_is_put_below_itself",),
    ),
    Behaviour(
        "A list changes nothing of its members that nobody may change.",
        Evidence.ASSUMED,
        "the same attributes, from their other end",
        "3.4, 6.5",
        (
            f"{_LISTS}::test_a_list_does_not_change_what_nobody_may_change",
            f"{_TESTS}::test_a_list_is_the_full_membership_or_cannot_be_set",
        ),
    ),
    Behaviour(
        "Out of a list, rows that join two others are removed with what is theirs; "
        "an entity that needs its owner is refused unless it is deleted too.",
        Evidence.DOCUMENTED,
        "official Python client: removing from a list does not delete",
        "3.4",
        (
            f"{_LISTS}::test_members_that_need_an_owner_cannot_leave_but_go",
            f"{_LISTS}::test_members_that_need_an_owner_go_when_they_leave",
            f"{_LISTS}::test_links_of_a_list_go_with_all_that_is_theirs",
        ),
    ),
    Behaviour(
        "After a delete no row names what is gone; or nothing goes, as something "
        "required would.",
        Evidence.ASSUMED,
        "cascades are documented in part",
        "6.4",
        (
            f"{_DELETES}::test_what_is_deleted_is_named_by_no_row_that_stays",
            f"{_DELETES}::test_what_it_refers_to_goes_without_leaving_a_name_or_not_at_all",
            f"{_DELETES}::test_the_files_of_a_setting_go_with_it",
        ),
    ),
    Behaviour(
        "Keys of several attributes are told in the schema's order; events have "
        "numbers, which the Python client sends as text.",
        Evidence.DOCUMENTED,
        "schema; official Python client",
        "3.8",
        (
            f"{_TESTS}::test_a_key_of_several_attributes_is_told_in_their_order",
            f"{_TESTS}::test_events_have_numbers",
            f"{_OFFICIAL}::test_the_client_creates_reads_and_deletes_every_type",
        ),
    ),
    Behaviour(
        "Internal names of attributes are unknown attributes.",
        Evidence.DOCUMENTED,
        "used in system projections and events alone",
        "B",
        (f"{_TESTS}::test_no_type_takes_the_internal_name_of_an_attribute",),
    ),
    Behaviour(
        "What a row joins is joined once; a row without a value is no duplicate.",
        Evidence.ASSUMED,
        "name by analogy; nulls as in databases",
        "6.5",
        (
            f"{_DUPLICATES}::test_what_is_joined_is_not_joined_again",
            f"{_DUPLICATES}::test_what_has_no_value_is_no_duplicate",
        ),
    ),
    Behaviour(
        "Project schemas made through the API are read by both spellings, and give "
        "new entities their first status.",
        Evidence.DOCUMENTED,
        "official Python client, project schema helpers",
        "6.6",
        (
            f"{_PROJECT_SCHEMAS}::test_all_of_it_is_read_by_both_spellings",
            f"{_PROJECT_SCHEMAS}::test_new_entities_begin_with_the_first_status_it_allows",
        ),
    ),
    Behaviour(
        "New entities whose object type has types get the first type of their project "
        "schema.",
        Evidence.ASSUMED,
        "`type_id` is required in the schema, and the clients create without it",
        "6.6",
        (f"{_PROJECT_SCHEMAS}::test_new_entities_begin_with_the_first_type_it_allows",),
    ),
    Behaviour(
        "`Schema.type_id` and `object_type_id` are one; two values are refused.",
        Evidence.DOCUMENTED,
        "schema: the same internal name",
        "6.6",
        (f"{_PROJECT_SCHEMAS}::test_a_schema_names_its_object_type_twice",),
    ),
    Behaviour(
        "A status or type that the project schema does not allow is accepted.",
        Evidence.ASSUMED,
        "the web interface forbids it",
        "6.5",
        (
            f"{_PROJECT_SCHEMAS}::test_statuses_and_types_that_are_not_in_it_are_accepted",
        ),
    ),
    Behaviour(
        "A review session shows the picture of the version that is its source.",
        Evidence.ASSUMED,
        "schema: the picture is computed, its source is set",
        "6.3",
        (f"{_COMPUTED}::test_a_review_session_shows_the_picture_of_its_source",),
    ),
    Behaviour(
        "`thread_activity` is the latest date among a note and all replies below it; "
        "a reply is of its thread's project.",
        Evidence.DOCUMENTED,
        "schema",
        "6.3",
        (
            f"{_COMPUTED}::test_a_thread_knows_the_latest_date_in_it",
            f"{_COMPUTED}::test_a_reply_is_of_the_project_of_its_thread",
        ),
    ),
    Behaviour(
        "The latest version is another when the highest is deleted.",
        Evidence.DOCUMENTED,
        "schema",
        "6.3",
        (f"{_COMPUTED}::test_the_latest_version_is_another_when_it_is_deleted",),
    ),
    Behaviour(
        "The owner's type of metadata is kept as sent, concrete or base; one that the "
        "schema has not is refused.",
        Evidence.DOCUMENTED,
        "test of the Python client; schema",
        "3.5",
        (
            f"{_LISTS}::test_the_type_of_an_owner_is_kept_as_it_was_sent",
            f"{_LISTS}::test_the_type_of_an_owner_is_one_of_the_schema",
        ),
    ),
    Behaviour(
        "A custom attribute value of what its configuration is not for is not found.",
        Evidence.ASSUMED,
        "dense types have a row for each configuration that applies",
        "3.5, 6.7",
        (f"{_LISTS}::test_a_value_is_of_what_its_configuration_is_for",),
    ),
)

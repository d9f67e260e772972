"""Data encoding."""

from __future__ import annotations

from tests.behaviours.behaviour import Behaviour, Evidence

BEHAVIOURS = (
    Behaviour(
        "Datetimes are served without offset and with whole seconds.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "3.1",
        (
            "tests/emulator/unit/test_wire.py::test_every_form_of_a_datetime_is_read_as_naive_utc_seconds",
            "tests/contract/python/test_production.py::test_dates_keep_their_moment_whatever_their_zone",
        ),
    ),
    Behaviour(
        "Datetimes are taken wrapped or bare, with Z, offset, fraction or a date alone.",
        Evidence.DOCUMENTED,
        "official Python client; official JavaScript client",
        "3.1",
        (
            "tests/emulator/unit/test_wire.py::test_every_form_of_a_datetime_is_read_as_naive_utc_seconds",
            "tests/emulator/unit/test_wire.py::test_a_date_alone_is_its_midnight",
            "tests/contract/javascript/entities.test.mjs::texts that look like dates are dates",
        ),
    ),
    Behaviour(
        "A value of another type is a ValidationError.",
        Evidence.ASSUMED,
        "named so for custom attributes alone",
        "3.2",
        ("tests/emulator/unit/test_wire.py::test_a_value_of_another_type_is_refused",),
    ),
    Behaviour(
        "A reference sets a link and its foreign key; null clears it.",
        Evidence.DOCUMENTED,
        "official Python client",
        "3.3",
        (
            "tests/emulator/unit/rules/test_update.py::test_a_link_may_be_set_by_reference",
            "tests/emulator/unit/rules/test_update.py::test_a_link_is_cleared_by_null",
            "tests/contract/python/test_production.py::test_setting_a_link_to_none_clears_it",
        ),
    ),
    Behaviour(
        "A reference wins over its foreign key sent beside it.",
        Evidence.ASSUMED,
        "clients never send both",
        "3.3",
        ("tests/emulator/unit/rules/test_create.py::test_a_relation_wins_over_its_id",),
    ),
    Behaviour(
        "A collection that is sent is the full new membership; who leaves is detached.",
        Evidence.DOCUMENTED,
        "official Python client",
        "3.4",
        (
            "tests/emulator/unit/rules/test_collections.py::test_members_sent_replace_the_members_there_were",
            "tests/contract/javascript/entities.test.mjs::a collection is sent as its full content",
        ),
    ),
    Behaviour(
        "Metadata are rows of two keys, and the owner's list is authoritative.",
        Evidence.DOCUMENTED,
        "official Python client, mapped collections",
        "3.5",
        (
            "tests/emulator/unit/rules/test_collections.py::test_the_list_of_metadata_is_authoritative",
            "tests/contract/python/test_attributes.py::test_metadata_is_replaced_as_a_whole",
        ),
    ),
    Behaviour(
        "The type in parent_type is a schema's name in both directions.",
        Evidence.DOCUMENTED,
        "test of the Python client",
        "3.5",
        (
            "tests/contract/python/test_attributes.py::test_metadata_names_the_type_of_its_parent",
        ),
    ),
    Behaviour(
        "An entity is said in full once in a response, over all its operations; then by type and key.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_an_entity_is_said_in_full_once",
            "tests/emulator/unit/query_engine/test_projection.py::test_operations_of_one_response_share_what_was_said",
            "tests/contract/javascript/queries.test.mjs::what one query of a batch loads the next one shows",
        ),
    ),
    Behaviour(
        "The first occurrence of an entity, depth first, has the attributes that any occurrence in the operation requests, also when it is a root further down.",
        Evidence.DOCUMENTED,
        "the official Python client reads the first occurrence only",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_the_first_occurrence_has_the_requests_of_all",
            "tests/emulator/unit/query_engine/test_projection.py::test_a_later_root_is_in_full_where_a_relation_reaches_it_first",
            "tests/contract/python/test_demo.py::test_a_query_loads_all_that_it_selects",
            "tests/contract/python/test_demo.py::test_without_auto_population_every_selected_value_is_there",
        ),
    ),
    Behaviour(
        "An operation adds the attributes that no earlier operation of the request returned.",
        Evidence.ASSUMED,
        "the JavaScript client merges a batch by identity",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_operations_of_one_response_share_what_was_said",
        ),
    ),
    Behaviour(
        "Attributes are written in the order of the schema, in which the official Python client reads them.",
        Evidence.ASSUMED,
        "the order decides which occurrence is first",
        "3.6",
        (
            "tests/contract/python/test_demo.py::test_without_auto_population_every_selected_value_is_there",
        ),
    ),
    Behaviour(
        "Beyond 50 nested entities an occurrence has the attributes of its path only.",
        Evidence.ASSUMED,
        "decoders of JSON limit the depth",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_loading.py::test_a_long_chain_of_links_does_not_nest_without_end",
        ),
    ),
    Behaviour(
        "A root reached again through a relation is bare, even before its own attributes.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_a_root_reached_again_is_bare_even_before_its_own_attributes",
            "tests/contract/javascript/queries.test.mjs::an entity that leads back to itself is merged",
        ),
    ),
    Behaviour(
        "With denormalize every occurrence is said in full.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "3.6",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_denormalized_responses_repeat_everything",
            "tests/contract/javascript/queries.test.mjs::a serializable response repeats what it says",
        ),
    ),
    Behaviour(
        "Rows carry type, key, what was asked for and the system projections of their type.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "3.7",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_a_row_has_type_key_system_projections_and_what_was_asked",
            "tests/contract/javascript/queries.test.mjs::rows carry type, key and system projections",
        ),
    ),
    Behaviour(
        "The option strict leaves system projections out.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "3.7",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_strict_responses_leave_system_projections_out",
        ),
    ),
    Behaviour(
        "The type named is the concrete one, whatever was queried.",
        Evidence.DOCUMENTED,
        "official Python client",
        "3.7",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_the_concrete_type_is_named_whatever_was_queried",
            "tests/contract/python/test_queries.py::test_base_types_give_concrete_entities",
        ),
    ),
    Behaviour(
        "A key of several values is a list in the order of the schema.",
        Evidence.DOCUMENTED,
        "official Python client",
        "3.8",
        (
            "tests/emulator/unit/rules/test_delete.py::test_a_row_of_two_keys_goes_by_both",
            "tests/contract/python/test_queries.py::test_get_finds_by_one_key_and_by_two",
        ),
    ),
    Behaviour(
        "Metadata are changed and deleted by owner and key.",
        Evidence.DOCUMENTED,
        "official Python client, mapped collections",
        "3.5, 3.8",
        (
            "tests/emulator/unit/rules/test_twin_attributes.py::test_metadata_is_changed_and_deleted_by_owner_and_key",
        ),
    ),
    Behaviour(
        "Numbers, texts and structures of any size in any part of an operation are used or refused, never an InternalServerError.",
        Evidence.ASSUMED,
        "no source shows a server's answer",
        "3.2",
        (
            "tests/emulator/unit/test_odd_operations.py::test_an_odd_value_in_any_part_of_an_operation_is_answered_or_refused",
        ),
    ),
    Behaviour(
        "Texts are compared beyond a NUL character.",
        Evidence.ASSUMED,
        "databases of servers do",
        "3.2",
        (
            "tests/emulator/unit/test_odd_operations.py::test_texts_are_compared_beyond_a_nul",
        ),
    ),
)

"""Query language."""

from __future__ import annotations

from tests.behaviours.behaviour import Behaviour, Evidence

BEHAVIOURS = (
    Behaviour(
        "A type alone is a query for its default projections.",
        Evidence.ASSUMED,
        "developer documentation shows it, the Python client never sends it",
        "5.1",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_a_type_alone_is_a_query",
            "tests/emulator/unit/query_engine/test_projection.py::test_without_select_the_defaults_of_the_type_are_returned",
        ),
    ),
    Behaviour(
        "Clauses after the conditions come in any order; the last of a kind counts.",
        Evidence.ASSUMED,
        "documentation shows two orders",
        "5.1",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_tail_clauses_come_in_any_order_and_the_last_wins",
        ),
    ),
    Behaviour(
        "Keywords are attribute names where their position says so.",
        Evidence.DOCUMENTED,
        "official Python client asks for group, key, from",
        "5.1",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_keywords_are_attributes_by_position",
        ),
    ),
    Behaviour(
        "Keywords are read in any case.",
        Evidence.ASSUMED,
        "every source writes them small",
        "5.1",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_keywords_are_read_in_any_case",
        ),
    ),
    Behaviour(
        "A keyword may touch the quote before it; symbols need no spaces.",
        Evidence.DOCUMENTED,
        "official Python client, keys of several values",
        "5.1",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_a_keyword_may_touch_the_quote_before_it",
            "tests/emulator/unit/query_engine/test_parser.py::test_spaces_between_symbols_are_optional",
        ),
    ),
    Behaviour(
        "A text that cannot be parsed is a ParseError: Failed to parse: ...",
        Evidence.DOCUMENTED,
        "official Python client",
        "5.5, 1.6",
        (
            "tests/emulator/unit/test_dispatch.py::test_a_syntax_error_quotes_the_expression",
            "tests/contract/python/test_queries.py::test_what_makes_no_sense_is_an_error",
            "tests/contract/javascript/session.test.mjs::a query that cannot be parsed is named",
        ),
    ),
    Behaviour(
        "Texts, bare words, none, booleans, numbers and dates are values.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "5.2",
        (
            "tests/emulator/unit/query_engine/test_parser.py::test_bare_words_are_values",
            "tests/emulator/unit/query_engine/test_parser.py::test_bare_none_is_null_and_quoted_none_is_text",
            "tests/contract/python/test_queries.py::test_it_finds_as_many_as_there_are",
        ),
    ),
    Behaviour(
        "Dotted conditions through a collection may be met by different members, those in any () by one.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "5.2",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_rows_are_those_that_meet_the_conditions",
            "tests/property/test_evaluator.py::test_the_emulator_finds_what_a_naive_reading_finds",
        ),
    ),
    Behaviour(
        "Every construct of the documentation selects what it says.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "5.3",
        (
            "tests/contract/python/test_queries.py::test_it_finds_as_many_as_there_are",
            "tests/emulator/unit/query_engine/test_evaluator.py::test_rows_are_those_that_meet_the_conditions",
        ),
    ),
    Behaviour(
        "A downcast reaches attributes of a subtype; other types have none.",
        Evidence.ASSUMED,
        "used by a third party in projections",
        "5.3",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_a_downcast_is_silent_about_other_types",
            "tests/contract/javascript/queries.test.mjs::an attribute of a subtype is reached by a downcast",
        ),
    ),
    Behaviour(
        "Groups and aggregates are plain objects, for strict clients and some types.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "5.3",
        (
            "tests/emulator/unit/query_engine/test_grouping.py::test_groups_are_plain_objects",
            "tests/contract/python/test_queries.py::test_groups_are_counted_for_strict_clients",
            "tests/contract/javascript/queries.test.mjs::groups are counted in a strict session",
        ),
    ),
    Behaviour(
        "Groups may be made and ordered by what links lead to; the names in the answer follow those of plain attributes.",
        Evidence.ASSUMED,
        "the grammar has paths there, recorded names are those of plain attributes",
        "5.1, 5.3",
        (
            "tests/emulator/unit/query_engine/test_grouping.py::test_groups_are_made_and_ordered_by_what_links_lead_to",
        ),
    ),
    Behaviour(
        "A subquery selects one attribute, through links or of every member of a collection.",
        Evidence.ASSUMED,
        "documentation selects a plain attribute",
        "5.3",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_rows_are_those_that_meet_the_conditions",
            "tests/property/test_evaluator.py::test_the_emulator_finds_what_a_naive_reading_finds",
        ),
    ),
    Behaviour(
        "What is selected of a subtype's relation holds beside what is selected of all.",
        Evidence.ASSUMED,
        "a third party uses downcasts in projections",
        "5.3",
        (
            "tests/emulator/unit/query_engine/test_loading.py::test_a_subtype_may_be_asked_for_more_of_the_same_relation",
            "tests/emulator/unit/query_engine/test_loading.py::test_what_is_asked_of_a_subtype_is_not_said_of_others",
            "tests/emulator/unit/query_engine/test_loading.py::test_the_nearest_of_several_subtypes_counts",
        ),
    ),
    Behaviour(
        "A relation that several subtypes have, each to something else, is selected of each and refused in conditions.",
        Evidence.ASSUMED,
        "subclass attributes are reachable through a base type",
        "5.2",
        (
            "tests/emulator/unit/query_engine/test_loading.py::test_a_relation_that_each_subtype_leads_elsewhere_is_followed_for_each",
            "tests/emulator/unit/query_engine/test_evaluator.py::test_what_the_emulator_does_not_know_is_refused",
        ),
    ),
    Behaviour(
        "Expressions as the official clients send them are understood.",
        Evidence.DOCUMENTED,
        "official Python client; official JavaScript client",
        "5.4",
        (
            "tests/emulator/unit/query_engine/test_corpus.py::test_it_runs_and_finds_what_it_asks_for",
            "tests/contract/python/test_queries.py::test_rows_with_two_keys_are_populated",
            "tests/contract/python/test_queries.py::test_a_mixed_list_is_populated_for_the_first_type",
            "tests/contract/javascript/entities.test.mjs::a type with statuses of its own is found across two queries",
        ),
    ),
    Behaviour(
        "Rows without an order come as they were inserted.",
        Evidence.ASSUMED,
        "the order is stable, and nothing more is known",
        "5.5",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_rows_come_in_the_order_asked_for_then_as_inserted",
        ),
    ),
    Behaviour(
        "Texts are compared without regard to case.",
        Evidence.ASSUMED,
        "documentation asks for shot and finds Shot",
        "5.5",
        ("tests/contract/python/test_queries.py::test_it_finds_as_many_as_there_are",),
    ),
    Behaviour(
        "Rows without a value meet negations, and no ordering or likeness.",
        Evidence.ASSUMED,
        "nothing is known",
        "5.5",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_rows_are_those_that_meet_the_conditions",
            "tests/property/test_evaluator.py::test_the_emulator_finds_what_a_naive_reading_finds",
        ),
    ),
    Behaviour(
        "A list of thousands of values is no limit, nor are thousands of conditions.",
        Evidence.ASSUMED,
        "real servers fail somewhere in the thousands",
        "5.5",
        (
            "tests/emulator/unit/query_engine/test_conjunction.py::test_thousands_of_conditions_are_no_limit",
            "tests/emulator/unit/query_engine/test_conjunction.py::test_a_list_of_thousands_is_no_limit",
        ),
    ),
    Behaviour(
        "What is computed cannot be filtered or sorted by.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "5.5",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_names_that_cannot_be_used_are_refused_by_name",
            "tests/contract/python/test_queries.py::test_what_makes_no_sense_is_an_error",
        ),
    ),
    Behaviour(
        "An attribute that a type does not have is a ParseError: No attribute 'x' exists for schema 'T'. The emulator adds a hint.",
        Evidence.RECORDED,
        "answers of real servers that two third parties published",
        "5.2, 1.6, D",
        (
            "tests/emulator/unit/query_engine/test_unknown_names.py::test_an_unknown_attribute_is_a_parse_error_in_the_words_of_servers",
            "tests/emulator/unit/query_engine/test_unknown_names.py::test_a_hint_follows_the_sentence",
        ),
    ),
    Behaviour(
        "A query of Context does not take attributes of its subtypes; behind a relation it does.",
        Evidence.RECORDED,
        "answers of real servers that a third party published",
        "5.5, D",
        (
            "tests/emulator/unit/query_engine/test_unknown_names.py::test_a_query_of_contexts_has_no_attributes_of_their_subtypes",
            "tests/emulator/unit/query_engine/test_unknown_names.py::test_contexts_behind_a_relation_have_attributes_of_their_subtypes",
        ),
    ),
    Behaviour(
        "Conditions on parent_type and other names of types compare the table: asset_version, task, show; results have the name of the schema.",
        Evidence.RECORDED,
        "all notes of a real server, counted by a third party",
        "5.5, D",
        (
            "tests/emulator/unit/query_engine/test_type_names.py::test_a_condition_compares_the_name_of_the_table",
            "tests/emulator/unit/query_engine/test_type_names.py::test_results_show_the_name_of_the_schema",
            "tests/emulator/unit/query_engine/test_type_names.py::test_every_attribute_with_the_name_of_a_type_is_compared_so",
        ),
    ),
    Behaviour(
        "The table of a type is its alias in small letters with underscores; components share one.",
        Evidence.ASSUMED,
        "four names are known",
        "B, D",
        (
            "tests/emulator/unit/query_engine/test_type_names.py::test_tables_have_names_in_small_letters",
        ),
    ),
    Behaviour(
        "A query may select id from Setting, which has no such attribute; the row has its key.",
        Evidence.ASSUMED,
        "ftrack Connect selects it at its start, and handles no error but a missing row",
        "5.2, 6.9",
        (
            "tests/emulator/unit/query_engine/test_unknown_names.py::test_the_id_of_a_setting_can_be_selected",
        ),
    ),
    Behaviour(
        "Dates in conditions may lack leading zeros: 2024-1-8.",
        Evidence.ASSUMED,
        "public code writes dates so",
        "5.2, D",
        (
            "tests/emulator/unit/query_engine/test_evaluator.py::test_dates_may_lack_leading_zeros",
        ),
    ),
)

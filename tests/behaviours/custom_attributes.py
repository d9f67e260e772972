"""Custom attributes: configurations, values, links."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_TESTS: Final = "tests/emulator/unit/rules/test_custom_attributes.py"
_WRITES: Final = "tests/emulator/unit/rules/test_collections.py"
_DELETE: Final = "tests/emulator/unit/rules/test_delete.py"

BEHAVIOURS = (
    Behaviour(
        "Configurations of every type are created through the API and can be used "
        "at once.",
        Evidence.DOCUMENTED,
        "official documentation of custom attributes",
        "6.7",
        (
            f"{_TESTS}::test_a_value_of_each_type_is_kept",
            f"{_TESTS}::test_a_configuration_is_used_in_the_request_that_makes_it",
        ),
    ),
    Behaviour(
        "Values are text, numbers, booleans, wrapped dates, lists of texts for "
        "enumerators, and the source of expressions.",
        Evidence.DOCUMENTED,
        "official documentation of custom attributes",
        "3.5",
        (
            f"{_TESTS}::test_a_value_of_each_type_is_kept",
            f"{_WRITES}::test_a_date_value_is_served_in_its_wrapper",
        ),
    ),
    Behaviour(
        "A value of another type is refused with ValidationError in the recorded "
        "words.",
        Evidence.RECORDED,
        "recorded refusal of a text for a number",
        "1.6",
        (f"{_WRITES}::test_a_value_of_another_type_is_refused_in_the_recorded_words",),
    ),
    Behaviour(
        "Values of every type are checked in the same words, a bare text for an "
        "enumerator included.",
        Evidence.ASSUMED,
        "the recorded words for a number; enumerators are lists even for a single "
        "choice",
        "3.5",
        (f"{_TESTS}::test_a_value_of_another_type_is_refused_for_each_type",),
    ),
    Behaviour(
        "Null is a value of any type.",
        Evidence.DOCUMENTED,
        "official documentation of custom attributes",
        "3.5",
        (f"{_WRITES}::test_null_is_a_value_of_any_type",),
    ),
    Behaviour(
        "An enumerator takes values that its configuration does not list.",
        Evidence.ASSUMED,
        "no source knows a refusal",
        "6.7",
        (f"{_TESTS}::test_a_value_of_each_type_is_kept",),
    ),
    Behaviour(
        "The default of a configuration is checked like its values.",
        Evidence.ASSUMED,
        "a default is shown as a value",
        "6.7",
        (f"{_TESTS}::test_a_value_of_another_type_is_refused_for_each_type",),
    ),
    Behaviour(
        "Without a default, enumerators have the empty list, text is empty, other "
        "types are null.",
        Evidence.ASSUMED,
        "recorded defaults of configurations of text, url and dynamic enumerator; "
        "null for the others",
        "6.7",
        (f"{_TESTS}::test_a_configuration_without_default_has_that_of_its_type",),
    ),
    Behaviour(
        "Updating a value that was never set sets it, by prefixed or plain type.",
        Evidence.DOCUMENTED,
        "the official Python client only ever updates",
        "3.5",
        (
            f"{_WRITES}::test_an_update_of_a_value_that_was_never_set_sets_it",
            f"{_WRITES}::test_a_value_of_a_new_entity_may_be_set_in_the_same_request",
        ),
    ),
    Behaviour(
        "Prefixed types show a row for each configuration that applies, plain "
        "rows are only those that were set.",
        Evidence.ASSUMED,
        "two third-party tools rely on it",
        "3.5",
        (
            f"{_TESTS}::test_plain_rows_are_only_those_that_were_set",
            f"{_TESTS}::test_owners_of_each_kind_have_attributes",
        ),
    ),
    Behaviour(
        "Deleting the plain row brings the default back.",
        Evidence.ASSUMED,
        "a third-party tool relies on it",
        "3.5",
        (
            f"{_WRITES}::test_deleting_the_stored_row_brings_the_default_back",
            f"{_TESTS}::test_a_changed_default_is_that_of_new_entities_alone",
        ),
    ),
    Behaviour(
        "Rows of prefixed types cannot be deleted.",
        Evidence.DOCUMENTED,
        "the official Python client says so",
        "3.5",
        (f"{_DELETE}::test_prefixed_values_cannot_be_deleted",),
    ),
    Behaviour(
        "A value needs its configuration and its entity, else ValueError.",
        Evidence.ASSUMED,
        "the words for entities that are not found",
        "3.5",
        (f"{_WRITES}::test_a_value_needs_configuration_and_entity",),
    ),
    Behaviour(
        "Attributes of one object type apply to no other.",
        Evidence.DOCUMENTED,
        "recorded configurations, and how the official Python client picks them",
        "6.7",
        (f"{_TESTS}::test_attributes_of_one_object_type_are_no_others",),
    ),
    Behaviour(
        "Assets, versions, lists, items of lists and users have attributes of "
        "their own.",
        Evidence.DOCUMENTED,
        "the schema's value types; official documentation",
        "6.7",
        (f"{_TESTS}::test_owners_of_each_kind_have_attributes",),
    ),
    Behaviour(
        "The configuration's entity type for items of lists is listobject.",
        Evidence.ASSUMED,
        "the internal name of the type",
        "6.7",
        (
            f"{_TESTS}::test_owners_of_each_kind_have_attributes",
            f"{_TESTS}::test_items_of_lists_have_the_attributes_of_their_project",
        ),
    ),
    Behaviour(
        "Hierarchical attributes apply to projects, what is below, assets and "
        "versions, and nothing is inherited.",
        Evidence.DOCUMENTED,
        "official documentation of hierarchical attributes",
        "6.7",
        (f"{_TESTS}::test_hierarchical_ones_apply_to_trees_and_inherit_nothing",),
    ),
    Behaviour(
        "A project's own configuration hides the global one of the same key.",
        Evidence.DOCUMENTED,
        "how the official Python client picks configurations",
        "6.7",
        (
            f"{_TESTS}::test_a_projects_own_hides_the_global_one",
            f"{_TESTS}::test_a_links_configuration_hides_no_attribute",
        ),
    ),
    Behaviour(
        "A changed default is that of entities created later; those of before "
        "keep theirs.",
        Evidence.DOCUMENTED,
        "official documentation: applies to new entities only",
        "6.7",
        (
            f"{_TESTS}::test_a_changed_default_is_that_of_new_entities_alone",
            f"{_TESTS}::test_a_deleted_entity_does_not_leave_its_default_to_the_next",
        ),
    ),
    Behaviour(
        "The type of a configuration cannot change; a project's can be made "
        "global, not back.",
        Evidence.DOCUMENTED,
        "official documentation of custom attributes",
        "6.7",
        (f"{_TESTS}::test_type_and_project_of_a_configuration_stay",),
    ),
    Behaviour(
        "A key is taken once for its entity type, object type and project; "
        "another is refused with DuplicateEntryError.",
        Evidence.ASSUMED,
        "keys are unique for a type; the name of the error is that for timers",
        "6.5",
        (f"{_TESTS}::test_a_key_is_taken_once_for_its_scope",),
    ),
    Behaviour(
        "A configuration for entities that have no attributes is refused with "
        "ValidationError.",
        Evidence.ASSUMED,
        "the known entity types",
        "6.7",
        (
            f"{_TESTS}::test_entities_that_have_no_attributes_are_refused",
            f"{_TESTS}::test_what_a_link_leads_to_is_one_of_the_known",
        ),
    ),
    Behaviour(
        "Roles that read and write an attribute are set on its configuration.",
        Evidence.DOCUMENTED,
        "official documentation of custom attributes",
        "6.7",
        (f"{_TESTS}::test_roles_of_a_configuration_can_be_given",),
    ),
    Behaviour(
        "Values go with their configuration and with their entity.",
        Evidence.ASSUMED,
        "nothing could show them",
        "6.4",
        (
            f"{_TESTS}::test_a_configuration_goes_with_its_values",
            f"{_TESTS}::test_values_go_with_their_entity",
        ),
    ),
    Behaviour(
        "Links between entities are filtered by from both ends and cannot be selected.",
        Evidence.DOCUMENTED,
        "official documentation of custom attribute links; restricted in the schema",
        "5.3",
        (f"{_TESTS}::test_links_are_filtered_by_from_both_ends",),
    ),
    Behaviour(
        "A link is made once; the second is refused with DuplicateEntryError.",
        Evidence.ASSUMED,
        "link rows are unique",
        "6.5",
        (f"{_TESTS}::test_a_link_is_made_once",),
    ),
    Behaviour(
        "A link goes with its configuration and with either entity.",
        Evidence.ASSUMED,
        "nothing could show it",
        "6.4",
        (f"{_TESTS}::test_a_link_goes_with_what_it_joins",),
    ),
    Behaviour(
        "A configuration needs no config if its type has no options: boolean, date, url.",
        Evidence.DOCUMENTED,
        "developer documentation; of urls it is assumed",
        "6.7, D",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_a_configuration_of_a_type_without_options_needs_no_config",
            "tests/emulator/unit/rules/test_rejected_creates.py::test_a_configuration_of_a_type_with_options_needs_config",
        ),
    ),
    Behaviour(
        "A value is changed and deleted by configuration and entity, also beside a hierarchical attribute of the same key.",
        Evidence.DOCUMENTED,
        "the official Python client updates values by this key",
        "3.5, 6.7",
        (
            "tests/emulator/unit/rules/test_twin_attributes.py::test_a_value_is_set_and_deleted_by_its_key_alone",
        ),
    ),
    Behaviour(
        "A project's attribute hides the global one of its key, not the hierarchical one.",
        Evidence.ASSUMED,
        "the two are different attributes of one key",
        "6.7",
        (
            "tests/emulator/unit/rules/test_twin_attributes.py::test_a_projects_attribute_hides_the_flat_twin_and_not_the_hierarchical",
        ),
    ),
)

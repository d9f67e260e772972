"""Entities."""

from __future__ import annotations

from tests.behaviours.behaviour import Behaviour, Evidence

BEHAVIOURS = (
    Behaviour(
        "A missing key is made by the server; one that is sent is kept.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_key_is_made_when_none_is_sent",
            "tests/emulator/unit/rules/test_create.py::test_a_key_sent_is_kept",
        ),
    ),
    Behaviour(
        "Defaults of the schema are applied though clients do not send them.",
        Evidence.DOCUMENTED,
        "official JavaScript client sends none",
        "4.5",
        (
            "tests/contract/javascript/entities.test.mjs::defaults of the schema are applied though they are not sent",
        ),
    ),
    Behaviour(
        "A new task has project, object type, priority, status, creator and zero values.",
        Evidence.RECORDED,
        "event recorded by a third party",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_task_gets_all_the_server_fills",
            "tests/contract/python/test_production.py::test_a_new_task_is_filled_in",
        ),
    ),
    Behaviour(
        "The status of a new entity is the first one its project schema allows, overrides by task type included.",
        Evidence.ASSUMED,
        "observed for one task",
        "6.1, 6.6",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_task_type_may_override_the_workflow",
            "tests/contract/python/test_production.py::test_an_override_gives_a_task_type_statuses_of_its_own",
        ),
    ),
    Behaviour(
        "Statuses and types follow the project schema by its underscored and plain links.",
        Evidence.DOCUMENTED,
        "official Python client, project schema helpers",
        "6.6",
        (
            "tests/contract/python/test_production.py::test_statuses_follow_the_project_schema",
            "tests/contract/javascript/entities.test.mjs::statuses of a shot are those of its schema",
        ),
    ),
    Behaviour(
        "Versions of an asset count up from the highest.",
        Evidence.DOCUMENTED,
        "developer documentation; test of the Python client",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_versions_count_up_within_their_asset",
            "tests/contract/python/test_components.py::test_a_version_given_by_hand_goes_on_from_there",
        ),
    ),
    Behaviour(
        "A user needs nothing but an id.",
        Evidence.DOCUMENTED,
        "test of the Python client; answer recorded in the tests of the JavaScript client",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_user_needs_nothing_but_an_id",
            "tests/contract/python/test_people_and_notes.py::test_a_user_with_nothing_but_an_id_is_given_the_rest",
        ),
    ),
    Behaviour(
        "The caller becomes a recipient of a new note.",
        Evidence.DOCUMENTED,
        "test of the Python client",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_note_has_date_and_author_and_its_caller_as_recipient",
            "tests/contract/python/test_people_and_notes.py::test_the_caller_becomes_a_recipient_too",
        ),
    ),
    Behaviour(
        "A job is queued, of type api_job, and knows when it ended.",
        Evidence.DOCUMENTED,
        "official Python client",
        "6.1",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_job_is_queued_and_knows_when",
            "tests/contract/python/test_people_and_notes.py::test_a_job_is_queued_then_done",
        ),
    ),
    Behaviour(
        "A component in a location is identified by its own id when nothing else is sent.",
        Evidence.ASSUMED,
        "developer documentation, in passing",
        "6.1",
        ("tests/contract/python/test_components.py::test_a_location_of_ones_own",),
    ),
    Behaviour(
        "The list of an owner's notes gives a note its parent; a reply belongs to its thread.",
        Evidence.DOCUMENTED,
        "official Python client, create_note",
        "6.2",
        (
            "tests/emulator/unit/rules/test_collections.py::test_a_note_gets_its_parent_from_the_owners_list",
            "tests/contract/python/test_people_and_notes.py::test_a_reply_belongs_to_its_note",
        ),
    ),
    Behaviour(
        "Items of lists, used versions and assignments are rows that can be written themselves.",
        Evidence.DOCUMENTED,
        "official Python client",
        "6.2",
        (
            "tests/emulator/unit/rules/test_collections.py::test_items_of_a_list_are_rows_of_their_own",
            "tests/emulator/unit/rules/test_collections.py::test_used_versions_are_linked",
            "tests/contract/python/test_people_and_notes.py::test_a_user_is_assigned_to_a_task",
        ),
    ),
    Behaviour(
        "Types that others inherit from cannot be created, except Component.",
        Evidence.ASSUMED,
        "clients create concrete types",
        "6.2",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_what_cannot_be_set_or_made_is_invalid",
        ),
    ),
    Behaviour(
        "A link lists what leads from the project to the entity; that of a version ends with itself.",
        Evidence.ASSUMED,
        "recipes compare the types",
        "6.3",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_links_lead_from_the_project_to_the_entity",
            "tests/contract/python/test_components.py::test_a_versions_link_ends_with_itself",
        ),
    ),
    Behaviour(
        "Thumbnails and files have addresses, or null.",
        Evidence.ASSUMED,
        "clients read url and value",
        "6.3",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_pictures_and_files_have_urls_or_null",
            "tests/contract/python/test_files.py::test_entities_are_given_thumbnails",
        ),
    ),
    Behaviour(
        "Logged time counts what lies below.",
        Evidence.DOCUMENTED,
        "schema",
        "6.3",
        (
            "tests/emulator/unit/query_engine/test_projection.py::test_logged_time_counts_what_lies_below",
            "tests/contract/python/test_people_and_notes.py::test_logged_time_adds_up_from_below",
        ),
    ),
    Behaviour(
        "Each change of status leaves a row with both statuses, user and date.",
        Evidence.DOCUMENTED,
        "schema",
        "6.3",
        (
            "tests/emulator/unit/rules/test_update.py::test_each_status_change_is_remembered",
            "tests/contract/python/test_production.py::test_a_change_of_status_is_remembered",
        ),
    ),
    Behaviour(
        "The latest version is the one with the highest number.",
        Evidence.DOCUMENTED,
        "schema",
        "6.3",
        (
            "tests/contract/python/test_components.py::test_the_latest_version_is_the_highest",
        ),
    ),
    Behaviour(
        "A project goes with its whole tree, a shot with all below it.",
        Evidence.DOCUMENTED,
        "teardown of the Python client's tests",
        "6.4",
        (
            "tests/emulator/unit/rules/test_delete.py::test_a_project_goes_with_its_whole_tree",
            "tests/contract/python/test_production.py::test_deleting_a_shot_takes_what_is_below_it",
        ),
    ),
    Behaviour(
        "Child and parent may go in one commit.",
        Evidence.DOCUMENTED,
        "test of the Python client",
        "6.4",
        (
            "tests/contract/python/test_production.py::test_child_and_parent_go_in_one_commit",
        ),
    ),
    Behaviour(
        "A version goes with its components.",
        Evidence.ASSUMED,
        "a comment says they go first; a cascade is kinder",
        "6.4",
        (
            "tests/contract/python/test_components.py::test_deleting_a_version_takes_its_components",
        ),
    ),
    Behaviour(
        "A row that others cannot be without is refused with IntegrityError.",
        Evidence.ASSUMED,
        "named by third parties",
        "6.4",
        ("tests/emulator/unit/rules/test_delete.py::test_a_status_in_use_cannot_go",),
    ),
    Behaviour(
        "A missing required attribute, found at the end of the batch, is a ValidationError.",
        Evidence.ASSUMED,
        "name by analogy",
        "6.5",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_a_missing_required_attribute_is_refused",
            "tests/emulator/unit/rules/test_rejected_creates.py::test_a_later_operation_may_give_what_was_missing",
        ),
    ),
    Behaviour(
        "A second timer of a user is a DuplicateEntryError.",
        Evidence.DOCUMENTED,
        "official Python client, start_timer",
        "6.5, 6.8",
        ("tests/contract/python/test_people_and_notes.py::test_a_user_has_one_timer",),
    ),
    Behaviour(
        "A second user of a name, sibling of a name, asset of a name and type, or link row is a DuplicateEntryError.",
        Evidence.ASSUMED,
        "name by analogy",
        "6.5",
        (
            "tests/emulator/unit/rules/test_duplicates.py::test_a_duplicate_is_refused",
            "tests/contract/python/test_production.py::test_siblings_have_different_names",
        ),
    ),
    Behaviour(
        "A category given to a note as a label becomes its category.",
        Evidence.DOCUMENTED,
        "tests of the official Python client",
        "6.2",
        (
            "tests/contract/python/test_people_and_notes.py::test_a_note_may_be_of_a_category",
        ),
    ),
    Behaviour(
        "Assets of no type may share a name.",
        Evidence.DOCUMENTED,
        "tests of the official Python client",
        "6.5",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_assets_without_a_type_may_share_a_name",
        ),
    ),
    Behaviour(
        "Immutable and computed attributes cannot be set.",
        Evidence.ASSUMED,
        "clients refuse before",
        "6.5",
        (
            "tests/emulator/unit/rules/test_update.py::test_what_cannot_be_changed_is_invalid",
        ),
    ),
    Behaviour(
        "A timer stops into a timelog in one commit.",
        Evidence.DOCUMENTED,
        "official Python client, stop_timer",
        "6.8",
        (
            "tests/contract/python/test_people_and_notes.py::test_a_timer_becomes_a_timelog",
        ),
    ),
    Behaviour(
        "The storage scenario is a setting and part of the information; the Python client activates it.",
        Evidence.DOCUMENTED,
        "official Python client",
        "6.9",
        (
            "tests/contract/python/test_session.py::test_a_storage_scenario_is_activated_at_the_start",
            "tests/contract/python/test_session.py::test_the_storage_scenario_is_served",
            "tests/emulator/unit/test_server_information.py::test_a_storage_scenario_that_is_set_is_told",
        ),
    ),
    Behaviour(
        "Custom attributes that link entities are found by their configuration's key.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "6.7",
        ("tests/contract/python/test_attributes.py::test_links_to_entities_are_found",),
    ),
    Behaviour(
        "Stock statuses, types, priorities, object types, project schemas and configurations have the recorded ids.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "9.1, 9.8",
        (
            "tests/emulator/unit/seed/test_seed.py::test_rows_are_those_of_the_recorded_server",
            "tests/emulator/unit/seed/test_seed.py::test_schemas_allow_the_recorded_statuses_and_types_in_order",
            "tests/emulator/unit/seed/test_seed.py::test_states_are_those_that_the_page_infers",
            "tests/emulator/unit/seed/test_seed.py::test_custom_attribute_types_are_the_eight_of_the_page",
        ),
    ),
    Behaviour(
        "The five well-known locations have their ids.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.1",
        (
            "tests/contract/python/test_components.py::test_the_well_known_locations_are_there",
        ),
    ),
    Behaviour(
        "The Python client uploads by one request with a checksum, then registers the component.",
        Evidence.DOCUMENTED,
        "official Python client, server accessor",
        "7.3",
        ("tests/contract/python/test_files.py::test_an_upload_arrives_and_comes_back",),
    ),
    Behaviour(
        "Review components carry the names that the Python client looks for.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.6",
        (
            "tests/emulator/unit/test_actions.py::test_encoding_leaves_a_job_and_review_media",
        ),
    ),
    Behaviour(
        "A plain Component can be created, renamed and deleted.",
        Evidence.DOCUMENTED,
        "newest tests of the official Python client",
        "6.2, D",
        (
            "tests/emulator/unit/rules/test_create.py::test_a_plain_component_is_created_renamed_and_deleted",
        ),
    ),
    Behaviour(
        "An unknown attribute in a create is an error; an option of the emulator ignores it.",
        Evidence.ASSUMED,
        "a test of the JavaScript client sends one",
        "6.1, D",
        (
            "tests/emulator/unit/rules/test_rejected_creates.py::test_unknown_attributes_of_a_create_can_be_ignored",
        ),
    ),
    Behaviour(
        "A new project schema has the object types Task and Milestone, unless a list of them is sent.",
        Evidence.RECORDED,
        "answer recorded from a real server; that a list replaces them is assumed",
        "6.1, D",
        (
            "tests/emulator/unit/rules/test_project_schemas.py::test_a_new_project_schema_has_tasks_and_milestones",
            "tests/emulator/unit/rules/test_project_schemas.py::test_object_types_that_are_sent_are_all_there_are",
        ),
    ),
    Behaviour(
        "VFX is the first project schema.",
        Evidence.DOCUMENTED,
        "examples of the documentation take the first and expect shots",
        "9.5, D",
        (
            "tests/emulator/unit/rules/test_project_schemas.py::test_the_first_project_schema_has_shots",
        ),
    ),
    Behaviour(
        "Types and keys of metadata that differ by case are different.",
        Evidence.ASSUMED,
        "identifiers have a case, and only texts of attributes are compared without it",
        "6.2",
        (
            "tests/emulator/unit/test_odd_operations.py::test_names_that_differ_by_case_are_different_names",
        ),
    ),
    Behaviour(
        "A null description of a new typed context is empty text.",
        Evidence.ASSUMED,
        "as one that is not sent",
        "6.1",
        (
            "tests/emulator/unit/test_odd_operations.py::test_a_null_description_of_a_new_task_is_empty_text",
        ),
    ),
)

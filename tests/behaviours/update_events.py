"""The event hub: updates after a commit."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_INTERNAL_NAMES: Final = "tests/emulator/unit/events/test_internal_names.py"
_CUSTOM_ATTRIBUTE_UPDATES: Final = (
    "tests/emulator/unit/events/test_custom_attribute_updates.py"
)
_UPDATES: Final = "tests/emulator/unit/events/test_updates.py"
_EVENT_LOG: Final = "tests/emulator/unit/events/test_event_log.py"
_PY: Final = "tests/contract/python/test_update_events.py"
_JS: Final = "tests/contract/javascript/events.test.mjs"

BEHAVIOURS: Final = (
    Behaviour(
        "Every change of a row, of whatever type and by whatever cause, is told as "
        "`ftrack.update` after the commit; an undone transaction tells nothing.",
        Evidence.DOCUMENTED,
        "official documentation of events; samples of third parties for the types",
        "6.8, 8.6",
        (
            f"{_UPDATES}::test_a_changed_status_is_told_as_in_the_protocol",
            f"{_UPDATES}::test_a_request_that_fails_tells_nothing",
            f"{_UPDATES}::test_the_history_of_a_status_is_told",
            f"{_PY}::test_a_commit_is_told_to_another_session",
            f"{_JS}::a changed status is told with its internal name",
        ),
    ),
    Behaviour(
        "One transaction is one event with several entities, in the order in which they "
        "were touched; events come in the order of commits.",
        Evidence.ASSUMED,
        "samples of third parties for the one event, nothing for the orders",
        "8.6",
        (
            f"{_UPDATES}::test_the_operations_of_a_request_are_one_event",
            f"{_UPDATES}::test_events_come_in_the_order_of_commits",
            f"{_PY}::test_a_commit_of_many_is_one_event",
            f"{_JS}::creating and deleting is told, a call of several as one event",
        ),
    ),
    Behaviour(
        "What ends as it began is not told, and a request without changes has no event.",
        Evidence.ASSUMED,
        "it would be no news",
        "8.6",
        (f"{_UPDATES}::test_what_changes_nothing_is_no_event",),
    ),
    Behaviour(
        "A new entity has all its names in changes, its id and nulls included. Its old "
        "values are null, and so are the new ones of a deleted entity.",
        Evidence.RECORDED,
        "recorded events of new entities; samples of third parties for deleted ones",
        "8.6, D",
        (
            f"{_UPDATES}::test_a_new_entity_has_no_old_values",
            f"{_UPDATES}::test_a_deleted_entity_has_no_new_values_and_still_its_parents",
            f"{_PY}::test_creating_and_deleting_is_told",
        ),
    ),
    Behaviour(
        "A context or asset that gets another parent has the action `move`.",
        Evidence.ASSUMED,
        "third parties treat a move as an update that holds parent_id",
        "8.6",
        (f"{_UPDATES}::test_another_parent_is_a_move",),
    ),
    Behaviour(
        "`entityType` is the internal table's name in small letters, `component` for "
        "all components.",
        Evidence.ASSUMED,
        "third parties filter such names, auth_userrole and timelog among them",
        "8.6, B",
        (
            f"{_INTERNAL_NAMES}::test_types_have_their_internal_names",
            f"{_INTERNAL_NAMES}::test_an_asset_version_has_its_internal_names",
            f"{_INTERNAL_NAMES}::test_a_project_has_its_internal_names",
        ),
    ),
    Behaviour(
        "Keys of changes are the internal names of the schema, `taskid` for the id of a "
        "typed context.",
        Evidence.RECORDED,
        "alias_for in the recorded schema",
        "8.6, B",
        (
            f"{_UPDATES}::test_a_new_entity_has_no_old_values",
            f"{_INTERNAL_NAMES}::test_an_asset_version_has_its_internal_names",
            f"{_INTERNAL_NAMES}::test_a_note_belongs_to_what_it_is_on",
            f"{_INTERNAL_NAMES}::test_two_attributes_of_one_internal_name_are_one",
            f"{_INTERNAL_NAMES}::test_a_key_that_no_attribute_shows_has_the_name_of_its_link",
        ),
    ),
    Behaviour(
        "The key of a user is in no event.",
        Evidence.ASSUMED,
        "no attribute shows it",
        "8.6",
        (f"{_UPDATES}::test_the_key_of_a_user_is_never_told",),
    ),
    Behaviour(
        "Numbers and booleans of changes are those of JSON; choices of an enumerator "
        "are one text with commas.",
        Evidence.RECORDED,
        "a recorded event has 0.0 and False; nothing for the choices",
        "8.6, D",
        (
            f"{_UPDATES}::test_a_new_entity_has_no_old_values",
            f"{_INTERNAL_NAMES}::test_an_asset_version_has_its_internal_names",
            f"{_CUSTOM_ATTRIBUTE_UPDATES}::test_custom_attributes_stand_under_their_key_as_values",
        ),
    ),
    Behaviour(
        "Datetimes of events have microseconds, always zero.",
        Evidence.ASSUMED,
        "samples of third parties have them; the emulator keeps whole seconds",
        "8.6, 10",
        (
            f"{_UPDATES}::test_the_moment_of_a_change_has_microseconds_and_the_api_has_not",
        ),
    ),
    Behaviour(
        "Custom attributes are told of their entity, under their key; the old value is "
        "what was stored and not a default.",
        Evidence.ASSUMED,
        "samples of third parties for the place, nothing for the default",
        "8.6",
        (
            f"{_CUSTOM_ATTRIBUTE_UPDATES}::test_custom_attributes_stand_under_their_key_as_values",
            f"{_CUSTOM_ATTRIBUTE_UPDATES}::test_custom_attributes_of_a_new_entity_stand_with_it",
            f"{_CUSTOM_ATTRIBUTE_UPDATES}::test_custom_attributes_of_a_deleted_entity_go_with_it",
            f"{_PY}::test_a_custom_attribute_is_told_under_its_key",
        ),
    ),
    Behaviour(
        "Members of a collection are told as the rows that join them; where the schema "
        "has no type for those, as a change of the owner that lists the ids.",
        Evidence.ASSUMED,
        "samples of third parties have listobject; nothing for the others",
        "8.6",
        (
            f"{_UPDATES}::test_items_of_a_list_are_told",
            f"{_UPDATES}::test_members_that_no_type_joins_are_told_of_their_owner",
        ),
    ),
    Behaviour(
        "`entityId` of a key of several values has all of them, with commas.",
        Evidence.ASSUMED,
        "no source has such an event",
        "8.6",
        (f"{_INTERNAL_NAMES}::test_a_key_of_several_values_is_written_with_commas",),
    ),
    Behaviour(
        "`parents` lead from the entity to its project, of what was deleted too; all "
        "their ids are in `parents` of the data.",
        Evidence.ASSUMED,
        "samples of third parties for contexts, assets and versions",
        "8.6",
        (
            f"{_UPDATES}::test_a_changed_status_is_told_as_in_the_protocol",
            f"{_UPDATES}::test_all_that_goes_with_a_project_is_told_in_one_event",
            f"{_INTERNAL_NAMES}::test_a_note_belongs_to_what_it_is_on",
        ),
    ),
    Behaviour(
        "`pushToken` and `clientToken` are those of the request; the text `undefined` "
        "is none.",
        Evidence.DOCUMENTED,
        "official JavaScript client",
        "8.6",
        (
            f"{_UPDATES}::test_tokens_of_the_request_are_echoed",
            f"{_UPDATES}::test_the_text_undefined_is_no_token",
            f"{_JS}::the tokens of a call are echoed",
            f"{_JS}::without a push token none is echoed, and the client's is its own",
        ),
    ),
    Behaviour(
        "The source of an update names the user whose request it was, and "
        "ftrack.client.web.",
        Evidence.ASSUMED,
        "the sample in the protocol reference",
        "8.6",
        (
            f"{_UPDATES}::test_a_changed_status_is_told_as_in_the_protocol",
            f"{_PY}::test_only_the_changes_of_a_user_can_be_heard",
        ),
    ),
    Behaviour(
        "Every change of a row is logged as an `Event` with a rising id. `insert` is "
        "`delete` for deletions, whose `data` hold the id and the data of the row.",
        Evidence.DOCUMENTED,
        "help page about activity, which queries deletions",
        "8, D",
        (
            f"{_EVENT_LOG}::test_a_client_catches_up_with_the_events_after_the_last_it_has_seen",
            f"{_EVENT_LOG}::test_a_deletion_is_found_as_the_documentation_shows",
            f"{_EVENT_LOG}::test_a_refused_request_and_one_that_changes_nothing_leave_no_event",
        ),
    ),
    Behaviour(
        "An `Event` names the changed row: its internal type, its key, its project and "
        "the user; `data` is JSON, with the changed names of an update. Events outlive "
        "what they name.",
        Evidence.ASSUMED,
        "the attributes of the schema; nothing shows their values",
        "8, D",
        (
            f"{_EVENT_LOG}::test_a_client_catches_up_with_the_events_after_the_last_it_has_seen",
            f"{_EVENT_LOG}::test_rows_below_a_deleted_owner_still_name_their_project",
            f"{_EVENT_LOG}::test_custom_values_and_members_name_the_entity",
            f"{_EVENT_LOG}::test_no_event_contains_a_key",
            f"{_EVENT_LOG}::test_events_of_projects_that_a_user_may_not_read_are_hidden",
        ),
    ),
    Behaviour(
        "An update that nobody listens to is not made.",
        Evidence.ASSUMED,
        "nobody can tell",
        "8.6",
        (
            f"{_UPDATES}::test_nobody_who_listens_is_nothing_that_is_told",
            f"{_UPDATES}::test_commits_that_nobody_listens_to_ask_the_database_no_more",
        ),
    ),
)

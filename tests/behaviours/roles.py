"""Users, keys, roles and permissions."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_ASSUMING: Final = "tests/emulator/unit/access/test_assuming.py"
_TWO_FACTOR: Final = "tests/emulator/unit/access/test_two_factor.py"
_READING: Final = "tests/emulator/unit/access/test_access_reading.py"
_CHANGING: Final = "tests/emulator/unit/access/test_access_changing.py"
_TABLES: Final = "tests/emulator/unit/access/test_access_tables.py"
_ROLES: Final = "tests/emulator/unit/access/test_roles.py"
_LOGINS: Final = "tests/emulator/http/test_logins.py"
_PYTHON: Final = "tests/contract/python/test_roles.py"
_JAVASCRIPT: Final = "tests/contract/javascript/roles.test.mjs"
_PROPERTY: Final = (
    "tests/property/test_access.py::"
    "test_a_restricted_user_finds_what_all_find_and_it_may_read"
)

BEHAVIOURS = (
    Behaviour(
        "Rows that a user may not read are left out of queries without an error.",
        Evidence.DOCUMENTED,
        "developer documentation, filtering by permission",
        "6.5",
        (
            f"{_READING}::test_rows_of_other_projects_are_not_there",
            f"{_PYTHON}::test_projects_of_others_are_not_there",
            f"{_JAVASCRIPT}::rows of other projects are not there",
            _PROPERTY,
        ),
    ),
    Behaviour(
        "A user reads the projects that a security role of it is on: those granted to "
        "the role, or all that are not private (`is_all_open_projects`, formerly "
        "`is_all_projects`).",
        Evidence.ASSUMED,
        "names of the attributes; examples of the Python client",
        "6.5, 9.9",
        (
            f"{_READING}::test_a_role_on_all_open_projects_leaves_private_ones_out",
            f"{_READING}::test_a_private_project_is_there_for_those_it_was_granted_to",
            f"{_READING}::test_the_deprecated_flag_means_open_projects_too",
            f"{_READING}::test_roles_add_up",
            f"{_PYTHON}::test_a_role_on_all_open_projects_leaves_private_ones_out",
        ),
    ),
    Behaviour(
        "A row belongs to the projects that it, or what it is attached to, is in; what "
        "joins two belongs to both, and what is in none is everybody's to read.",
        Evidence.ASSUMED,
        "no source; the relations of the recorded schema",
        "6.5",
        (
            f"{_TABLES}::test_every_family_has_paths_to_a_project_or_is_said_to_have_none",
            f"{_TABLES}::test_what_an_entity_owns_belongs_where_the_entity_does",
            "tests/emulator/unit/access/test_access_everywhere.py::"
            "test_rows_of_other_projects_are_hidden",
            f"{_READING}::test_what_belongs_to_no_project_is_there_for_all",
            f"{_READING}::test_a_component_of_nothing_belongs_to_no_project",
            _PROPERTY,
        ),
    ),
    Behaviour(
        "A link to a hidden row is null, a collection is without hidden rows, and "
        "conditions, order, pages, counts, searches and computed values know nothing "
        "of them.",
        Evidence.ASSUMED,
        "follows from rows being filtered silently",
        "6.5",
        (
            "tests/emulator/unit/access/test_access_everywhere.py::"
            "test_no_way_leads_to_an_entity_of_another_project",
            f"{_READING}::test_a_link_to_what_is_hidden_is_null",
            f"{_READING}::test_a_collection_is_without_what_is_hidden",
            f"{_READING}::test_conditions_know_nothing_of_what_is_hidden",
            f"{_READING}::test_order_knows_nothing_of_what_is_hidden",
            f"{_READING}::test_pages_are_of_what_is_seen",
            f"{_READING}::test_counts_are_of_what_is_seen",
            f"{_READING}::test_a_search_finds_what_is_seen",
            f"{_READING}::test_computed_values_are_of_what_is_seen",
            f"{_PYTHON}::test_populating_reads_what_may_be_read",
            f"{_JAVASCRIPT}::a relation to what is hidden is null",
        ),
    ),
    Behaviour(
        "What is hidden can be neither changed, deleted nor referred to: it is as if it "
        "were not there.",
        Evidence.ASSUMED,
        "follows from rows being filtered silently",
        "6.5",
        (
            f"{_READING}::test_no_action_finds_what_is_hidden",
            f"{_CHANGING}::test_nothing_can_refer_to_what_is_hidden",
            f"{_PYTHON}::test_what_is_out_of_sight_cannot_be_changed",
            f"{_JAVASCRIPT}::changing what is hidden is no permission error",
        ),
    ),
    Behaviour(
        "Members of a collection that a user cannot see stay when it sends the "
        "collection without them.",
        Evidence.ASSUMED,
        "nobody can have left out what it does not see",
        "3.4, 6.5",
        (f"{_CHANGING}::test_members_that_are_hidden_stay",),
    ),
    Behaviour(
        "What a role does not allow is a PermissionError, and nothing of the batch is "
        "applied.",
        Evidence.DOCUMENTED,
        "official JavaScript client, error kinds; batches are transactions",
        "1.6, 1.7, 6.5",
        (
            f"{_CHANGING}::test_a_batch_with_one_thing_refused_leaves_nothing",
            f"{_CHANGING}::test_a_refusal_has_status_200_unless_the_client_is_strict",
            f"{_PYTHON}::test_a_refused_commit_leaves_nothing",
            f"{_JAVASCRIPT}::a role that does not allow it is a ServerPermissionDeniedError",
        ),
    ),
    Behaviour(
        "Settings, other users and roles are changed by administrators only.",
        Evidence.ASSUMED,
        "a third party meets it so; which types are settings is ours",
        "6.5",
        (
            f"{_CHANGING}::test_settings_are_the_administrators",
            f"{_TABLES}::test_settings_are_the_administrators",
            f"{_PYTHON}::test_settings_are_refused",
            f"{_JAVASCRIPT}::settings are refused",
        ),
    ),
    Behaviour(
        "The roles Administrator and API allow everything; Project Manager everything "
        "on its projects; User and roles of one's own allow to make artists' work there "
        "and to change contexts, not to create, move or delete them.",
        Evidence.ASSUMED,
        "names of the roles; no source says what they allow",
        "6.5, 9.9",
        (
            f"{_READING}::test_some_roles_have_no_limits",
            f"{_CHANGING}::test_work_is_made_by_whoever_has_a_role_there",
            f"{_CHANGING}::test_planning_is_the_managers",
            f"{_CHANGING}::test_nothing_can_be_put_where_one_may_only_read",
            f"{_PYTHON}::test_artists_make_and_delete_no_task",
            f"{_PYTHON}::test_managers_plan_their_project_only",
        ),
    ),
    Behaviour(
        "A user without a role reads what belongs to no project, and changes its own "
        "row alone.",
        Evidence.ASSUMED,
        "no source",
        "6.5",
        (
            f"{_READING}::test_without_a_role_no_project_is_there",
            f"{_CHANGING}::test_without_a_role_nothing_is_made",
            f"{_CHANGING}::test_everybody_changes_its_own_row",
            f"{_CHANGING}::test_nobody_gives_itself_rights",
        ),
    ),
    Behaviour(
        "Dashboards, jobs, views and application states are changed by their owners.",
        Evidence.ASSUMED,
        "no source",
        "6.5",
        (f"{_CHANGING}::test_what_is_personal_is_its_owners",),
    ),
    Behaviour(
        "Files are given to who may read their component, and taken from who may "
        "change it.",
        Evidence.ASSUMED,
        "addresses carry name and key of a user",
        "7.2",
        (
            f"{_CHANGING}::test_bytes_are_taken_for_components_one_may_change",
            f"{_CHANGING}::test_files_are_given_to_those_who_may_read_their_component",
        ),
    ),
    Behaviour(
        "The first call that succeeds sets a cookie, which is enough afterwards; name "
        "and key go before it.",
        Evidence.DOCUMENTED,
        "developer documentation, authentication",
        "1.3",
        (
            f"{_LOGINS}::test_the_cookie_of_a_call_is_enough_afterwards",
            f"{_LOGINS}::test_name_and_key_go_before_the_cookie",
            f"{_LOGINS}::test_a_call_that_fails_begins_no_login",
            f"{_LOGINS}::test_files_take_the_cookie_too",
        ),
    ),
    Behaviour(
        "A key that was reset opens nothing more, and neither do the sessions that "
        "began with it.",
        Evidence.ASSUMED,
        "the old key is invalid (documented); of cookies no source speaks",
        "2.10, 6.8",
        (
            f"{_LOGINS}::test_a_login_is_worth_no_more_than_its_key",
            f"{_ROLES}::test_one_resets_its_own_key",
            f"{_PYTHON}::test_a_key_that_was_reset_ends_the_open_session",
            f"{_JAVASCRIPT}::a key that was reset ends the open session",
        ),
    ),
    Behaviour(
        "A user who is not active cannot log in.",
        Evidence.ASSUMED,
        "name of the attribute",
        "1.3",
        (f"{_ROLES}::test_users_who_are_not_active_cannot_log_in",),
    ),
    Behaviour(
        "A global API key has the rights of its own roles on its own projects, whoever "
        "uses it; `reset_remote` of ApiKey makes one.",
        Evidence.DOCUMENTED,
        "developer documentation of the actions; how rights combine is assumed",
        "2.10, 2.16",
        (
            f"{_ROLES}::test_a_global_key_has_the_rights_of_its_roles",
            f"{_ROLES}::test_a_global_key_is_told_by_the_information",
            f"{_ROLES}::test_no_query_shows_a_key",
        ),
    ),
    Behaviour(
        "`user_information` names the roles as permissions and the global key, and "
        "says whether the user is restricted.",
        Evidence.ASSUMED,
        "only the names of the keys are documented",
        "2.6",
        (
            f"{_ROLES}::test_the_information_tells_what_one_may",
            f"{_JAVASCRIPT}::information tells restricted users",
        ),
    ),
    Behaviour(
        "`add_user_security_role`, `update_user_security_role` and "
        "`remove_user_security_role` give, change and take roles of users.",
        Evidence.DOCUMENTED,
        "examples of the Python client; developer documentation",
        "2.16",
        (
            f"{_ROLES}::test_a_role_is_added_and_granted_projects",
            f"{_ROLES}::test_a_role_can_be_on_all_open_projects",
            f"{_ROLES}::test_a_role_becomes_another_on_the_same_projects",
            f"{_ROLES}::test_what_cannot_be_done_with_roles_is_refused",
            f"{_PYTHON}::test_roles_are_given_as_the_documentation_shows",
        ),
    ),
    Behaviour(
        "`grant_user_security_role_project` and `revoke_user_security_role_project` "
        "say on which projects a role is; one on all open ones cannot be granted more.",
        Evidence.DOCUMENTED,
        "examples of the Python client; a recipe avoids the error",
        "2.16",
        (
            f"{_ROLES}::test_a_role_is_added_and_granted_projects",
            f"{_ROLES}::test_a_role_can_be_on_all_open_projects",
        ),
    ),
    Behaviour(
        "Roles of the type API are for keys only; those of the type ASSIGNED are "
        "refused by name.",
        Evidence.DOCUMENTED,
        "examples of the Python client, security roles",
        "2.16, 9.9",
        (
            f"{_ROLES}::test_what_cannot_be_done_with_roles_is_refused",
            f"{_ROLES}::test_roles_for_assigned_tasks_alone_are_refused_by_name",
        ),
    ),
    Behaviour(
        "Roles are named by `role_id`, or by `security_role_id`.",
        Evidence.ASSUMED,
        "documentation; a third party has the longer name",
        "2.16, 10",
        (f"{_ROLES}::test_a_role_is_added_and_granted_projects",),
    ),
    Behaviour(
        "`grant_api_key_security_role`, `revoke_api_key_security_role`, "
        "`grant_api_key_project` and `revoke_api_key_project` do the same for global "
        "API keys.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "2.16",
        (
            f"{_ROLES}::test_a_global_key_has_the_rights_of_its_roles",
            f"{_ROLES}::test_what_cannot_be_done_with_keys_is_refused",
        ),
    ),
    Behaviour(
        "Rights are given by administrators only.",
        Evidence.ASSUMED,
        "no source",
        "2.16, 6.5",
        (f"{_ROLES}::test_rights_are_the_administrators_to_give",),
    ),
    Behaviour(
        "`assume_user` plays the part of another user in all later requests of the "
        "session, read-only unless told otherwise, and `un_assume_user` ends it.",
        Evidence.DOCUMENTED,
        "developer documentation; that it is for administrators is assumed",
        "2.16",
        (
            f"{_ASSUMING}::test_an_administrator_plays_a_user_until_it_stops",
            f"{_ASSUMING}::test_a_part_is_read_only_unless_it_is_asked_otherwise",
            f"{_ASSUMING}::test_a_part_is_played_in_one_session_only",
            f"{_LOGINS}::test_a_part_is_played_by_the_cookie_alone",
            f"{_PYTHON}::test_an_administrator_assumes_a_user",
        ),
    ),
    Behaviour(
        "`generate_totp` makes a secret, `configure_totp` enables it with its current "
        "code, and refuses without one in the documented words.",
        Evidence.DOCUMENTED,
        "developer documentation; the answers are assumed",
        "2.16",
        (
            f"{_TWO_FACTOR}::test_an_authenticator_needs_secret_and_code",
            f"{_TWO_FACTOR}::test_the_code_must_be_the_secrets",
        ),
    ),
    Behaviour(
        "`configure_otp` enables codes that are sent, `disable_2fa` ends every second "
        "factor.",
        Evidence.ASSUMED,
        "names of the actions; nothing more is known",
        "2.16",
        (f"{_TWO_FACTOR}::test_factors_can_be_given_up",),
    ),
    Behaviour(
        "`_authorize_operation` tells whether an operation would be allowed.",
        Evidence.DOCUMENTED,
        "developer documentation, arguments and answer; what context means is assumed",
        "2.16",
        (
            f"{_ROLES}::test_what_one_may_can_be_asked",
            f"{_ROLES}::test_a_question_that_is_none_is_refused",
            f"{_PYTHON}::test_a_role_allows_what_is_asked_of_it",
        ),
    ),
    Behaviour(
        "`permissions` answers an empty object and `compute_rollups` an empty list.",
        Evidence.ASSUMED,
        "official JavaScript client, types of the answers alone",
        "2.15, 10",
        (f"{_ROLES}::test_actions_of_which_the_answer_alone_is_known_are_answered",),
    ),
)

"""Operations."""

from __future__ import annotations

from ftrack_orm.emulator.actions import UNSUPPORTED_ACTIONS
from tests.behaviours.behaviour import Behaviour, Evidence

BEHAVIOURS = (
    Behaviour(
        "`query` answers rows and the absolute offset of the next page, null after the last.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "2.1",
        (
            "tests/emulator/unit/test_dispatch.py::test_the_next_page_is_known_by_looking_ahead",
            "tests/contract/javascript/queries.test.mjs::the next offset tells that there are more rows",
        ),
    ),
    Behaviour(
        "A full last page is known to be the last by looking ahead.",
        Evidence.DOCUMENTED,
        "official Python client, test of its paging",
        "2.1",
        (
            "tests/contract/python/test_queries.py::test_pages_follow_each_other_without_a_gap",
        ),
    ),
    Behaviour(
        "`search` finds what has all terms in the names on its path.",
        Evidence.ASSUMED,
        "the answer is documented; what a term matches is not",
        "2.2",
        (
            "tests/emulator/unit/query_engine/test_search.py::test_every_term_is_part_of_a_name_on_the_path",
            "tests/emulator/unit/query_engine/test_search.py::test_groups_are_found_by_the_groups_above_them",
            "tests/emulator/unit/query_engine/test_search.py::test_users_and_groups_are_found_as_resources",
            "tests/emulator/unit/query_engine/test_search.py::test_every_type_that_has_a_name_is_searched",
            "tests/contract/javascript/queries.test.mjs::a search finds what has all terms",
        ),
    ),
    Behaviour(
        "A search can be kept to a context and to object types, and takes paging in its expression.",
        Evidence.DOCUMENTED,
        "developer documentation; official JavaScript client",
        "2.2",
        (
            "tests/emulator/unit/query_engine/test_search.py::test_a_context_leaves_itself_and_what_is_below_it",
            "tests/emulator/unit/query_engine/test_search.py::test_object_types_choose_among_contexts",
            "tests/contract/javascript/queries.test.mjs::a search has pages",
        ),
    ),
    Behaviour(
        "`create` answers what was sent and what the server filled in, and no unset attribute.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client; official Python client, merge",
        "2.3",
        (
            "tests/emulator/unit/rules/test_create.py::test_an_answer_holds_nulls_that_were_sent_and_no_others",
            "tests/emulator/unit/rules/test_create.py::test_a_task_gets_all_the_server_fills",
        ),
    ),
    Behaviour(
        "`update` answers what changed, the key and the system projections.",
        Evidence.RECORDED,
        "answer recorded in the tests of the JavaScript client",
        "2.4",
        (
            "tests/emulator/unit/rules/test_update.py::test_a_user_update_answers_as_recorded",
            "tests/contract/javascript/entities.test.mjs::the answer to an update has what was changed",
        ),
    ),
    Behaviour(
        "A single key may be a bare text.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "2.4",
        (
            "tests/emulator/unit/rules/test_update.py::test_a_key_may_be_a_bare_string",
            "tests/contract/javascript/entities.test.mjs::a single key may be a bare text",
        ),
    ),
    Behaviour(
        "An update by a base type means the entity with the key.",
        Evidence.DOCUMENTED,
        "official Python client",
        "2.4",
        (
            "tests/emulator/unit/rules/test_update.py::test_a_base_type_means_the_entity_with_the_key",
        ),
    ),
    Behaviour(
        "An unknown key is a ValueError: Could not find entity X with entity_key [u'...'].",
        Evidence.RECORDED,
        "error text of a real server",
        "1.6, 2.4",
        (
            "tests/emulator/unit/rules/test_update.py::test_an_unknown_key_is_told_in_the_servers_words",
            "tests/contract/javascript/session.test.mjs::updating what is not there names type and key",
        ),
    ),
    Behaviour(
        "`delete` answers true.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "2.5",
        ("tests/emulator/unit/rules/test_delete.py::test_the_answer_is_true",),
    ),
    Behaviour(
        "`query_server_information` has what clients read, or only the values asked for.",
        Evidence.DOCUMENTED,
        "official JavaScript client; official Python client",
        "2.6",
        (
            "tests/emulator/unit/test_dispatch.py::test_server_information_has_what_clients_read",
            "tests/emulator/unit/test_dispatch.py::test_server_information_may_be_asked_for_in_part",
            "tests/emulator/unit/test_server_information.py::test_every_key_of_the_page_is_told_and_can_be_asked_for_alone",
        ),
    ),
    Behaviour(
        "`query_schemas` answers the bare list of types.",
        Evidence.RECORDED,
        "answer recorded from a real server",
        "2.7",
        (
            "tests/emulator/unit/test_dispatch.py::test_schemas_are_served_bare_and_as_recorded",
        ),
    ),
    Behaviour(
        "`get_upload_metadata` gives one address with headers, or one for each part; the component need not exist.",
        Evidence.DOCUMENTED,
        "developer documentation; official JavaScript client",
        "2.8",
        (
            "tests/contract/python/test_files.py::test_upload_metadata_has_the_headers_to_send",
            "tests/contract/javascript/files.test.mjs::an upload in parts has an address for each",
        ),
    ),
    Behaviour(
        "`complete_multipart_upload` joins the parts by their numbers.",
        Evidence.DOCUMENTED,
        "official JavaScript client, uploader",
        "2.9",
        ("tests/contract/javascript/files.test.mjs::a part can be sent again",),
    ),
    Behaviour(
        "`reset_remote`, once `reset`, gives a user a new API key and ends the old one; nothing else can be reset.",
        Evidence.DOCUMENTED,
        "developer documentation; test of the Python client",
        "2.10",
        (
            "tests/emulator/unit/test_actions.py::test_a_new_key_logs_in_and_the_old_one_no_more",
            "tests/emulator/unit/test_actions.py::test_only_the_api_key_of_a_user_is_reset",
            "tests/emulator/unit/test_actions.py::test_an_older_name_of_the_action_is_known",
        ),
    ),
    Behaviour(
        "`encode_media` answers a job whose review components appear at once; pictures are encoded, movies are pretended.",
        Evidence.ASSUMED,
        "official Python client gives the answer; what is encoded cannot be emulated",
        "2.11",
        (
            "tests/emulator/unit/test_actions.py::test_encoding_leaves_a_job_and_review_media",
            "tests/emulator/unit/test_actions.py::test_a_picture_that_can_be_read_is_encoded",
            "tests/contract/python/test_files.py::test_a_picture_is_encoded_for_review",
            "tests/contract/python/test_people_and_notes.py::test_media_is_encoded_by_a_job",
        ),
    ),
    Behaviour(
        "`encode_media` always makes an image that can be a thumbnail, and deletes an original that is not to be kept.",
        Evidence.DOCUMENTED,
        "official Python client",
        "2.11",
        (
            "tests/emulator/unit/test_actions.py::test_encoding_leaves_a_job_and_review_media",
            "tests/emulator/unit/test_actions.py::test_the_original_is_deleted_unless_it_is_kept",
            "tests/emulator/http/test_official_actions.py::test_an_encoded_component_is_on_its_version",
        ),
    ),
    Behaviour(
        "`delayed_job`, once `delayed_task`, answers a job; a deletion happens at once.",
        Evidence.ASSUMED,
        "developer documentation names the jobs",
        "2.12",
        (
            "tests/emulator/unit/test_actions.py::test_a_deletion_happens_at_once_with_all_that_belongs",
            "tests/emulator/unit/test_actions.py::test_jobs_that_are_none_are_refused",
        ),
    ),
    Behaviour(
        "`send_user_invite` and `send_review_session_invite` answer that they were sent, and send nothing.",
        Evidence.DOCUMENTED,
        "official Python client",
        "2.13",
        (
            "tests/emulator/unit/test_actions.py::test_users_are_invited",
            "tests/contract/python/test_session.py::test_users_and_reviewers_can_be_invited",
        ),
    ),
    Behaviour(
        "`get_widget_url` answers an address with a token of its own.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "2.14",
        (
            "tests/emulator/unit/test_actions.py::test_a_widget_has_an_address_with_a_token_and_no_key",
            "tests/contract/python/test_session.py::test_widgets_have_addresses",
        ),
    ),
    Behaviour(
        "The address of a widget leads to a page, for about six minutes.",
        Evidence.DOCUMENTED,
        "developer documentation; tests of the official Python client",
        "2.14",
        (
            "tests/emulator/http/test_widgets.py::test_an_address_leads_to_a_page_about_the_entity",
            "tests/emulator/http/test_widgets.py::test_a_token_is_good_for_six_minutes",
        ),
    ),
    Behaviour(
        "`generate_signed_url` answers an address of a file that needs no key.",
        Evidence.ASSUMED,
        "JavaScript types declare the answer alone",
        "2.15",
        (
            "tests/emulator/unit/test_actions.py::test_a_file_gets_an_address_without_a_key",
        ),
    ),
    Behaviour(
        "An action that no server knows is refused with Invalid action u'x'.",
        Evidence.DOCUMENTED,
        "official Python client, compatibility checks",
        "2.16",
        (
            "tests/emulator/unit/test_dispatch.py::test_an_unknown_action_is_named_as_the_python_client_looks_for",
            "tests/contract/python/test_session.py::test_an_unknown_action_is_named",
        ),
    ),
    Behaviour(
        "Every operation may carry metadata, which is ignored.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "2.1",
        (
            "tests/emulator/unit/test_dispatch.py::test_an_operation_may_carry_metadata_of_its_own",
        ),
    ),
    Behaviour(
        "The administrator's key and name are asked for with every request; a user without a key cannot log in.",
        Evidence.DOCUMENTED,
        "developer documentation",
        "1.3",
        (
            "tests/emulator/unit/test_dispatch.py::test_a_user_without_key_cannot_log_in",
        ),
    ),
    Behaviour(
        "A session starts with information, then the schemas unless their hash is known.",
        Evidence.DOCUMENTED,
        "official Python client; official JavaScript client",
        "1.8",
        (
            "tests/contract/python/test_session.py::test_a_cached_schema_is_recognised_by_its_hash",
            "tests/contract/javascript/session.test.mjs::a session starts with information and schemas",
        ),
    ),
    Behaviour(
        "The schema hash is the MD5 of the list as served.",
        Evidence.RECORDED,
        "verified on recorded data",
        "1.8",
        (
            "tests/contract/python/test_session.py::test_the_hash_is_that_of_the_schemas_served",
            "tests/contract/javascript/session.test.mjs::the schema hash is that of the schemas",
        ),
    ),
    Behaviour(
        "The version is one that the Python client accepts.",
        Evidence.DOCUMENTED,
        "official Python client, version gate",
        "1.6",
        (
            "tests/contract/python/test_session.py::test_the_version_is_one_that_the_client_accepts",
        ),
    ),
    Behaviour(
        "Clients page by 500 rows and retry nothing themselves.",
        Evidence.DOCUMENTED,
        "official Python client",
        "1.5",
        (
            "tests/contract/python/test_queries.py::test_pages_follow_each_other_without_a_gap",
        ),
    ),
    Behaviour(
        "A permission that lacks is a PermissionError, which the JavaScript client names.",
        Evidence.DOCUMENTED,
        "official JavaScript client, error kinds",
        "1.6, 6.5",
        ("tests/integration/session/test_server_errors.py::test_a_user_who_may_not",),
    ),
    Behaviour(
        "A failure of the emulator itself is an InternalServerError object, never a page.",
        Evidence.ASSUMED,
        "always JSON, as clients demand",
        "1.6",
        (
            "tests/emulator/unit/test_dispatch.py::test_a_failure_of_the_emulator_itself_is_an_error_object",
        ),
    ),
    Behaviour(
        "Refused by name with UnsupportedError, in the words for an unknown action: "
        + ", ".join(f"`{name}`" for name in sorted(UNSUPPORTED_ACTIONS))
        + ".",
        Evidence.ASSUMED,
        "what servers answer is not known",
        "2.16",
        (
            "tests/emulator/unit/test_dispatch.py::"
            "test_what_is_not_there_yet_is_refused_by_name",
        ),
    ),
    Behaviour(
        "`search` without an expression returns the default attributes of the type.",
        Evidence.ASSUMED,
        "types of the JavaScript client",
        "2.2, D",
        (
            "tests/emulator/unit/query_engine/test_search.py::test_without_an_expression_the_type_is_searched",
        ),
    ),
    Behaviour(
        "Results of `create` and `update` repeat microseconds as they were sent; queries have seconds.",
        Evidence.DOCUMENTED,
        "newest tests of the official Python client",
        "3.1, D",
        (
            "tests/emulator/unit/rules/test_create.py::test_results_of_writes_repeat_microseconds_and_queries_have_seconds",
        ),
    ),
)

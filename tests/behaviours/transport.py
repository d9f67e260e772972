"""Requests and answers."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_DISPATCH: Final = "tests/emulator/unit/test_dispatch.py"
_HTTP: Final = "tests/emulator/http/test_http.py"
_THREADS: Final = "tests/emulator/http/test_threads.py"
_ABUSE: Final = "tests/emulator/http/test_abuse.py"
_KILLED: Final = "tests/emulator/http/test_killed.py"

BEHAVIOURS: Final = (
    Behaviour(
        "POST /api takes a JSON array of operations and answers one with a result for "
        "each, in order; an empty one has an empty answer.",
        Evidence.DOCUMENTED,
        "both official clients",
        "1.1",
        (
            f"{_HTTP}::test_a_batch_goes_in_and_out_as_json",
            f"{_DISPATCH}::test_an_empty_batch_has_an_empty_answer",
            f"{_DISPATCH}::test_results_come_in_the_order_of_operations",
        ),
    ),
    Behaviour(
        "Long answers are packed with gzip for clients that take it.",
        Evidence.DOCUMENTED,
        "both official clients accept it through their HTTP libraries",
        "1.1",
        (f"{_HTTP}::test_long_answers_are_packed_when_the_client_can",),
    ),
    Behaviour(
        "Names of headers are known in any case.",
        Evidence.DOCUMENTED,
        "the official clients spell them differently",
        "1.2",
        (f"{_HTTP}::test_header_names_are_case_insensitive",),
    ),
    Behaviour(
        "ftrack-api-options takes = and :, and 1, 0, true or false in any case.",
        Evidence.DOCUMENTED,
        "documentation and official JavaScript client, which spell it differently",
        "1.2",
        (
            f"{_DISPATCH}::test_options_are_read_in_every_spelling",
            f"{_DISPATCH}::test_options_are_off_unless_said",
        ),
    ),
    Behaviour(
        "A browser may ask with credentials: its own origin is named, and the headers "
        "it wants to send are allowed.",
        Evidence.DOCUMENTED,
        "official JavaScript client, which includes credentials",
        "1.3",
        (f"{_HTTP}::test_a_browser_may_ask_with_credentials",),
    ),
    Behaviour(
        "A wrong user or key is an InvalidCredentialsError in the recorded words.",
        Evidence.RECORDED,
        "recorded answer to wrong credentials",
        "1.6",
        (
            f"{_DISPATCH}::test_wrong_credentials_are_refused_in_the_recorded_words",
            f"{_HTTP}::test_wrong_credentials_are_json_too",
        ),
    ),
    Behaviour(
        "An error is one object for the whole batch; its HTTP status is 200 unless "
        "the client asks for strict errors.",
        Evidence.DOCUMENTED,
        "official Python client; recorded answer to wrong credentials",
        "1.4",
        (
            f"{_DISPATCH}::test_an_error_is_one_object_and_a_status_only_in_strict_mode",
            f"{_DISPATCH}::test_the_api_is_strict_when_the_header_says_true",
        ),
    ),
    Behaviour(
        "A body that is no list of operations is answered with 422 and a detail list.",
        Evidence.ASSUMED,
        "documentation of the newest servers, seen nowhere else",
        "1.4",
        (
            f"{_HTTP}::test_a_body_that_is_no_list_is_unprocessable",
            f"{_DISPATCH}::test_a_body_that_is_no_list_of_operations_is_unprocessable",
        ),
    ),
    Behaviour(
        "Unknown addresses and methods are answered in JSON, too.",
        Evidence.ASSUMED,
        "the official Python client cannot read an error status with another body",
        "1.6",
        (f"{_HTTP}::test_other_addresses_answer_json",),
    ),
    Behaviour(
        "A body beyond the limit, 64 MiB by default, is a ValidationError with the status "
        "413.",
        Evidence.ASSUMED,
        "the status of proxies; no source names a limit",
        "1.4, 1.6",
        (f"{_ABUSE}::test_a_body_beyond_the_limit_is_refused_and_not_kept",),
    ),
    Behaviour(
        "Deep nesting, invalid UTF-8 and lone surrogates are errors of the protocol.",
        Evidence.ASSUMED,
        "clients decode every answer as JSON",
        "1.6",
        (
            f"{_ABUSE}::test_deep_nesting_gets_the_error_of_the_protocol",
            f"{_ABUSE}::test_bodies_that_are_no_operations_get_the_error_of_the_protocol",
        ),
    ),
    Behaviour(
        "A failure of the server is an InternalServerError without a traceback or the "
        "name of a file; a full disk leaves nothing of a batch.",
        Evidence.ASSUMED,
        "clients decode every answer as JSON",
        "1.6, 1.7",
        (
            f"{_ABUSE}::test_a_full_disk_refuses_a_batch_whole",
            f"{_ABUSE}::test_a_failure_of_the_emulator_shows_no_traceback_and_no_file",
            f"{_ABUSE}::test_no_address_leads_to_another_file",
        ),
    ),
    Behaviour(
        "An unknown action is refused with the text Invalid action u'<action>'.",
        Evidence.DOCUMENTED,
        "official Python client, which looks for the text",
        "1.6",
        (
            f"{_DISPATCH}::test_an_unknown_action_is_named_as_the_python_client_looks_for",
        ),
    ),
    Behaviour(
        "An operation may carry a metadata object, which is ignored.",
        Evidence.DOCUMENTED,
        "documentation of the operations",
        "2",
        (f"{_DISPATCH}::test_an_operation_may_carry_metadata_of_its_own",),
    ),
    Behaviour(
        "Later operations of a batch see what earlier ones did.",
        Evidence.ASSUMED,
        "uploads of the official JavaScript client rely on it",
        "1.7",
        (f"{_DISPATCH}::test_later_operations_see_what_earlier_ones_did",),
    ),
    Behaviour(
        "A batch is applied whole or not at all.",
        Evidence.ASSUMED,
        "the documentation calls a commit a transaction; no server says it",
        "1.7",
        (
            f"{_DISPATCH}::test_a_failing_last_operation_undoes_all_before_it",
            f"{_DISPATCH}::test_what_is_found_missing_at_the_end_undoes_all",
            f"{_KILLED}::test_it_holds_whole_batches_only_after_fifty_kills",
            f"{_THREADS}::test_a_refused_batch_takes_nothing_of_others_with_it",
        ),
    ),
    Behaviour(
        "Clients that write at once lose nothing, and readers never see half a batch.",
        Evidence.ASSUMED,
        "follows from a batch being a transaction",
        "1.7",
        (
            f"{_THREADS}::test_a_reader_never_sees_half_a_batch",
            f"{_THREADS}::test_no_write_of_many_clients_is_lost",
            f"{_THREADS}::test_of_many_creations_of_one_key_one_succeeds",
        ),
    ),
)

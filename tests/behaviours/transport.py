"""Requests, answers and files."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_DISPATCH: Final = "tests/unit/emulator/test_dispatch.py"
_HTTP: Final = "tests/integration/emulator/test_http.py"
_FILES: Final = "tests/integration/emulator/files"
_UPLOADING: Final = f"{_FILES}/test_uploads.py"
_PARTS: Final = f"{_FILES}/test_parts.py"
_GETTING: Final = f"{_FILES}/test_downloads.py"
_PICTURES: Final = f"{_FILES}/test_pictures.py"
_SIGNED: Final = f"{_FILES}/test_signed.py"
_RESTORED: Final = f"{_FILES}/test_restored.py"
_THREADS: Final = "tests/integration/emulator/test_threads.py"
_KILLED: Final = "tests/integration/emulator/test_killed.py"
_KILLED_UPLOADS: Final = "tests/integration/emulator/test_killed_uploads.py"
_OFFICIAL_FILES: Final = "tests/integration/emulator/test_official_files.py"

_REQUESTS: Final = (
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

_UPLOADS: Final = (
    Behaviour(
        "Metadata of an upload in one part is an address and the headers to send.",
        Evidence.DOCUMENTED,
        "both official clients",
        "2.8",
        (f"{_UPLOADING}::test_metadata_of_a_single_part_is_what_the_protocol_shows",),
    ),
    Behaviour(
        "Metadata is given for a component that the operation before creates, and "
        "needs a name and a size without one.",
        Evidence.DOCUMENTED,
        "official JavaScript client, whose first request does both",
        "7.4",
        (
            f"{_UPLOADING}::test_a_component_created_one_operation_earlier_says_name_and_size",
            f"{_UPLOADING}::test_without_a_component_name_and_size_are_needed",
        ),
    ),
    Behaviour(
        "Bytes are put to the address, with or without a length, and again in place "
        "of the first; the answer is exactly 200 with an ETag that browsers may read.",
        Evidence.DOCUMENTED,
        "both official clients",
        "7.4",
        (
            f"{_UPLOADING}::test_what_is_put_can_be_got",
            f"{_UPLOADING}::test_a_body_without_length_is_taken_too",
            f"{_UPLOADING}::test_a_file_that_is_put_again_takes_the_place_of_the_first",
            f"{_PARTS}::test_browsers_may_put_and_read_the_tag",
            f"{_OFFICIAL_FILES}::test_a_component_goes_up_with_its_checksum",
        ),
    ),
    Behaviour(
        "Bytes of another length or checksum than announced are refused.",
        Evidence.ASSUMED,
        "storages with signed addresses check both",
        "7.2",
        (f"{_UPLOADING}::test_bytes_that_are_not_the_announced_ones_are_refused",),
    ),
    Behaviour(
        "Parts come in any order, each as often as it likes, and become one file in "
        "the order of their numbers.",
        Evidence.DOCUMENTED,
        "official JavaScript client, which sends the last part first",
        "7.4",
        (f"{_PARTS}::test_parts_become_one_file_in_whatever_order_they_come",),
    ),
    Behaviour(
        "An upload in parts is completed with all of its parts, once.",
        Evidence.ASSUMED,
        "storages with uploads in parts want every part and its tag",
        "2.9",
        (f"{_PARTS}::test_an_upload_is_completed_with_all_its_parts_and_once",),
    ),
    Behaviour(
        "An upload that breaks off leaves no file, or the one before.",
        Evidence.ASSUMED,
        "a half file would be taken for a whole one",
        "7.2",
        (
            f"{_KILLED_UPLOADS}::test_half_a_file_is_no_file",
            f"{_KILLED_UPLOADS}::test_a_file_is_the_old_or_the_new_one_whenever_it_is_killed",
        ),
    ),
)

_DOWNLOADS: Final = (
    Behaviour(
        "/component/get gives the file to a user's name and key, and an error status "
        "where there is none.",
        Evidence.DOCUMENTED,
        "both official clients",
        "7.2",
        (
            f"{_OFFICIAL_FILES}::test_what_went_up_comes_down_the_same",
            f"{_OFFICIAL_FILES}::test_urls_of_file_and_thumbnail_answer",
            f"{_GETTING}::test_only_users_are_given_anything",
        ),
    ),
    Behaviour(
        "/component/remove deletes the file; getting it fails after that.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.2",
        (
            f"{_GETTING}::test_what_was_removed_is_no_longer_given",
            f"{_OFFICIAL_FILES}::test_what_is_removed_from_the_location_is_gone",
        ),
    ),
    Behaviour(
        "/component/thumbnail gives a JPEG or PNG that fits the size asked for.",
        Evidence.DOCUMENTED,
        "official JavaScript client",
        "7.2",
        (
            f"{_PICTURES}::test_a_thumbnail_fits_and_is_never_enlarged",
            f"{_PICTURES}::test_a_clear_picture_stays_clear",
        ),
    ),
    Behaviour(
        "A component that is no picture has no thumbnail: 404.",
        Evidence.ASSUMED,
        "nothing says what a server answers",
        "7.2",
        (
            f"{_PICTURES}::test_what_is_no_picture_has_no_thumbnail",
            f"{_PICTURES}::test_a_broken_picture_has_no_thumbnail",
        ),
    ),
    Behaviour(
        "There is a picture for what has none, at /img/thumbnail2.png.",
        Evidence.DOCUMENTED,
        "official JavaScript client",
        "7.2",
        (f"{_PICTURES}::test_there_is_a_picture_for_what_has_none",),
    ),
    Behaviour(
        "A range of a file is given alone, unless the file has changed.",
        Evidence.ASSUMED,
        "what file servers and storages do",
        "7.2",
        (
            f"{_GETTING}::test_a_range_is_given_alone",
            f"{_GETTING}::test_a_range_of_another_file_is_not_given",
        ),
    ),
    Behaviour(
        "The file of a deleted component goes with it.",
        Evidence.ASSUMED,
        "nothing says what a server does",
        "7.2",
        (f"{_GETTING}::test_the_file_of_a_deleted_component_goes_with_it",),
    ),
)

BEHAVIOURS = (*_REQUESTS, *_UPLOADS, *_DOWNLOADS)

"""Uploads, downloads, pictures and addresses."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_FILES: Final = "tests/emulator/http/files"
_UPLOADING: Final = f"{_FILES}/test_uploads.py"
_PARTS: Final = f"{_FILES}/test_parts.py"
_GETTING: Final = f"{_FILES}/test_downloads.py"
_PICTURES: Final = f"{_FILES}/test_pictures.py"
_SIGNED: Final = f"{_FILES}/test_signed.py"
_RESTORED: Final = f"{_FILES}/test_restored.py"
_PROCESS: Final = "tests/emulator/unit/files/test_transport.py"
_KILLED_UPLOADS: Final = "tests/emulator/http/test_killed_uploads.py"
_OFFICIAL_FILES: Final = "tests/emulator/http/test_official_files.py"
_PY: Final = "tests/contract/python/test_files.py"
_JS: Final = "tests/contract/javascript/files.test.mjs"

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
    Behaviour(
        "The headers to send are type, length and Content-Disposition, and Content-MD5 for a checksum; a browser may send them.",
        Evidence.DOCUMENTED,
        "tests of the official Python client; that Content-Disposition is among them is a choice",
        "2.8",
        (
            f"{_UPLOADING}::test_metadata_of_a_single_part_is_what_the_protocol_shows",
            f"{_UPLOADING}::test_without_a_checksum_none_is_to_be_sent",
            f"{_UPLOADING}::test_names_that_headers_cannot_hold_are_written_in_ascii",
            f"{_UPLOADING}::test_browsers_may_send_the_headers_that_were_answered",
            f"{_JS}::a name of any letters goes up in a browser",
        ),
    ),
    Behaviour(
        "Sequences go up frame by frame; frames and container are in the location.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.3",
        (f"{_PY}::test_a_sequence_goes_up_frame_by_frame",),
    ),
    Behaviour(
        "A file that the client cannot store is in no location.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.3",
        (f"{_PY}::test_an_upload_that_the_server_refuses_registers_nothing",),
    ),
    Behaviour(
        "POST /component/add, the upload of old clients, is refused by name: 501.",
        Evidence.ASSUMED,
        "no client of today uses it",
        "7.2",
        (
            f"{_UPLOADING}::test_the_upload_of_old_clients_is_refused_by_name",
            f"{_JS}::the upload of old clients is refused by name",
        ),
    ),
    Behaviour(
        "An upload has at most 10,000 parts.",
        Evidence.ASSUMED,
        "the official JavaScript client asks for no more, storages take no more",
        "7.4",
        (f"{_PARTS}::test_a_number_of_parts_is_from_one_to_ten_thousand",),
    ),
    Behaviour(
        "A file of parts has the tag of storages: the MD5 of the MD5s, and their number.",
        Evidence.ASSUMED,
        "what storages do",
        "2.9",
        (f"{_PARTS}::test_the_tag_of_a_file_of_parts_is_that_of_storages",),
    ),
    Behaviour(
        "The addresses for a component that was deleted are closed, its parts dropped.",
        Evidence.ASSUMED,
        "the official JavaScript client deletes the component of a stopped upload",
        "7.4",
        (
            f"{_PARTS}::test_an_upload_ends_with_its_component",
            f"{_PARTS}::test_a_component_that_was_made_again_takes_its_file",
            f"{_JS}::the parts of a component that was deleted are taken no more",
        ),
    ),
    Behaviour(
        "An address for an upload, or a signed one, from before a snapshot was restored is one that nobody was given.",
        Evidence.ASSUMED,
        "a server that was put back has handed nothing out",
        "2.8",
        (
            f"{_RESTORED}::test_an_address_for_an_upload_is_one_that_nobody_was_given",
            f"{_RESTORED}::test_parts_that_had_arrived_are_gone",
            f"{_RESTORED}::test_a_signed_address_is_one_that_nobody_was_given",
            f"{_RESTORED}::test_bytes_that_are_on_their_way_arrive_nowhere",
            f"{_PROCESS}::test_an_address_from_before_is_one_that_nobody_was_given",
            f"{_PROCESS}::test_parts_from_before_are_gone",
            f"{_PROCESS}::test_a_signed_address_from_before_leads_nowhere",
            f"{_PROCESS}::test_bytes_that_arrive_meanwhile_are_refused",
            f"{_PROCESS}::test_a_restore_waits_for_what_a_request_still_does",
            "tests/integration/test_pytest_plugin.py::test_addresses_of_the_test_before_lead_nowhere",
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
        (f"{_PICTURES}::test_a_thumbnail_fits_and_is_never_enlarged",),
    ),
    Behaviour(
        "The thumbnail of a PNG is a PNG with an alpha channel.",
        Evidence.DOCUMENTED,
        "tests of the official Python client",
        "7.2",
        (f"{_PICTURES}::test_a_png_stays_one_and_what_is_clear_becomes_one",),
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
    Behaviour(
        "/component/get answers the content itself, where a server may redirect to a storage.",
        Evidence.ASSUMED,
        "nothing says that a server must",
        "7.2",
        (
            f"{_GETTING}::test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end",
            f"{_UPLOADING}::test_what_is_put_can_be_got",
        ),
    ),
    Behaviour(
        "A component that is no picture is shown by the thumbnail of its version.",
        Evidence.ASSUMED,
        "nothing says what a server does",
        "7.2",
        (
            f"{_PICTURES}::test_a_movie_is_shown_by_the_thumbnail_of_its_version",
            f"{_PY}::test_a_movie_is_shown_by_the_thumbnail_of_its_version",
        ),
    ),
    Behaviour(
        "thumbnail_url and url are signed: a plain GET of them works, also with a size, and no answer has a key in it.",
        Evidence.ASSUMED,
        "only their shape is known; people open them in browsers",
        "6.3",
        (
            f"{_SIGNED}::test_a_thumbnail_is_shown_at_the_address_that_was_answered",
            f"{_SIGNED}::test_a_file_is_at_the_address_of_its_place",
            f"{_SIGNED}::test_no_answer_has_a_key_in_it",
            f"{_PY}::test_entities_are_given_thumbnails",
            f"{_PY}::test_the_place_of_a_file_has_its_address",
            f"{_JS}::the picture of an entity is at the address that was answered",
            f"{_JS}::the place of a file has its address",
        ),
    ),
    Behaviour(
        "The url of a completed upload leads to the file.",
        Evidence.ASSUMED,
        "only its shape is known",
        "2.9",
        (
            f"{_SIGNED}::test_a_file_of_parts_is_at_the_address_that_completion_answers",
            f"{_JS}::the address of a finished upload in parts leads to the file",
        ),
    ),
    Behaviour(
        "A signed address is good for one component and one endpoint, the same whenever it is asked for, and in every run with given ids.",
        Evidence.ASSUMED,
        "nothing says what a server does",
        "2.15",
        (
            f"{_SIGNED}::test_an_address_is_for_one_file_and_one_use",
            f"{_SIGNED}::test_what_is_asked_for_twice_is_answered_alike",
            f"{_SIGNED}::test_addresses_are_the_same_in_runs_that_are_to_repeat",
        ),
    ),
    Behaviour(
        "Review media of the official Python client are in ftrack.review, with their ftr_meta.",
        Evidence.DOCUMENTED,
        "official Python client",
        "7.6",
        (f"{_PY}::test_review_media_go_where_reviews_look_for_them",),
    ),
)

BEHAVIOURS = (*_UPLOADS, *_DOWNLOADS)

"""The event hub: its clients and the routing of events."""

from __future__ import annotations

from typing import Final

from tests.behaviours.behaviour import Behaviour, Evidence

_UPDATE_EVENTS: Final = "tests/contract/python/test_update_events.py"
_PACKETS: Final = "tests/emulator/unit/events/test_packets.py"
_EXPRESSIONS: Final = "tests/emulator/unit/events/test_expressions.py"
_HUB: Final = "tests/emulator/unit/events/test_hub.py"
_SOCKETS: Final = "tests/emulator/http/test_events.py"
_HUB_CONNECTION: Final = "tests/emulator/unit/events/test_hub_connection.py"
_HUB_FAULTS: Final = "tests/contract/python/test_hub_faults.py"
_PY: Final = "tests/contract/python/test_events.py"
_JS: Final = "tests/contract/javascript/events.test.mjs"

_CONNECTIONS: Final = (
    Behaviour(
        "A handshake at /socket.io/1/ takes user and key from headers or from the query "
        "and answers with a session id, two times and `websocket`.",
        Evidence.DOCUMENTED,
        "both official clients, which differ in it",
        "8.1",
        (
            f"{_SOCKETS}::test_a_handshake_takes_credentials_as_either_client_sends_them",
            f"{_PY}::test_a_session_connects_and_subscribes_to_replies",
            f"{_JS}::an event hub connects",
        ),
    ),
    Behaviour(
        "A handshake with wrong credentials is answered with 401.",
        Evidence.DOCUMENTED,
        "official Python client, which raises EventHubConnectionError",
        "8.1",
        (
            f"{_SOCKETS}::test_a_handshake_with_wrong_credentials_is_refused",
            f"{_PY}::test_a_wrong_key_gets_no_connection",
            f"{_JS}::a wrong key gets no session id",
        ),
    ),
    Behaviour(
        "Browsers may shake hands, with credentials.",
        Evidence.DOCUMENTED,
        "official JavaScript client, which includes credentials",
        "8.1",
        (f"{_SOCKETS}::test_a_browser_may_shake_hands",),
    ),
    Behaviour(
        "A session id stands for the user of its handshake; it is good for one "
        "connection, for a minute. Any other gets no connection.",
        Evidence.ASSUMED,
        "the address of the WebSocket has no credentials in the Python client",
        "8.1",
        (
            f"{_SOCKETS}::test_a_session_id_that_nobody_has_is_refused",
            f"{_SOCKETS}::test_a_session_id_is_good_for_one_connection",
            f"{_SOCKETS}::test_a_session_id_is_good_for_a_time",
        ),
    ),
    Behaviour(
        "The first packet of a connection is `1::`.",
        Evidence.DOCUMENTED,
        "official Python client",
        "8.1, C",
        (
            f"{_SOCKETS}::test_the_first_packet_says_connected",
            f"{_PY}::test_a_session_connects_and_subscribes_to_replies",
        ),
    ),
    Behaviour(
        "Packets are type:id:endpoint:data, parts at the end may be missing.",
        Evidence.DOCUMENTED,
        "both official clients, which spell heartbeats differently",
        "8.2",
        (f"{_PACKETS}::test_packets_are_read_in_every_form_clients_send",),
    ),
    Behaviour(
        "The server sends a heartbeat every five seconds.",
        Evidence.DOCUMENTED,
        "official JavaScript client, which gives up after 15 seconds without one",
        "8.2, C",
        (
            f"{_SOCKETS}::test_the_server_shows_that_it_is_there",
            f"{_JS}::the server's heart beats, and the client stays connected",
        ),
    ),
    Behaviour(
        "A client that sends nothing for a minute is let go, without a farewell.",
        Evidence.ASSUMED,
        "the times in the handshake of Socket.IO 0.9",
        "8.2",
        (
            f"{_SOCKETS}::test_a_client_that_is_silent_is_let_go",
            f"{_SOCKETS}::test_a_client_that_answers_stays",
            f"{_PY}::test_a_session_answers_heartbeats",
        ),
    ),
    Behaviour(
        "An event is acknowledged with its success when its packet asks for that, and "
        "not otherwise.",
        Evidence.DOCUMENTED,
        "official Python client, whose thread ends without an argument",
        "8.2, C",
        (
            f"{_SOCKETS}::test_an_event_is_acknowledged_when_that_is_asked",
            f"{_PACKETS}::test_what_asks_for_it_is_acknowledged",
        ),
    ),
    Behaviour(
        "Events go out without a packet id.",
        Evidence.DOCUMENTED,
        "official JavaScript client, which cannot read one",
        "8.2, C",
        (
            f"{_PACKETS}::test_an_event_goes_out_without_a_packet_id",
            f"{_SOCKETS}::test_an_event_is_delivered_whole_and_without_a_packet_id",
        ),
    ),
    Behaviour(
        "Packets that are of no use are ignored: unknown types, messages, bytes, and "
        "events whose data cannot be read and that want no acknowledgement.",
        Evidence.ASSUMED,
        "no client sends any; the JavaScript client takes an error packet for the end "
        "of the connection",
        "8.2",
        (
            f"{_SOCKETS}::test_a_packet_that_is_no_use_is_ignored",
            f"{_SOCKETS}::test_bytes_are_ignored",
        ),
    ),
    Behaviour(
        "A packet `0::` of a client ends the connection.",
        Evidence.ASSUMED,
        "Socket.IO 0.9; no official client sends one",
        "8.2",
        (f"{_SOCKETS}::test_a_disconnect_packet_ends_the_connection",),
    ),
    Behaviour(
        "A client for which too much waits, 32 MiB, is let go; it holds up nobody.",
        Evidence.ASSUMED,
        "nothing is known of limits of servers",
        "8.2",
        (
            f"{_SOCKETS}::test_a_slow_consumer_holds_up_nobody_and_is_let_go",
            f"{_SOCKETS}::test_a_consumer_that_takes_nothing_holds_up_no_commit",
        ),
    ),
    Behaviour(
        "A client that connects anew subscribes anew, with the same ids.",
        Evidence.DOCUMENTED,
        "both official clients",
        "8.2",
        (
            f"{_PY}::test_a_broken_connection_is_made_anew_with_its_subscriptions",
            f"{_JS}::a broken connection is made anew with its subscriptions",
            f"{_HUB}::test_a_subscriber_is_one_for_each_connection",
        ),
    ),
)

_ROUTING: Final = (
    Behaviour(
        "An event counts from its handling, whether or not its acknowledgement arrives; "
        "a client that was cut off connects again and has lost what it sent.",
        Evidence.DOCUMENTED,
        "official Python client, which repeats no event",
        "8.2, 8.4",
        (
            f"{_HUB_CONNECTION}::test_a_lost_acknowledgement_is_no_loss_of_the_event",
            f"{_HUB_FAULTS}::test_an_event_without_its_acknowledgement_is_delivered_once",
            f"{_HUB_FAULTS}::test_a_client_that_was_cut_connects_again_and_its_event_is_lost",
        ),
    ),
    Behaviour(
        "An event has seven keys; those that a client leaves out are filled.",
        Evidence.DOCUMENTED,
        "event class of the official Python client, which takes no other",
        "8.3",
        (
            f"{_PACKETS}::test_keys_that_the_javascript_client_leaves_out_are_filled",
            f"{_HUB}::test_a_published_event_has_all_seven_keys",
            f"{_JS}::an event has the seven keys and no other",
        ),
    ),
    Behaviour(
        "An event with another key is refused, and so is one with a value of another "
        "kind; the acknowledgement says why.",
        Evidence.ASSUMED,
        "the official Python client would drop what a server lets through",
        "8.3",
        (
            f"{_PACKETS}::test_an_unknown_key_is_refused_by_name",
            f"{_SOCKETS}::test_an_event_with_an_unknown_key_is_refused",
            f"{_PACKETS}::test_a_value_of_another_kind_is_refused",
        ),
    ),
    Behaviour(
        "The id of the user is added to `source.user`, if that is who connected and "
        "has none.",
        Evidence.ASSUMED,
        "samples of third parties have it, and official clients do not send it",
        "8.3",
        (
            f"{_HUB}::test_the_id_of_the_user_who_connected_is_added",
            f"{_JS}::a published event comes back to its publisher as it was",
        ),
    ),
    Behaviour(
        "Wishes to subscribe and unsubscribe go to the server and through to nobody.",
        Evidence.ASSUMED,
        "the official clients address them to the server",
        "8.4",
        (
            f"{_HUB}::test_wishes_to_subscribe_go_to_the_hub_and_not_through_it",
            f"{_PY}::test_who_has_unsubscribed_hears_no_more",
            f"{_JS}::who has unsubscribed hears no more",
        ),
    ),
    Behaviour(
        "A subscriber whose id the connection has already is refused, and so are one "
        "that is unknown to unsubscribe and a wish that cannot be read.",
        Evidence.DOCUMENTED,
        "a comment in the official Python client names the error",
        "8.4",
        (
            f"{_HUB}::test_a_subscriber_is_one_for_each_connection",
            f"{_HUB}::test_unsubscribing_what_is_not_there_is_refused",
            f"{_HUB}::test_a_wish_that_cannot_be_read_is_refused",
            f"{_SOCKETS}::test_a_subscription_that_cannot_be_parsed_is_refused",
        ),
    ),
    Behaviour(
        "A reply reaches the hub that asked, by its target; several may come.",
        Evidence.DOCUMENTED,
        "both official clients",
        "8.4",
        (
            f"{_HUB}::test_replies_reach_the_one_who_asked_alone",
            f"{_PY}::test_a_reply_comes_back_to_the_one_who_asked",
            f"{_PY}::test_everybody_who_knows_an_answer_replies",
            f"{_JS}::a reply comes back to the one who asked",
        ),
    ),
    Behaviour(
        "An event reaches a connection that has a subscription which fits it and whose "
        "subscriber fits the target; its publisher is one of them.",
        Evidence.DOCUMENTED,
        "tests of the official Python client",
        "8.4, C",
        (
            f"{_HUB}::test_the_publisher_hears_its_own_event",
            f"{_HUB}::test_the_subscription_that_fits_must_be_the_targeted_one",
            f"{_PY}::test_a_published_event_is_heard_by_its_publisher",
            f"{_PY}::test_a_target_chooses_subscribers_by_their_data",
        ),
    ),
    Behaviour(
        "An event reaches a connection once, however many of its subscriptions fit.",
        Evidence.ASSUMED,
        "clients filter again, so none can tell",
        "8.4, 10",
        (
            f"{_HUB}::test_an_event_comes_once_however_many_subscriptions_fit",
            f"{_PY}::test_two_subscribers_of_a_session_hear_an_event_once_each",
            f"{_JS}::an event is heard once, however many subscriptions fit",
        ),
    ),
    Behaviour(
        "An event whose target cannot be parsed is refused.",
        Evidence.ASSUMED,
        "the official Python client drops it",
        "8.4",
        (
            f"{_HUB}::test_a_target_that_cannot_be_parsed_is_refused",
            f"{_PY}::test_an_event_that_is_refused_is_reported",
        ),
    ),
    Behaviour(
        "Expressions have comparisons, and, or, not and parentheses; a field that is "
        "not there fits nothing.",
        Evidence.DOCUMENTED,
        "official Python client, whose reading the tests compare with",
        "8.5",
        (
            f"{_EXPRESSIONS}::test_texts_match_as_they_do_for_the_official_client",
            f"{_EXPRESSIONS}::test_texts_mean_what_they_mean_to_the_official_client",
            f"{_PY}::test_an_expression_chooses_events_by_their_data",
        ),
    ),
    Behaviour(
        "A star at the end of a value stands for any ending, with `=` only.",
        Evidence.ASSUMED,
        "official JavaScript client; the Python client finds the text anywhere",
        "8.5, 10",
        (
            f"{_EXPRESSIONS}::test_a_star_at_the_end_stands_for_any_ending",
            f"{_EXPRESSIONS}::test_a_star_is_a_character_with_other_operators_and_elsewhere",
            f"{_PY}::test_a_star_ends_a_topic",
            f"{_JS}::a star ends a topic",
        ),
    ),
    Behaviour(
        "Numbers are compared as numbers; what is neither text nor number is equal to "
        "nothing.",
        Evidence.ASSUMED,
        "the official Python client compares values as Python does",
        "8.5",
        (f"{_EXPRESSIONS}::test_values_that_are_no_text",),
    ),
)


_TOPICS: Final = (
    Behaviour(
        "Actions are discovered and launched, and users shown messages, between "
        "clients: the server knows none of these topics.",
        Evidence.DOCUMENTED,
        "official documentation of actions",
        "8.7",
        (
            f"{_PY}::test_an_action_is_discovered_and_launched_by_another_session",
            f"{_PY}::test_a_tester_plays_the_web_interface",
            f"{_PY}::test_a_target_chooses_subscribers_by_their_data",
            f"{_JS}::an action is discovered and launched",
        ),
    ),
    Behaviour(
        "That a component was added to a location is told by the client that did it.",
        Evidence.DOCUMENTED,
        "official Python client",
        "8.7",
        (f"{_UPDATE_EVENTS}::test_an_upload_is_told_by_the_session_that_made_it",),
    ),
    Behaviour(
        "Events that a client keeps to itself do not reach the server.",
        Evidence.DOCUMENTED,
        "official Python client",
        "8.8",
        (f"{_PY}::test_a_synchronous_event_stays_in_the_session",),
    ),
)

BEHAVIOURS = (*_CONNECTIONS, *_ROUTING, *_TOPICS)

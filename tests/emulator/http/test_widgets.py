"""Addresses of widgets lead to a page while their token is good (protocol 2.14)."""

from __future__ import annotations

import requests

from ftrack_orm.emulator import Emulator, FixedClock
from tests.support.emulator_client import Client, make_emulator

WAIT = 10


def address(client: Client, server_url: str, **more: object) -> str:
    host = server_url.removeprefix("http://")
    there = Client(client.emulator, {"host": host, "x-forwarded-proto": "http"})
    [result] = there.call({"action": "get_widget_url", "name": "tasks", **more})
    return str(result["widget_url"])


def test_an_address_leads_to_a_page_about_the_entity() -> None:
    with make_emulator() as emulator:
        client = Client(emulator)
        project = client.project("<b>demo</b>", id="<i>")
        url = address(
            client,
            emulator.server_url,
            theme="dark",
            entity_type="Project",
            entity_key=[project],
        )
        answer = requests.get(url, timeout=WAIT)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "Project" in answer.text
    assert "dark" in answer.text
    assert "&lt;i&gt;" in answer.text
    assert "<i>" not in answer.text


def test_a_token_is_good_for_six_minutes() -> None:
    clock = FixedClock("2024-05-06T07:08:09")
    with Emulator(clock=clock) as emulator:
        url = address(Client(emulator), emulator.server_url)
        clock.advance(minutes=6)
        assert requests.get(url, timeout=WAIT).status_code == 200
        clock.advance(seconds=1)
        assert requests.get(url, timeout=WAIT).status_code == 403


def test_a_token_that_nobody_was_given_opens_nothing() -> None:
    with make_emulator() as emulator:
        url = address(Client(emulator), emulator.server_url)
        other = url.replace("token=", "token=x")
        assert requests.get(other, timeout=WAIT).status_code == 403
        bare = url.partition("?")[0]
        assert requests.get(bare, timeout=WAIT).status_code == 403
        emulator.restore(emulator.snapshot())
        assert requests.get(url, timeout=WAIT).status_code == 403

"""Plain requests for files, and the calls that lead to them."""

from __future__ import annotations

from typing import Any, Final

import requests

from ftrack_orm.emulator import Emulator

ORIGIN: Final = "https://studio.example"
CONTENT: Final = bytes(range(256)) * 40


def call(emulator: Emulator, *operations: dict[str, Any]) -> Any:
    credentials = emulator.credentials
    return requests.post(
        f"{emulator.server_url}/api",
        json=list(operations),
        headers={
            "ftrack-user": credentials["api_user"],
            "ftrack-api-key": credentials["api_key"],
        },
        timeout=10,
    ).json()


def metadata(emulator: Emulator, **more: Any) -> Any:
    operation = {
        "action": "get_upload_metadata",
        "component_id": "c1",
        "file_name": "plate.mov",
        "file_size": len(CONTENT),
        **more,
    }
    [result] = call(emulator, operation)
    return result


def ask(
    emulator: Emulator, endpoint: str = "get", /, **query: Any
) -> requests.Response:
    credentials = emulator.credentials
    given = {
        "id": "c1",
        "username": credentials["api_user"],
        "apiKey": credentials["api_key"],
        **query,
    }
    headers = given.pop("headers", None)
    method = given.pop("method", "GET")
    url = f"{emulator.server_url}/component/{endpoint}"
    return requests.request(method, url, params=given, headers=headers, timeout=10)


def put(url: str, content: Any, **headers: str) -> requests.Response:
    return requests.put(url, data=content, headers=headers, timeout=10)


def uploaded(emulator: Emulator, content: bytes = CONTENT) -> None:
    url = metadata(emulator, file_size=len(content))["url"]
    assert put(url, content).status_code == 200

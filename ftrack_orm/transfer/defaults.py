"""Constants of transfers that a session needs before it imports their modules."""

from __future__ import annotations

from typing import Final

COMPONENT_PATH: Final = "/component/get"
"""The path on the server for downloading a component's file (protocol 7.2)."""

PARALLEL: Final = 6
"""Parts sent at the same time, as in the JavaScript client (protocol 7.4)."""

"""Facts of transfers that sessions need without transferring anything."""

from __future__ import annotations

from typing import Final

COMPONENT_PATH: Final = "/component/get"
"""Where a server gives out the files of components (protocol 7.2)."""

PARALLEL: Final = 6
"""Parts on their way at once, as the JavaScript client has it (protocol 7.4)."""

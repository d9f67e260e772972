"""Errors of the emulator."""

from __future__ import annotations

from ftrack_orm.errors.root import FtrackError


class EmulatorError(FtrackError):
    """The emulator cannot be started, read or used as requested."""


class UnsupportedError(EmulatorError):
    """The emulator does not implement `feature`."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"The emulator does not support {feature}.")
        self.feature = feature

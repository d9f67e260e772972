"""Errors of the emulator."""

from __future__ import annotations

from ftrack_orm.errors.root import FtrackError


class EmulatorError(FtrackError):
    """The emulator cannot do what was asked."""


class UnsupportedError(EmulatorError):
    """Something the emulator does not know; `feature` names it."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"The emulator does not support {feature}.")
        self.feature = feature

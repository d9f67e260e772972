"""Commands as a user types them, against an emulator over HTTP."""

from __future__ import annotations

import json
import shlex
from typing import Any

from click.testing import CliRunner, Result

from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator
from tests.support.server_variables import server_variables


class Terminal:
    """Runs command lines of ``ftrack-orm``.

    Attributes:
        emulator: the server.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def environment(self) -> dict[str, str]:
        """Return the variables that name the server, its user and the key."""
        return server_variables(self.emulator.credentials)

    def run(self, line: str, *, answer: str | None = None, code: int = 0) -> Result:
        """Return the result of a command line; its output never has the key.

        Args:
            line: the line without ``ftrack-orm``.
            answer: the text that the user types.
            code: the expected exit code.
        """
        result = CliRunner().invoke(
            group, shlex.split(line), input=answer, env=self.environment()
        )
        assert result.exit_code == code, (line, result.output, result.exception)
        assert isinstance(result.exception, SystemExit | None)
        assert self.emulator.credentials["api_key"] not in result.output
        return result

    def json(self, line: str, *, code: int = 0) -> Any:
        """Return the document that a command line prints."""
        return json.loads(self.run(f"{line} --json", code=code).stdout)

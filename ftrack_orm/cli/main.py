"""The entry point of ``ftrack-orm``.

Exit codes: 0 success, 1 failure with a message, 2 wrong arguments. `generate --check`
also exits with 3, if the package is not up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the command and its options; by default those of the process.

    Returns:
        The exit code 1 if click is not installed; otherwise click exits the process.
    """
    try:
        from ftrack_orm.cli.group import group
    except ModuleNotFoundError as error:
        print(
            f"The command line is not installed: {error.name} is missing. "
            "Install it with: pip install 'ftrack-orm[cli]'",
            file=sys.stderr,
        )
        return 1
    group.main(arguments, prog_name="ftrack-orm")


if __name__ == "__main__":
    sys.exit(main())

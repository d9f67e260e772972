"""The entry of ``ftrack-orm``: what is missing said clearly, and exit codes.

Exit codes: 0 success, 1 a failure that was explained, 2 wrong arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ftrack_orm.errors import FtrackError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments`, or the process's own, name.

    Returns:
        The exit code of what failed before or outside of click; click itself leaves
        with its own.
    """
    try:
        from ftrack_orm.cli.group import group
    except ModuleNotFoundError as error:
        return _explained(
            f"The command line is not installed: {error.name} is missing. "
            "Install it with: pip install 'ftrack-orm[cli]'"
        )
    try:
        group.main(arguments, prog_name="ftrack-orm")
    except FtrackError as error:
        return _explained(f"Error: {error}")
    return 0


def _explained(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

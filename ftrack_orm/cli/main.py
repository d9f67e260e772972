"""The entry of ``ftrack-orm``: what is missing said clearly, and exit codes.

Exit codes: 0 success, 1 a failure that was explained, 2 wrong arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments`, or the process's own, name.

    Returns:
        The exit code when click is missing; click itself ends the process with one.
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

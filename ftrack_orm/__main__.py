"""Run the command line: ``python -m ftrack_orm`` is ``ftrack-orm``."""

import sys

from ftrack_orm.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

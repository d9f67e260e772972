"""The command line, ``ftrack-orm``."""

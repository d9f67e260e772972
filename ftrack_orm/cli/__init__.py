"""The command line, ``ftrack-orm``.

`main` imports click and runs the `group` of commands, which imports the module of the
command: `emulate` or `generate`. `progress` shows a progress bar for transfers.
"""

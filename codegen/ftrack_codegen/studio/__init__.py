"""A studio's configuration: custom attributes, statuses, types and other names.

`replies` reads it from a server and `snapshot` from a file, as the plain data of
`model`. `custom_classes` and `vocabulary` resolve it into declarations; `changes`
compares two configurations, and `scan` finds the lines that a change breaks.
"""

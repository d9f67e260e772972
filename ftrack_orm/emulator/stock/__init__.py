"""Ids and names that every server has; data only.

`workflow` holds statuses, types, priorities and object types, `project_schemas` the
project schemas made of them, `studio` locations, roles and the administrator.
"""

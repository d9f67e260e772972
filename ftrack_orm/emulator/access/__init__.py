"""Decide which rows a user may read and change (protocol 1.3, 2.16, 6.5).

`grants` reads the security roles of a user or a global API key, and `access` combines
them to the user's `Access`. A query adds the conditions of `Access.visible`, which
`project_paths` builds from the paths between entities and projects. A write checks the
`RowPermissions` of a row against the rules in `rights`. `totp` computes the codes of
two-factor authentication.
"""

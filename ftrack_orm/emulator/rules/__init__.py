"""The rules that the server applies when rows are written (protocol 6).

`actions` decodes one operation and calls the rules in this order: `permission_checks`
tests the caller's rights, `references` turns links into columns, `custom_values` and
`schema_changes` take the entity types that are written differently. A create then goes
through `defaults` (with `workflows`, `configurations`, `threads` and
`sequence_numbers`), an update through `updates`, a delete through `cascade` and
`associations`. `membership` replaces collections, `jobs` adds server jobs. `checks`
tests uniqueness at once, and required attributes at the end of the request.
"""

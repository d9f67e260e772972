"""Store the rows of an emulated server in one SQLite database.

`tables` defines the tables of a schema and `own_tables` those that no schema has.
`database` opens the SQLite database, adds missing tables and columns, and copies the
content. `storage` reads and writes rows within transactions; `object_types` adds one
type to the schema for each stored object type. `members` writes the rows of
associations, and `foreign_keys` finds the attributes that hold keys of other types.
"""

"""The schema of a server as typed values, and the rules derived from it.

The reply to ``query_schemas`` passes these modules: `parse` reads each type into the
values of `model` and `attribute_kind`, `inheritance` resolves the base of each type,
and `problems` collects the faults of the reply. Later code reads the result:
`relations` resolves where links and collections are stored, `constraints` decides
which attributes may be set or ``None``, `ownership` lists the rows deleted with an
entity, and `names` maps server names to Python names. `fingerprint` hashes a schema,
`diff` compares two.
"""

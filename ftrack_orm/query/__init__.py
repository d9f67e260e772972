"""The query language: paths, conditions, nodes and their text.

Reading an attribute on an entity class returns a `Path` of `path`, a link or collection
of `relation_paths`, or metadata or custom attributes of `mapped_paths`; all read
classes through the protocols of `protocols`. Comparing a path encodes the value in
`literals` and returns a `Criterion` of `criterion`, which holds nodes of `ast`; `keys`
builds the condition for primary keys. A select puts the nodes into an `ast.Query`.
`splitting` divides a query with long value lists into several, and `compiler` turns
each into expression text.
"""

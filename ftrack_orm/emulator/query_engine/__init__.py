"""Evaluate query expressions against the storage.

A query passes through the modules in this order: `parser` turns the expression into
nodes by `grammar.lark`. `criteria` compiles the nodes to SQL: `names` looks up types
and attributes, `scopes` joins tables along paths, `literals` compares values,
`conjunction` combines conditions, and `dense` selects the rows of custom
attribute values. `projection` builds the tree of requested attributes, `row_loader`
runs one statement for each relation of that tree, and `computed` adds values that are
not stored. `evaluator` writes the rows as JSON objects, each attribute once in a
response by `response_encoder`. Two modules serve special queries: `groups` those with
``group by``, and `search` the extra conditions of a search.
"""

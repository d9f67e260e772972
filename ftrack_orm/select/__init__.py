"""Typed queries, their results, and rows of plain values.

`select` builds a query and reads it. `projection` determines the attributes to query;
`query_pages` splits a query with a long list of values; `pages` yields the expressions
of the next request and determines the rows of a response that belong to the result.
`executor` declares the session's part: sending the expressions and building entities.
`result` holds the entities and requests the next page early. `open_results` lists the
results with pages left, which a write completes first. `tuples` reads rows of plain
values for `Select.values` and builds no entities.
"""

"""The unit of work: collect changes, plan a batch, and apply it after the commit.

`unit_of_work` holds the entities with changes, `identity_map` all entities by key. For
a commit `changes` collects the changes as frozen records, `coalesce` merges them, and
`ordering` sorts them: `circles` has its graph functions, and `unique_names` finds names
that one entity gives up and another takes. `plan` turns the changes into the operations
of a `FlushPlan`; `description` and `display_names` print it with names in place of ids.
After the commit `apply` makes the sent values the committed ones. No module of this
package sends a request.
"""

"""Entities: pydantic models that record changes and load attributes on demand.

Creating a class: `metaclass` replaces the `declarations` of the class body,
`attribute_info` binds them to a `type_info`, `descriptors` are set for the relations,
and `registry` registers the class.

Setting an attribute: `Entity.__setattr__` in `entity` stores a plain value directly.
Any other value is checked by `validators`, or by `targets` for a link or member, and
written by `relations` and `members`. `tracking` records the first committed value, and
`relation_index` updates the loaded collections of the changed key.

Reading an attribute: a scalar lies in the instance, a link is looked up by its key, a
`collection` or `mapped` attribute returns one object; the session loads the rest.
"""

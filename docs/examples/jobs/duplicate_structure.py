"""Duplicate a sequence with all that is below it.

The copies have the values, custom attributes and metadata of the originals, and the
dependencies among them. They start with the status that the project gives new tasks.
"""

from __future__ import annotations

from studio_models import Sequence, StudioSession, TypedContext, TypedContextLink


def duplicate(session: StudioSession, source: Sequence, name: str) -> TypedContext:
    """Return the copy of a sequence, committed with all below it."""
    originals = (
        session.select(TypedContext)
        .where(
            (TypedContext.id == source.id)
            | TypedContext.ancestors.any(TypedContext.id == source.id)
        )
        .load(TypedContext.custom_attributes, TypedContext.metadata)
        .all()
    )
    copies = {original.id: original.clone() for original in originals}
    for original in originals:
        copy = copies[original.id]
        if original.parent_id in copies:
            copy.parent = copies[original.parent_id]
    root = copies[source.id]
    root.name = name
    session.add_all(copies.values())
    duplicate_links(session, copies)
    session.commit()
    return root


def duplicate_links(session: StudioSession, copies: dict[str, TypedContext]) -> None:
    """Add the dependencies among the copies; those that lead out are left out."""
    links = (
        session.select(TypedContextLink)
        .where(TypedContextLink.from_id.in_(copies))
        .load(TypedContextLink.metadata)
    )
    for link in links:
        if link.to_id in copies:
            ends = {"from_": copies[link.from_id], "to": copies[link.to_id]}
            session.add(link.clone(**ends))

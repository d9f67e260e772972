"""A sequence with all below it, again, under another name; links inside follow."""

from ftrack_models import Sequence, TypedContext, TypedContextLink
from ftrack_orm.migrations import Planner


def up(plan: Planner, *, source: str, name: str) -> None:
    root = plan.find(Sequence, Sequence.id == source)
    copies: dict[str, TypedContext] = {root.id: plan.copy(root)}
    copies[root.id].name = name
    below = plan.select(TypedContext).where(
        TypedContext.ancestors.any(TypedContext.id == root.id)
    )
    loaded = below.load(
        TypedContext.custom_attributes, TypedContext.metadata, TypedContext.assignments
    )
    originals = list(plan.each(loaded))
    for entity in originals:
        copies[entity.id] = plan.copy(entity, leave_out=[TypedContext.status_id])
    for entity in originals:
        copies[entity.id].parent = copies[entity.parent_id or root.id]
    links = plan.select(TypedContextLink).where(TypedContextLink.from_id.in_(copies))
    for link in plan.each(links):
        end = copies.get(link.to_id)
        if end is not None:  # links that lead outside are not copied
            start = copies[link.from_id]
            plan.add(
                TypedContextLink(from_=start, to=end, type=link.type, lag=link.lag)
            )

"""Sort a dependency graph of indexes, and find its circles."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import TypeAlias

Needs: TypeAlias = Mapping[int, set[int]]
"""Index to the indexes that must come before it; indexes without any are left out."""


def stable_order(count: int, needs: Needs) -> list[int]:
    """Return ``0 … count - 1`` sorted by needs, and otherwise ascending.

    Members of a circle, and the indexes that need one, are left out.
    """
    open_needs = {index: len(before) for index, before in needs.items() if before}
    followers: dict[int, list[int]] = {}
    for index, before in needs.items():
        for first in before:
            followers.setdefault(first, []).append(index)
    # A heap, as the smallest ready index comes next; ascending numbers are one.
    ready = [index for index in range(count) if index not in open_needs]
    order: list[int] = []
    while ready:
        first = heapq.heappop(ready)
        order.append(first)
        for follower in followers.get(first, ()):
            open_needs[follower] -= 1
            if not open_needs[follower]:
                heapq.heappush(ready, follower)
    return order


def circles(needs: Needs) -> list[set[int]]:
    """Return the strongly connected parts of more than one index (Tarjan, 1972).

    Each index and each need is visited once.
    """
    # Without recursion: a chain of thousands of new entities would exceed its limit.
    numbers: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_indexes: dict[int, None] = {}
    parts: list[set[int]] = []
    for root in needs:
        if root in numbers:
            continue
        path: list[tuple[int, Iterator[int]]] = [_enter(root, needs, numbers)]
        lowest[root], open_indexes[root] = numbers[root], None
        while path:
            index, following = path[-1]
            for first in following:
                if first not in numbers:
                    path.append(_enter(first, needs, numbers))
                    lowest[first], open_indexes[first] = numbers[first], None
                    break
                if first in open_indexes:
                    lowest[index] = min(lowest[index], numbers[first])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[index])
                if lowest[index] == numbers[index]:
                    part = _pop_part(index, open_indexes)
                    if len(part) > 1:
                        parts.append(part)
    return parts


def _enter(
    index: int, needs: Needs, numbers: dict[int, int]
) -> tuple[int, Iterator[int]]:
    numbers[index] = len(numbers)
    # Sorted, so that the same changes always give the same order.
    return index, iter(sorted(needs.get(index, ())))


def _pop_part(index: int, open_indexes: dict[int, None]) -> set[int]:
    part: set[int] = set()
    while index not in part:
        last, _ = open_indexes.popitem()
        part.add(last)
    return part


def closing_needs(part: set[int], needs: Needs) -> list[tuple[int, int]]:
    """Return pairs of an index and one of its needs that together close every circle.

    Without these needs the part has no circle. Each index and need is visited once,
    from the smallest index on, so that a ring has a single closing need, that of its
    smallest index.
    """
    followers: dict[int, list[int]] = {}
    for index in sorted(part):
        for first in needs[index] & part:
            followers.setdefault(first, []).append(index)
    closing: list[tuple[int, int]] = []
    visited: set[int] = set()
    for root in sorted(part):
        if root in visited:
            continue
        visited.add(root)
        open_indexes = {root}
        path = [(root, iter(followers[root]))]
        while path:
            index, following = path[-1]
            for follower in following:
                if follower in open_indexes:
                    closing.append((follower, index))
                elif follower not in visited:
                    visited.add(follower)
                    open_indexes.add(follower)
                    path.append((follower, iter(followers[follower])))
                    break
            else:
                path.pop()
                open_indexes.discard(index)
    return closing


def one_circle(part: set[int], needs: Needs) -> list[int]:
    """Return a circle within a strongly connected part; the first is also the last.

    Each index has to come before the next one.
    """
    index = min(part)
    path = [index]
    positions = {index: 0}
    while True:
        index = min(needs[index] & part)
        if index in positions:
            return [index, *reversed(path[positions[index] :])]
        positions[index] = len(path)
        path.append(index)

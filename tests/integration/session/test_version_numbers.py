"""New versions are numbered in the order they were added, however they are linked.

A server numbers versions in the order of their creates (protocol 6.1).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftrack_models import Asset, AssetType, AssetVersion, FileComponent, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot
from tests.support.emulator_records import sql
from tests.support.incomplete import incomplete

Build = Callable[[Session, Asset], list[AssetVersion]]


def new_asset(session: Session) -> Asset:
    kind = session.select(AssetType).order_by(AssetType.id).first()
    assert kind is not None
    return Asset(name="fresh", parent=a_shot(session), type=kind)


def by_link(session: Session, asset: Asset) -> list[AssetVersion]:
    versions = [AssetVersion(asset=asset) for _ in range(3)]
    session.add_all([*versions, asset])
    return versions


def by_appending_before(session: Session, asset: Asset) -> list[AssetVersion]:
    versions = [incomplete(AssetVersion) for _ in range(3)]
    for version in versions:
        asset.versions.append(version)
    session.add_all([asset, *versions])
    return versions


def by_appending_after(session: Session, asset: Asset) -> list[AssetVersion]:
    versions = [incomplete(AssetVersion) for _ in range(3)]
    session.add_all([asset, *versions])
    for version in reversed(versions):
        asset.versions.append(version)
    return versions


def by_assigning(session: Session, asset: Asset) -> list[AssetVersion]:
    versions = [incomplete(AssetVersion) for _ in range(3)]
    session.add_all([*versions, asset])
    asset.versions = versions
    return versions


def by_extending_an_asset_of_the_server(
    session: Session, asset: Asset
) -> list[AssetVersion]:
    session.add(asset)
    session.commit()
    versions = [incomplete(AssetVersion) for _ in range(3)]
    session.add_all(versions)
    asset.versions.extend(versions)
    return versions


def with_a_task_that_is_added_last(
    session: Session, asset: Asset
) -> list[AssetVersion]:
    task = Task(name="late", parent=a_shot(session))
    versions = [AssetVersion(asset=asset, task=task)]
    versions += [AssetVersion(asset=asset) for _ in range(2)]
    session.add_all([*versions, asset, task])
    return versions


def with_uses_of_later_versions(session: Session, asset: Asset) -> list[AssetVersion]:
    versions = [AssetVersion(asset=asset) for _ in range(3)]
    session.add_all([asset, *versions])
    versions[0].uses_versions.append(versions[2])
    versions[1].used_in_versions.append(versions[0])
    return versions


def with_the_thumbnail_of_another_one(
    session: Session, asset: Asset
) -> list[AssetVersion]:
    versions = [AssetVersion(asset=asset) for _ in range(3)]
    component = FileComponent(name="thumb", version=versions[2])
    versions[0].thumbnail = component
    session.add_all([*versions, component, asset])
    return versions


BUILDS: list[Build] = [
    by_link,
    by_appending_before,
    by_appending_after,
    by_assigning,
    by_extending_an_asset_of_the_server,
    with_a_task_that_is_added_last,
    with_uses_of_later_versions,
    with_the_thumbnail_of_another_one,
]


@pytest.mark.parametrize("build", BUILDS)
def test_versions_are_numbered_in_the_order_they_were_added(
    emulator: Emulator, session: Session, build: Build
) -> None:
    asset = new_asset(session)
    versions = build(session, asset)
    emulator.forget()

    with emulator.expect_calls(1):
        session.commit()

    rows = sql(
        emulator,
        "select id from AssetVersion where asset_id = :id order by version",
        id=asset.id,
    )
    assert [row[0] for row in rows] == [version.id for version in versions]
    assert [version.version for version in versions] == [1, 2, 3]
    assert not session.plan()


def test_uses_of_later_versions_are_stored(
    emulator: Emulator, session: Session
) -> None:
    versions = with_uses_of_later_versions(session, new_asset(session))

    session.commit()

    # AssetVersion.uses_versions leads from the user to the version that is used.
    links = sql(emulator, "select from_id, to_id from AssetVersionLink")
    first, second, third = (version.id for version in versions)
    pairs = {frozenset(link) for link in links}
    assert {frozenset((first, third)), frozenset((first, second))} <= pairs

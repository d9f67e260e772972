"""What every store of files does: protocol 2.9 and 7.4."""

from __future__ import annotations

import io
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_orm.emulator.blobs import make_store
from ftrack_orm.emulator.blobs.store import BlobStore, read_blocks
from tests.support.stored_files import content_of, keep, keep_part, md5

CONTENT = bytes(range(250))


def test_the_tag_of_a_file_is_its_md5(store: BlobStore) -> None:
    assert keep(store, "c1", CONTENT) == md5(CONTENT)
    kept = store.find("c1")
    assert kept is not None
    assert (kept.e_tag, kept.size) == (md5(CONTENT), 250)
    assert content_of(store, "c1") == CONTENT


def test_a_file_may_be_empty(store: BlobStore) -> None:
    keep(store, "c1")
    assert content_of(store, "c1") == b""


def test_what_arrives_may_be_written_over_by_who_sent_it(store: BlobStore) -> None:
    incoming, block = store.receive(), bytearray(b"first")
    incoming.write(block)
    block[:] = b"other"
    incoming.save("c1")
    assert content_of(store, "c1") == b"first"


def test_what_only_arrived_is_no_file(store: BlobStore) -> None:
    incoming = store.receive()
    incoming.write(CONTENT)
    incoming.discard()
    assert store.find("c1") is None
    assert [*store.contents()] == []


def test_what_is_kept_is_not_discarded_with_its_arrival(store: BlobStore) -> None:
    incoming = store.receive()
    incoming.write(CONTENT)
    incoming.save("c1")
    incoming.discard()
    assert content_of(store, "c1") == CONTENT


def test_the_last_file_counts(store: BlobStore) -> None:
    keep(store, "c1", b"first")
    keep(store, "c1", b"second")
    assert content_of(store, "c1") == b"second"


def test_parts_are_joined_by_number_and_the_last_of_each_counts(
    store: BlobStore,
) -> None:
    for number in range(12, 0, -1):
        keep_part(store, "u1", number, b"wrong")
        keep_part(store, "u1", number, b"<%d>" % number)
    assert store.parts("u1") == {n: md5(b"<%d>" % n) for n in range(1, 13)}
    assert store.find("c1") is None
    store.finish("u1", "c1")
    expected = b"".join(b"<%d>" % number for number in range(1, 13))
    assert content_of(store, "c1") == expected
    assert content_of(store, "c1") == expected, "asked for again"
    assert store.parts("u1") == {}


def test_a_file_of_parts_takes_the_place_of_another_and_the_other_way(
    store: BlobStore,
) -> None:
    keep(store, "c1", b"whole")
    keep_part(store, "u1", 1, b"part")
    store.finish("u1", "c1")
    assert content_of(store, "c1") == b"part"
    keep_part(store, "u2", 1, b"part")
    store.finish("u2", "c1")
    keep(store, "c1", b"whole")
    assert content_of(store, "c1") == b"whole"


def test_parts_that_are_dropped_are_gone(store: BlobStore) -> None:
    keep_part(store, "u1", 1, CONTENT)
    store.delete_parts("u1")
    store.delete_parts("u2")
    assert store.parts("u1") == {}


def test_a_discarded_file_is_gone_assembled_or_not(store: BlobStore) -> None:
    keep(store, "c1", CONTENT)
    keep_part(store, "u1", 1, CONTENT)
    store.finish("u1", "c2")
    assert store.discard("c1")
    assert store.discard("c2")
    assert (store.find("c1"), store.find("c2")) == (None, None)
    assert not store.discard("c1")


def test_a_file_that_is_being_read_stays_what_it_was(store: BlobStore) -> None:
    keep(store, "c1", b"first")
    keep(store, "c2", b"first")
    for act in (lambda: keep(store, "c1", b"second"), lambda: store.discard("c1")):
        kept = store.find("c1")
        assert kept is not None
        before = content_of(store, "c1")
        with closing(kept.open()) as file:
            act()
            assert file.read() == before


@pytest.mark.parametrize("component_id", ["../../etc/passwd", ".", "é", "x" * 99])
def test_any_id_will_do(store: BlobStore, component_id: str) -> None:
    keep(store, component_id, CONTENT)
    assert content_of(store, component_id) == CONTENT
    assert store.discard(component_id)


# -- contents ------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["in memory", "on disk"])
def test_all_of_one_store_can_be_put_into_another(
    store: BlobStore, other: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("other") if other == "on disk" else None
    target = make_store(data, None)
    keep(store, "b", b"2")
    keep(store, "a/b", b"3")
    keep_part(store, "u1", 2, b"to")
    keep_part(store, "u1", 1, b"1")
    store.finish("u1", "a")
    keep(target, "gone", b"gone")
    keep(target, "b", b"other")
    keep_part(target, "u9", 1, b"gone")

    target.replace_contents(store.contents())

    found = [content_of(target, each) for each in ("a", "b", "a/b", "gone")]
    assert found == [b"1to", b"2", b"3", None]
    assert target.parts("u9") == {}
    shown = [(name, kept.e_tag) for name, kept in target.contents()]
    assert shown == [(name, kept.e_tag) for name, kept in store.contents()]
    assert [name for name, _ in shown] == sorted(name for name, _ in shown)


# -- reading -------------------------------------------------------------------------


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    blocks=st.lists(st.binary(max_size=9), max_size=6),
    start=st.integers(0, 60),
    end=st.integers(0, 60),
    size=st.integers(1, 20),
)
def test_any_bytes_of_a_file_can_be_read(
    store: BlobStore, blocks: list[bytes], start: int, end: int, size: int
) -> None:
    keep(store, "c1", *blocks)
    kept = store.find("c1")
    assert kept is not None
    found = [*read_blocks(kept, start, end, size)]
    assert b"".join(found) == b"".join(blocks)[start:end]
    assert all(0 < len(each) <= size for each in found)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    blocks=st.lists(st.binary(max_size=9), max_size=6),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("read"), st.integers(-1, 30)),
            st.tuples(st.sampled_from([io.SEEK_SET, io.SEEK_CUR]), st.integers(0, 30)),
            st.tuples(st.just(io.SEEK_END), st.integers(-3, 3)),
        )
    ),
)
def test_an_open_file_behaves_as_files_do(
    store: BlobStore, blocks: list[bytes], steps: list[tuple[str | int, int]]
) -> None:
    keep(store, "c1", b"more", *blocks)
    kept = store.find("c1")
    assert kept is not None
    model = io.BytesIO(b"".join([b"more", *blocks]))
    with closing(kept.open()) as file:
        for step, number in steps:
            if isinstance(step, int):
                assert file.seek(number, step) == model.seek(number, step)
            else:
                assert file.read(number) == model.read(number)
            assert file.tell() == model.tell()

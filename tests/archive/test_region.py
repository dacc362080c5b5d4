"""Parts of files as files, and the archives in a WACZ."""

import gzip
import io
import re
from pathlib import Path

from tests.archive.builders import record, wacz
from webpairs.archive.read import Tally, images, read_record, records
from webpairs.archive.region import Region
from webpairs.archive.wacz import stored


def places(path: Path) -> list[tuple[int, int]]:
    with path.open("rb") as file:
        return stored(file)


def test_a_region_is_read_like_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with path.open("rb") as file:
        region = Region(file, 2, 8)
        own = io.BytesIO(b"234567")
        for step in (
            lambda one: one.read(2),
            lambda one: one.tell(),
            lambda one: one.seek(-1, 2),
            lambda one: one.read(5),
            lambda one: one.read(5),
            lambda one: one.seek(1),
            lambda one: one.seek(1, 1),
            lambda one: one.read(),
        ):
            assert step(region) == step(own)
        assert (region.size, region.at(4, 10), region.at(9, 1)) == (6, b"67", b"")
        assert list(region.find(re.compile(rb"[1357]"), 2)) == [(3, b"5"), (5, b"7")]
        assert Region(file, 8, 100).read() == b"89"
        assert Region(file, 100).read() == b""


def test_what_lies_at_the_edge_of_pieces_is_found_once(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for place in [*range((64 << 10) - 8, (64 << 10) + 2), *range((192 << 10) - 8, (192 << 10) + 2)]:
        content = bytearray(300_000)
        content[place : place + 6] = b"needle"
        path.write_bytes(b"xx" + content)
        with path.open("rb") as file:
            region = Region(file, 2)
            assert list(region.find(re.compile(rb"needle"), 0)) == [(place, b"needle")]
            assert list(region.find(re.compile(rb"(?<=\0)needle"), place)) == [(place, b"needle")]
            assert list(region.find(re.compile(rb"(?<=n)eedle"), place + 1)) == [(place + 1, b"eedle")]
            assert list(region.find(re.compile(rb"needle"), place + 1)) == []


def test_the_archives_of_a_wacz_are_read_where_they_lie(tmp_path: Path) -> None:
    pieces = {
        name: b"".join(gzip.compress(record(f"http://{name}.example/{n}")) for n in range(2)) for name in ("b", "a")
    }
    path = wacz(tmp_path / "x.wacz", **pieces)
    content = path.read_bytes()
    assert [content[start:end] for start, end in places(path)] == [pieces["b"], pieces["a"]]
    tally = Tally()
    found = list(records(path, lambda head: bool(head.url), tally))
    assert [one.head.url for one in found] == [f"http://{name}.example/{n}" for name in "ba" for n in range(2)]
    assert (tally.breaks, tally.records) == ([], {"response": 4})
    for one in found:
        assert content[one.head.offset :].startswith(b"\x1f\x8b")
        assert read_record(path, one.head.offset, one.head.url).body == one.body
    assert not list(images(path))


def test_a_broken_archive_in_a_wacz_costs_what_is_broken(tmp_path: Path) -> None:
    whole = gzip.compress(record("http://a.example/0"))
    path = wacz(
        tmp_path / "x.wacz", a=whole + b"garbage" * 9, b=whole[:-30], c=gzip.compress(record("http://c.example/"))
    )
    tally = Tally()
    found = [one.head.url for one in records(path, lambda head: bool(head.url), tally)]
    assert found == ["http://a.example/0", "http://a.example/0", "http://c.example/"]
    starts = [start for start, _ in places(path)]
    assert [offset for offset, _ in tally.breaks] == [starts[0] + len(whole), starts[1]]
    assert tally.unread == len(b"garbage" * 9)

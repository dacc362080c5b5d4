"""Every form that web archives come in is read, and every record has its place in the file."""

import gzip
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from tests.archive.builders import MEMBERS, arc_description, arc_record, wacz
from tests.archive.reading import everything, names, read
from tests.archive.responses import http, record
from webpairs.archive.read import Tally, read_record, records
from webpairs.archive.sniff import sniff

WHOLE = [name for name in MEMBERS if name.endswith("whole")]


def pieces(size: int) -> list[bytes]:
    """Five records whose bodies don't compress."""
    return [record(f"http://x.example/{n}", http(b"<html>" + Random(n).randbytes(size))) for n in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a"


@pytest.mark.parametrize("size", [100, 3000, 200_000])
@pytest.mark.parametrize("packing", MEMBERS)
def test_warc(path: Path, packing: str, size: int) -> None:
    members = MEMBERS[packing](pieces(size))
    path.write_bytes(b"".join(members))
    assert sniff(path) == "warc" if packing == "plain" else f"warc.{packing.partition(',')[0]}"
    found, tally = read(path)
    assert names(found) == "01234"
    assert [one.body for one in found] == [b"<html>" + Random(n).randbytes(size) for n in range(5)]
    assert (tally.breaks, tally.drops, tally.cut, tally.records) == ([], {}, 0, {"response": 5})
    assert (tally.bytes, tally.unread) == (path.stat().st_size, 0)
    places = [(one.head.offset, one.head.nth) for one in found]
    if packing in WHOLE:
        assert places == [(0, n) for n in range(5)]
        assert set(tally.lengths.values()) == {len(members[0])}
    else:
        ends = list(accumulate(map(len, members)))
        assert places == [(offset, 0) for offset in [0, *ends][-6:-1]]
        assert list(tally.lengths.values()) == [len(member) for member in members[-5:]]


@pytest.mark.parametrize("packing", MEMBERS)
@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
def test_versions(path: Path, packing: str, version: str) -> None:
    made = [piece.replace(b"WARC/1.1", f"WARC/{version}".encode(), 1) for piece in pieces(50)]
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    assert names(read(path)[0]) == "01234"


@pytest.mark.parametrize("packing", ["gz", "zst", "lz4"])
def test_members_of_several_records_beside_members_of_one(path: Path, packing: str) -> None:
    pack, plain = MEMBERS[packing], pieces(3000)
    members = [*pack([plain[0]]), *pack([b"".join(plain[1:3])]), *pack([plain[3]]), *pack([plain[4]])]
    path.write_bytes(b"".join(members))
    found, tally = read(path)
    starts = [0, *accumulate(map(len, members))]
    assert [(one.head.offset, one.head.nth) for one in found] == [
        (starts[0], 0),
        (starts[1], 0),
        (starts[1], 1),
        (starts[2], 0),
        (starts[3], 0),
    ]
    assert [tally.lengths[one.head.offset, one.head.nth] for one in found] == [len(members[n]) for n in (0, 1, 1, 2, 3)]


def test_records_that_go_over_several_members(path: Path) -> None:
    """As bgzip writes them, and nobody should."""
    whole = b"".join(pieces(3000))
    cuts = range(0, len(whole), 1000)
    path.write_bytes(b"".join(gzip.compress(whole[cut : cut + 1000]) for cut in cuts))
    found, tally = read(path)
    assert names(found) == "01234"
    assert tally.breaks == []


def test_lengths_are_there_when_the_next_record_comes(path: Path) -> None:
    for packing in MEMBERS:
        path.write_bytes(b"".join(MEMBERS[packing](pieces(300))))
        tally = Tally()
        before = None
        for one in records(path, everything, tally):
            if before is not None:
                assert tally.lengths.pop(before) > 0
            before = (one.head.offset, one.head.nth)
            assert before not in tally.lengths
        assert list(tally.lengths) == [before]


def test_only_wanted_records_have_lengths(path: Path) -> None:
    path.write_bytes(b"".join(MEMBERS["gz"](pieces(300))))
    tally = Tally()
    found = list(records(path, lambda head: head.url[-1] in "13", tally))
    assert sorted(tally.lengths) == [(one.head.offset, 0) for one in found]
    assert [original.offset for original in tally.originals] == [one.head.offset for one in found]


@pytest.mark.parametrize("packing", ["plain", "gz", "gz, whole"])
@pytest.mark.parametrize("more", ["", "200 - - 1234 a.arc "], ids=["v1", "v2"])
def test_arc(path: Path, packing: str, more: str) -> None:
    bodies = [b"<html>" + Random(n).randbytes(3000) for n in range(4)]
    made = [arc_record(f"http://x.example/{n}", http(body), more=more) for n, body in enumerate(bodies)]
    members = MEMBERS[packing]([arc_description(), *made])
    path.write_bytes(b"".join(members))
    assert sniff(path) == ("arc" if packing == "plain" else "arc.gz")
    found, tally = read(path)
    assert [one.body for one in found] == bodies
    assert (tally.breaks, tally.drops, tally.cut, tally.unread, tally.records) == ([], {}, 0, 0, {"response": 4})
    if packing == "gz, whole":
        assert [(one.head.offset, one.head.nth) for one in found] == [(0, n + 1) for n in range(4)]
        assert set(tally.lengths.values()) == {len(members[0])}
    else:
        assert [one.head.offset for one in found] == list(accumulate(map(len, members)))[:-1]
        assert list(tally.lengths.values()) == [len(member) for member in members[1:]]


@pytest.mark.parametrize("packing", MEMBERS)
def test_wacz(tmp_path: Path, packing: str) -> None:
    pack = MEMBERS[packing]
    inside = {name: b"".join(pack([record(f"http://x.example/{name}", http(b"<html>"))])) for name in "ab"}
    path = wacz(tmp_path / "a", **inside)
    assert sniff(path) == "wacz"
    found, tally = read(path)
    assert names(found) == "ab"
    assert (tally.breaks, tally.bytes, tally.unread) == ([], sum(map(len, inside.values())), 0)


def test_a_record_is_found_from_an_earlier_place_by_its_url(path: Path) -> None:
    path.write_bytes(b"".join(MEMBERS["gz, whole"](pieces(300))))
    assert read_record(path, 0, "http://x.example/3").head.nth == 3
    assert read_record(path, 0, "http://x.example/3", nth=3).head.nth == 3
    with pytest.raises(LookupError):
        read_record(path, 0, "http://x.example/3", nth=4)
    with pytest.raises(LookupError):
        read_record(path, path.stat().st_size + 5)

"""WACZ files, also such as were made to do harm."""

import gzip
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archive.builders import wacz
from tests.archive.reading import names, read
from tests.archive.responses import http, record
from webpairs.archive.sniff import Unreadable, sniff
from webpairs.archive.wacz import NoRegion, stored


def packed(*letters: str) -> bytes:
    return b"".join(gzip.compress(record(f"http://x.example/{one}", http(b"<html>" + one.encode()))) for one in letters)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.wacz"


def places(path: Path) -> list[tuple[int, int]]:
    with path.open("rb") as file:
        return stored(file)


def entry(path: Path, name: str) -> int:
    """Where the directory describes an entry."""
    content = path.read_bytes()
    place = content.index(b"PK\x01\x02")
    while content[place + 46 : place + 46 + len(name)] != name.encode():
        place = content.index(b"PK\x01\x02", place + 1)
    return place


def changed(path: Path, name: str, **fields: int) -> None:
    """Changes what the directory says of an entry: its `size`, or the `offset` that it begins at."""
    content, place = bytearray(path.read_bytes()), entry(path, name)
    if "size" in fields:
        struct.pack_into("<II", content, place + 20, fields["size"], fields["size"])
    if "offset" in fields:
        struct.pack_into("<I", content, place + 42, fields["offset"])
    path.write_bytes(content)


def test_entries_that_overlap_are_read_once(path: Path) -> None:
    wacz(path, a=packed("0", "1"), b=packed("2"), c=packed("3"))
    whole = places(path)
    # The first reaches over all others, and the last lies where the first does.
    changed(path, "archive/a.warc.gz", size=whole[2][1] - whole[0][0])
    changed(path, "archive/c.warc.gz", offset=0, size=len(packed("0", "1")))
    apart = places(path)
    assert all(stop <= start for (_, stop), (start, _) in pairwise(apart))
    found, tally = read(path)
    assert names(found).startswith("012")
    assert tally.bytes <= path.stat().st_size


def test_ten_thousand_entries_for_one_archive_are_one(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/a.warc.gz", packed("0"))
        [info] = file.infolist()
        for number in range(10_000):
            again = zipfile.ZipInfo(f"archive/{number}.warc")
            for name in ("header_offset", "compress_size", "file_size", "CRC"):
                setattr(again, name, getattr(info, name))
            file.filelist.append(again)
    assert names(read(path)[0]) == "0"


def test_entries_beyond_the_end_of_the_file(path: Path) -> None:
    wacz(path, a=packed("0"), b=packed("1"))
    changed(path, "archive/b.warc.gz", size=1 << 31)
    found, tally = read(path)
    assert names(found) == "01"
    assert tally.bytes <= path.stat().st_size
    # With a directory that is wrong, records are found without.
    changed(path, "archive/b.warc.gz", offset=1 << 31)
    found, tally = read(path)
    assert names(found) == "01"
    assert tally.breaks
    assert sniff(path) == "wacz"


def test_a_million_entries_are_refused_unread(path: Path) -> None:
    wacz(path, a=packed("0"))
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    entries = content[directory : content.index(b"PK\x05\x06")] * 500_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entries), directory, 0)
    path.write_bytes(content[:directory] + entries + end)
    with pytest.raises(NoRegion) as caught:
        places(path)
    assert caught.value.code == "wacz_directory"
    found = sniff(path)
    assert isinstance(found, Unreadable)
    assert found.code == "wacz_directory"


def test_a_wacz_that_was_cut_is_read_as_far_as_it_goes(path: Path) -> None:
    wacz(path, a=packed("0", "1"), b=packed("2", "3"))
    content = path.read_bytes()
    ends = [content.index(packed(letter)) + len(packed(letter)) for letter in "0123"]
    for cut in range(300, len(content), 97):
        path.write_bytes(content[:cut])
        assert sniff(path) == "wacz"
        found, tally = read(path)
        before = sum(end <= cut for end in ends)
        assert names(found)[:before] == "0123"[:before]
        assert tally.breaks


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8))
def test_flipped_bytes(tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[float, int]]) -> None:
    path = wacz(tmp_path_factory.mktemp("flips") / "a", a=packed("0", "1"), b=packed("2"))
    content = bytearray(path.read_bytes())
    for at, by in flips:
        # The directory most of all.
        content[-1 - int(at * (len(content) - 10))] ^= by
    path.write_bytes(content)
    sniff(path)
    found, _ = read(path)
    assert len(found) <= 3

"""Members of compressed archives: their ends, and where each byte of their content comes from."""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest
import zstandard

from tests.archive.builders import lz4
from webpairs.archive import members, unpack
from webpairs.archive.region import Region, opened
from webpairs.archive.unpack import PIECE, Unpacked, beginning

CONTENTS = [b"", b"a", b"abc" * 1000, bytes(300_000), Random(1).randbytes(700_000), Random(2).randbytes(3_000_000)]

ENCODERS = {
    "gz": gzip.compress,
    "gz, stored": lambda content: gzip.compress(content, 0),
    "gz, dated": lambda content: gzip.compress(content, mtime=len(content)),
    "zst": zstandard.compress,
    "zst, unsized": zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress,
    "zst, level 9": zstandard.ZstdCompressor(level=9).compress,
    "lz4": lz4,
}


Open = Callable[[bytes], Region]


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Open]:
    """Makes files of bytes, and opens them."""
    with ExitStack() as stack:

        def of(content: bytes) -> Region:
            path = tmp_path / "a"
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            return Region(stack.enter_context(opened(path)))

        yield of


@pytest.mark.parametrize("encoder", ENCODERS)
def test_where_members_end(region: Open, encoder: str) -> None:
    packed = [ENCODERS[encoder](content) for content in CONTENTS]
    ends = list(accumulate(map(len, packed)))
    whole = region(b"".join(packed))
    assert [members.end(whole, start) for start in [0, *ends[:-1]]] == ends
    cut = region(b"".join(packed)[:-1])
    assert members.end(cut, ends[-2]) is None


@pytest.mark.parametrize("encoder", ENCODERS)
def test_where_content_comes_from(region: Open, encoder: str) -> None:
    packed = [ENCODERS[encoder](content) for content in CONTENTS]
    starts = [0, *accumulate(map(len, packed))]
    stream = Unpacked(region(b"".join(packed)), 0)
    seen: dict[int, bytes] = {}
    while piece := stream.read():
        assert len(piece) <= PIECE
        seen[stream.member] = seen.get(stream.member, b"") + piece
    assert seen == {start: content for start, content in zip(starts, CONTENTS, strict=False) if content}
    assert (stream.failed, stream.cut, stream.at, stream.tell()) == (None, None, starts[-1], sum(map(len, CONTENTS)))


def test_places_are_told_in_rising_order(region: Open) -> None:
    packed = [gzip.compress(content) for content in (b"abc", b"de", b"f")]
    starts = [0, *accumulate(map(len, packed))]
    stream = Unpacked(region(b"".join(packed)), 0)
    while stream.read():
        pass
    assert stream.place(0) == (0, True, [])
    assert stream.place(2) == (0, False, [])
    assert stream.beyond(0) == [(3, starts[1]), (5, starts[2])]
    assert stream.place(5) == (starts[2], True, [starts[1]])
    assert stream.beyond(starts[2]) == []


def test_going_to_a_pattern_stays_within_the_member(region: Open) -> None:
    content = bytes(PIECE - 3) + b"needle" + bytes(200_000) + b"needle."
    file = region(gzip.compress(content) + gzip.compress(b"needle"))
    stream = Unpacked(file, 0)
    assert stream.to(0, re.compile(b"needle"))
    assert stream.tell() == PIECE - 3
    assert stream.read().startswith(b"needle\0")
    stream = Unpacked(file, 0)
    assert stream.to(PIECE, re.compile(b"needle"))
    assert (stream.tell(), stream.read()) == (len(content) - 7, b"needle.")
    assert not Unpacked(file, 0).to(len(content) - 6, re.compile(b"needle"))


def test_blank_lines_end_between_records_only(region: Open) -> None:
    file = region(gzip.compress(b"\r\n" * 2_000_000))
    stream = Unpacked(file, 0)
    while stream.read():
        pass
    assert stream.tell() == 4_000_000
    stream = Unpacked(file, 0)
    stream.search(True)
    with pytest.raises(OSError, match="blank lines without end"):
        while stream.read():
            pass
    assert stream.tell() < 2 * unpack.BLANK_AT_MOST


def test_the_end_of_a_bomb_isn_t_looked_for(region: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    file = region(gzip.compress(bytes(5_000_000)))
    assert members.end(file, 0) == file.size
    monkeypatch.setattr(members, "BOMB_FROM", 1_000_000)
    assert members.end(file, 0) is None
    stream = Unpacked(file, 0)
    assert not stream.to(0, re.compile(b"needle"))
    assert stream.tell() < 3_000_000


@pytest.mark.parametrize("encoder", ENCODERS)
def test_beginnings(region: Open, encoder: str) -> None:
    content = b"WARC/1.0" + Random(1).randbytes(400_000)
    file = region(b"lead" + ENCODERS[encoder](content))
    assert beginning(file, 4, 8) == b"WARC/1.0"
    assert beginning(file, 0, 4) == b"lead"
    assert beginning(file, 5, 8) != b"WARC/1.0"
    assert beginning(region(ENCODERS[encoder](content)[:9]), 0, 8) == b""


def test_a_gzip_header_with_a_long_field(region: Open) -> None:
    plain = gzip.compress(b"WARC/1.0")
    packed = plain[:3] + b"\x04" + plain[4:10] + (60_000).to_bytes(2, "little") + bytes(60_000) + plain[10:]
    file = region(packed + plain)
    assert gzip.decompress(packed) == b"WARC/1.0"
    assert beginning(file, 0, 8) == b"WARC/1.0"
    stream = Unpacked(file, 0)
    assert stream.read() + stream.read() == b"WARC/1.0" * 2

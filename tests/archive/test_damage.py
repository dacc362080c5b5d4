"""Bad input costs that input: nothing crashes or hangs, and all that stands whole is read."""

import gzip
import os
import re
import zlib
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archive.builders import MEMBERS, arc_description, arc_record, skippable
from tests.archive.reading import everything, names, read
from tests.archive.responses import http, record
from webpairs.archive.members import DICTIONARY_AT_MOST, end
from webpairs.archive.read import Record, Tally, records
from webpairs.archive.region import Region
from webpairs.archive.sniff import Unreadable, sniff

EVERY = 997
SINGLE = [name for name in MEMBERS if "whole" not in name]
WHOLE = [name for name in MEMBERS if "whole" in name]


def bodies(count: int = 6, size: int = 1500) -> list[bytes]:
    return [b"<html>" + Random(n).randbytes(size) for n in range(count)]


def pieces(count: int = 6, size: int = 1500) -> list[bytes]:
    return [record(f"http://x.example/{n}", http(body)) for n, body in enumerate(bodies(count, size))]


def arc_pieces() -> list[bytes]:
    made = [arc_record(f"http://x.example/{n}", http(body)) for n, body in enumerate(bodies())]
    return [arc_description(), *made]


def with_length(piece: bytes, length: bytes) -> bytes:
    head, blank, rest = piece.partition(b"\r\n\r\n")
    lines = [b"Content-Length: " + length if line.startswith(b"Content-Length") else line for line in head.splitlines()]
    return b"\r\n".join(lines) + blank + rest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a"


# --- cut files


@pytest.mark.parametrize("packing", [*SINGLE, "ARC, plain", "ARC, gz"])
def test_a_file_that_is_cut_anywhere(path: Path, packing: str) -> None:
    is_arc = packing.startswith("ARC")
    members = MEMBERS[packing.removeprefix("ARC, ")](arc_pieces() if is_arc else pieces())
    ends, whole = list(accumulate(map(len, members)))[-6:], b"".join(members)
    for cut in range(EVERY, len(whole), EVERY):
        path.write_bytes(whole[:cut])
        found, tally = read(path)
        before = sum(end <= cut for end in ends)
        assert names(found)[:before] == "012345"[:before]
        assert [one.body for one in found[:before]] == bodies()[:before]
        assert (len(found) <= before + 1, tally.drops) == (True, {})
        for rest in found[before:]:
            assert rest.head.url == f"http://x.example/{before}"
            # What is there of the last one: with the blank line, or what of it is left, the body may be whole.
            assert bodies()[before].startswith(rest.body)
        is_noted = bool(tally.breaks or tally.cut)
        assert is_noted or cut in ends or (found[before:] and found[before].body == bodies()[before])
        assert tally.bytes == cut


@pytest.mark.parametrize("packing", WHOLE)
def test_a_member_of_many_records_that_is_cut_anywhere(path: Path, packing: str) -> None:
    plain = pieces()
    [whole] = MEMBERS[packing](plain)
    ends = list(accumulate(map(len, plain)))
    for cut in range(EVERY, len(whole), EVERY):
        path.write_bytes(whole[:cut])
        found, tally = read(path)
        had = len(unpacked(packing, whole[:cut]))
        before = sum(end <= had for end in ends)
        assert [one.body for one in found[:before]] == bodies()[:before]
        assert len(found) <= before + 1
        assert tally.breaks == [(0, "the file ends within a record")]


def unpacked(packing: str, cut: bytes) -> bytes:
    """What other code makes of it. lz4 and zstd give blocks only, of which these small files have one."""
    return zlib.decompressobj(31).decompress(cut) if packing.startswith("gz") else b""


# --- flipped bytes


@settings(max_examples=120, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    packing=st.sampled_from([*SINGLE, "ARC, plain", "ARC, gz"]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8),
)
def test_flipped_bytes_cost_the_records_that_they_are_in(
    tmp_path_factory: pytest.TempPathFactory, packing: str, flips: list[tuple[float, int]]
) -> None:
    made = arc_pieces()[1:] if packing.startswith("ARC") else pieces(size=300)
    texts = bodies() if packing.startswith("ARC") else bodies(size=300)
    members = MEMBERS[packing.removeprefix("ARC, ")](made)
    lead = MEMBERS[packing.removeprefix("ARC, ")]([arc_description()]) if packing.startswith("ARC") else members[:-6]
    members = members[-6:]
    spoilt, touched = bytearray(b"".join(members)), set()
    ends = list(accumulate(map(len, members)))
    for at, by in flips:
        place = int(at * len(spoilt))
        spoilt[place] ^= by
        touched.add(sum(end <= place for end in ends))
    path = tmp_path_factory.mktemp("flips") / "a"
    path.write_bytes(b"".join(lead) + spoilt)
    found, _ = read(path)
    by_url = {one.head.url: one.body for one in found}
    for number in set(range(6)) - touched:
        assert by_url.get(f"http://x.example/{number}") == texts[number]


@pytest.mark.parametrize("packing", [*SINGLE, "ARC, plain", "ARC, gz"])
def test_a_record_without_its_blank_line_but_something_else(path: Path, packing: str) -> None:
    made = arc_pieces()[1:] if packing.startswith("ARC") else pieces()
    made[2] = made[2][:-1] + b"x"
    lead = [arc_description()] if packing.startswith("ARC") else []
    path.write_bytes(b"".join(MEMBERS[packing.removeprefix("ARC, ")](lead + made)))
    found, tally = read(path)
    assert [one.body for one in found] == bodies()
    assert tally.breaks or packing.startswith("ARC")


@pytest.mark.parametrize("packing", ["plain", "zst", "lz4"])
def test_a_header_that_runs_into_the_next_record(path: Path, packing: str) -> None:
    made = pieces()
    made[2] = made[2].partition(b"Content-Type")[0] + bytes(99)
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found, tally = read(path)
    assert names(found) == "01345"
    assert [reason for _, reason in tally.breaks] == ["a record's header has no end"]


def test_a_frame_that_claims_the_next_ones_is_not_believed(path: Path) -> None:
    frames = MEMBERS["lz4"](pieces())
    starts = [0, *accumulate(map(len, frames))]
    block = 7 + 8 * (frames[2][4] >> 3 & 1)
    checksum = 4 * (frames[2][4] >> 2 & 1)
    # Of the block the length, up to the mark that ends the frame after the next one.
    claimed = starts[5] - checksum - 4 - (starts[2] + block + 4)
    frames[2] = frames[2][:block] + claimed.to_bytes(4, "little") + frames[2][block + 4 :]
    path.write_bytes(b"".join(frames))
    with path.open("rb") as file:
        assert end(Region(file), starts[2]) == starts[5]
    found, tally = read(path)
    assert names(found) == "01345"
    assert tally.unread == len(frames[2])


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=300), packing=st.sampled_from(SINGLE), at=st.integers(0, 5))
def test_garbage_between_records(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, packing: str, at: int
) -> None:
    members = MEMBERS[packing](pieces(size=300))
    members, lead = members[-6:], members[:-6]
    path = tmp_path_factory.mktemp("garbage") / "a"
    path.write_bytes(b"".join([*lead, *members[:at], content, *members[at:]]))
    if isinstance(sniff(path), Unreadable):
        return
    assert [one.body for one in read(path)[0]] == bodies(size=300)


# --- lengths that lie


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("packing", MEMBERS)
@pytest.mark.parametrize(
    "length", [b"300", b"1503", b"2000", b"4000", b"%d" % 10**7, b"%d" % (2**63 - 1), b"%d" % (2**64 - 1)]
)
def test_a_record_with_a_wrong_length_costs_no_other(path: Path, packing: str, length: bytes, wanted: bool) -> None:
    made = pieces()
    spoilt = with_length(made[2], length)
    if not wanted:
        spoilt = spoilt.replace(b"WARC-Type: response", b"WARC-Type: request")
    path.write_bytes(b"".join(MEMBERS[packing]([*made[:2], spoilt, *made[3:]])))
    found, tally = read(path)
    others = [one for one in found if one.head.url[-1] != "2"]
    assert [one.body for one in others] == [body for n, body in enumerate(bodies()) if n != 2]
    assert tally.breaks or (wanted and tally.cut)
    for one in found[2:3] if wanted and len(found) == 6 else []:
        is_short = len(one.body) < len(bodies()[2])
        assert bodies()[2].startswith(one.body) if is_short else one.body.startswith(bodies()[2])


@pytest.mark.parametrize("packing", MEMBERS)
@pytest.mark.parametrize("length", [b"-5", b"", b"abc", b"1e3", b"99999999999999999999999999"])
def test_a_record_with_no_length_at_all_costs_no_other(path: Path, packing: str, length: bytes) -> None:
    made = pieces()
    path.write_bytes(b"".join(MEMBERS[packing]([*made[:2], with_length(made[2], length), *made[3:]])))
    found, tally = read(path)
    assert [one.body for one in found if one.head.url[-1] != "2"] == [b for n, b in enumerate(bodies()) if n != 2]
    assert tally.breaks


def test_a_plain_record_ends_where_the_next_one_begins(path: Path) -> None:
    made = pieces()
    path.write_bytes(b"".join([*made[:2], with_length(made[2], b"5000"), *made[3:]]))
    assert [one.body for one in read(path)[0]] == bodies()


@pytest.mark.parametrize("packing", ["gz", "zst", "lz4"])
def test_a_packed_record_ends_with_its_member(path: Path, packing: str) -> None:
    made = pieces()
    path.write_bytes(b"".join(MEMBERS[packing]([*made[:2], with_length(made[2], b"5000"), *made[3:]])))
    found, tally = read(path)
    assert [one.body for one in found] == bodies()
    assert (tally.cut, tally.unread) == (1, 0)


def test_lengths_that_lie_cost_no_more_reading_than_others(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were each of these records read to the end that it claims, most of the file would be read for each."""
    made = [with_length(piece, b"%d" % 10**8) for piece in pieces(2000, 200)]
    taken = 0
    at = Region.at

    def counted(self: Region, offset: int, size: int) -> bytes:
        nonlocal taken
        content = at(self, offset, size)
        taken += len(content)
        return content

    monkeypatch.setattr(Region, "at", counted)
    for packing in ("plain", "gz"):
        path.write_bytes(b"".join(MEMBERS[packing](made)))
        taken = 0
        assert sum(1 for _ in records(path, everything, Tally())) == 2000
        assert taken < 500 * path.stat().st_size


# --- headers


@pytest.mark.parametrize("packing", MEMBERS)
def test_headers_of_any_kind(path: Path, packing: str) -> None:
    made = pieces()
    made[0] = made[0].replace(b"WARC-Date", b"X: a\0b\r\n\0\0\r\n: \r\n:\r\nnonsense\r\nWARC-Date")
    made[1] = made[1].replace(b"WARC-Date", b"X: " + b"y" * 900_000 + b"\r\nWARC-Date")
    made[2] = made[2].replace(b"WARC-Date", b"X: y\r\n" * 50_000 + b"WARC-Date")
    made[3] = made[3].replace(b"WARC-Date", b"X: \xff\xfe\x80\r\nWARC-Date")
    made[4] = made[4].replace(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 \0\xff\r\n\0: \0\r\n")
    grown = len(b"\0\xff\r\n\0: \0") - len(b"OK")
    made[4] = with_length(made[4], b"%d" % (len(http(bodies()[4])) + grown))
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found, tally = read(path)
    assert [one.body for one in found] == bodies()
    assert tally.breaks == []


@pytest.mark.parametrize("packing", SINGLE)
def test_a_header_without_end_costs_its_record(path: Path, packing: str) -> None:
    made = pieces()
    made[2] = made[2].replace(b"WARC-Date", b"X: " + b"y" * 1_100_000 + b"\r\nWARC-Date")
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found, tally = read(path)
    assert names(found) == "01345"
    assert len(tally.breaks) == 1
    assert tally.unread > 0


def test_many_headers_of_one_name_are_joined_in_time(path: Path) -> None:
    path.write_bytes(record("http://x.example/0", http(b"<html>", *["X-Robots-Tag: noai"] * 40_000)))
    [found] = read(path)[0]
    assert len(found.head.robots) == 40_000 * len("noai, ") - 2


@pytest.mark.parametrize("packing", MEMBERS)
@pytest.mark.parametrize("blank", [b"", b"\r\n", b"\n\n", b"\r\n" * 3, b"\r\n" * 10_000])
def test_other_numbers_of_blank_lines(path: Path, packing: str, blank: bytes) -> None:
    made = [piece.removesuffix(b"\r\n\r\n") + blank for piece in pieces()]
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found, tally = read(path)
    assert [one.body for one in found] == bodies()
    assert tally.breaks == []


@pytest.mark.parametrize("packing", ["gz", "zst", "lz4"])
@pytest.mark.parametrize("padding", [bytes(600), b"\r\n" * 20, b"\0\n"])
def test_padding_is_no_damage(path: Path, packing: str, padding: bytes) -> None:
    members = MEMBERS[packing](pieces())
    path.write_bytes(b"".join([*members[:3], padding, *members[3:], padding]))
    found, tally = read(path)
    assert [one.body for one in found] == bodies()
    assert (tally.breaks, tally.unread) == ([], 0)


# --- files that aren't there, or no longer


@pytest.mark.parametrize("packing", MEMBERS)
def test_a_file_that_is_deleted_while_it_is_read(path: Path, packing: str) -> None:
    path.write_bytes(b"".join(MEMBERS[packing](pieces(40, 100_000))))
    found = []
    for one in records(path, everything, tally := Tally()):
        path.unlink(missing_ok=True)
        found.append(one.body)
    assert found == bodies(40, 100_000)
    assert tally.breaks == []


@pytest.mark.parametrize("packing", MEMBERS)
def test_a_file_that_is_cut_while_it_is_read(path: Path, packing: str) -> None:
    path.write_bytes(b"".join(MEMBERS[packing](pieces(40, 100_000))))
    found: list[Record] = []
    for one in records(path, everything, tally := Tally()):
        found.append(one)
        if len(found) == 2:
            os.truncate(path, 250_000)
    assert [one.body for one in found[:2]] == bodies(2, 100_000)
    # Of lz4, megabytes are read at once.
    assert len(found) < 40 or packing == "lz4, whole"
    assert tally.breaks
    assert 0 < tally.unread <= tally.bytes


def test_a_file_that_is_cut_while_a_place_in_it_is_looked_for(path: Path) -> None:
    """A mapped file would end the process here."""
    path.write_bytes(b"garbage\n" * 200_000 + record("http://x.example/0", http(b"<html>")))
    seen = []
    with path.open("rb") as file:
        region = Region(file)
        for place, _ in region.find(re.compile(rb"garbage"), 0):
            seen.append(place)
            os.truncate(path, 100)
    assert 0 < len(seen) < 200_000


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    folder, pipe = tmp_path / "folder.warc", tmp_path / "pipe.warc"
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (folder, pipe, tmp_path / "away.warc", Path("/dev/zero")):
        with pytest.raises(OSError, match=path.name):
            next(records(path, everything, Tally()))
        found = sniff(path)
        assert isinstance(found, Unreadable)
        assert found.code == "unreadable"


def test_a_disk_that_fails_costs_what_is_on_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"".join(MEMBERS["gz"](pieces(40, 100_000))))
    at = Region.at

    def failing(self: Region, offset: int, size: int) -> bytes:
        if self.start + offset > 1_000_000:
            raise OSError(5, "Input/output error")
        return at(self, offset, size)

    monkeypatch.setattr(Region, "at", failing)
    tally = Tally()
    found = list(records(path, everything, tally))
    assert [one.body for one in found] == bodies(len(found), 100_000)
    assert 5 < len(found) < 40
    assert "Input/output error" in tally.breaks[-1][1]
    assert tally.unread > 1_000_000


# --- dictionaries, and places that look like more than they are


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (skippable(b"x")[:4] + (3 << 30).to_bytes(4, "little"), "the dictionary has 3221225472 bytes"),
        (skippable(zstandard.compress(bytes(DICTIONARY_AT_MOST + 1))), "the dictionary is too large"),
        (skippable(zstandard.compress(bytes(5000))[:-1]), "the dictionary is cut"),
        (skippable(b"\x28\xb5\x2f\xfd\x20\x05\x25\0\0abcd"), "the dictionary can't be decoded"),
        (skippable(b"\x37\xa4\x30\xec" + bytes(500)), "the dictionary can't be decoded"),
        (skippable(bytes(99))[:50], "the file ends within its dictionary"),
    ],
)
def test_dictionaries_that_are_none(path: Path, frame: bytes, reason: str) -> None:
    path.write_bytes(frame)
    found, tally = read(path)
    assert found == []
    [(offset, said)] = tally.breaks
    assert (offset, said[: len(reason)], tally.unread) == (0, reason, len(frame))
    assert isinstance(sniff(path), Unreadable)


@pytest.mark.parametrize("magic", [b"\x1f\x8b\x08\0\0\0\0\0\0\xff", b"\x28\xb5\x2f\xfd\x20", b"\x04\x22\x4d\x18\x60"])
def test_looking_for_records_ends_where_too_many_places_look_like_one(path: Path, magic: bytes) -> None:
    good = pieces()
    path.write_bytes(gzip.compress(good[0]) + magic * 100_000 + gzip.compress(good[1]))
    found, tally = read(path)
    assert names(found) == "0"
    assert tally.unread > 100_000


def test_an_arc_header_without_end(path: Path) -> None:
    made = arc_pieces()
    made[3] = b"http://x.example/" + b"a" * 2_000_000 + b" " + made[3]
    for packing in ("plain", "gz", "gz, whole"):
        path.write_bytes(b"".join(MEMBERS[packing](made)))
        found, tally = read(path)
        assert names(found)[:2] == "01"
        # Where it lies in the clear, the sound one behind it is found.
        assert packing == "gz, whole" or names(found) == {"plain": "012345", "gz": "01345"}[packing]
        assert tally.breaks


@pytest.mark.parametrize("packing", ["plain", "gz"])
@pytest.mark.parametrize("length", [300, 3000, 10**7, 10**17])
def test_an_arc_record_with_a_wrong_length_costs_no_other(path: Path, packing: str, length: int) -> None:
    made = arc_pieces()
    line, newline, rest = made[3].partition(b"\n")
    made[3] = line.rpartition(b" ")[0] + b" %d" % length + newline + rest
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found, tally = read(path)
    assert names(found) == "012345"
    assert [one.body for one in found if one.head.url[-1] != "2"] == [b for n, b in enumerate(bodies()) if n != 2]
    assert found[2].body.rstrip(b"\n") == bodies()[2][: length - len(http(b""))]
    assert tally.breaks

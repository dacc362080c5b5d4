"""Records are read past everything that is broken."""

import gzip
from pathlib import Path

import pytest
import zstandard
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from tests.archive.responses import http, record, resource
from webpairs.archive.read import Head, Tally, images, read_record, records

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def everything(head: Head) -> bool:
    return bool(head.url)


def read(path: Path) -> tuple[list[str], Tally]:
    """The names of all response records, by the end of their URLs, after checking that each is found by its offset."""
    tally = Tally()
    found = list(records(path, everything, tally))
    for one in found:
        assert read_record(path, one.head.offset, one.head.url).body == one.body
    return [one.head.url[-1] for one in found], tally


def pieces(size: int = 3000) -> list[bytes]:
    """Five records whose bodies don't compress."""
    return [record(f"http://x.example/{n}", http(b"<html>" + _noise(n, size))) for n in range(5)]


def _noise(seed: int, size: int) -> bytes:
    from random import Random

    return Random(seed).randbytes(size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.warc"


@pytest.mark.parametrize("size", [100, 3000, 200_000])
def test_whole_files_in_every_compression(path: Path, size: int) -> None:
    plain = pieces(size)
    forms = [
        plain,
        [gzip.compress(piece) for piece in plain],
        [zstandard.compress(piece) for piece in plain],
        [gzip.compress(b"".join(plain))],
        [gzip.compress(b"".join(plain[:2])), gzip.compress(b"".join(plain[2:]))],
    ]
    for form in forms:
        path.write_bytes(b"".join(form))
        names, tally = read(path)
        assert names == list("01234")
        assert (tally.breaks, tally.drops, tally.cut, tally.records) == ([], {}, 0, {"response": 5})


def test_offsets_are_those_of_members_and_tell_their_records_apart(path: Path) -> None:
    first, second = gzip.compress(b"".join(pieces()[:2])), gzip.compress(pieces()[2])
    path.write_bytes(first + second)
    heads = [one.head for one in records(path, everything, Tally())]
    assert [(head.offset, head.nth) for head in heads] == [(0, 0), (0, 1), (len(first), 0)]


def test_offsets_agree_with_warcio(path: Path) -> None:
    path.write_bytes(b"".join(map(gzip.compress, pieces())))
    with path.open("rb") as file:
        iterator = ArchiveIterator(file)
        expected = [iterator.get_record_offset() for _ in iterator]
    assert [one.head.offset for one in records(path, everything, Tally())] == expected


@pytest.mark.parametrize("size", [1000, 100_000])
def test_broken_files_lose_what_is_broken(path: Path, size: int) -> None:
    plain = pieces(size)
    packed = [gzip.compress(piece) for piece in plain]
    spoilt = bytearray(packed[2])
    spoilt[size // 2 : size // 2 + 30] = bytes(30)
    checksum = packed[2][:-8] + bytes(8)
    cases = {
        "garbage member": ([*packed[:2], b"garbage" * 50, *packed[2:]], "01234"),
        "member that holds no record": ([*packed[:2], gzip.compress(b"garbage" * 50), *packed[2:]], "01234"),
        "garbage first": ([b"garbage" * 50, *packed], "01234"),
        "spoilt member": ([*packed[:2], bytes(spoilt), *packed[3:]], "0134"),
        "wrong checksum": ([*packed[:2], checksum, *packed[3:]], "0134"),
        "garbage between plain records": ([*plain[:2], b"garbage\r\n" * 50, *plain[2:]], "01234"),
        "length too short": ([*plain[:2], _with_length(plain[2], 300), *plain[3:]], "01234"),
        "length too long": ([*plain[:2], _with_length(plain[2], 10 * size), *plain[3:]], "01234"),
        "cut": ([*packed[:4], packed[4][: len(packed[4]) - 50]], "01234"),
        "cut in half": ([*packed[:4], packed[4][: len(packed[4]) // 2]], "01234"),
        "cut in a header": ([*packed[:4], packed[4][:40]], "0123"),
        "plain cut": ([*plain[:4], plain[4][:-100]], "01234"),
    }
    for name, (parts, expected) in cases.items():
        path.write_bytes(b"".join(parts))
        names, tally = read(path)
        lost = "".join(names) if len(names) <= 5 else names
        assert lost == expected, name
        assert tally.breaks, name
        assert all(0 <= offset < path.stat().st_size and reason for offset, reason in tally.breaks), name


def _with_length(piece: bytes, length: int) -> bytes:
    head, _, rest = piece.partition(b"\r\n\r\n")
    lines = [
        b"Content-Length: %d" % length if line.startswith(b"Content-Length") else line for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + rest


def test_a_file_that_is_broken_everywhere_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = bytearray(gzip.compress(pieces(1000)[0]))
    spoilt[500:530] = bytes(30)
    path.write_bytes(bytes(spoilt) * 20)
    names, tally = read(path)
    assert names == []
    assert len(tally.breaks) == 20
    monkeypatch.setattr("webpairs.archive.read.BREAKS_AT_MOST", 5)
    names, tally = read(path)
    assert names == []
    assert len(tally.breaks) == 5


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x1f\x8b\x08", b"WARC/1.0\r\n", gzip.compress(b"garbage")])
def test_files_without_a_record(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    names, tally = read(path)
    assert names == []
    assert not content or tally.breaks or tally.records


def test_a_body_that_cannot_be_decoded_costs_that_body(path: Path) -> None:
    bad = http(b"\x01\x02\x03 garbage", "Content-Encoding: gzip")
    good = http(gzip.compress(b"<html>fine"), "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    urls = ["http://x.example/0", "http://x.example/1"]
    path.write_bytes(gzip.compress(record(urls[0], bad)) + gzip.compress(record(urls[1], good)))
    tally = Tally()
    assert [one.body for one in records(path, everything, tally)] == [b"<html>fine"]
    assert tally.drops == {"undecodable_gzip": 1}
    with pytest.raises(LookupError):
        read_record(path, 0, urls[0])


def test_bodies_beyond_the_bound_are_dropped(path: Path) -> None:
    path.write_bytes(record("http://x.example/0", http(b"<html>" + bytes(5000))))
    tally = Tally()
    assert list(records(path, everything, tally, body_at_most=4000)) == []
    assert tally.drops == {"body_too_large": 1}


def test_heads(path: Path) -> None:
    path.write_bytes(
        record("http://x.example/0", b"HTTP/1.1 404 Nope\nContent-Type: Text/HTML; charset=x\n\nbody")
        + record("<http://x.example/1>", b"nonsense")
        + resource("http://x.example/2", "image/png", PNG)
        + record("http://x.example/3", b"", WarcRecordType.revisit)
        + record("http://x.example/4", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\nbody")
        + record("", http(b"x"))
    )
    tally = Tally()
    heads = [one.head for one in records(path, lambda _: True, tally)]
    assert [(head.url[-1], head.kind, head.status, head.media_type) for head in heads] == [
        ("0", "response", 404, "text/html"),
        ("1", "response", 0, ""),
        ("2", "resource", 200, "image/png"),
    ]
    assert heads[0].date == "2024-01-01T00:00:00Z"
    assert tally.drops == {"bad_http_header": 1, "no_url": 1}
    assert tally.records == {"response": 4, "resource": 1, "revisit": 1}


def test_images(path: Path) -> None:
    path.write_bytes(
        record("http://x.example/0", http(PNG, "Content-Type: image/png"))
        + record("http://x.example/1", http(PNG, "Content-Type: application/octet-stream"))
        + record("http://x.example/2", http(b"", "Content-Type: image/png"))
        + record("http://x.example/3", http(PNG, "Content-Type: image/png", status="404 Not Found"))
        + record("http://x.example/4", http(b"<html>", "Content-Type: text/html"))
        + record("http://x.example/5", http(gzip.compress(PNG), "Content-Type: image/webp", "Content-Encoding: gzip"))
        + resource("http://x.example/6", "", PNG)
        + record("http://x.example/7", http(b"{}", "Content-Type: application/pdf"))
    )
    found = list(images(path))
    assert [(url[-1], kind, status) for url, kind, status, _, _ in found] == [
        ("0", "image/png", 200),
        ("1", "application/octet-stream", 200),
        ("5", "image/webp", 200),
        ("6", "", 200),
    ]
    for url, _, _, body, offset in found:
        assert body == PNG
        assert read_record(path, offset, url).body == PNG


def test_read_record_says_what_is_missing(path: Path) -> None:
    path.write_bytes(record("http://x.example/0", http(b"x")))
    with pytest.raises(LookupError, match="no readable record"):
        read_record(path, 0, "http://x.example/1")

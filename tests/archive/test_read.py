"""Records are read past everything that is broken."""

import gzip
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from tests.archive.reading import everything, names, read
from tests.archive.responses import http, record, resource
from webpairs.archive.read import Tally, images, read_record, records

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def pieces(size: int = 3000) -> list[bytes]:
    """Five records whose bodies don't compress."""
    return [record(f"http://x.example/{n}", http(b"<html>" + Random(n).randbytes(size))) for n in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.warc"


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
    checksum = packed[2][:-8] + bytes(4) + packed[2][-4:]
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
        found, tally = read(path)
        assert names(found) == expected, name
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
    found, tally = read(path)
    assert found == []
    assert len(tally.breaks) == 20
    monkeypatch.setattr("webpairs.archive.walk.BREAKS_AT_MOST", 5)
    found, tally = read(path)
    assert found == []
    assert len(tally.breaks) == 6
    assert tally.breaks[-1][1] == "there are too many broken places: the rest is left"
    assert tally.unread == tally.bytes == path.stat().st_size


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"\x1f\x8b\x08", b"WARC/1.0\r\n", gzip.compress(b"garbage", mtime=0)]
)
def test_files_without_a_record(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    found, tally = read(path)
    assert found == []
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
    assert (tally.drops, tally.beginnings) == ({"body_too_large": 1}, 0)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_of_bodies_beyond_the_bound_the_beginning_may_be_enough(path: Path, pack: Callable[[bytes], bytes]) -> None:
    long = b"<html>" + bytes(200_000)
    path.write_bytes(
        pack(record("http://x.example/0", http(long)))
        + pack(record("http://x.example/1", http(gzip.compress(long), "Content-Encoding: gzip")))
        + pack(record("http://x.example/2", http(b"<html>")))
    )
    tally = Tally()
    found = [one.body for one in records(path, everything, tally, 50_000, is_beginning_enough=True)]
    assert found == [long[:50_000], long[:50_000], b"<html>"]
    assert (tally.drops, tally.beginnings, tally.breaks) == ({}, 2, [])
    assert read_record(path, 0, None, 0, 50_000, is_beginning_enough=True).body == long[:50_000]


def test_heads(path: Path) -> None:
    path.write_bytes(
        record("http://x.example/0", b"HTTP/1.1 404 Nope\nContent-Type: Text/HTML; charset=x\n\nbody")
        + record("<http://x.example/1>", b"nonsense")
        + resource("http://x.example/2", "image/png", PNG)
        + record("http://x.example/3", b"", WarcRecordType.revisit)
        + record("http://x.example/4", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_100_000 + b"\r\n\r\nbody")
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


def test_what_heads_say_beside(path: Path) -> None:
    made = record(
        "http://x.example/0",
        http(
            b"<html>",
            "X-Robots-Tag: noai, noimageai",
            "TDM-Reservation: 1",
            "x-robots-tag: noindex",
            "Content-Language: de-DE",
            "Link: </l>; rel=license",
            'Link: </i.png>; rel="image_src"',
        ),
    )
    path.write_bytes(
        made.replace(b"Content-Type: application", b"WARC-Payload-Digest: sha1:ABC\r\nContent-Type: application")
        + record("http://x.example/1", http(b"<html>"))
        + resource("http://x.example/2", "text/html", b"<html>")
    )
    heads = [one.head for one in read(path)[0]]
    assert [(head.robots, head.tdm, head.link, head.language, head.payload_digest) for head in heads] == [
        (
            "noai, noimageai, noindex",
            "1",
            '</l>; rel=license, </i.png>; rel="image_src"',
            "de-DE",
            "sha1:ABC",
        ),
        ("", "", "", "", ""),
        ("", "", "", "", ""),
    ]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["text/html; charset=utf-8", "text/html"], "text/html; charset=utf-8"),
        (["text/html; charset=utf-8", "text/html; charset=latin1"], "text/html; charset=latin1"),
        (["text/plain; charset=utf-8", "text/html"], "text/html"),
        (["text/html", "*/*"], "text/html"),
        (["text/html", "nonsense"], "text/html"),
        (["nonsense", "*/*"], "nonsense"),
    ],
)
def test_of_several_content_types_the_last_that_makes_sense_counts(path: Path, types: list[str], expected: str) -> None:
    path.write_bytes(record("http://x.example/0", http(b"<html>", *(f"Content-Type: {one}" for one in types))))
    assert read(path)[0][0].head.content_type == expected


def test_what_is_collected_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [record(f"http://x.example/{n}", http(b"<html>")) for n in range(5)]
    again = [record(f"http://x.example/{n}", b"", WarcRecordType.revisit) for n in range(6)]
    path.write_bytes(b"".join(gzip.compress(one) + b"garbage" for one in [*made, *again]))
    monkeypatch.setattr("webpairs.archive.read.COLLECTED_AT_MOST", 3)
    found, tally = read(path)
    assert names(found) == "01234"
    assert [len(many) for many in (tally.originals, tally.revisits, tally.breaks)] == [3, 3, 3]
    assert tally.uncollected == 2 + 3 + 8


def test_a_response_that_is_not_said_to_be_http(path: Path) -> None:
    made = record("http://x.example/0", http(b"<html>fine"))
    path.write_bytes(made.replace(b"Content-Type: application/http; msgtype=response\r\n", b""))
    [found], _ = read(path)
    assert (found.head.status, found.head.media_type, found.body) == (200, "text/html", b"<html>fine")


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

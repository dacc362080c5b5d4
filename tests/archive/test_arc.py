"""ARC files are read as WARC files are."""

import gzip
from pathlib import Path

import pytest

from tests.archive.builders import arc, arc_description, arc_record
from tests.archive.responses import http
from webpairs.archive.read import Record, Tally, read_record, records

PAGES = [arc_record(f"http://x.example/{n}", http(b"<html>page %d" % n)) for n in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.arc"


def read(path: Path) -> tuple[list[Record], Tally]:
    """All records, after checking that each is found by its offset."""
    tally = Tally()
    found = list(records(path, lambda head: bool(head.url), tally))
    for one in found:
        assert read_record(path, one.head.offset, one.head.url).body == one.body
    return found, tally


def test_plain_and_gzip(path: Path) -> None:
    path.write_bytes(b"".join([arc_description(), *PAGES]))
    plain = read(path)
    arc(path, *PAGES)
    packed = read(path)
    for found, tally in (plain, packed):
        assert [one.body for one in found] == [b"<html>page %d" % n for n in range(4)]
        assert (tally.records, tally.breaks, tally.drops) == ({"response": 4}, [], {})
    offsets = [one.head.offset for one in packed[0]]
    assert offsets[0] == len(gzip.compress(arc_description()))


def test_heads(path: Path) -> None:
    more = "200 - - 1234 a.arc "
    arc(
        path,
        arc_record("http://x.example/a b", http(b"x", "Content-Type: text/plain; charset=x", status="404 Nope")),
        arc_record("http://x.example/second", http(b"<html>", "Content-Type: text/html"), more=more),
        arc_record("dns:x.example", b"x.example. 600 IN A 10.0.0.1", "text/dns"),
    )
    found, tally = read(path)
    heads = [one.head for one in found]
    assert [(head.url, head.kind, head.status, head.content_type) for head in heads] == [
        ("http://x.example/a b", "response", 404, "text/plain; charset=x"),
        ("http://x.example/second", "response", 200, "text/html"),
        ("dns:x.example", "resource", 200, "text/dns"),
    ]
    assert {head.date for head in heads} == {"2024-01-02T03:04:05Z"}
    assert tally.records == {"response": 2, "resource": 1}


def test_broken_places_cost_what_is_broken(path: Path) -> None:
    packed = [gzip.compress(piece) for piece in [arc_description(), *PAGES]]
    spoilt = bytearray(packed[2])
    spoilt[20:40] = bytes(20)
    plain = [arc_description(), *PAGES]
    cases = {
        "spoilt member": ([*packed[:2], bytes(spoilt), *packed[3:]], "023"),
        "garbage between members": ([*packed[:2], b"garbage" * 50, *packed[2:]], "0123"),
        "garbage between records": ([*plain[:2], b"garbage\n" * 50, *plain[2:]], "0123"),
        "cut member": ([*packed[:4], packed[4][:50]], "012"),
    }
    for name, (parts, expected) in cases.items():
        path.write_bytes(b"".join(parts))
        found, tally = read(path)
        assert "".join(one.head.url[-1] for one in found) == expected, name
        assert tally.breaks, name


def test_a_body_beyond_the_bound_is_dropped(path: Path) -> None:
    arc(path, arc_record("http://x.example/0", http(bytes(5000))), PAGES[1])
    tally = Tally()
    found = list(records(path, lambda _: True, tally, body_at_most=4000))
    assert [one.head.url[-1] for one in found] == ["1"]
    assert tally.drops == {"body_too_large": 1}

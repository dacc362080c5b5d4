"""WAT files: told from other archives, and read past whatever is broken in them."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.archive.builders import MEMBERS, arc_description, arc_record
from tests.archive.responses import http, record
from webpairs.archive import wat
from webpairs.archive.read import Head, Tally
from webpairs.archive.wat import Described, described, is_wat

DATE = "2024-01-02T03:04:05Z"
HTML: dict[str, Any] = {"Links": [{"path": "IMG@/src", "url": "a.png"}]}


def warc_record(kind: str, content: bytes, content_type: str = "application/json") -> bytes:
    """One uncompressed WARC record."""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {DATE}\r\nContent-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content + b"\r\n\r\n"


def envelope(url: str, html: Any = None, kind: str = "response", headers: Any = None, status: Any = "200") -> Any:
    """What a WAT says of a record."""
    about = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": "2024-01-01T00:00:00Z"}
    response: dict[str, Any] = {"Response-Message": {"Version": "HTTP/1.1", "Status": status, "Reason": "OK"}}
    response["Headers"] = {"Content-Type": "text/html"} if headers is None else headers
    if html is not None:
        response["HTML-Metadata"] = html
    payload = {"HTTP-Response-Metadata": response} if kind == "response" else {}
    return {"Container": {"Offset": "1"}, "Envelope": {"WARC-Header-Metadata": about, "Payload-Metadata": payload}}


def told(value: Any) -> bytes:
    """The record of a WAT that says this."""
    return warc_record("metadata", json.dumps(value).encode())


INFO = warc_record("warcinfo", b"software: x\r\n", "application/warc-fields")
OF_INFO = told({"Envelope": {"WARC-Header-Metadata": {"WARC-Type": "warcinfo", "WARC-Filename": "a.warc.gz"}}})
OF_REQUEST = told(envelope("http://x.example/0", kind="request"))
PAGES = [told(envelope(f"http://x.example/{number}", HTML)) for number in range(5)]


def anything(head: Head, has_html: bool) -> bool:
    return head.kind == "response" and (has_html or True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.warc.wat.gz"


def read(path: Path) -> tuple[list[Described], Tally]:
    """What is described; where each record's length is known, and lies in the file."""
    tally = Tally()
    found = list(described(path, anything, tally))
    assert set(tally.lengths) == {(one.head.offset, one.head.nth) for one in found}
    assert all(0 < length <= path.stat().st_size for length in tally.lengths.values())
    assert 0 <= tally.unread <= tally.bytes
    return found, tally


def names(found: list[Described]) -> str:
    return "".join(one.head.url[-1] for one in found)


@pytest.mark.parametrize("packing", ["plain", "gz", "gz, whole", "zst", "zst, dictionary", "lz4"])
def test_a_wat_in_any_compression(path: Path, packing: str) -> None:
    path.write_bytes(b"".join(MEMBERS[packing]([INFO, OF_INFO, OF_REQUEST, *PAGES])))
    assert is_wat(path)
    found, tally = read(path)
    assert names(found) == "01234"
    assert (tally.records, tally.drops, tally.breaks) == ({"warcinfo": 1, "metadata": 7}, {}, [])
    assert tally.bytes == path.stat().st_size


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [b"garbage" * 50],
        [INFO],
        [INFO, record("http://x.example/", http(b"<html>")), *PAGES],
        [INFO, warc_record("metadata", b'{"har": {}}'), record("http://x.example/", http(b"<html>"))],
        [INFO, warc_record("metadata", b"{]"), warc_record("conversion", b"text", "text/plain")],
        [warc_record("metadata", json.dumps(envelope("http://x.example/", HTML)).encode(), "application/warc-fields")],
    ],
)
def test_what_is_no_wat(path: Path, parts: list[bytes]) -> None:
    path.write_bytes(b"".join(map(gzip.compress, parts)))
    assert not is_wat(path)


def test_an_arc_is_no_wat(path: Path) -> None:
    # What it holds may look like a WAT.
    path.write_bytes(arc_description() + arc_record("http://x.example/", http(b"".join(PAGES))))
    assert not is_wat(path)


def test_a_wat_is_known_behind_what_is_broken(path: Path) -> None:
    packed = [gzip.compress(one) for one in (INFO, *PAGES)]
    broken = [gzip.compress(one) for one in (warc_record("metadata", b"{]"), warc_record("metaduta", b"{}"))]
    path.write_bytes(b"garbage" * 50 + b"".join([*broken, *packed[1:]]))
    assert is_wat(path)


def test_what_is_told_of_a_page(path: Path) -> None:
    headers = {
        "content-TYPE": ["text/plain", "text/html; charset=utf-8"],
        "X-Robots-Tag": ["noai", "noindex"],
        "TDM-Reservation": "1",
        "Link": "</l>; rel=license",
        "Age": 7,
    }
    html = {
        "Head": {"Base": "/b/", "Title": "Boats", "Metas": [{"name": "robots", "content": "noai"}], "Link": []},
        "Links": [{"path": "A@/href", "url": "x", "text": "y"}, 3, {"path": "IMG@/src", "url": "a.png", "alt": None}],
    }
    content = envelope("<http://x.example/0>", html, headers=headers)
    content["Envelope"]["WARC-Header-Metadata"]["WARC-Payload-Digest"] = "sha1:ABC"
    parts = [gzip.compress(one) for one in (INFO, told(content), OF_REQUEST)]
    path.write_bytes(b"".join(parts))
    ([one], tally) = read(path)
    assert one == Described(
        head=Head(
            offset=len(parts[0]),
            nth=0,
            kind="response",
            url="http://x.example/0",
            date="2024-01-01T00:00:00Z",
            status=200,
            content_type="text/html; charset=utf-8",
            transfer_encoding="",
            content_encoding="",
            robots="noai, noindex",
            tdm="1",
            link="</l>; rel=license",
            payload_digest="sha1:ABC",
        ),
        digest=hashlib.sha256(json.dumps(content).encode()).hexdigest(),
        replaced=0,
        title="Boats",
        base="/b/",
        metas=[{"name": "robots", "content": "noai"}],
        head_links=[],
        links=[{"path": "A@/href", "url": "x", "text": "y"}, {}, {"path": "IMG@/src", "url": "a.png"}],
    )
    assert tally.lengths == {(len(parts[0]), 0): len(parts[1])}


def test_every_record_that_is_described_is_asked_for(path: Path) -> None:
    image = told(envelope("http://x.example/i", headers={"Content-Type": "image/png"}))
    path.write_bytes(
        INFO + OF_INFO + OF_REQUEST + PAGES[0] + image + told(envelope("http://x.example/4", HTML, status="404"))
    )
    asked = []

    def wanted(head: Head, has_html: bool) -> bool:
        asked.append((head.kind, head.url, head.status, head.media_type, has_html))
        return False

    assert list(described(path, wanted, tally := Tally())) == []
    assert asked == [
        ("warcinfo", "", 0, "", False),
        ("request", "http://x.example/0", 0, "", False),
        ("response", "http://x.example/0", 200, "text/html", True),
        ("response", "http://x.example/i", 200, "image/png", False),
        ("response", "http://x.example/4", 404, "text/html", True),
    ]
    assert tally.drops == {}


def test_what_makes_no_sense_costs_its_record(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wat, "JSON_AT_MOST", 300_000)
    contents: dict[str, list[bytes]] = {
        "bad_json": [b"", b"{]", b"[" * 100_000, b'{"a":' * 40_000, b"1" * 5000, b'{"Envelope": {"a": "'],
        "no_envelope": [b"{}", b"[]", b'"Envelope"', b'{"Envelope": []}'],
        "body_too_large": [b" " * 300_001],
        "no_url": [json.dumps(envelope(" ", HTML)).encode()],
        "no_html_metadata": [
            json.dumps(envelope("http://x.example/", html)).encode() for html in (None, "", ["Links"], 7)
        ],
    }
    records = [warc_record("metadata", content) for several in contents.values() for content in several]
    path.write_bytes(b"".join(gzip.compress(one) for one in (INFO, PAGES[0], *records, PAGES[1])))
    found, tally = read(path)
    assert names(found) == "01"
    assert tally.drops == {reason: len(several) for reason, several in contents.items()}
    assert tally.breaks == []


@pytest.mark.parametrize("value", [None, 7, "x", [], [[]], {}, {"x": {}}, True, [None, {"path": 3, "url": []}]])
def test_any_json_in_any_place(path: Path, value: Any) -> None:
    values = [{"Envelope": {"WARC-Header-Metadata": value, "Payload-Metadata": value}}]
    values.append(envelope("http://x.example/0", {"Head": value, "Links": value}, status=value))
    values[-1]["Envelope"]["Payload-Metadata"]["HTTP-Response-Metadata"]["Headers"] = value
    values.append(
        envelope("http://x.example/1", {"Head": {"Metas": value, "Link": value, "Title": value, "Base": value}})
    )
    path.write_bytes(b"".join(map(told, values)))
    found, tally = read(path)
    assert names(found) == "01"
    assert (found[0].head.status, found[0].head.content_type) == (0, "")
    assert tally.drops == {}


def test_no_half_of_a_sign_gets_through(path: Path) -> None:
    title = b'{"Title": "a\n' + rb'\ud800 \ud83d\udea2 b", "Base": "' + "\ufffd".encode() + b'\xff"}'
    content = json.dumps(envelope("http://x.example/0", {"Head": "HEAD"})).encode().replace(b'"HEAD"', title)
    path.write_bytes(warc_record("metadata", content))
    ([one], _) = read(path)
    assert (one.title, one.base, one.replaced) == ("a\n? \N{SHIP} b", "\ufffd\ufffd", 2)


def test_a_broken_file_loses_what_is_broken(path: Path) -> None:
    packed = [gzip.compress(one) for one in PAGES]
    spoilt = bytearray(packed[2])
    spoilt[60:90] = bytes(30)
    cases = {
        "garbage member": ([*packed[:2], b"garbage" * 50, *packed[2:]], "01234"),
        "spoilt member": ([*packed[:2], bytes(spoilt), *packed[3:]], "0134"),
        "cut": ([*packed[:4], packed[4][:-40]], "0123"),
    }
    for name, (parts, expected) in cases.items():
        path.write_bytes(b"".join(parts))
        found, tally = read(path)
        assert names(found) == expected, name
        assert tally.breaks, name
    assert (tally.cut, tally.drops) == (1, {"bad_json": 1})


def test_a_file_cut_anywhere_keeps_what_is_before(path: Path) -> None:
    packed = [gzip.compress(one) for one in PAGES]
    content = b"".join(packed)
    for size in range(1, len(content), 61):
        path.write_bytes(content[:size])
        whole = sum(sum(map(len, packed[: number + 1])) <= size for number in range(5))
        found, _ = read(path)
        assert names(found).startswith("01234"[:whole])
        assert len(found) <= whole + 1

"""Revisits are collected, and matched with what they refer to."""

from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import WarcRecordType

from tests.archive.builders import MEMBERS
from tests.archive.reading import everything
from tests.archive.responses import http, record
from webpairs.archive.read import Tally, records
from webpairs.archive.revisits import (
    BY_DATE,
    BY_DIGEST,
    BY_URL,
    NO_REFERENCE,
    NOT_THERE,
    Collected,
    Original,
    Revisit,
    resolve,
)

REAL = Path("../shared/warc/real")


def original(url: str = "u", date: str = "2024-01-01T00:00:00Z", digest: str = "sha1:A", offset: int = 0) -> Original:
    return Original(offset, 0, url, date, digest)


def revisit(url: str = "u", digest: str = "", to: str = "", date: str = "") -> Revisit:
    return Revisit(9, 0, url, "2024-06-01T00:00:00Z", digest, to, date, "p", 0, "")


def how(one: Revisit, *originals: Original) -> str:
    return resolve({"a": Collected([one], originals)})["a"][0].how


def collected(path: Path) -> Collected:
    tally = Tally()
    list(records(path, everything, tally))
    return Collected(tally.revisits, tally.originals)


def test_how_originals_are_found() -> None:
    there = original()
    assert how(revisit(to="u", date="2024-01-01T00:00:00Z"), there) == BY_DATE
    assert how(revisit(to="u", date="2024-01-01T00:00:00.123Z"), there) == BY_DATE
    assert how(revisit(url="u", date="2024-01-01T00:00:00Z"), there) == BY_DATE
    assert how(revisit(to="u", date="2024-01-02T00:00:00Z"), there) == NOT_THERE
    assert how(revisit(to="v", date="2024-01-01T00:00:00Z"), there) == NOT_THERE
    assert how(revisit(to="u", date="2024-01-02T00:00:00Z", digest="SHA1:A"), there) == BY_URL
    assert how(revisit(url="u", digest="sha1:A"), there) == BY_URL
    assert how(revisit(url="v", digest="sha1:A"), there) == BY_DIGEST
    assert how(revisit(url="u", digest="sha1:B"), there) == NOT_THERE
    assert how(revisit(url="u"), there) == NO_REFERENCE
    assert how(revisit(url="u", digest="sha1:A")) == NOT_THERE


def test_a_record_of_another_digest_is_no_original() -> None:
    dated = revisit(to="u", date="2024-01-01T00:00:00Z", digest="sha1:B")
    assert how(dated, original(digest="sha1:A")) == NOT_THERE
    assert how(dated, original(digest="")) == BY_DATE
    assert how(dated, original(digest="md5:B")) == BY_DATE
    assert how(dated, original(digest="sha1:A"), original(url="v", digest="sha1:B")) == BY_DIGEST


def test_the_same_archive_comes_first_then_the_others_by_name() -> None:
    one = revisit(digest="sha1:A")
    there = Collected([], [original(offset=1), original(offset=2)])
    found = resolve({"c": there, "b": there, "a": Collected([one], [])})
    assert found == {"a": [("b", original(offset=1), BY_URL)], "b": [], "c": []}
    found = resolve({"a": there, "b": there, "c": Collected([one], [original(offset=3)])})
    assert found["c"] == [("c", original(offset=3), BY_URL)]
    # What is matched more exactly goes before what is nearer.
    found = resolve({"a": there, "c": Collected([one], [original(url="v")])})
    assert found["c"] == [("a", original(offset=1), BY_URL)]


@pytest.mark.parametrize("packing", MEMBERS)
def test_revisits_are_collected_while_reading(tmp_path: Path, packing: str) -> None:
    header = (
        b"WARC-Payload-Digest: sha1:A\r\nWARC-Refers-To-Target-URI: <http://x.example/0>\r\n"
        b"WARC-Refers-To-Date: 2024-01-01T00:00:00Z\r\n"
        b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
    )
    made = [
        record("http://x.example/0", http(b"<html>")),
        record("http://x.example/1", http(b"", status="304 Not Modified"), WarcRecordType.revisit).replace(
            b"Content-Type: app", header + b"Content-Type: app", 1
        ),
        record("http://x.example/2", b"", WarcRecordType.revisit),
        record("http://x.example/3", b"nonsense", WarcRecordType.revisit),
    ]
    path = tmp_path / "a"
    path.write_bytes(b"".join(MEMBERS[packing](made)))
    found = collected(path)
    first = found.revisits[0]
    assert first[2:] == (
        "http://x.example/1",
        "2024-01-01T00:00:00Z",
        "sha1:A",
        "http://x.example/0",
        "2024-01-01T00:00:00Z",
        "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        304,
        "text/html",
    )
    assert [one.url[-1] for one in found.revisits] == list("123")
    assert [one.how for one in resolve({"a": found})["a"]] == [BY_DATE, NO_REFERENCE, NO_REFERENCE]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real archives are not here")
def test_real_archives() -> None:
    iana, dupes = "webrecorder+pywb__iana.warc.gz", "webrecorder+pywb__dupes.warc.gz"
    others = ("archivesunleashed+aut__issue-493.warc", "openzim+warc2zim__single-page-test.warc")
    archives = {name: collected(REAL / name) for name in (iana, dupes, *others)}
    alone = {name: Counter(one.how for one in resolve({name: archives[name]})[name]) for name in archives}
    assert alone == {
        iana: {BY_DATE: 114, BY_DIGEST: 9},
        dupes: {BY_DATE: 1, NOT_THERE: 8},
        others[0]: {BY_DATE: 5},
        others[1]: {BY_DATE: 1},
    }
    together = resolve(archives)
    assert Counter((one.archive, one.how) for one in together[dupes]) == {(dupes, BY_DATE): 1, (iana, BY_DATE): 8}
    for name in (iana, *others):
        assert {one.archive for one in together[name]} == {name}

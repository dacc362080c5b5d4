"""Bodies: every coding, labels that lie, cut ones, and bombs."""

import gzip
import zlib
from collections.abc import Callable
from random import Random

import brotli
import pytest
import zstandard

from webpairs.archive import bodies
from webpairs.archive.bodies import BodyError, is_image
from webpairs.archive.chunks import unchunk

HTML = b"<html><p>Hello</p>" * 500
LIMIT = 1 << 20


def decode(body: bytes, transfer_encoding: str, content_encoding: str, at_most: int, media_type: str = "") -> bytes:
    """A body that is all there."""
    body, is_whole = bodies.decode(body, transfer_encoding, content_encoding, at_most, media_type)
    assert is_whole
    return body


def bare_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.compress),
]


@pytest.mark.parametrize(("coding", "encode"), CODINGS)
def test_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(encode(HTML), "", coding.upper(), LIMIT) == HTML
    assert decode(encode(bytes(LIMIT)), "", coding, LIMIT) == bytes(LIMIT)
    assert decode(encode(b""), "", coding, LIMIT) == b""


@pytest.mark.parametrize(("coding", "encode"), CODINGS)
def test_of_a_bomb_the_beginning_is_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert bodies.decode(encode(b"<p>" + bytes(LIMIT * 4)), "", coding, LIMIT) == (b"<p>" + bytes(LIMIT - 3), False)
    twice = encode(encode(bytes(LIMIT * 4)))
    assert bodies.decode(twice, "", f"{coding}, {coding}", LIMIT) == (bytes(LIMIT), False)


def test_what_is_not_coded_is_cut() -> None:
    assert bodies.decode(HTML, "", "", len(HTML)) == (HTML, True)
    assert bodies.decode(HTML, "chunked", "", 100) == (HTML[:100], False)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_garbage_costs_the_body(coding: str) -> None:
    with pytest.raises(BodyError) as caught:
        decode(b"\x07\x03 no such thing " * 20, "", coding, LIMIT)
    assert caught.value.reason == f"undecodable_{coding}"


def test_several_codings_and_chunks() -> None:
    body = brotli.compress(gzip.compress(HTML))
    chunked = b"%x;ext=1\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert decode(chunked, "chunked", "gzip, br", LIMIT) == HTML


def test_many_gzip_members_and_what_follows_them() -> None:
    assert decode(gzip.compress(HTML) + gzip.compress(HTML) + b"trailer", "", "gzip", LIMIT) == HTML * 2


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "compress", "utf-8"])
def test_a_false_label_on_markup_is_passed_over(coding: str) -> None:
    assert decode(b" \n" + HTML, "chunked", coding, LIMIT) == b" \n" + HTML


def test_a_false_label_on_an_image_is_passed_over() -> None:
    assert decode(b"\x89PNG\r\n\x1a\nrest", "", "gzip", LIMIT) == b"\x89PNG\r\n\x1a\nrest"


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd"])
def test_a_false_label_on_other_text_is_passed_over(coding: str) -> None:
    assert decode(b"Hello, this is no markup.\n" * 9, "", coding, LIMIT) == b"Hello, this is no markup.\n" * 9


@pytest.mark.parametrize("label", ["br", "deflate", "zstd"])
def test_another_coding_than_the_label_says(label: str) -> None:
    for date in range(0, 1 << 32, 1 << 26):
        assert decode(gzip.compress(HTML, mtime=date), "", label, LIMIT) == HTML


def test_zstd_labelled_gzip() -> None:
    assert decode(zstandard.compress(HTML), "", "gzip", LIMIT) == HTML


@pytest.mark.parametrize("label", ["utf-8", "ISO-8859-1", "text/html", "none", "identity", "binary"])
def test_what_is_no_coding_is_passed_over(label: str) -> None:
    assert decode(b"Hello", "", label, LIMIT) == b"Hello"


def test_transfer_codings() -> None:
    body = gzip.compress(HTML)
    assert decode(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), "gzip, chunked", "", LIMIT) == HTML
    twice = gzip.compress(brotli.compress(HTML))
    assert decode(twice, "gzip", "br", LIMIT) == HTML


@pytest.mark.parametrize("media_type", ["text/html", "application/xhtml+xml", "", "image/svg+xml", "text/xml", "html"])
def test_compressed_though_nothing_says_so(media_type: str) -> None:
    assert decode(gzip.compress(HTML), "", "", LIMIT, media_type) == HTML
    assert decode(zstandard.compress(HTML), "", "", LIMIT, media_type) == HTML
    assert decode(gzip.compress(gzip.compress(HTML)), "", "gzip", LIMIT, media_type) == HTML
    assert bodies.decode(gzip.compress(bytes(LIMIT * 4)), "", "", LIMIT, media_type) == (bytes(LIMIT), False)


@pytest.mark.parametrize(
    "media_type", ["application/gzip", "application/x-gzip", "application/octet-stream", "a/x-gzip"]
)
def test_what_is_meant_to_be_compressed_stays_so(media_type: str) -> None:
    assert decode(gzip.compress(HTML), "", "", LIMIT, media_type) == gzip.compress(HTML)


def test_unknown_coding() -> None:
    with pytest.raises(BodyError, match="unknown_coding"):
        decode(b"\x00\x01", "", "sdch", LIMIT)
    with pytest.raises(BodyError, match="unknown_coding"):
        decode(b"\x00\x01", "", ",".join(["gzip"] * 100), LIMIT)


@pytest.mark.parametrize(("coding", "encode"), CODINGS)
def test_a_cut_body_gives_what_can_be_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    whole = Random(1).randbytes(400_000)
    body = encode(whole)
    found = decode(body[: len(body) * 3 // 4], "", coding, LIMIT)
    assert len(whole) // 4 < len(found) < len(whole)
    assert whole.startswith(found)


def test_a_wrong_checksum_costs_nothing() -> None:
    body = gzip.compress(HTML)
    assert decode(body[:-8] + bytes(8), "", "gzip", LIMIT) == HTML
    assert decode(body[:-8] + bytes(4) + body[-4:], "", "gzip", LIMIT) == HTML


def test_members_without_end_or_content() -> None:
    assert decode(gzip.compress(b"") * 50_000 + gzip.compress(HTML), "", "gzip", 1 << 24) in (b"", HTML)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"0005;x=y\r\nhello\r\n0\r\n\r\n", b"hello"),
        # Counted wrongly: too little, too much.
        (b"3\r\nhello\r\n3\r\nxyz\r\n0\r\n\r\n", b"helloxyz"),
        (b"9\r\nhello\r\n3\r\nxyz\r\n0\r\n\r\n", b"hello\r\n3\r\nxyz"),
        (b"5\r\nhello3\r\nxyz\r\n0\r\n\r\n", b"hello3\r\nxyz"),
        # The first line of a text.
        (b"2024\r\nHappy new year", b"Happy new year"),
        (b"2\r\nThis isn't chunked.", b"2\r\nThis isn't chunked."),
        (b"5\r\nhello\r\n3\r\nxyz\r\n0\r\n\r\n", b"helloxyz"),
        (b"5\nhello\n0\n", b"hello"),
        (b"5\r\nhello\r\nbroken", b"hellobroken"),
        (b"FF\r\nhello", b"hello"),
        (b"<html>not chunked", b"<html>not chunked"),
        (b"", b""),
    ],
)
def test_unchunk(body: bytes, content: bytes) -> None:
    assert unchunk(body) == content


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xff\xd8\xff\xe0", True),
        (b"GIF89a", True),
        (b"RIFF1234WEBPVP8", True),
        (b"\0\0\0 ftypavif", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg xmlns=''>", True),
        (b"<svg>", True),
        (b"<html><svg>", False),
        (b"", False),
    ],
)
def test_is_image(body: bytes, expected: bool) -> None:
    assert is_image(body) is expected


def test_chunks_of_a_byte_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n"
    assert decode(body, "chunked", "", LIMIT) == b"x" * 2000
    monkeypatch.setattr("webpairs.archive.chunks.CHUNKS_AT_MOST", 1000)
    with pytest.raises(BodyError, match="too_many_chunks"):
        decode(body, "chunked", "", LIMIT)

"""Bodies: every coding, labels that lie, cut ones, and bombs."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from webpairs.archive.bodies import BodyError, decode, is_image, unchunk

HTML = b"<html><p>Hello</p>" * 500
LIMIT = 1 << 20


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
def test_a_bomb_is_dropped(coding: str, encode: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BodyError) as caught:
        decode(encode(bytes(LIMIT * 4)), "", coding, LIMIT)
    assert caught.value.reason == "body_too_large"


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


def test_unknown_coding() -> None:
    with pytest.raises(BodyError, match="unknown_coding"):
        decode(b"\x00\x01", "", "sdch", LIMIT)
    with pytest.raises(BodyError, match="unknown_coding"):
        decode(b"\x00\x01", "", ",".join(["gzip"] * 100), LIMIT)


def test_a_cut_body_gives_what_can_be_decoded() -> None:
    body = gzip.compress(bytes(range(256)) * 40, compresslevel=0)
    assert 0 < len(decode(body[:5000], "", "gzip", LIMIT)) < 5000


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", b"helloabc"),
        (b"5\nhello\n0\n", b"hello"),
        (b"5\r\nhello\r\nbroken", b"hello"),
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

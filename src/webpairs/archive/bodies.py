"""Decodes the body of an HTTP response: chunked transfer, and any number of content codings, each within a bound.

Archives hold bodies whose headers lie: bodies that a crawler has decoded already, chunked ones without chunks, bombs.
"""

import io
import re
import zlib
from collections.abc import Callable

import brotli
import zstandard
from fastwarc.stream_io import GzipReader

from webpairs.archive.chunks import TooManyChunks, unchunk

CODINGS_AT_MOST = 4
MEMBERS_AT_MOST = 10_000

_FED = 16 << 10

_IMAGE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP|.{4}ftypavi[fs]", re.DOTALL)
# What no text holds, by WHATWG's MIME sniffing.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_NONE = ("", "identity", "none", "chunked")
# Codings that there are, and that nothing here decodes. What else is named is a charset, mostly, and no coding.
_UNKNOWN = ("compress", "x-compress", "sdch", "dcb", "dcz", "exi", "aes128gcm", "pack200-gzip")
_ERRORS = (zlib.error, brotli.error, zstandard.ZstdError)


class BodyError(Exception):
    """A body that can't be had; `reason` is one of a small set, to count by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(
    body: bytes, transfer_encoding: str, content_encoding: str, at_most: int, media_type: str = ""
) -> tuple[bytes, bool]:
    """The body as a browser would hand it to the HTML parser or the image decoder, and whether that is all of it.

    What goes beyond `at_most` bytes, in any coding, is cut off. A body cut short gives what can be decoded of it. A
    label that is plainly false is passed over: the body is markup, an image or other text already, or in another
    coding. Text and images that are compressed and don't say so are decompressed. Raises BodyError with
    `too_many_chunks`, `undecodable_<coding>` or `unknown_coding`.
    """
    codings: list[str] = []
    is_whole = True
    if content_encoding or transfer_encoding:
        codings = [coding.strip().lower() for coding in f"{content_encoding},{transfer_encoding}".split(",")]
        if "chunked" in codings:
            try:
                body = unchunk(body)
            except TooManyChunks:
                raise BodyError("too_many_chunks") from None
        codings = [coding for coding in codings if coding not in _NONE]
        if len(codings) > CODINGS_AT_MOST:
            raise BodyError("unknown_coding")
        for coding in reversed(codings):
            if not body or is_markup(body) or is_image(body):
                break
            body = _decoded(body, coding, at_most)
            body, is_whole = body[:at_most], is_whole and len(body) <= at_most
    if body[:2] in _MAGICS and _is_sent_packed(media_type):
        for _ in range(CODINGS_AT_MOST - len(codings)):
            coding = _by_magic(body)
            if not coding:
                break
            body = _decoded(body, coding, at_most)
            body, is_whole = body[:at_most], is_whole and len(body) <= at_most
    return body[:at_most], is_whole and len(body) <= at_most


def is_markup(body: bytes) -> bool:
    """Whether the body begins as HTML or XML does, after a byte order mark and white space."""
    return body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def is_raster(body: bytes) -> bool:
    """Whether the body begins as JPEG, PNG, GIF, WebP or AVIF does, and as no page does."""
    return _IMAGE.match(body) is not None


def is_image(body: bytes) -> bool:
    """Whether the body begins as JPEG, PNG, GIF, WebP, AVIF or SVG does."""
    if is_raster(body):
        return True
    head = body[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<svg") or (head.startswith((b"<?xml", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head)


def _is_sent_packed(media_type: str) -> bool:
    """Whether what is of this type, or of none that is known, is compressed for its way only."""
    kind, _, subtype = media_type.partition("/")
    return (kind != "application" and "zip" not in subtype) or subtype in ("xhtml+xml", "xml", "unknown")


def _by_magic(body: bytes) -> str:
    """The coding that the body begins like."""
    return next((coding for magic, coding in _SIGNATURES if body.startswith(magic)), "")


def _decoded(body: bytes, coding: str, at_most: int) -> bytes:
    """Where more than `at_most` bytes come out, a little more than those."""
    decoder = _DECODERS.get(coding)
    if decoder is None:
        if coding in _UNKNOWN:
            raise BodyError("unknown_coding")
        return body
    # Brotli takes nearly anything for its own, up to a point; the others say what they are.
    for attempt in dict.fromkeys((_DECODERS.get(_by_magic(body), decoder), decoder)):
        try:
            return attempt(body, at_most)
        except _ERRORS:
            continue
    if _BINARY.search(body, 0, 1024):
        raise BodyError(f"undecodable_{coding.removeprefix('x-')}")
    return body


def _gunzip(body: bytes, at_most: int) -> bytes:
    size = int.from_bytes(body[-4:], "little")
    if 0 < size <= at_most:
        # Twice as fast as Python's zlib, but for whole members only.
        try:
            content: bytes = GzipReader(io.BytesIO(body)).read(size + 1)
        except OSError:
            content = b""
        if len(content) == size:
            return content
    try:
        return _inflate(body, at_most, 16 + zlib.MAX_WBITS)
    except zlib.error:
        # Browsers don't look at the checksum at the end.
        return _inflate(body[:-8], at_most, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes, at_most: int) -> bytes:
    """RFC 9110 means zlib's format; many servers send the bare one."""
    try:
        return _inflate(body, at_most, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, at_most, -zlib.MAX_WBITS)


def _inflate(body: bytes, at_most: int, window_bits: int) -> bytes:
    """Inflates the members that follow each other; what stands behind the last one is passed over."""
    view, place = memoryview(body), 0
    content = bytearray()
    for _ in range(MEMBERS_AT_MOST):
        decompressor, begun = zlib.decompressobj(window_bits), len(content)
        try:
            while not decompressor.eof and place < len(view):
                fed = view[place : place + _FED]
                content += decompressor.decompress(fed, at_most + 1 - len(content))
                if len(content) > at_most:
                    return bytes(content)
                place += len(fed) - len(decompressor.unused_data)
        except zlib.error:
            if begun == 0:
                raise
            del content[begun:]
            break
        if place >= len(view):
            break
    return bytes(content)


def _unbrotli(body: bytes, at_most: int) -> bytes:
    decompressor = brotli.Decompressor()
    parts = [decompressor.process(body, output_buffer_limit=65536)]
    size = len(parts[0])
    # With all input taken there may still be output to come, until a call gives none.
    while parts[-1] and size <= at_most and not decompressor.is_finished():
        parts.append(decompressor.process(b"", output_buffer_limit=1 << 20))
        size += len(parts[-1])
    return b"".join(parts)


def _unzstd(body: bytes, at_most: int) -> bytes:
    # The window bounds memory: 8 MB is what RFC 9659 lets servers ask for.
    decompressor = zstandard.ZstdDecompressor(max_window_size=8 << 20)
    with decompressor.stream_reader(body, read_across_frames=True) as reader:
        return reader.read(at_most + 1)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
_SIGNATURES = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_MAGICS = tuple(magic[:2] for magic, _ in _SIGNATURES)

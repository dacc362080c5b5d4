"""Decodes the body of an HTTP response: chunked transfer, and any number of content codings, each within a bound.

Archives hold bodies whose headers lie: bodies that a crawler has decoded already, chunked ones without chunks, bombs.
"""

import re
import zlib
from collections.abc import Callable

import brotli
import zstandard

CODINGS_AT_MOST = 4

_CHUNK_HEAD = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1024})?\r?\n")
_IMAGE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP|.{4}ftypavi[fs]", re.DOTALL)


class BodyError(Exception):
    """A body that can't be had; `reason` is one of a small set, to count by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(body: bytes, transfer_encoding: str, content_encoding: str, at_most: int) -> bytes:
    """The body as a browser would hand it to the HTML parser or the image decoder.

    A body cut short gives what can be decoded of it. A label that is plainly false (the body is markup or an image
    already) is passed over. Raises BodyError with `body_too_large`, `undecodable_<coding>` or `unknown_coding`.
    """
    if "chunked" in transfer_encoding.lower():
        body = unchunk(body)
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity", "none", "chunked")]
    if len(codings) > CODINGS_AT_MOST:
        raise BodyError("unknown_coding")
    for coding in reversed(codings):
        if not body or is_markup(body) or is_image(body):
            break
        decoder = _DECODERS.get(coding)
        if decoder is None:
            raise BodyError("unknown_coding")
        try:
            body = decoder(body, at_most)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            raise BodyError(f"undecodable_{coding.removeprefix('x-')}") from None
    if len(body) > at_most:
        raise BodyError("body_too_large")
    return body


def unchunk(body: bytes) -> bytes:
    """The content of the chunks, up to the last one or the first broken one; a body without chunks as it stands."""
    if not _CHUNK_HEAD.match(body):
        return body
    parts: list[bytes] = []
    position = 0
    while head := _CHUNK_HEAD.match(body, position):
        size = int(head.group(1), 16)
        if size == 0:
            break
        parts.append(body[head.end() : head.end() + size])
        position = head.end() + size
        while body[position : position + 1] in (b"\r", b"\n"):
            position += 1
    return b"".join(parts)


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


def _gunzip(body: bytes, at_most: int) -> bytes:
    return _inflate(body, at_most, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes, at_most: int) -> bytes:
    """RFC 9110 means zlib's format; many servers send the bare one."""
    try:
        return _inflate(body, at_most, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, at_most, -zlib.MAX_WBITS)


def _inflate(body: bytes, at_most: int, window_bits: int) -> bytes:
    """Inflates all members that follow each other; what stands behind the last one is passed over."""
    parts: list[bytes] = []
    size = 0
    while body:
        decompressor = zlib.decompressobj(window_bits)
        try:
            part = decompressor.decompress(body, at_most + 1 - size)
        except zlib.error:
            if parts:
                break
            raise
        parts.append(part)
        size += len(part)
        if size > at_most:
            raise BodyError("body_too_large")
        body = decompressor.unused_data
    return b"".join(parts)


def _unbrotli(body: bytes, at_most: int) -> bytes:
    decompressor = brotli.Decompressor()
    parts = [decompressor.process(body, output_buffer_limit=65536)]
    size = len(parts[0])
    # With all input taken there may still be output to come, until a call gives none.
    while parts[-1] and not decompressor.is_finished():
        parts.append(decompressor.process(b"", output_buffer_limit=1 << 20))
        size += len(parts[-1])
        if size > at_most:
            raise BodyError("body_too_large")
    return b"".join(parts)


def _unzstd(body: bytes, at_most: int) -> bytes:
    # The window bounds memory: 8 MB is what RFC 9659 lets servers ask for.
    decompressor = zstandard.ZstdDecompressor(max_window_size=8 << 20)
    with decompressor.stream_reader(body, read_across_frames=True) as reader:
        content = reader.read(at_most + 1)
    if len(content) > at_most:
        raise BodyError("body_too_large")
    return content


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}

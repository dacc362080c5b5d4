"""A gigabyte in a few bytes, in every coding; made without ever holding it."""

import gzip
import zlib

import brotli
import zstandard

MEGABYTES = 1024
_BLOCK = 128 << 10


def deflated(start: bytes = b"", filling: bytes = b"\0") -> bytes:
    """A bare deflate stream: `start`, and a gigabyte of the filling."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    head = compressor.compress(start) + compressor.flush(zlib.Z_FULL_FLUSH)
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    megabyte = compressor.compress(filling * ((1 << 20) // len(filling))) + compressor.flush(zlib.Z_FULL_FLUSH)
    return head + megabyte * MEGABYTES + b"\x03\0"


def gzipped(start: bytes = b"", filling: bytes = b"\0") -> bytes:
    """The same as a gzip member, whose checksum is wrong: nobody should come to it."""
    return gzip.compress(b"")[:10] + deflated(start, filling) + bytes(8)


def zstd(start: bytes = b"") -> bytes:
    """The same as a Zstandard frame: a block of bytes, and blocks that repeat a zero."""
    blocks = (len(start) << 3).to_bytes(3, "little") + start
    repeated = (_BLOCK << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    last = (1 << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\0\x58" + blocks + repeated * (MEGABYTES * 8) + last


def brotlied() -> bytes:
    """A gigabyte of zeros."""
    compressor = brotli.Compressor(quality=1)
    megabyte = bytes(1 << 20)
    return b"".join(compressor.process(megabyte) for _ in range(MEGABYTES)) + compressor.finish()


# By the header that says so.
BODIES = {
    "gzip": gzipped,
    "deflate": lambda: b"\x78\x9c" + deflated(),
    "DEFLATE": deflated,
    "br": brotlied,
    "zstd": zstd,
    "gzip, gzip": lambda: gzip.compress(gzipped()),
    "gzip, br": lambda: brotli.compress(gzipped(), quality=1),
    "br, zstd": lambda: zstandard.compress(brotlied()),
    "": gzipped,
}

"""`python -m bench.repeat TARGET SOURCE FIRST BYTES [RESPONSES]`: writes a WARC by repeating a real one's responses.

Every copy has hosts of its own, so that no page is taken for one that was captured twice. Prints the copies as JSON.
"""

import itertools
import json
import sys
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecordType

_GZIP_HEAD = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])


class Block(NamedTuple):
    """A response as it was captured, and the same deflated, to compress it once for all copies."""

    url: str
    date: str
    raw: bytes
    deflated: bytes


def write(target: Path, source: Path, first: int, at_least: int, responses: int | None = None) -> int:
    """Writes copies, numbered from `first` on, until the file has that many bytes; says how many.

    A copy holds all responses, or as many as are named, in the source's order.
    """
    blocks = list(itertools.islice(_blocks(source), responses))
    number = first
    partial = target.with_suffix(".partial")
    with partial.open("wb") as file:
        while number == first or file.tell() < at_least:
            for block in blocks:
                file.write(_member(block, number))
            number += 1
    partial.replace(target)
    return number - first


def _blocks(source: Path) -> Iterator[Block]:
    with source.open("rb") as stream:
        for record in ArchiveIterator(
            stream, record_types=WarcRecordType.response, parse_http=False, auto_decode="none"
        ):
            raw = record.reader.read()
            url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
            yield Block(url, record.headers.get("WARC-Date") or "", raw, _deflated(raw + b"\r\n\r\n", zlib.Z_FINISH))


def _member(block: Block, number: int) -> bytes:
    """A gzip member with one record: its own header, deflated apart, and before the deflated block that all share."""
    url = block.url.replace("://", f"://copy{number}.", 1)
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>\r\n"
        f"WARC-Target-URI: {url}\r\nWARC-Date: {block.date}\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(block.raw)}\r\n\r\n"
    ).encode()
    checksum = zlib.crc32(b"\r\n\r\n", zlib.crc32(block.raw, zlib.crc32(head)))
    size = len(head) + len(block.raw) + 4
    tail = checksum.to_bytes(4, "little") + (size % 2**32).to_bytes(4, "little")
    return _GZIP_HEAD + _deflated(head, zlib.Z_FULL_FLUSH) + block.deflated + tail


def _deflated(content: bytes, flush: int) -> bytes:
    """Bare deflate; after a full flush another stream may follow that knows nothing of this one."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(content) + deflate.flush(flush)


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))))

"""Where records are in a web archive that is broken, or that fastwarc is vague about.

All of these look at the file without moving the place where fastwarc reads it.
"""

import mmap
import os
import re
import zlib
from typing import BinaryIO

_GZIP = b"\x1f\x8b\x08"
_BEGINNING = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]+\r?\n|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18")


def is_gzip(file: BinaryIO) -> bool:
    """Whether the file begins as gzip does."""
    return _at(file, 0, 3) == _GZIP


def begins_member(file: BinaryIO, offset: int, record_id: str) -> bool:
    """Whether the gzip member at this offset begins with the record of this id."""
    member = _at(file, offset, 4096)
    try:
        beginning = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 4096)
    except zlib.error:
        return False
    return record_id.encode() in beginning


def loose_end(file: BinaryIO, last: int) -> int | None:
    """Where the file goes on behind its last record, or that record's offset where it is cut; None if all is well.

    fastwarc takes the end of a cut file for its end.
    """
    size = os.fstat(file.fileno()).st_size
    if is_gzip(file):
        end = _end_of_member(file, last)
    else:
        head = _at(file, last, 65536)
        length = re.search(rb"^Content-Length:\s*(\d+)", head.partition(b"\r\n\r\n")[0], re.IGNORECASE | re.MULTILINE)
        if not head.startswith(b"WARC/") or length is None:
            return None
        end = last + head.index(b"\r\n\r\n") + 4 + int(length.group(1))
    if end is None or end > size:
        return last
    return end if _at(file, end, 64).strip(b"\r\n\0") else None


def _end_of_member(file: BinaryIO, offset: int) -> int | None:
    """Where the gzip member at this offset ends; None where it is cut."""
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    position = offset
    while not decompressor.eof:
        piece = _at(file, position, 65536)
        if not piece:
            return None
        position += len(piece)
        decompressor.decompress(piece)
    return position - len(decompressor.unused_data)


def next_beginning(file: BinaryIO, offset: int) -> int | None:
    """The next place from `offset` on where a record, or a compressed member with one, begins."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for match in _BEGINNING.finditer(content, offset):
            place = match.start()
            if match.group() != _GZIP or _holds_record(content[place : place + 65536]):
                return place
    return None


def _holds_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 16).startswith(b"WARC/")
    except zlib.error:
        return False


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Bytes of the file, without moving the place where fastwarc reads."""
    return os.pread(file.fileno(), size, offset)

"""Where records are in a web archive that is broken, or that fastwarc is vague about.

All of these look at the file, or the part of one, without moving the place where fastwarc reads it.
"""

import re
import zlib

from webpairs.archive.region import Region

_GZIP = b"\x1f\x8b\x08"
_BEGINNING = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]+\r?\n|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18")


def is_gzip(file: Region) -> bool:
    """Whether the file begins as gzip does."""
    return file.at(0, 3) == _GZIP


def begins_member(file: Region, offset: int, record_id: str) -> bool:
    """Whether the gzip member at this offset begins with the record of this id."""
    member = file.at(offset, 4096)
    try:
        beginning = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 4096)
    except zlib.error:
        return False
    return record_id.encode() in beginning


def loose_end(file: Region, last: int) -> int | None:
    """Where the file goes on behind its last record, or that record's offset where it is cut; None if all is well.

    fastwarc takes the end of a cut file for its end.
    """
    if is_gzip(file):
        end = _end_of_member(file, last)
    else:
        head = file.at(last, 65536)
        length = re.search(rb"^Content-Length:\s*(\d+)", head.partition(b"\r\n\r\n")[0], re.IGNORECASE | re.MULTILINE)
        if not head.startswith(b"WARC/") or length is None:
            return None
        end = last + head.index(b"\r\n\r\n") + 4 + int(length.group(1))
    if end is None or end > file.size:
        return last
    return end if file.at(end, 64).strip(b"\r\n\0") else None


def _end_of_member(file: Region, offset: int) -> int | None:
    """Where the gzip member at this offset ends; None where it is cut."""
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    position = offset
    while not decompressor.eof:
        piece = file.at(position, 65536)
        if not piece:
            return None
        position += len(piece)
        decompressor.decompress(piece)
    return position - len(decompressor.unused_data)


def next_beginning(file: Region, offset: int) -> int | None:
    """The next place from `offset` on where a record, or a compressed member with one, begins."""
    for place, what in file.find(_BEGINNING, offset):
        if what != _GZIP or _holds_record(file.at(place, 65536)):
            return place
    return None


def _holds_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 16).startswith(b"WARC/")
    except zlib.error:
        return False

"""Reads ARC, the format before WARC, record by record as if they were WARC's.

warcio takes the records apart; fastwarc doesn't know the format.
"""

import re
import zlib
from collections.abc import Callable, Iterator

from fastwarc.warc import WarcRecord, WarcRecordType
from warcio.archiveiterator import ARCIterator
from warcio.exceptions import ArchiveLoadFailed

from webpairs.archive.region import Region

# URL, IP address, date, type, and, in the format's second version, more; the length comes last. URLs may hold spaces.
_HEAD = re.compile(rb"(?P<url>\S.*?) (?P<ip>\S+) (?P<date>\d{14}) (?P<type>\S+) (?:\S+ ){0,5}?(?P<length>\d+)\s*")
_GZIP = b"\x1f\x8b\x08"
_BEGINNING = re.compile(rb"\x1f\x8b\x08|(?<=\n)[a-z]{2,8}:[^\n]{1,4096} \d{14} [^\n]{1,2048} \d+\r?\n")


class _Iterator(ARCIterator):  # type: ignore[misc]
    INC_RECORD = ""  # what it would print where a record is longer than it says; `err_count` tells too


def arc_records(
    region: Region, note: Callable[[int, str], None], start: int = 0, at_most: int = 64 << 20
) -> Iterator[tuple[WarcRecord, int, int]]:
    """Yields the records from `start` on: as WARC would have them, offset in the region, and 0.

    Goes on behind broken places, which are told to `note` with their offset. Records of more than `at_most` bytes are
    cut there.
    """
    place: int | None = start
    while place is not None:
        last = place
        region.seek(place)
        iterator = _Iterator(region, no_record_parse=True)
        try:
            errors = 0
            for found in iterator:
                made = _record(found, at_most)
                last = iterator.get_record_offset()
                if iterator.err_count > errors:
                    errors = iterator.err_count
                    note(last, "a record doesn't end where it says")
                if made is not None:
                    yield made, last, 0
        except (ArchiveLoadFailed, OSError, EOFError, ValueError, zlib.error) as error:
            note(last, _reason(error))
            place = _next_beginning(region, last + 1)
        else:
            place = None


def _record(found: object, at_most: int) -> WarcRecord | None:
    """The record in WARC's form; None for the file's description, which is ARC's first record."""
    headers = found.rec_headers.headers  # type: ignore[attr-defined]
    head = _HEAD.fullmatch(" ".join(value for _, value in headers).encode("utf-8", "surrogateescape"))
    content: bytes = found.raw_stream.read(at_most)  # type: ignore[attr-defined]
    if head is None or head["url"].startswith(b"filedesc:"):
        return None
    is_http = content.startswith(b"HTTP/")
    made = WarcRecord()
    made.init_headers(record_type=WarcRecordType.response if is_http else WarcRecordType.resource)
    date = head["date"].decode()
    made.headers["WARC-Date"] = f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z"
    made.headers["WARC-Target-URI"] = head["url"].decode("utf-8", "replace")
    kind = "application/http; msgtype=response" if is_http else head["type"].decode("utf-8", "replace")
    made.headers["Content-Type"] = kind
    made.set_bytes_content(content)
    made.is_http = is_http
    return made


def _reason(error: Exception) -> str:
    # warcio's own words hold the bytes that it could not read.
    if "non-chunked gzip" in str(error):
        return "one gzip member holds several records: what follows the first is lost"
    return "invalid ARC header" if isinstance(error, ArchiveLoadFailed) else f"the record can't be read: {error}"[:200]


def _next_beginning(region: Region, offset: int) -> int | None:
    """The next place from `offset` on where a record, or a gzip member with one, begins."""
    for place, what in region.find(_BEGINNING, offset):
        if what != _GZIP or _begins_record(region.at(place, 65536)):
            return place
    return None


def _begins_record(member: bytes) -> bool:
    try:
        return _HEAD.match(zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 8192)) is not None
    except zlib.error:
        return False

"""Reads the pages and images of a web archive, past whatever is broken in it.

fastwarc finds the records; bodies are decoded here, one by one: with fastwarc 2.0.1's own `auto_decode`, one body that
can't be decoded ends the iteration without a word. Where the file itself is broken fastwarc stops; reading then goes on
at the next place where a record begins.
"""

import mmap
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from webpairs.archive.bodies import BodyError, decode, is_image

BODY_AT_MOST = 64 << 20
BREAKS_AT_MOST = 1000

_GZIP = b"\x1f\x8b\x08"
_BEGINNING = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]+\r?\n|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18")
_WANTED = (WarcRecordType.response, WarcRecordType.resource)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a record before its body is read."""

    offset: int  # of the record in the file; where it is compressed, of its member
    nth: int  # 0, but in members that hold several records, against the standard, it tells these apart
    kind: str  # response or resource
    url: str
    date: str  # WARC-Date as it stands there
    status: int  # of a resource, which has none, 200; 0 where the status line makes no sense
    content_type: str  # whole, with its parameters; "" where there is none
    transfer_encoding: str
    content_encoding: str

    @property
    def media_type(self) -> str:
        """The content type without parameters, in lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Record:
    head: Head
    body: bytes  # decoded


@dataclass(slots=True)
class Tally:
    """What was met on the way through one file."""

    records: Counter[str] = field(default_factory=Counter)  # by WARC-Type
    drops: Counter[str] = field(default_factory=Counter)  # wanted records that could not be had, by reason
    cut: int = 0  # records that hold less than they announce; what is there is used
    breaks: list[tuple[int, str]] = field(default_factory=list)  # places where the file is broken: offset, reason


def records(
    path: Path, wanted: Callable[[Head], bool], tally: Tally, body_at_most: int = BODY_AT_MOST
) -> Iterator[Record]:
    """Yields the response and resource records that are wanted, in the file's order, with decoded bodies.

    Never raises for what is in the file: broken places and bodies are noted in `tally`. Raises OSError where the file
    can't be opened. Revisit records have no body of their own, and are counted only.
    """
    with path.open("rb") as file:
        for record, offset, nth in _all(file, tally):
            tally.records[str(record.record_type)] += 1
            if record.record_type not in _WANTED:
                continue
            try:
                head = _head(record, offset, nth)
            except (OSError, ValueError):
                tally.drops["bad_http_header"] += 1
                continue
            if not head.url:
                tally.drops["no_url"] += 1
                continue
            if not wanted(head):
                continue
            body = _body(record, head, tally, body_at_most)
            if body is not None:
                yield Record(head, body)


def images(path: Path, tally: Tally | None = None) -> Iterator[tuple[str, str, int, bytes, int]]:
    """Yields (url, content type, status, decoded body, record offset) of every image that the archive holds.

    Those are response and resource records of status 2xx, and not empty, whose content type says image/*, or whose
    body begins as an image does (JPEG, PNG, GIF, WebP, AVIF, SVG). In the file's order; a URL may come more than once.
    """
    for record in records(path, _may_be_image, tally or Tally()):
        head = record.head
        if record.body and (head.media_type.startswith("image/") or is_image(record.body)):
            yield head.url, head.content_type, head.status, record.body, head.offset


def read_record(path: Path, offset: int, url: str | None = None) -> Record:
    """The response or resource record at this offset, or the first one from there on that has this URL.

    Raises LookupError where there is none, or where its body can't be decoded.
    """
    tally = Tally()
    with path.open("rb") as file:
        file.seek(offset)
        for record in _from(file):
            if record.record_type in _WANTED:
                head = _head(record, offset, 0)
                if url is None or head.url == url:
                    body = _body(record, head, tally, BODY_AT_MOST)
                    if body is not None:
                        return Record(head, body)
                    break
    raise LookupError(f"{path.name} has no readable record {url or ''} at offset {offset}")


def _may_be_image(head: Head) -> bool:
    """Neither an error nor of a type that is never an image; servers send images as anything else."""
    kind, _, subtype = head.media_type.partition("/")
    never = kind in ("text", "font", "audio", "video") or subtype in ("json", "javascript", "xhtml+xml")
    return head.is_success and not never


def _head(record: WarcRecord, offset: int, nth: int) -> Head:
    """Raises OSError where the HTTP header can't be parsed."""
    status, headers = 200, record.headers
    if record.is_http:
        # Quirks: header lines that end in a bare LF.
        record.parse_http(quirks_mode=True)
        headers = record.http_headers
        status = headers.status_code or 0
    return Head(
        offset=offset,
        nth=nth,
        kind=str(record.record_type),
        url=(record.headers.get("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">"),
        date=record.headers.get("WARC-Date") or "",
        status=status,
        content_type=headers.get("Content-Type") or "",
        transfer_encoding=",".join(headers.get_multiple("Transfer-Encoding")) if record.is_http else "",
        content_encoding=",".join(headers.get_multiple("Content-Encoding")) if record.is_http else "",
    )


def _body(record: WarcRecord, head: Head, tally: Tally, at_most: int) -> bytes | None:
    announced = record.content_length
    try:
        if announced > at_most:
            raise BodyError("body_too_large")
        raw = record.reader.read(announced)
        tally.cut += len(raw) < announced
        return decode(raw, head.transfer_encoding, head.content_encoding, at_most)
    except BodyError as error:
        tally.drops[error.reason] += 1
    except OSError:
        tally.drops["unreadable_record"] += 1
    return None


def _from(file: BinaryIO) -> Iterator[WarcRecord]:
    return iter(ArchiveIterator(file, parse_http=False, auto_decode="none"))


def _all(file: BinaryIO, tally: Tally) -> Iterator[tuple[WarcRecord, int, int]]:
    """All records with their offsets and what tells apart those of one member, going on behind broken places."""
    is_gzip = _at(file, 0, 3) == _GZIP
    start: int | None = 0
    while start is not None:
        last, nth = -1, 0
        file.seek(start)
        try:
            for record in _from(file):
                if record.stream_pos > last and (not is_gzip or _begins(file, record)):
                    offset, nth = record.stream_pos, 0
                else:
                    # fastwarc reports, in gzip members that hold several records, the place up to which it had read.
                    offset, nth = (last, nth + 1) if last >= 0 else (start, 0)
                last = offset
                yield record, offset, nth
        except OSError as error:
            _note(tally, max(last, start), str(error))
        else:
            cut = None if last < 0 or nth else _loose_end(file, last, is_gzip)
            if cut is None:
                return
            _note(tally, cut, "the file ends within a record")
            if cut <= last:
                return
            last = cut
        start = _next_beginning(file, max(last, start) + 1) if len(tally.breaks) < BREAKS_AT_MOST else None


def _note(tally: Tally, offset: int, reason: str) -> None:
    tally.breaks.append((offset, reason))


def _begins(file: BinaryIO, record: WarcRecord) -> bool:
    """Whether a gzip member that begins with this record is where the record is said to be."""
    member = _at(file, record.stream_pos, 4096)
    try:
        beginning = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, 4096)
    except zlib.error:
        return False
    return (record.record_id or "").encode() in beginning


def _loose_end(file: BinaryIO, last: int, is_gzip: bool) -> int | None:
    """Where the file goes on behind its last record, or that record's offset where it is cut; None if all is well.

    fastwarc takes the end of a cut file for its end.
    """
    size = os.fstat(file.fileno()).st_size
    if is_gzip:
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


def _next_beginning(file: BinaryIO, offset: int) -> int | None:
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

"""Reads the pages and images of a web archive, past whatever is broken in it.

fastwarc finds the records, warcio those of ARC. Bodies are decoded here, one by one: with fastwarc 2.0.1's own
`auto_decode`, one body that can't be decoded ends the iteration without a word. Where the file itself is broken both
stop; reading then goes on at the next place where a record begins.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from webpairs.archive.arc import arc_records
from webpairs.archive.bodies import BodyError, decode, is_image
from webpairs.archive.recover import begins_member, is_gzip, loose_end, next_beginning
from webpairs.archive.region import Region, regions
from webpairs.archive.sniff import HEAD, form

BODY_AT_MOST = 64 << 20
BREAKS_AT_MOST = 1000

_WANTED = (WarcRecordType.response, WarcRecordType.resource)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a record before its body is read."""

    offset: int  # of the record in the file, also where that is a WACZ; where it is compressed, of its member
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
        for region in regions(path, file):
            for record, offset, nth in _records(region, tally):
                found = _read(record, offset, nth, wanted, tally, body_at_most)
                if found is not None:
                    yield found


def _read(
    record: WarcRecord, offset: int, nth: int, wanted: Callable[[Head], bool], tally: Tally, body_at_most: int
) -> Record | None:
    tally.records[str(record.record_type)] += 1
    if record.record_type not in _WANTED:
        return None
    try:
        head = _head(record, offset, nth)
    except (OSError, ValueError):
        tally.drops["bad_http_header"] += 1
        return None
    if not head.url:
        tally.drops["no_url"] += 1
        return None
    if not wanted(head):
        return None
    body = _body(record, head, tally, body_at_most)
    return None if body is None else Record(head, body)


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
        for record, _, _ in _from(Region(file), offset):
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


class _TooBroken(Exception):
    """A file that is broken in so many places is not worth going on with."""


def _records(region: Region, tally: Tally) -> Iterator[tuple[WarcRecord, int, int]]:
    """All records of a region with their offsets in the file, and what tells apart those of one member."""

    def note(offset: int, reason: str) -> None:
        tally.breaks.append((region.start + offset, reason))
        if len(tally.breaks) >= BREAKS_AT_MOST:
            raise _TooBroken

    read = arc_records(region, note) if _is_arc(region) else _warc_records(region, note)
    try:
        for record, offset, nth in read:
            yield record, region.start + offset, nth
    except _TooBroken:
        return


def _is_arc(region: Region) -> bool:
    return form(region.at(0, HEAD)) in ("arc", "arc.gz")


def _from(whole: Region, offset: int) -> Iterator[tuple[WarcRecord, int, int]]:
    """The records from this one on, as far as nothing is broken."""
    if _is_arc(whole):
        yield from arc_records(whole, _ignore, offset)
    else:
        whole.seek(offset)
        yield from ((record, offset, 0) for record in _iterate(whole))


def _iterate(region: Region) -> Iterator[WarcRecord]:
    return iter(ArchiveIterator(region, parse_http=False, auto_decode="none"))


def _warc_records(region: Region, note: Callable[[int, str], None]) -> Iterator[tuple[WarcRecord, int, int]]:
    """All records with their offsets in the region, going on behind broken places."""
    gzip = is_gzip(region)
    start: int | None = 0
    while start is not None:
        last, nth = -1, 0
        region.seek(start)
        try:
            for record in _iterate(region):
                if record.stream_pos > last and (
                    not gzip or begins_member(region, record.stream_pos, record.record_id or "")
                ):
                    offset, nth = record.stream_pos, 0
                else:
                    # fastwarc reports, in gzip members that hold several records, the place up to which it had read.
                    offset, nth = (last, nth + 1) if last >= 0 else (start, 0)
                last = offset
                yield record, offset, nth
        except OSError as error:
            note(max(last, start), str(error))
        else:
            cut = None if last < 0 or nth else loose_end(region, last)
            if cut is None:
                return
            note(cut, "the file ends within a record")
            last = cut
        start = next_beginning(region, max(last, start) + 1)


def _ignore(offset: int, reason: str) -> None:
    """For who reads one record only: what is broken behind it was noted when all were read."""

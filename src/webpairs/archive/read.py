"""Reads the pages and images of a web archive, past whatever is broken in it.

fastwarc finds the records; those of ARC are found here. Bodies are decoded here too, one by one: with fastwarc 2.0.1's
own `auto_decode`, one body that can't be decoded ends the iteration without a word.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

from fastwarc.warc import WarcRecordType

from webpairs.archive.arc import walk_arc
from webpairs.archive.bodies import BodyError, decode, is_image
from webpairs.archive.found import Found, Note, TooLarge
from webpairs.archive.heads import Head as Head
from webpairs.archive.heads import head_of, revisit_of
from webpairs.archive.region import Region, opened
from webpairs.archive.revisits import Original, Revisit
from webpairs.archive.sniff import form
from webpairs.archive.wacz import regions
from webpairs.archive.walk import walk

BODY_AT_MOST = 64 << 20
COLLECTED_AT_MOST = 250_000

_T = TypeVar("_T")

_WANTED = (WarcRecordType.response, WarcRecordType.resource)


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
    beginnings: int = 0  # bodies that were cut, being larger than wanted
    breaks: list[tuple[int, str]] = field(default_factory=list)  # places where the file is broken: offset, reason
    bytes: int = 0  # of the file, or of a WACZ's archives
    unread: int = 0  # of these, what could not be read at all: from broken places to the next record, or the end
    # What the records that were yielded take in the file, by offset and nth; of a compressed one, its member. There
    # once the next record is yielded, or the last one was. To be emptied by who wants it.
    lengths: dict[tuple[int, int], int] = field(default_factory=dict)
    revisits: list[Revisit] = field(default_factory=list)
    originals: list[Original] = field(default_factory=list)  # of the records that were yielded
    uncollected: int = 0  # breaks, revisits and originals that are not in the lists, which hold COLLECTED_AT_MOST each

    def collect(self, many: list[_T], one: _T) -> None:
        """Appends to one of the lists as long as it isn't full: hostile files hold millions in a few megabytes."""
        if len(many) < COLLECTED_AT_MOST:
            many.append(one)
        else:
            self.uncollected += 1


def records(
    path: Path,
    wanted: Callable[[Head], bool],
    tally: Tally,
    body_at_most: int = BODY_AT_MOST,
    is_beginning_enough: bool = False,
) -> Iterator[Record]:
    """Yields the response and resource records that are wanted, in the file's order, with decoded bodies.

    Never raises for what is in the file: broken places and bodies are noted in `tally`. Raises OSError where the file
    can't be opened. Revisit records have no body of their own, and are collected only. A body of more than
    `body_at_most` bytes is dropped, or, where its beginning is enough, cut to that size.
    """

    def note(offset: int, reason: str, unread: int) -> None:
        tally.collect(tally.breaks, (offset, reason))
        tally.unread += unread

    with opened(path) as file:
        for region in regions(file):
            tally.bytes += region.size
            before: Found | None = None
            for found in _walk(region, note):
                if before is not None:
                    tally.lengths[before.offset, before.nth] = before.length
                    before = None
                read = _read(found, wanted, tally, body_at_most, is_beginning_enough)
                if read is not None:
                    head = read.head
                    original = Original(head.offset, head.nth, head.url, head.date, head.payload_digest)
                    tally.collect(tally.originals, original)
                    before = found
                    yield read
            if before is not None:
                tally.lengths[before.offset, before.nth] = before.length


def _walk(region: Region, note: Note, start: int = 0) -> Iterator[Found]:
    is_arc = form(region) in ("arc", "arc.gz")
    return walk_arc(region, note, start) if is_arc else walk(region, note, start)


def _read(
    found: Found, wanted: Callable[[Head], bool], tally: Tally, body_at_most: int, is_beginning_enough: bool
) -> Record | None:
    kind = found.record.record_type
    tally.records[str(kind)] += 1
    if kind not in _WANTED:
        if kind == WarcRecordType.revisit:
            tally.collect(tally.revisits, revisit_of(found))
        return None
    try:
        head = head_of(found)
    except (OSError, ValueError):
        tally.drops["bad_http_header"] += 1
        return None
    if not head.url:
        tally.drops["no_url"] += 1
        return None
    if not wanted(head):
        return None
    body = _body(found, head, tally, body_at_most, is_beginning_enough)
    return None if body is None else Record(head, body)


def images(path: Path, tally: Tally | None = None) -> Iterator[tuple[str, str, int, bytes, int]]:
    """Yields (url, content type, status, decoded body, record offset) of every image that the archive holds.

    Those are response and resource records of status 2xx, and not empty, whose content type says image/*, or whose
    body begins as an image does (JPEG, PNG, GIF, WebP, AVIF, SVG). In the file's order; a URL may come more than once.
    """
    tally = tally or Tally()
    for record in records(path, _may_be_image, tally):
        head = record.head
        tally.lengths.clear()
        if record.body and (head.media_type.startswith("image/") or is_image(record.body)):
            yield head.url, head.content_type, head.status, record.body, head.offset


def read_record(
    path: Path,
    offset: int,
    url: str | None = None,
    nth: int = 0,
    body_at_most: int = BODY_AT_MOST,
    is_beginning_enough: bool = False,
) -> Record:
    """The response or resource record at this place, read as `records` does it; with a URL, the first one from there on
    that has it.

    Raises LookupError where there is none, or where its body can't be decoded; OSError where the file can't be opened.
    """
    with opened(path) as file:
        for found in _from(file, offset):
            is_before = found.offset == offset and found.nth < nth
            if url is None and (found.offset, found.nth) != (offset, nth) and not is_before:
                break
            if is_before or found.record.record_type not in _WANTED:
                continue
            try:
                head = head_of(found)
            except (OSError, ValueError):
                continue
            if url is None or head.url == url:
                body = _body(found, head, Tally(), body_at_most, is_beginning_enough)
                if body is not None:
                    return Record(head, body)
                break
    raise LookupError(f"{path.name} has no readable record {url or ''} at offset {offset}")


def _from(file: BinaryIO, offset: int) -> Iterator[Found]:
    for region in regions(file):
        if region.start <= offset < region.start + region.size:
            # What is broken behind the record was noted when all were read.
            yield from _walk(region, lambda *_: None, offset - region.start)


def _may_be_image(head: Head) -> bool:
    """Neither an error nor of a type that is never an image; servers send images as anything else."""
    kind, _, subtype = head.media_type.partition("/")
    never = kind in ("text", "font", "audio", "video") or subtype in ("json", "javascript", "xhtml+xml")
    return head.is_success and not never


def _body(found: Found, head: Head, tally: Tally, at_most: int, is_beginning_enough: bool) -> bytes | None:
    is_whole = True
    try:
        try:
            raw = found.content(at_most)
            tally.cut += found.is_cut
        except TooLarge as error:
            raw, is_whole = error.beginning, False
        body, is_all = decode(raw, head.transfer_encoding, head.content_encoding, at_most, head.media_type)
    except BodyError as error:
        tally.drops[error.reason] += 1
        return None
    except OSError:
        tally.drops["unreadable_record"] += 1
        return None
    if is_whole and is_all:
        return body
    if is_beginning_enough:
        tally.beginnings += 1
        return body
    tally.drops["body_too_large"] += 1
    return None

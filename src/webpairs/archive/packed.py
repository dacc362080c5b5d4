"""The records of a compressed WARC. Each should be a member of its own, but need not be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fastwarc.warc import WarcRecord

from webpairs.archive.found import READ_AT_MOST, READ_FIRST, Found, Note, Places, Run, iterator
from webpairs.archive.members import is_bomb
from webpairs.archive.recover import (
    ENDLESS,
    HEADER_AT_MOST,
    SHORTER,
    WARC_BEHIND,
    WARC_RECORD,
    Break,
    begins_warc,
    bomb,
    damaged,
    ended,
    longer,
)
from webpairs.archive.region import Region
from webpairs.archive.unpack import Unpacked, beginning

# How often in a member the place where reading goes on is looked for: each time takes it from its beginning.
AGAIN_AT_MOST = 20


@dataclass(slots=True, eq=False)
class _Packed(Found):
    """A record of a compressed WARC; `member` is the last one it was followed to."""

    region: Region = field(kw_only=True)
    stream: Unpacked = field(kw_only=True)
    dictionary: Any = field(kw_only=True)
    member: int = field(kw_only=True)
    position: int = field(kw_only=True)  # in what the member holds
    announced: int = field(kw_only=True)
    next_member: int | None = None  # where the record is longer than its member, against the standard
    is_bomb: bool = False

    def content(self, at_most: int) -> bytes:
        content = Found.content(self, at_most)
        # At the end of a member that holds several records, the others may have been taken in.
        following = WARC_BEHIND.search(content) if self.is_cut else None
        return content if following is None else content[: following.start()]

    def skip(self) -> None:
        """Goes to the record's end where it wasn't read, and is of a size at which that had better be watched."""
        rest = announced = self.record.content_length
        if announced <= READ_FIRST:
            return
        step = READ_FIRST
        while rest and not self.is_bomb and not self.is_beyond():
            try:
                passed = self.record.reader.consume(min(rest, step))
            except OSError:
                return
            if not passed:
                return
            rest, step = rest - passed, min(2 * step, READ_AT_MOST)
            self.is_bomb = is_bomb(announced - rest, self.stream.at - (self.offset - self.region.start))

    def is_beyond(self) -> bool:
        """Whether the record goes on where the next one begins. In some files, records go over several members."""
        if self.stream.member != self.member:
            passed = [member for _, member in self.stream.beyond(self.member)]
            self.next_member = _first(self.region, passed, self.dictionary)
            self.member = self.stream.member
        return self.next_member is not None

    def within(self) -> bytes:
        """What there is of the record's content in its member."""
        self.is_cut = True
        anchor = self.offset - self.region.start
        records = iterator(Unpacked(self.region.part(0, self.next_member), anchor, self.dictionary))
        record = next((record for nth, record in enumerate(records) if nth == self.nth), None)
        if record is None:
            raise OSError("the member can't be read again")
        if self.record.is_http_parsed:
            record.parse_http(quirks_mode=True)
        content: bytes = record.reader.read()
        return content.removesuffix(b"\r\n\r\n")


def packed(region: Region, start: int, dictionary: Any, note: Note) -> Run:
    """Runs from the member at `start` on. What is broken within a sound member is told to `note`."""
    stream = Unpacked(region, start, dictionary)
    records = iterator(stream)
    places = Places(region)
    last: _Packed | None = None
    begun = times_again = 0
    while True:
        record, reason = _next(records, stream)
        place = None if record is None else stream.place(record.stream_pos)
        passed = place.passed if place else [] if last is None else _swallowed(last, stream, begun, reason)
        if last is not None and (following := _first(region, passed, dictionary)) is not None:
            return last, longer(last.offset - region.start, following)
        if place is None or record is None:
            is_short = last is not None and stream.tell() - begun < last.position + last.announced
            is_sought = (reason or is_short) and times_again < AGAIN_AT_MOST
            again = _again(region, stream, last, dictionary) if is_sought else None
            if again is None or last is None:
                had = _had(last)
                broken = damaged(region, stream, had, reason) if reason else ended(region, stream, had, start)
                if last is not None and reason and _is_sound(region, stream, last, dictionary):
                    # What stands behind the last record, without a line's end, ran into it.
                    broken = Break(last.offset - region.start, reason, stream.member, stream.member)
                if broken is None:
                    places.end(stream.at, last)
                return last, broken
            note(last.offset, f"{reason or SHORTER}, behind record {last.nth} of the member", 0)
            stream, records, begun = again, iterator(again), 0
            times_again += 1
            continue
        if stream.member != place.member and begins_warc(region, stream.member, dictionary):
            return last, Break(place.member, ENDLESS, place.member, stream.member)
        offset, nth, length = places.of(place.member, place.is_first, last)
        if nth == 0:
            begun, times_again = record.stream_pos, 0
        last = _Packed(
            record,
            offset,
            nth,
            length,
            region=region,
            stream=stream,
            dictionary=dictionary,
            member=stream.member,
            position=record.stream_pos - begun,
            announced=record.content_length,
        )
        yield last
        last.skip()
        if stream.failed is not None:
            return last, damaged(region, stream, _had(last), stream.reason)
        if last.next_member is not None:
            return last, longer(offset - region.start, last.next_member)
        if last.is_bomb:
            return last, bomb(region, offset - region.start)


def _next(records: Iterator[WarcRecord], stream: Unpacked) -> tuple[WarcRecord | None, str]:
    """The next record; or None, and why there is none, or "" at the end."""
    stream.search(True)
    try:
        record = next(records, None)
    except OSError as error:
        return None, str(error)
    stream.search(False)
    # What ends within its header has no blank line behind it, and isn't a record yet.
    return (None if stream.is_exhausted else record), ""


def _swallowed(last: _Packed, stream: Unpacked, begun: int, reason: str) -> list[int]:
    """The members that were read behind the last record's, and that held no record of their own.

    Of the one where reading stopped that is so only where the last record, by its length, goes on in it.
    """
    beyond = [member for position, member in stream.beyond(last.member) if member != stream.cut]
    if not reason or beyond[-1:] != [stream.member]:
        return beyond
    position = next(position for position, member in stream.beyond(last.member) if member == stream.member)
    header = beginning(last.region, last.offset - last.region.start, HEADER_AT_MOST, last.dictionary)
    size = header.find(b"\r\n\r\n") + 4 if last.nth == 0 else 0
    return beyond if begun + last.position + size + last.announced > position else beyond[:-1]


def _is_sound(region: Region, stream: Unpacked, last: _Packed, dictionary: Any) -> bool:
    """Whether reading stopped in another member than the last record's, and that begins with a record after all."""
    if stream.failed is not None or stream.member <= last.member:
        return False
    record, _ = _next(iterator(again := Unpacked(region, stream.member, dictionary)), again)
    return record is not None


def _had(last: _Packed | None) -> int | None:
    """The member of the last record of which something could be read."""
    if last is None or (last.nth == 0 and last.stream.failed == last.offset - last.region.start):
        return None
    return last.offset - last.region.start


def _first(region: Region, members: Iterable[int], dictionary: Any) -> int | None:
    """The first of these members that begins with a record."""
    return next((member for member in members if begins_warc(region, member, dictionary)), None)


def _again(region: Region, stream: Unpacked, last: _Packed | None, dictionary: Any) -> Unpacked | None:
    """The stream from the next record on that begins behind the last one's beginning, in the same member, if any.

    All that stands before it is decompressed once more.
    """
    if last is None or stream.failed is not None or stream.member != last.offset - region.start:
        return None
    again = Unpacked(region, stream.member, dictionary)
    try:
        return again if again.to(last.position + 1, WARC_RECORD) else None
    except OSError:
        return None

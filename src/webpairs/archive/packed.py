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
from webpairs.archive.unpack import Place, Unpacked, beginning

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

    @property
    def place(self) -> int:
        """The offset in the region."""
        return self.offset - self.region.start

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
            self.is_bomb = is_bomb(announced - rest, self.stream.at - self.place)

    def is_beyond(self) -> bool:
        """Whether the record goes on where the next one begins. In some files, records go over several members."""
        if self.stream.member != self.member:
            passed = (member for _, member in self.stream.beyond(self.member))
            self.next_member = next((one for one in passed if begins_warc(self.region, one, self.dictionary)), None)
            self.member = self.stream.member
        return self.next_member is not None

    def within(self) -> bytes:
        """What there is of the record's content in its member."""
        self.is_cut = True
        records = iterator(Unpacked(self.region.part(0, self.next_member), self.place, self.dictionary))
        record = next((record for nth, record in enumerate(records) if nth == self.nth), None)
        if record is None:
            raise OSError("the member can't be read again")
        if self.record.is_http_parsed:
            record.parse_http(quirks_mode=True, max_header_len=HEADER_AT_MOST)
        content: bytes = record.reader.read()
        return content.removesuffix(b"\r\n\r\n")


def packed(region: Region, start: int, dictionary: Any, note: Note) -> Run:
    """Runs from the member at `start` on. What is broken within a sound member is told to `note`."""
    return _Members(region, start, dictionary, note).run()


class _Members:
    """The way through the members of a region, from one on."""

    def __init__(self, region: Region, start: int, dictionary: Any, note: Note) -> None:
        self._region, self._start, self._dictionary, self._note = region, start, dictionary, note
        self._places = Places(region)
        self._last: _Packed | None = None
        self._times_again = 0
        self._read(Unpacked(region, start, dictionary))

    def _read(self, stream: Unpacked) -> None:
        self._stream, self._records = stream, iterator(stream)
        self._begun = 0  # the position in the stream where the last record's member begins

    def run(self) -> Run:
        """Yields the members' records, up to where one is broken."""
        while True:
            record, reason = _next(self._records, self._stream)
            place = None if record is None else self._stream.place(record.stream_pos)
            passed = self._passed(reason) if place is None else place.passed
            if self._last is not None and (following := self._first(passed)) is not None:
                return self._last, longer(self._last.place, following)
            if place is None or record is None:
                if self._reads_again(reason):
                    continue
                return self._last, self._stopped(reason)
            if self._stream.member != place.member and self._first([self._stream.member]) is not None:
                return self._last, Break(place.member, ENDLESS, place.member, self._stream.member)
            self._last = last = self._found(record, place)
            yield last
            last.skip()
            if self._stream.failed is not None:
                return last, damaged(self._region, self._stream, self._had(), self._stream.reason)
            if last.next_member is not None:
                return last, longer(last.place, last.next_member)
            if last.is_bomb:
                return last, bomb(self._region, last.place)

    def _found(self, record: WarcRecord, place: Place) -> _Packed:
        offset, nth, length = self._places.of(place.member, place.is_first, self._last)
        if nth == 0:
            self._begun, self._times_again = record.stream_pos, 0
        return _Packed(
            record,
            offset,
            nth,
            length,
            region=self._region,
            stream=self._stream,
            dictionary=self._dictionary,
            member=self._stream.member,
            position=record.stream_pos - self._begun,
            announced=record.content_length,
        )

    def _passed(self, reason: str) -> list[int]:
        """The members that were read behind the last record's, and that held no record of their own.

        Of the one where reading stopped that is so only where the last record, by its length, goes on in it.
        """
        last, stream = self._last, self._stream
        if last is None:
            return []
        beyond = [begun for begun in stream.beyond(last.member) if begun[1] != stream.cut]
        if reason and beyond and beyond[-1][1] == stream.member:
            header = beginning(self._region, last.place, HEADER_AT_MOST, self._dictionary) if last.nth == 0 else b""
            stop = self._begun + last.position + header.find(b"\r\n\r\n") + 4 + last.announced
            if stop <= beyond[-1][0]:
                beyond.pop()
        return [member for _, member in beyond]

    def _first(self, members: Iterable[int]) -> int | None:
        """The first of these members that begins with a record."""
        return next((member for member in members if begins_warc(self._region, member, self._dictionary)), None)

    def _reads_again(self, reason: str) -> bool:
        """Goes to the next record that begins behind the last one's beginning in the same member; whether there is one.

        All that stands before it is decompressed once more.
        """
        last, stream = self._last, self._stream
        if last is None or stream.failed is not None or stream.member != last.place:
            return False
        is_short = stream.tell() - self._begun < last.position + last.announced
        if not (reason or is_short) or self._times_again == AGAIN_AT_MOST:
            return False
        again = Unpacked(self._region, stream.member, self._dictionary)
        try:
            if not again.to(last.position + 1, WARC_RECORD):
                return False
        except OSError:
            return False
        self._note(last.offset, f"{reason or SHORTER}, behind record {last.nth} of the member", 0)
        self._times_again += 1
        self._read(again)
        return True

    def _stopped(self, reason: str) -> Break | None:
        """Why reading stopped; None at the end."""
        region, stream, last = self._region, self._stream, self._last
        if not reason:
            broken = ended(region, stream, self._had(), self._start)
            if broken is None:
                self._places.end(stream.at, last)
            return broken
        if last is not None and stream.failed is None and stream.member > last.member:
            record, _ = _next(iterator(again := Unpacked(region, stream.member, self._dictionary)), again)
            if record is not None:
                # What stands behind the last record, without a line's end, ran into a sound one.
                return Break(last.place, reason, stream.member, stream.member)
        return damaged(region, stream, self._had(), reason)

    def _had(self) -> int | None:
        """The member of the last record of which something could be read."""
        last = self._last
        return None if last is None or (last.nth == 0 and self._stream.failed == last.place) else last.place


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

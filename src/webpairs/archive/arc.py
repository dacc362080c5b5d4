"""Reads ARC, the format before WARC, record by record as if they were WARC's: fastwarc doesn't know it.

A record is a line (URL, IP address, date, type, and, in the format's second version, more; the length comes last), the
content, and a blank line. The first one describes the file.
"""

import re
from collections.abc import Iterator

from fastwarc.warc import WarcRecord, WarcRecordType

from webpairs.archive.found import Found, Note, Places, Run
from webpairs.archive.members import PLAIN, compression, is_bomb
from webpairs.archive.recover import (
    ARC_HEADER_AT_MOST,
    CUT,
    SHORTER,
    Beginnings,
    Break,
    bomb,
    damaged,
    ended,
    longer,
    next_content,
    of_arc,
)
from webpairs.archive.region import Region
from webpairs.archive.unpack import PIECE, Unpacked, beginning
from webpairs.archive.walk import through

# A body of 64 MB, and its HTTP header.
CONTENT_AT_MOST = 65 << 20

# URLs and types may hold spaces.
_HEAD = re.compile(
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.-]*:[^\0]*?) (?P<ip>\S+) (?P<date>\d{14}) (?P<type>\S*) "
    rb"(?:\S+ ){0,7}?(?P<length>\d{1,18})\s*"
)
_BLANK = re.compile(rb"[\r\n]*")


def walk_arc(region: Region, note: Note, start: int = 0) -> Iterator[Found]:
    """Yields the records of an ARC from the one at `start` on, as WARC would have them; its description is left out.

    Broken places are told to `note`.
    """

    beginnings = of_arc(region, _begins)

    def run(place: int) -> Run:
        is_plain = compression(region.at(place, 4)) == PLAIN
        return _plain(region, place, beginnings) if is_plain else _packed(region, place)

    yield from through(region, note, start, run, beginnings)


def _begins(head: bytes) -> bool:
    line, newline, _ = head.partition(b"\n")
    return bool(newline) and _HEAD.fullmatch(line) is not None


def _plain(region: Region, start: int, beginnings: Beginnings) -> Run:
    last: Found | None = None
    place = start
    while True:
        begins = next_content(region, place)
        if begins is None:
            return last, None
        head = region.at(begins, ARC_HEADER_AT_MOST)
        line = head[: head.find(b"\n") + 1]
        fields = _HEAD.fullmatch(line) if line else None
        if fields is None:
            return last, Break(begins, "no record begins here", begins, begins + 1)
        content = begins + len(line)
        stop = content + int(fields["length"])
        place, broken = _end(region, content, stop, beginnings)
        size = min(stop, place) - content
        last = Found(_record(fields, region.at(content, min(size, CONTENT_AT_MOST + 1))), region.start + begins, 0)
        last.length, last.is_cut = place - begins, stop > place
        if not _describes(fields):
            yield last
        if broken:
            return last, Break(begins, broken, place, place)


def _end(region: Region, content: int, stop: int, beginnings: Beginnings) -> tuple[int, str]:
    """Where a record ends that says to end at `stop`, with the blank line; and what is wrong with it."""
    behind = region.at(stop, 16)
    rest = behind.lstrip(b"\r\n")
    place = stop + len(behind) - len(rest)
    if stop <= region.size and (not rest or _begins(region.at(place, ARC_HEADER_AT_MOST))):
        return place, ""
    following = beginnings.next(content)
    if following is not None and following < stop:
        return following, SHORTER
    return (stop, "") if stop <= region.size else (region.size, CUT)


def _packed(region: Region, start: int) -> Run:
    source = _Source(region, start)
    stream = source.stream
    places = Places(region)
    last: Found | None = None
    had: int | None = None
    while True:
        try:
            begins, line = source.header()
        except OSError as error:
            return last, damaged(region, stream, had, str(error))
        if not line.endswith(b"\n"):
            broken = ended(region, stream, had, start)
            if broken is None:
                places.end(stream.at, last)
            return last, broken
        fields = _HEAD.fullmatch(line)
        if fields is None:
            return last, damaged(region, stream, had, "no record begins here")
        place = stream.place(begins)
        offset, nth, length = places.of(place.member, place.is_first, last)
        member = offset - region.start
        try:
            content, following, is_whole = source.content(int(fields["length"]), stream.member)
        except OSError as error:
            return last, damaged(region, stream, had if nth else None, str(error))
        last, had = Found(_record(fields, content), offset, nth, length, not is_whole), member
        if not _describes(fields):
            yield last
        if following is not None:
            return last, longer(member, following)
        if source.is_bomb:
            return last, bomb(region, member)


class _Source:
    """A compressed ARC, read line by line and record by record."""

    def __init__(self, region: Region, start: int) -> None:
        self.stream = Unpacked(region, start)
        self.is_bomb = False
        self._region = region
        self._buffer = b""
        self._offset = 0

    def header(self) -> tuple[int, bytes]:
        """The next line that isn't blank, and its position; b"" at the end. Raises OSError where none ends in time."""
        self.stream.search(True)
        while (end := self._blank_end()) == len(self._buffer):
            if not self._fill(0):
                return self.stream.tell(), b""
        self.stream.search(False)
        self._offset = end
        while (newline := self._buffer.find(b"\n", self._offset)) < 0:
            if len(self._buffer) - self._offset > ARC_HEADER_AT_MOST:
                raise OSError("no record begins here")
            if not self._fill(len(self._buffer) - self._offset):
                break
        position = self.stream.tell() - len(self._buffer) + self._offset
        line = self._buffer[self._offset : newline + 1 if newline >= 0 else None]
        self._offset += len(line)
        return position, line

    def content(self, size: int, member: int) -> tuple[bytes, int | None, bool]:
        """Up to `size` bytes, CONTENT_AT_MOST at most of which are returned; where the record goes on in a member that
        begins with another one, its place; whether the content is all there.
        """
        parts: list[bytes] = []
        kept, rest, begun = 0, size, self.stream.at
        while rest:
            if self._offset == len(self._buffer) and not self._fill(0):
                return b"".join(parts), None, False
            part = self._buffer[self._offset : self._offset + rest]
            if self.stream.member != member:
                position, place = self.stream.beyond(member)[0]
                if _begins(beginning(self._region, place, ARC_HEADER_AT_MOST)):
                    begins = self.stream.tell() - len(self._buffer) + self._offset
                    parts.append(part[: max(0, position - begins)])
                    return b"".join(parts), place, False
                member = self.stream.member
            if kept <= CONTENT_AT_MOST:
                parts.append(part)
                kept += len(part)
            rest -= len(part)
            self._offset += len(part)
            self.is_bomb = is_bomb(size - rest, self.stream.at - begun + PIECE)
            if self.is_bomb:
                break
        return b"".join(parts), None, rest == 0

    def _blank_end(self) -> int:
        match = _BLANK.match(self._buffer, self._offset)
        return self._offset if match is None else match.end()

    def _fill(self, keep: int) -> bool:
        """Takes one more piece behind the last bytes of the buffer; whether there was one."""
        piece = self.stream.read()
        self._buffer = self._buffer[len(self._buffer) - keep :] + piece
        self._offset = 0
        return bool(piece)


def _describes(fields: re.Match[bytes]) -> bool:
    """Whether this is the file's description of itself, the first record."""
    return fields["url"].startswith(b"filedesc:")


def _record(fields: re.Match[bytes], content: bytes) -> WarcRecord:
    """The record in WARC's form."""
    is_http = content.startswith(b"HTTP/")
    made = WarcRecord()
    made.init_headers(record_type=WarcRecordType.response if is_http else WarcRecordType.resource)
    date = fields["date"].decode()
    made.headers["WARC-Date"] = f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:14]}Z"
    made.headers["WARC-Target-URI"] = fields["url"].decode("utf-8", "replace")
    kind = "application/http; msgtype=response" if is_http else fields["type"].decode("utf-8", "replace")
    made.headers["Content-Type"] = kind
    made.set_bytes_content(content)
    made.is_http = is_http
    return made

"""Where reading goes on behind a place that is broken."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webpairs.archive.members import GZIP, PLAIN, compression, end
from webpairs.archive.region import Region
from webpairs.archive.unpack import Unpacked, beginning

HEADER_AT_MOST = 1 << 20
ARC_HEADER_AT_MOST = 8192
# Places that look like a beginning and aren't: so many, and one more each so many bytes.
FALSE_AT_MOST = 1000
FALSE_EVERY = 1024

WARC = b"WARC/"
SHORTER = "a record is shorter than it says"
LONGER = "a record is longer than it says"
CUT = "the file ends within a record"
ENDLESS = "a record's header has no end"
_MEMBER = rb"\x1f\x8b\x08[\x00-\x1f]|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18"
_MEMBERS = re.compile(_MEMBER)
_WARC_RECORD = rb"WARC/[01]\.[0-9]{1,3}\r?\n[A-Za-z-]{1,64}:"
_WARC = re.compile(_MEMBER + rb"|" + _WARC_RECORD)
WARC_RECORD = re.compile(_WARC_RECORD)
WARC_BEHIND = re.compile(rb"\r\n\r\n" + _WARC_RECORD)
# Behind a record whose last byte is damaged, the next doesn't begin a line.
_ARC_ANYWHERE = rb"https?://[^\n ]{1,4000}(?: [^\n ]{1,200}){0,3} [0-9A-Fa-f.:]{2,45} \d{14} [^\n]{1,500}\n"
_ARC = re.compile(_MEMBER + rb"|(?<=\n)[A-Za-z]{2,8}:[^\n]{16,8000}\n|" + _ARC_ANYWHERE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CONTENT = re.compile(rb"[^\r\n\0]")


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a file is broken, in offsets of its region."""

    offset: int
    reason: str
    read: int  # up to where the file could be read all the same
    search: int  # from where on to look for the next record


class Beginnings:
    """Where records begin, or compressed members that begin with one.

    After too many places that only look like it, by chance or by intent, none is found any more.
    """

    def __init__(self, region: Region, pattern: re.Pattern[bytes], is_one: Callable[[int, bytes], bool]) -> None:
        # What stands in the clear in what is compressed is part of some record.
        is_plain = compression(region.at(0, 4)) == PLAIN
        self._region, self._pattern, self._is_one = region, pattern if is_plain else _MEMBERS, is_one
        self._left = FALSE_AT_MOST + region.size // FALSE_EVERY

    def next(self, offset: int) -> int | None:
        """The next one from an offset on."""
        if self._left > 0:
            for place, what in self._region.find(self._pattern, offset):
                if self._is_one(place, what):
                    return place
                self._left -= 1
                if self._left == 0:
                    break
        return None


def of_warc(region: Region, dictionary: Any = None) -> Beginnings:
    """Those of WARC records."""

    def is_one(place: int, what: bytes) -> bool:
        return what.startswith(WARC) or begins_warc(region, place, dictionary)

    return Beginnings(region, _WARC, is_one)


def of_arc(region: Region, begins: Callable[[bytes], bool]) -> Beginnings:
    """Those of ARC records; `begins` tells whether bytes begin as one does."""

    def is_one(place: int, what: bytes) -> bool:
        return begins(what if what[:1].isalpha() else beginning(region, place, ARC_HEADER_AT_MOST))

    return Beginnings(region, _ARC, is_one)


def begins_warc(region: Region, member: int, dictionary: Any = None) -> bool:
    """Whether the member begins with a WARC record."""
    return beginning(region, member, len(WARC), dictionary) == WARC


def header_end(region: Region, offset: int) -> tuple[int, bool]:
    """Where the content of the plain record at this offset begins, and True.

    Or, and False: where its header has no end, where the next record begins, or where that can't be known.
    """
    for size in (4096, HEADER_AT_MOST + 4):
        head = region.at(offset, size)
        stop = head.find(b"\r\n\r\n") + 4
        if stop < 4:
            match = _HEADER_END.search(head)
            stop = match.end() if match else 0
        if stop and head.find(WARC, 1, stop) > 0 and (inside := WARC_RECORD.search(head, 1, stop)):
            return offset + inside.start(), False
        if stop:
            return offset + stop, True
        if len(head) < size:
            break
    return offset + 1, False


def next_content(region: Region, offset: int) -> int | None:
    """The next place from `offset` on with anything but blank lines and zeros; some writers fill up blocks."""
    return next((place for place, _ in region.find(_CONTENT, offset)), None)


def bomb(region: Region, member: int) -> Break:
    """At a member that isn't worth going through."""
    return Break(member, "a decompression bomb", member, _behind(region, member))


def longer(member: int, following: int) -> Break:
    """At a member whose record would end in another one."""
    return Break(member, SHORTER, following, following)


def damaged(region: Region, stream: Unpacked, had: int | None, reason: str) -> Break:
    """Where a member can't be decompressed, or holds something else than records.

    `had` is the last member of which some record could be read.
    """
    if stream.failed is not None:
        # What a damaged member says of its end isn't to be trusted.
        place, search = stream.failed, stream.failed + 1
    else:
        place, search = stream.member, _behind(region, stream.member)
    return Break(place, reason, stream.at if had == place else place, search)


def ended(region: Region, stream: Unpacked, had: int | None, start: int) -> Break | None:
    """At the end of the stream: None where it doesn't come too early."""
    if stream.cut is not None:
        read = region.size if had == stream.cut else stream.cut
        return Break(stream.cut, CUT, read, stream.cut + 1)
    return Break(start, "no record begins here", start, start + 1) if had is None else None


def _behind(region: Region, member: int) -> int:
    """From where on to look behind a member: gzip doesn't say where it ends."""
    kind = compression(region.at(member, 4))
    return (None if kind in (GZIP, PLAIN) else end(region, member)) or member + 1

"""A record on the way through a file, and fastwarc's way through one."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecord

from webpairs.archive.members import end
from webpairs.archive.recover import HEADER_AT_MOST, Break
from webpairs.archive.region import Region
from webpairs.archive.unpack import PIECE

# How much of a record is read before it is looked whether it is still within its member: this, then twice as much, ….
READ_FIRST = 32 << 10
READ_AT_MOST = 256 << 10


class TooLarge(Exception):
    """A record holds more than is wanted of any; `beginning` is what was read of it."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("too large")
        self.beginning = beginning


@dataclass(slots=True, eq=False)
class Found:
    """A record. Its content must be read before the next one is asked for."""

    record: WarcRecord
    offset: int  # in the file; of the member where it is compressed
    nth: int  # 0, but in members that hold several records, against the standard, it tells these apart
    length: int = 0  # of the record, or its member, in the file; known once the next one was asked for
    is_cut: bool = False  # less is there than it announces

    def content(self, at_most: int) -> bytes:
        """What follows the record's header, or its HTTP header where that was parsed, as far as it is there.

        Raises TooLarge where that is more than `at_most` bytes, OSError where the member is damaged.
        """
        rest = self.record.content_length
        pieces, size, step = [], 0, READ_FIRST
        while rest:
            piece = self.record.reader.read(min(rest, step))
            step = min(2 * step, READ_AT_MOST)
            if not piece:
                self.is_cut = True
                break
            pieces.append(piece)
            rest -= len(piece)
            size += len(piece)
            if self.is_beyond():
                return self.within()
            if size > at_most:
                raise TooLarge(b"".join(pieces)[:at_most])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def is_beyond(self) -> bool:
        """Whether what was read last goes beyond the place where another record begins."""
        return False

    def within(self) -> bytes:
        """The content up to that place."""
        raise NotImplementedError


class Places:
    """Where the records of a region lie that may share members, told one after the other."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._anchor = self._nth = 0
        self._shared_end: int | None = None

    def of(self, member: int, is_first: bool, last: Found | None) -> tuple[int, int, int]:
        """Offset, nth and length (0 where not yet known) of a record in this member; tells `last` its length.

        One that isn't its member's first belongs to the member of the record before it, wherever that ended.
        """
        if is_first or last is None:
            if last is not None:
                last.length = member - self._anchor
            self._anchor, self._nth, self._shared_end = member, 0, None
            return self._region.start + member, 0, 0
        self._nth += 1
        if self._shared_end is None:
            self._shared_end = end(self._region, self._anchor) or self._region.size
            last.length = self._shared_end - self._anchor
        return self._region.start + self._anchor, self._nth, self._shared_end - self._anchor

    def end(self, at: int, last: Found | None) -> None:
        """Tells the last record its length, where nothing follows; `at` is where the region was read to."""
        if last is not None:
            last.length = last.length or at - self._anchor


# Takes the offset in the file, the reason, and how many bytes could not be read.
Note = Callable[[int, str, int], None]

# Yields records up to a broken place, or the end; returns the last one, and what is broken.
Run = Generator[Found, None, tuple[Found | None, Break | None]]


def iterator(stream: Any) -> Iterator[WarcRecord]:
    """fastwarc's iterator over what is not compressed."""
    return iter(
        ArchiveIterator(
            stream,
            parse_http=False,
            auto_decode="none",
            stream_detect=False,
            buffer_size=PIECE,
            max_header_len=HEADER_AT_MOST,
        )
    )

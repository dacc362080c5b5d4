"""What compressed archives hold, as a stream that knows which member each byte comes from.

fastwarc's own readers don't say so for records that share a member or go beyond theirs, and take in bombs unasked.
"""

import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import zstandard
from fastwarc.stream_io import GzipReader, Lz4Reader

from webpairs.archive.members import GZIP, PLAIN, ZSTD, compression, frame_end, is_bomb
from webpairs.archive.region import Region

PIECE = 64 << 10
BLANK_AT_MOST = 1 << 20
OVERLAP = 128

_WINDOW_AT_MOST = 128 << 20
_BUFFERED_FIRST = 16 << 10
_BUFFERED_AT_MOST = 1 << 20
_FED = 16 << 10
_AT_ONCE = 4 << 20
_GZIP_MAGIC = b"\x1f\x8b\x08"
_NEWLINES = (b"\r", b"\n")
_CONTENT = re.compile(rb"[^\r\n\0]")


class Place(NamedTuple):
    """Where a byte came from."""

    member: int
    is_first: bool  # of the member
    passed: list[int]  # members that lie between the last byte that was asked for and this one


class Unpacked:
    """The content of a region's members, from the one at `start` on.

    `read` raises OSError where a member is damaged, names it in `failed` and says why in `reason`. A cut one is read as
    far as it goes, and named in `cut`.
    """

    def __init__(self, region: Region, start: int, dictionary: Any = None) -> None:
        self._region = region
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_WINDOW_AT_MOST)
        self._pieces = self._all(start)
        self._position = 0
        self._begun: deque[tuple[int, int]] = deque()
        self._blank: int | None = None
        self._pushed = b""
        self._buffer, self._buffered_from, self._buffered = b"", start, _BUFFERED_FIRST
        self._is_last = False
        self._alike = 10  # bytes of a gzip header; fewer where the headers of a file differ
        self.member = start  # that the last piece came from
        self.at = start  # up to where the region was read
        self.failed: int | None = None
        self.reason = ""
        self.cut: int | None = None
        self.is_exhausted = False

    def read(self, size: int = PIECE) -> bytes:
        """The next piece, of one member and of at most 64 kB; b"" at the end. fastwarc asks for no less."""
        assert size >= PIECE
        piece, self._pushed = self._pushed[:PIECE], self._pushed[PIECE:]
        piece = piece or next(self._pieces, b"")
        self._position += len(piece)
        self.is_exhausted = not piece
        if self._blank is not None:
            is_blank = piece[:1] in _NEWLINES and not piece.strip(b"\r\n")
            self._blank = self._blank + len(piece) if is_blank else 0
            if self._blank > BLANK_AT_MOST:
                raise OSError("blank lines without end")
        return piece

    def tell(self) -> int:
        """How many bytes were handed out."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """fastwarc wants this method to be there, and doesn't call it."""
        raise OSError(f"no way to {offset} ({whence}) in a compressed stream")

    def close(self) -> None:
        """The file isn't ours."""

    def search(self, on: bool) -> None:
        """Between records, no more than a megabyte of blank lines is read: they make the slowest bombs."""
        self._blank = 0 if on else None

    def to(self, position: int, pattern: re.Pattern[bytes]) -> bool:
        """Goes to where the pattern stands, from this position on, in the first member; whether it does.

        What is looked for is at most OVERLAP bytes long. Raises OSError where the member is damaged.
        """
        member, kept = self.at, b""
        while (piece := self.read()) and self.member == member:
            kept = kept[-OVERLAP:] + piece
            match = pattern.search(kept, max(0, position - (self._position - len(kept))))
            if match is not None:
                self._pushed = kept[match.start() :]
                self._position -= len(self._pushed)
                return True
            if is_bomb(self._position, self.at - member):
                return False
        return False

    def place(self, position: int) -> Place:
        """Where the byte at this position came from. Positions are asked for in rising order."""
        passed = []
        while len(self._begun) > 1 and self._begun[1][0] <= position:
            self._begun.popleft()
            passed.append(self._begun[0][1])
        begun, member = self._begun[0]
        return Place(member, begun == position, passed[:-1])

    def beyond(self, member: int) -> list[tuple[int, int]]:
        """The members read that lie behind this one: where each begins, by its position and its place."""
        return [begun for begun in self._begun if begun[1] > member]

    def _all(self, start: int) -> Iterator[bytes]:
        self.at = start
        while True:
            kind = compression(self._peek(4))
            if kind == PLAIN:
                # Some writers fill up blocks.
                place = next((place for place, _ in self._region.find(_CONTENT, self.at)), None)
                if place is None:
                    return
                if place == self.at:
                    self.member = self.failed = place
                    self.reason = "no compressed member begins here"
                    raise OSError(self.reason)
                self.at = place
                continue
            self.member = self.at
            self._begun.append((self._position, self.member))
            try:
                yield from self._gzip() if kind == GZIP else self._framed(kind)
            except (zlib.error, zstandard.ZstdError, EOFError, OSError) as error:
                self.failed, self.reason = self.member, str(error)
                raise OSError(self.reason) from None
            if self.cut is not None:
                return

    def _gzip(self) -> Iterator[bytes]:
        if content := self._at_once():
            for place in range(0, len(content), PIECE):
                yield content[place : place + PIECE]
            return
        decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not decompressor.eof:
            fed = self._peek(_FED)
            if not fed:
                self.cut = self.member
                return
            while fed and not decompressor.eof:
                piece = decompressor.decompress(fed, PIECE)
                rest = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
                self.at += len(fed) - len(rest)
                fed = rest
                if piece:
                    yield piece

    def _at_once(self) -> bytes:
        """The content of a whole member of ordinary size; b"" where it is to be had piece by piece only.

        fastwarc inflates about twice as fast as Python's zlib, but doesn't tell where a member ends. So that is
        guessed, and the guess checked by the length that stands at a member's end.
        """
        offset, stop = self._likely()
        size = int.from_bytes(self._buffer[max(offset, stop - 4) : stop], "little")
        if not 0 < size <= _AT_ONCE:
            return b""
        try:
            content: bytes = GzipReader(io.BytesIO(self._buffer[offset:stop])).read(size + 1)
        except OSError:
            content = b""
        if len(content) != size:
            self._alike = len(_GZIP_MAGIC)
            return b""
        self.at += stop - offset
        return content

    def _likely(self) -> tuple[int, int]:
        """From where to where the member lies in the buffer, if the next one's header is like its own; or 0 and 0."""
        offset = self.at - self._buffered_from
        while (stop := self._next_alike(offset)) < 0:
            if self._is_last:
                return offset, len(self._buffer)
            if offset == 0 and len(self._buffer) == _BUFFERED_AT_MOST:
                self._alike = len(_GZIP_MAGIC)
                return 0, max(0, self._next_alike(0))
            self._fill()
            offset = 0
        return offset, stop

    def _next_alike(self, offset: int) -> int:
        return self._buffer.find(self._buffer[offset : offset + self._alike], offset + 1)

    def _framed(self, kind: str) -> Iterator[bytes]:
        """Of these, the end is known beforehand."""
        stop = frame_end(self._near, self.at, kind)
        if stop is None or stop > self._region.size:
            self.cut, stop = self.member, self._region.size
        try:
            reader = self._zstd(stop) if kind == ZSTD else Lz4Reader(self._region.part(self.at, stop))
            while piece := reader.read(PIECE):
                yield piece
        except (zstandard.ZstdError, EOFError, OSError):
            if self.cut is None:
                raise
        self.at = stop

    def _zstd(self, stop: int) -> Any:
        size = stop - self.at
        source: Any = self._peek(size) if size <= _BUFFERED_AT_MOST // 4 else self._region.part(self.at, stop)
        return self._decompressor.stream_reader(source)

    def _near(self, offset: int, size: int) -> bytes:
        """What lies at an offset, from the buffer where it is there."""
        begin = offset - self._buffered_from
        is_there = 0 <= begin <= len(self._buffer) - size
        return self._buffer[begin : begin + size] if is_there else self._region.at(offset, size)

    def _peek(self, size: int) -> bytes:
        """What lies where the region is read, from a buffer."""
        offset = self.at - self._buffered_from
        if not 0 <= offset <= len(self._buffer) - size:
            self._fill(size)
            offset = 0
        return self._buffer[offset : offset + size]

    def _fill(self, size: int = 0) -> None:
        size = max(size, self._buffered)
        self._buffer = self._region.at(self.at, size)
        # Also where the file is cut while it is read.
        self._is_last = len(self._buffer) < size or self.at + size == self._region.size
        self._buffered_from, self._buffered = self.at, min(4 * self._buffered, _BUFFERED_AT_MOST)


def beginning(region: Region, offset: int, size: int, dictionary: Any = None) -> bytes:
    """The first bytes, decompressed, of the member at this offset, or of what is plain; b"" where it can't be read."""
    head = region.at(offset, 512)
    kind = compression(head)
    if kind == PLAIN:
        return head[:size]
    if kind == GZIP:
        found = _inflated(head, size)
        # A header with an optional field may be longer, of up to 64 kB.
        is_all = len(found) == size or (not found and head[3:4] == b"\0")
        return found if is_all else _inflated(region.at(offset, 2 * PIECE), size)
    try:
        return Unpacked(region, offset, dictionary).read()[:size]
    except OSError:
        return b""


def _inflated(member: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(member, size)
    except zlib.error:
        return b""

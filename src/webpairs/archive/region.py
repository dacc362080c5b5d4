"""Parts of files, read as files: a WACZ has web archives in it, a damaged archive has good places."""

import errno
import io
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Buffer

# No pattern that is searched for is longer than this; what lies at the edge of two pieces is found all the same.
MATCH_AT_MOST = 8192

_FIRST_PIECE = 64 << 10
_PIECE_AT_MOST = 1 << 20


def opened(path: Path) -> BinaryIO:
    """The file, opened for reading. Raises OSError where it can't be, or is no regular file."""
    # A pipe that nobody writes to would be waited for, without end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(code, "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb")


class Region(io.RawIOBase):
    """The bytes from `start` to `end` of an open file. Its offsets begin at 0; `start` + offset is the file's."""

    def __init__(self, file: BinaryIO, start: int = 0, end: int | None = None) -> None:
        super().__init__()
        self._file = file
        size = os.fstat(file.fileno()).st_size
        self.start = start
        self.size = max(0, (size if end is None else min(end, size)) - start)
        self._position = 0

    def part(self, start: int, end: int | None = None) -> "Region":
        """The bytes from `start` to `end` of this region, as one of their own."""
        end = self.size if end is None else min(end, self.size)
        return Region(self._file, self.start + start, self.start + end)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        content = self.at(self._position, self.size if size is None or size < 0 else size)
        self._position += len(content)
        return content

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        content = self.read(len(view))
        view[: len(content)] = content
        return len(content)

    def at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from an offset on, without moving the place where this is read.

        Read anew each time: a file that is cut while it is read ends early, where a mapped one would kill the process.
        """
        return os.pread(self._file.fileno(), max(0, min(size, self.size - offset)), self.start + offset)

    def lost(self) -> int:
        """How many bytes at the end were cut off since the file was opened."""
        return max(0, min(self.size, self.start + self.size - os.fstat(self._file.fileno()).st_size))

    def find(self, pattern: re.Pattern[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
        """Yields where the pattern stands from an offset on, and what stands there, at most MATCH_AT_MOST bytes."""
        size = _FIRST_PIECE
        while offset < self.size:
            # One byte more at the front, for what looks behind it.
            front = min(offset, 1)
            content = self.at(offset - front, front + size + MATCH_AT_MOST)
            if len(content) <= front:
                return
            goes_on = offset + size
            for match in pattern.finditer(content, front):
                place = match.start() - front
                if place >= size:
                    break
                yield offset + place, match.group()
                goes_on = max(goes_on, offset + match.end() - front)
            offset, size = goes_on, min(2 * size, _PIECE_AT_MOST)

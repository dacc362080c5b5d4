"""Parts of files, read as files: a WACZ is a zip file with web archives in it, and these needn't be taken out."""

import io
import mmap
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from typing_extensions import Buffer

_ZIP = b"PK\x03\x04"
# Of a zip's entry: its signature, …, the lengths of its name and of what else stands before its content.
_ENTRY = 30
_LENGTHS = 26
_ARCHIVE = re.compile(r"archive/.*\.warc(\.\w+)?$", re.IGNORECASE)


class NoRegion(Exception):
    """A zip file in which no web archive can be read; `code` and `reason` as in sniff.Unreadable."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Region(io.RawIOBase):
    """The bytes from `start` to `end` of an open file. Its offsets begin at 0; `start` + offset is the file's."""

    def __init__(self, file: BinaryIO, start: int = 0, end: int | None = None) -> None:
        super().__init__()
        self._file = file
        size = os.fstat(file.fileno()).st_size
        self.start = start
        self.size = max(0, (size if end is None else min(end, size)) - start)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        return self._position

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        content = self.at(self._position, len(view))
        view[: len(content)] = content
        self._position += len(content)
        return len(content)

    def at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from an offset on, without moving the place where this is read."""
        return os.pread(self._file.fileno(), max(0, min(size, self.size - offset)), self.start + offset)

    def find(self, pattern: re.Pattern[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
        """Yields where the pattern stands from an offset on, and what stands there."""
        if offset >= self.size:
            return
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            for match in pattern.finditer(content, self.start + offset, self.start + self.size):
                yield match.start() - self.start, match.group()


def regions(path: Path, file: BinaryIO) -> list[Region]:
    """The web archives in a file: the whole of it, or of a WACZ the WARC files in it, by their place."""
    whole = Region(file)
    if whole.at(0, len(_ZIP)) != _ZIP:
        return [whole]
    try:
        return [Region(file, start, end) for start, end in stored(path)]
    except NoRegion:
        return []


def stored(path: Path) -> list[tuple[int, int]]:
    """From where to where the WARC files in a WACZ lie, in its order. Raises NoRegion where none can be read."""
    try:
        with zipfile.ZipFile(path) as packed, path.open("rb") as file:
            entries = packed.infolist()
            if not any(entry.filename.startswith(("archive/", "datapackage.json")) for entry in entries):
                raise NoRegion("zip", "it is a zip file: unzip it, and give the WARC files in it")
            archives = [entry for entry in entries if _ARCHIVE.match(entry.filename) and entry.file_size]
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in archives):
                # Against the standard, which wants them stored, so that records can be found by their offsets.
                raise NoRegion("wacz_compressed", "it is a WACZ whose WARC files are compressed once more: unzip it")
            found = [_content(Region(file), entry) for entry in archives]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoRegion("broken", f"it is a zip file that can't be opened ({error}): fetch it again") from None
    if not found:
        raise NoRegion("wacz_empty", "it is a WACZ without a WARC file in its folder archive/: make it anew")
    return sorted(found)


def _content(file: Region, entry: zipfile.ZipInfo) -> tuple[int, int]:
    lengths = file.at(entry.header_offset + _LENGTHS, 4)
    before = int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    start = entry.header_offset + _ENTRY + before
    return start, start + entry.compress_size

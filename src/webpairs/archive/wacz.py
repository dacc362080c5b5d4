"""Where the web archives lie in a WACZ: it is a zip file, and they are stored in it as they are."""

import re
import zipfile
from collections.abc import Iterable
from typing import BinaryIO

from webpairs.archive.region import Region

MAGIC = b"PK\x03\x04"
# Of a real WACZ's directory: some hundred bytes a file, and few files. Made up ones hold millions.
DIRECTORY_AT_MOST = 2 << 20

# Of a zip's entry: its signature, …, the lengths of its name and of what else stands before its content.
_ENTRY = 30
_LENGTHS = 26
_ARCHIVE = re.compile(r"archive/.*\.warc(\.\w+)?$", re.IGNORECASE)
_OURS = ("archive/", "datapackage.json")


class NoRegion(Exception):
    """A zip file in which no web archive can be read; `code` and `reason` as in sniff.Unreadable."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class _Bounded(Region):
    """Refuses to be read whole: zipfile reads the directory at once, however long it is said to be."""

    def read(self, size: int | None = -1) -> bytes:
        rest = self.size - self.tell()
        if (rest if size is None or size < 0 else min(size, rest)) > DIRECTORY_AT_MOST:
            raise NoRegion("wacz_directory", "it is a zip file with far too many files for a WACZ: make it anew")
        return super().read(size)


def regions(file: BinaryIO) -> list[Region]:
    """The web archives in a file, none of them empty: all of it, or of a WACZ the WARC files in it, by their place."""
    whole = Region(file)
    if whole.at(0, len(MAGIC)) != MAGIC:
        return [whole] if whole.size else []
    try:
        return [Region(file, start, end) for start, end in stored(file)]
    except NoRegion as error:
        # What was cut off has no directory any more; its records can be found without.
        return [whole] if error.code == "broken" else []


def stored(file: BinaryIO) -> list[tuple[int, int]]:
    """From where to where the WARC files in a WACZ lie, by their place; no two overlap.

    Raises NoRegion where none can be read.
    """
    try:
        with zipfile.ZipFile(_Bounded(file)) as packed:
            entries = packed.infolist()
        whole = Region(file)
        if any(entry.header_offset < 0 or whole.at(entry.header_offset, len(MAGIC)) != MAGIC for entry in entries):
            raise zipfile.BadZipFile("its directory is wrong")
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise NoRegion("broken", f"it is a zip file that can't be opened ({error}): fetch it again") from None
    if not any(entry.filename.startswith(_OURS) for entry in entries):
        raise NoRegion("zip", "it is a zip file: unzip it, and give the WARC files in it")
    archives = [entry for entry in entries if _ARCHIVE.match(entry.filename) and entry.file_size]
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archives):
        # Against the standard, which wants them stored, so that records can be found by their offsets.
        raise NoRegion("wacz_compressed", "it is a WACZ whose WARC files are compressed once more: unzip it")
    found = _apart((_content(whole, entry) for entry in archives), whole.size)
    if not found:
        raise NoRegion("wacz_empty", "it is a WACZ without a WARC file in its folder archive/: make it anew")
    return found


def _content(file: Region, entry: zipfile.ZipInfo) -> tuple[int, int]:
    lengths = file.at(entry.header_offset + _LENGTHS, 4)
    before = int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    start = entry.header_offset + _ENTRY + before
    return start, start + entry.compress_size


def _apart(places: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """The places within the file, each up to the next one: no byte is read twice, whatever the directory claims."""
    found: list[tuple[int, int]] = []
    end = size
    for start, stop in sorted(places, reverse=True):
        if 0 <= start < min(stop, end):
            found.append((start, min(stop, end)))
            end = start
    return found[::-1]

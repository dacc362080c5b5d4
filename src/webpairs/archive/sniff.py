"""What kind of archive a file is, from its first bytes; its name may say anything."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from webpairs.archive.members import GZIP, PLAIN, compression, dictionary
from webpairs.archive.recover import WARC, of_warc
from webpairs.archive.region import Region, opened
from webpairs.archive.unpack import Unpacked
from webpairs.archive.wacz import MAGIC, NoRegion, stored

_SEARCHED = 16 << 20
_NAMES = re.compile(r"\.(warc|arc|wacz|wet|wat)(\.\w+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file can't be read as a web archive: a short code to count by, and a sentence with the next step."""

    code: str
    reason: str


EMPTY = Unreadable("empty", "it is empty: fetch it again, or leave it out")
NO_ARCHIVE = Unreadable(
    "not_an_archive", "it holds no web archive: give WARC files (plain, gzip, zstd or lz4), ARC or WACZ"
)


def named_like_archive(path: Path) -> bool:
    """Whether the name is one that a web archive goes by: what is taken from a folder."""
    return _NAMES.search(path.name) is not None


def sniff(path: Path) -> str | Unreadable:
    """The format of the file, or why it can't be read: warc, warc.gz, warc.zst, warc.lz4, arc, arc.gz or wacz.

    Looks at the beginning only: a file that breaks off later is read as far as it goes.
    """
    try:
        with opened(path) as file:
            region = Region(file)
            if not region.size:
                return EMPTY
            return _zip(file) if region.at(0, len(MAGIC)) == MAGIC else form(region)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        return Unreadable("unreadable", f"it can't be opened ({cause}): mend its permissions, or leave it out")


def _zip(file: BinaryIO) -> str | Unreadable:
    try:
        stored(file)
    except NoRegion as error:
        # A WACZ that was cut has lost its directory, which stands at its end, but not its records.
        if error.code != "broken" or of_warc(Region(file).part(0, _SEARCHED)).next(0) is None:
            return Unreadable(error.code, error.reason)
    return "wacz"


def form(region: Region) -> str | Unreadable:
    """The format of a WARC or ARC file."""
    kind = compression(region.at(0, 4))
    try:
        start = region.at(0, 512) if kind == PLAIN else _unpacked(region)
    except OSError as error:
        return Unreadable("broken", f"its {kind} compression is broken from the start ({error}): fetch it again")
    start = start.lstrip(b"\r\n")
    found = "warc" if start.startswith(WARC) else "arc" if start.startswith(b"filedesc:") else None
    if found == "arc" and kind not in (PLAIN, GZIP):
        return Unreadable("arc_compression", f"it is ARC in {kind}, which nobody writes: give it plain or in gzip")
    return NO_ARCHIVE if found is None else f"{found}.{kind}".rstrip(".")


def _unpacked(region: Region) -> bytes:
    """The first bytes, some of which some writers leave blank."""
    stream = Unpacked(region, 0, dictionary(region))
    for _ in range(16):
        if piece := stream.read().lstrip(b"\r\n"):
            return piece
    return b""

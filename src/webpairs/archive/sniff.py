"""What kind of archive a file is, from its first bytes; its name may say anything."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastwarc.stream_io import GzipReader, Lz4Reader, ZstdReader

from webpairs.archive.region import NoRegion, stored

HEAD = 65536

Reader = Callable[[io.BytesIO], Any]
_COMPRESSIONS: tuple[tuple[bytes, str, Reader], ...] = (
    (rb"\x1f\x8b", "gz", GzipReader),
    # Zstandard starts with a frame, or with a skippable one that holds the dictionary.
    (rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", "zst", ZstdReader),
    (rb"\x04\x22\x4d\x18", "lz4", Lz4Reader),
)
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
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        return Unreadable("unreadable", f"it can't be opened ({cause}): mend its permissions, or leave it out")
    if not head:
        return EMPTY
    if head.startswith(b"PK\x03\x04"):
        try:
            stored(path)
        except NoRegion as error:
            return Unreadable(error.code, error.reason)
        return "wacz"
    return form(head)


def form(head: bytes) -> str | Unreadable:
    """The format of a WARC or ARC file that begins so."""
    for magic, suffix, reader in _COMPRESSIONS:
        if re.match(magic, head, re.DOTALL):
            return _inside(head, suffix, reader)
    return _plain(head) or NO_ARCHIVE


def _plain(head: bytes) -> str | None:
    """`warc` or `arc`, by the record that starts here; some writers leave blank lines before the first."""
    start = head.lstrip(b"\r\n")
    return "warc" if start.startswith(b"WARC/") else "arc" if start.startswith(b"filedesc:") else None


def _inside(head: bytes, suffix: str, reader: Reader) -> str | Unreadable:
    try:
        # Few bytes: the second member, which may be broken, is not to be touched.
        start = reader(io.BytesIO(head)).read(16)
    except (OSError, EOFError) as error:
        return Unreadable("broken", f"its {suffix} compression is broken from the start ({error}): fetch it again")
    found = _plain(start)
    if found == "arc" and suffix != "gz":
        return Unreadable(
            "arc_compression", f"it is ARC in {suffix}, which nothing here reads: give it plain or in gzip"
        )
    return f"{found}.{suffix}" if found else NO_ARCHIVE

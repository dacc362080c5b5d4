"""What kind of archive a file is, from its first bytes; its name may say anything."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastwarc.stream_io import GzipReader, Lz4Reader, ZstdReader

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
    """Why a file can't be read as WARC: a short code to count by, and a sentence with the next step."""

    code: str
    reason: str


EMPTY = Unreadable("empty", "it is empty: fetch it again, or leave it out")
NO_ARCHIVE = Unreadable("not_an_archive", "it holds no web archive: give WARC files (plain, gzip, zstd or lz4)")
ARC = Unreadable("arc", "it is ARC, the format before WARC: convert it, for example with `warcio recompress`")
WACZ = Unreadable("wacz", "it is WACZ, a zip around WARC files: unzip it, and give the files of its folder archive/")
ZIP = Unreadable("zip", "it is a zip file: unzip it, and give the WARC files in it")


def named_like_archive(path: Path) -> bool:
    """Whether the name is one that a web archive goes by: what is taken from a folder."""
    return _NAMES.search(path.name) is not None


def sniff(path: Path) -> str | Unreadable:
    """The format of the file, `warc`, `warc.gz`, `warc.zst` or `warc.lz4`, or why it can't be read.

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
        return WACZ if _is_wacz(path) else ZIP
    for magic, suffix, reader in _COMPRESSIONS:
        if re.match(magic, head, re.DOTALL):
            return _inside(head, suffix, reader)
    return _plain(head) or "warc"


def _plain(head: bytes) -> Unreadable | None:
    """None where a WARC record starts here; some writers leave blank lines before the first."""
    start = head.lstrip(b"\r\n")
    if start.startswith(b"WARC/"):
        return None
    return ARC if start.startswith(b"filedesc:") else NO_ARCHIVE


def _inside(head: bytes, suffix: str, reader: Reader) -> str | Unreadable:
    try:
        start = reader(io.BytesIO(head)).read(256)
    except (OSError, EOFError) as error:
        return Unreadable("broken", f"its {suffix} compression is broken from the start ({error}): fetch it again")
    return _plain(start) or f"warc.{suffix}"


def _is_wacz(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            return any(name.startswith("archive/") or name == "datapackage.json" for name in file.namelist())
    except (OSError, zipfile.BadZipFile, ValueError):
        return False

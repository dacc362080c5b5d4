"""Chooses files of a Common Crawl snapshot, from the list of all its files.

A seed always chooses the same files, more files add to fewer, and WAT files are those of the WARC files that the same
seed chooses: files are taken in the order of a digest of the seed and what their names have in common.
"""

import gzip
import hashlib
import heapq
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from webpairs import params
from webpairs.archive import sniff
from webpairs.archive.download import download
from webpairs.archive.kept import Failed, Missing

# A list of 90,000 files has 1 MB, and 13 MB unpacked.
MAX_LISTING = 16 << 20
MAX_UNPACKED = 32 << 20

# Nothing that leads out of the base: no empty segments, none that start with a point, no URL.
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=+-]*(/[A-Za-z0-9_][A-Za-z0-9_.=+-]*)*")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The URLs of the chosen files, sorted, and how many files the snapshot has."""

    urls: tuple[str, ...]
    listed: int


def choose(snapshot: str, settings: params.CommonCrawl) -> Chosen:
    """The files to take of the snapshot (CC-MAIN-2024-10): all of them where it has fewer than are wanted.

    Raises Failed where the list of its files can't be fetched or isn't one.
    """
    base = settings.base.rstrip("/")
    url = f"{base}/crawl-data/{snapshot}/{settings.kind}.paths.gz"
    try:
        listing = download(url, MAX_LISTING)
    except Missing as missing:
        reason = f"there is no such snapshot, or it has no {settings.kind} files: {url}, {missing}"
        raise Failed(reason, final=True) from None
    paths = _paths(listing)
    chosen = heapq.nsmallest(settings.files, paths, key=lambda path: _rank(path, settings.seed))
    return Chosen(tuple(f"{base}/{path}" for path in sorted(chosen)), len(paths))


def _rank(path: str, seed: int) -> tuple[bytes, str]:
    capture = Path(path).name.partition(".")[0]
    return hashlib.sha256(f"{seed} {capture}".encode()).digest(), path


def _paths(listing: Path) -> set[str]:
    try:
        with gzip.open(listing) as file:
            content = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Failed(f"the list of its files is broken: {error}", final=True) from None
    if len(content) > MAX_UNPACKED:
        raise Failed(f"the list of its files is longer than {MAX_UNPACKED:,} bytes", final=True)
    paths = {line for line in content.decode("ascii", "backslashreplace").split("\n") if line}
    for path in paths:
        if not _PATH.fullmatch(path) or not sniff.named_like_archive(Path(path)):
            raise Failed(f"the list of its files names what can't be one: {path[:200]!r}", final=True)
    if not paths:
        raise Failed("the list of its files is empty", final=True)
    return paths

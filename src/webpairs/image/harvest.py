"""Image bytes out of archives: one pass over each, every wanted URL matched as exactly as the archive allows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import polars as pl

from webpairs.archive.read import images
from webpairs.engine import map_ordered
from webpairs.errors import WebpairsError
from webpairs.image.check import Limits, size_verdict
from webpairs.image.spool import Spool
from webpairs.image.urls import MATCHES, canonical, match
from webpairs.shards import fingerprint


@dataclass(frozen=True)
class Found:
    """The archived bytes for one wanted URL. Bytes of a hopeless size are not in the spool."""

    url: str
    match: str  # one of MATCHES
    sha256: str
    bytes: int
    hopeless: bool  # its size alone decides the verdict

    @property
    def rank(self) -> tuple[bool, int]:
        """Smaller is better."""
        return self.hopeless, MATCHES.index(self.match)


def harvest(urls: Sequence[str], archives: Sequence[Path], limits: Limits, scratch: Path) -> dict[str, Found]:
    """Puts the archived bytes of the wanted URLs into the spool `scratch/spool`, and returns what was found.

    Of several records for a URL the one counts that is large enough, matches best, and comes first, in this order.
    """
    if not urls or not archives:
        return {}
    # Named by what is in it: processes remember what they have read by its path.
    wanted = scratch / f"wanted-{fingerprint(*urls)}.parquet"
    wanted.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"url": urls, "canonical": [canonical(url) for url in urls]}).write_parquet(wanted)
    best: dict[str, Found] = {}
    search = partial(_search, wanted=wanted, spool=Spool(scratch / "spool"), limits=limits)
    for found in map_ordered(search, archives, "images in archives", "archives"):
        _keep_best(best, found)
    return best


def _search(archive: Path, wanted: Path, spool: Spool, limits: Limits) -> list[Found]:
    by_canonical = _wanted(wanted)
    best: dict[str, Found] = {}
    try:
        for archived, _, _, body, _ in images(archive):
            urls = by_canonical.get(canonical(archived), [])
            if not urls:
                continue
            digest = spool.digest(body)
            hopeless = size_verdict(len(body), limits) is not None
            found = [Found(url, match(url, archived), digest, len(body), hopeless) for url in urls]
            if _keep_best(best, found) and not hopeless:
                spool.put(body, digest)
    except OSError as error:
        raise WebpairsError(
            f"{archive} can't be read any more ({error}): put it back, or run the archive stage again."
        ) from None
    return list(best.values())


@lru_cache(maxsize=1)
def _wanted(path: Path) -> dict[str, list[str]]:
    """Read once a process, however many archives it goes through."""
    found: dict[str, list[str]] = {}
    for url, key in pl.read_parquet(path).iter_rows():
        found.setdefault(key, []).append(url)
    return found


def _keep_best(best: dict[str, Found], found: Iterable[Found]) -> bool:
    """Takes over what is better than what is there; whether there was anything to take."""
    taken = False
    for item in found:
        if item.url not in best or item.rank < best[item.url].rank:
            best[item.url] = item
            taken = True
    return taken

"""Whether extraction finds the images that are there: those whose bytes the archives hold, and who names them."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from webpairs.page.urls import UrlError, resolve


def unreached(held: Iterable[str], candidates: Path) -> tuple[int, list[str]]:
    """How many distinct images of these URLs there are, and the URLs of those that no candidate names, sorted.

    `candidates` is the folder of records.CANDIDATES.
    """
    urls = {_comparable(url) for url in held}
    missed = set(urls)
    for file in sorted(candidates.glob("*.parquet")):
        named = pl.read_parquet(file, columns=["urls"])["urls"].explode(empty_as_null=False).struct.field("url")
        missed.difference_update(named.unique())
    return len(urls), sorted(missed)


def _comparable(url: str) -> str:
    try:
        return resolve(url, url)
    except UrlError:
        return url

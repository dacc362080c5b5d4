"""What revisit records stand for: pages and images that the archives hold under an earlier capture."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from webpairs.archive.media import may_be_page
from webpairs.archive.read import Tally
from webpairs.archive.revisits import Collected, Original, Resolved, Revisit, resolve

PAGE, IMAGE, OTHER = "pages", "images", "others"

# The pages, images and revisit records of an archive.
CAPTURES = {
    "kind": pl.String,  # PAGE, IMAGE or "revisit"
    "offset": pl.Int64,
    "nth": pl.Int64,
    "url": pl.String,
    "date": pl.String,
    "digest": pl.String,
    "original_url": pl.String,
    "original_date": pl.String,
    "profile": pl.String,
    "status": pl.Int64,
    "media_type": pl.String,
}
_REVISIT = "revisit"


def captures(tally: Tally, images: Iterable[Original]) -> pl.DataFrame:
    """The table of CAPTURES: the pages and revisit records of the tally, and these images."""
    rows: list[tuple[Any, ...]] = [(PAGE, *one) for one in tally.originals]
    rows += [(IMAGE, *one) for one in images]
    padded = [(*row, *[None] * (len(CAPTURES) - len(row))) for row in rows]
    padded += [(_REVISIT, *one) for one in tally.revisits]
    return pl.DataFrame(padded, schema=CAPTURES, orient="row")


def held(tables: Mapping[str, Path]) -> tuple[set[str], dict[str, dict[str, int]]]:
    """The URLs of the images whose bytes are in the archives; what revisit records are of, and what came of them.

    `tables` are the archives' CAPTURES, by name. A revisit of what was captured under the same URL adds nothing but a
    date; a page that was captured under another one is in the dataset under that.
    """
    read = {name: pl.read_parquet(path) for name, path in tables.items()}
    kinds = {
        (name, offset, nth): kind
        for name, table in read.items()
        for kind, offset, nth in table.filter(pl.col("kind") != _REVISIT).select("kind", "offset", "nth").iter_rows()
    }
    images = {url for table in read.values() for url in table.filter(pl.col("kind") == IMAGE)["url"]}
    collected = {name: _collected(table) for name, table in read.items()}
    counts: dict[str, Counter[str]] = {PAGE: Counter(), IMAGE: Counter(), OTHER: Counter()}
    for name, found in resolve(collected).items():
        for revisit, resolved in zip(collected[name].revisits, found, strict=True):
            kind = _kind(revisit, resolved, kinds)
            if resolved.original is not None and kind == IMAGE:
                images.add(revisit.url)
            counts[kind]["not_looked_for" if kind == OTHER else _outcome(revisit, resolved)] += 1
    return images, {kind: dict(counted) for kind, counted in counts.items()}


def _collected(table: pl.DataFrame) -> Collected:
    is_revisit = pl.col("kind") == _REVISIT
    revisits = table.filter(is_revisit).drop("kind")
    originals = table.filter(~is_revisit).select("offset", "nth", "url", "date", "digest")
    return Collected([Revisit(*row) for row in revisits.iter_rows()], [Original(*row) for row in originals.iter_rows()])


def _kind(revisit: Revisit, resolved: Resolved, kinds: Mapping[tuple[str, int, int], str]) -> str:
    """Of what was found there is no doubt; else the revisit's own HTTP header may say what it is of."""
    if resolved.original is not None:
        return kinds[resolved.archive, resolved.original.offset, resolved.original.nth]
    if revisit.media_type.startswith("image/"):
        return IMAGE
    return PAGE if revisit.media_type and may_be_page(revisit.media_type) else OTHER


def _outcome(revisit: Revisit, resolved: Resolved) -> str:
    if resolved.original is None:
        return resolved.how
    return "captured_before" if revisit.url == resolved.original.url else "captured_under_another_url"

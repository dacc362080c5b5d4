"""Decorations: icons, and images repeated over a site, that no text of their own describes."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.span.kinds import SOURCES, Row, decorates, described
from webpairs.span.words import is_descriptive

ImagePages = Mapping[tuple[str, str], int]


def pages_of_images(candidates: pl.LazyFrame) -> dict[tuple[str, str], int]:
    """On how many pages of its domain each image stands, for (domain, image URL) on more than one."""
    counted = candidates.group_by("domain", "image_url").agg(pages=pl.col("page_url").n_unique())
    rows = counted.filter(pl.col("pages") > 1).collect().iter_rows()
    return {(domain, url): pages for domain, url, pages in rows}


def pages_of_rows(rows: pl.DataFrame, pages: ImagePages) -> list[int]:
    """On how many pages of its domain the image of each candidate stands; one where `pages` has none."""
    return [pages.get(image, 1) for image in rows.select("domain", "image_url").iter_rows()]


def are_decorations(rows: pl.DataFrame, pages: Sequence[int], kinds: Collection[str]) -> NDArray[np.bool_]:
    """Whether each candidate (records.WINDOWED), on so many pages, decorates, in one of these ways (kinds.DECORATIONS).

    What has a text of its own in the window is none: an icon may be shown for its own sake.
    """
    found = np.zeros(rows.height, np.bool_)
    if kinds:
        for number, (row, count) in enumerate(zip(rows.iter_rows(named=True), pages, strict=True)):
            found[number] = decorates(row, count) in kinds and not _has_text(row)
    return found


def _has_text(row: Row) -> bool:
    """Whether the window holds a text that says more than a name or two, and is about this image."""
    own = (described(row, kind) for kind in SOURCES)
    return any(one is not None and one.spans and is_descriptive(one.text) for one in own)

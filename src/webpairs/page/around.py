"""Candidates with the text around them, as the stages after extract read them."""

from pathlib import Path

import polars as pl

from webpairs import shards
from webpairs.records import CANDIDATES, PAGES


def windowed(candidates: pl.DataFrame, pages: pl.DataFrame) -> pl.DataFrame:
    """The candidates with `text_before` and `text_after` them within their windows, null where they have no place.

    Blocks of text are apart by "\\n".
    """
    joined = candidates.join(pages.select("page_id", "text"), on="page_id", how="left", maintain_order="left")
    before = pl.col("text").str.slice(pl.col("window_start"), pl.col("offset") - pl.col("window_start"))
    after = pl.col("text").str.slice(pl.col("offset"), pl.col("window_end") - pl.col("offset"))
    return joined.with_columns(text_before=before, text_after=after).drop("text")


def read_windowed(file: Path, pages: Path) -> pl.DataFrame:
    """A file of candidates with the text around them, as `windowed` has it. `pages` is the folder of their pages."""
    texts = shards.read_parquet(pages / file.name, PAGES, ["page_id", "text"])
    return windowed(shards.read_parquet(file, CANDIDATES), texts)

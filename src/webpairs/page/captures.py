"""Pages that were captured more than once: the latest capture stays.

Two captures are of the same page where their URLs are the same but for the scheme, or where their bodies are the same
and their hosts, too: a page has many addresses. Of captures with the same date the first stays, by archive and offset.
What a WAT describes is left out before any page with text.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from webpairs import shards
from webpairs.records import CANDIDATES, PAGES

_COLUMNS = (
    "charset_named_by",
    "page_id",
    "archive",
    "record_offset",
    "record_number",
    "record_digest",
    "page_url",
    "page_date",
)
_ORDER = ["archive", "record_offset", "record_number"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """Captures that are left out."""

    same_url: int
    same_body: int
    candidates: int  # of these captures


def leave_out_repeated(pages: Path, candidates: Path) -> Repeated:
    """Takes captures of pages that were captured again, and their candidates, out of the files of these two folders."""
    files = sorted(pages.glob("*.parquet"))
    captures = pl.concat([pl.read_parquet(file, columns=list(_COLUMNS)) for file in files])
    by_url, by_body = repeated(captures)
    out = pl.concat([by_url, by_body]).implode()
    lost = 0
    for file in files:
        table = pl.read_parquet(file)
        kept = table.filter(~pl.col("page_id").is_in(out))
        if kept.height < table.height:
            shards.write_parquet(file, kept, PAGES, [])
            images = pl.read_parquet(candidates / file.name)
            left = images.filter(~pl.col("page_id").is_in(out))
            lost += images.height - left.height
            shards.write_parquet(candidates / file.name, left, CANDIDATES, [])
    return Repeated(by_url.len(), by_body.len(), lost)


def repeated(captures: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The `page_id` of captures to leave out, since the same URL, or since the same body was captured again."""
    address = pl.col("page_url").str.replace(r"^https?://", "").str.replace(r"#.*$", "")
    # A WAT describes captures that a WARC holds whole.
    has_no_text = pl.col("charset_named_by") == "wat"
    latest = captures.with_columns(address=address, host=address.str.extract(r"^([^/?]*)")).sort(
        [has_no_text, pl.col("page_date"), *map(pl.col, _ORDER)],
        descending=[False, True, False, False, False],
        maintain_order=True,
    )
    by_url = latest.unique("address", keep="first", maintain_order=True)
    by_body = by_url.unique(["host", "record_digest"], keep="first", maintain_order=True)
    return _less(latest, by_url), _less(by_url, by_body)


def _less(all_: pl.DataFrame, kept: pl.DataFrame) -> pl.Series:
    return all_.filter(~pl.col("page_id").is_in(kept["page_id"].implode()))["page_id"]

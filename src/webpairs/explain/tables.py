"""Single rows out of the stages' tables: files are scanned for what is asked, never read whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from webpairs.errors import WebpairsError
from webpairs.records import MANIFEST, PAGES

MANIFEST_FILE = Path("data/archive/manifest.parquet")
PAGES_FOLDER = Path("data/pages")
CANDIDATES_FOLDER = Path("data/candidates")

Row = dict[str, Any]


def has_run(path: Path) -> bool:
    """Whether the stage that writes this file, or folder of files, has run."""
    return path.is_file() or any(path.glob("*.parquet"))


def rows(path: Path, schema: Mapping[str, Any], where: pl.Expr) -> list[tuple[Row, Path]]:
    """The rows of a parquet file, or of all in a folder, that fit, with the columns of the schema; each with its file.

    Raises WebpairsError where there is no file, or where one isn't as this version of webpairs writes it.
    """
    if not has_run(path):
        raise WebpairsError(f"{path} is missing: run `make all`, or the stage that writes it with `dvc repro`.")
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    try:
        found = (
            pl.scan_parquet(files, glob=False, include_file_paths="file")
            .filter(where)
            .select(*schema, "file")
            .collect()
        )
    except pl.exceptions.PolarsError as error:
        cause = str(error).partition("\n")[0]
        raise WebpairsError(f"{path} can't be read ({cause}): run `make all`, which writes it anew.") from None
    return [(row, Path(row.pop("file"))) for row in found.iter_rows(named=True)]


def page_of(candidate: Row, file: Path) -> Row:
    """The page of a candidate in this file of candidates, as records.PAGES."""
    pages = rows(PAGES_FOLDER / file.name, PAGES, pl.col("page_id") == candidate["page_id"])
    if not pages:
        raise WebpairsError(
            f"{PAGES_FOLDER} doesn't have the page that {CANDIDATES_FOLDER} names: run `dvc repro --force extract`."
        )
    return pages[0][0]


def archive_of(page: Row) -> Row | None:
    """The archive of a page, as records.MANIFEST; None where the manifest doesn't have it any more."""
    found = rows(MANIFEST_FILE, MANIFEST, pl.col("name") == page["archive"])
    return found[0][0] if found else None

"""From what the user names to a candidate, or to several."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from webpairs.errors import WebpairsError, listing
from webpairs.explain.plain import one_line
from webpairs.explain.tables import CANDIDATES_FOLDER, Row, page_of, rows
from webpairs.records import CANDIDATES

DIGITS = 24  # of an ID
DIGITS_AT_LEAST = 6
_SHOWN = 10  # of what a few digits may mean

_ID = re.compile(rf"[0-9a-fA-F]{{1,{DIGITS}}}")
_URL = re.compile(r"data:|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LISTED = {name: CANDIDATES[name] for name in ("candidate_id", "page_id", "element", "alt", "image_url", "page_url")}


@dataclass(frozen=True, slots=True)
class Listing:
    """Candidates that one name stands for: all of a page, or all that have an image.

    `page` is the row of records.PAGES that is theirs, less text and boilerplate; None where they have several.
    """

    given: str
    page: Row | None
    candidates: list[Row]  # candidate_id, page_id, element, alt, image_url, page_url


def find(given: str) -> tuple[Row, Path] | Listing:
    """The candidate, as records.CANDIDATES, and its file; or all candidates of a page or an image's URL.

    Raises WebpairsError where nothing is found, or where it isn't clear what is meant.
    """
    if _ID.fullmatch(given):
        return _by_id(given.lower())
    if _URL.match(given):
        return _by_url(given)
    raise WebpairsError(
        f"{one_line(given)!r} is neither an ID nor a URL: give a candidate_id or a page_id, or the first "
        f"{DIGITS_AT_LEAST} or more of its {DIGITS} hex digits, or the URL of an image or a page."
    )


def _by_id(digits: str) -> tuple[Row, Path] | Listing:
    if len(digits) < DIGITS_AT_LEAST:
        raise WebpairsError(f"{digits!r} is too short for an ID: give at least its first {DIGITS_AT_LEAST} digits.")
    found = _listed(pl.col("candidate_id").str.starts_with(digits) | pl.col("page_id").str.starts_with(digits))
    candidates = [row for row, _ in found if row["candidate_id"].startswith(digits)]
    pages = {row["page_id"]: row for row, _ in found if row["page_id"].startswith(digits)}
    meant = [(row["candidate_id"], f"{row['element']} on {row['page_url']}") for row in candidates]
    meant += [(page_id, f"page {row['page_url']}") for page_id, row in pages.items()]
    if not meant:
        raise WebpairsError(
            f"No candidate or page has an ID that begins with {digits}: {CANDIDATES_FOLDER} lists them all. "
            "Run `make all` where params, code or archives have changed since you noted it."
        )
    if len(meant) > 1:
        beyond = [f"and {len(meant) - _SHOWN:,} more"] if len(meant) > _SHOWN else []
        raise listing(
            f"{digits} is the beginning of {len(meant):,} IDs: give more digits, of one of these:",
            [one_line(f"{identity}: {what}", 100) for identity, what in meant[:_SHOWN]] + beyond,
        )
    return _of_page(digits, found) if pages else _whole(candidates[0]["candidate_id"], found[0][1])


def _by_url(url: str) -> tuple[Row, Path] | Listing:
    names_it = pl.col("urls").list.eval(pl.element().struct.field("url") == url).list.any()
    found = _listed((pl.col("image_url") == url) | names_it)
    if len(found) == 1:
        return _whole(found[0][0]["candidate_id"], found[0][1])
    if found:
        return Listing(url, None, [row for row, _ in found])
    of_page = _listed(pl.col("page_url") == url)
    if not of_page:
        raise WebpairsError(
            f"No candidate has the image or page {one_line(url, 200)}: give the URL as {CANDIDATES_FOLDER} has it, "
            "absolute and without fragment, or a candidate_id."
        )
    if len({row["page_id"] for row, _ in of_page}) > 1:
        return Listing(url, None, [row for row, _ in of_page])
    return _of_page(url, of_page)


def _listed(where: pl.Expr) -> list[tuple[Row, Path]]:
    return rows(CANDIDATES_FOLDER, _LISTED, where)


def _whole(candidate_id: str, file: Path) -> tuple[Row, Path]:
    return rows(file, CANDIDATES, pl.col("candidate_id") == candidate_id)[0]


def _of_page(given: str, found: list[tuple[Row, Path]]) -> Listing:
    page: dict[str, Any] = page_of(*found[0])
    about = {name: value for name, value in page.items() if name not in ("text", "boilerplate")}
    return Listing(given, about, [row for row, _ in found])

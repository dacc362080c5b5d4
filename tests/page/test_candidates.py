"""Candidates: rows as the schema wants them, windows, identities, drops."""

from typing import Any

import polars as pl
import pytest

from webpairs.page.candidates import ATTRIBUTE_AT_MOST, Origin, candidates
from webpairs.page.counts import Counts
from webpairs.page.normalise import find
from webpairs.page.text import language_of, window
from webpairs.records import CANDIDATES

ORIGIN = Origin(
    "a.warc.gz", "d" * 64, 17, 0, "http://www.x.example/p/", "2024-01-01T00:00:00Z", "text/html; charset=utf-8"
)
PROSE = "The quick brown fox jumps over the lazy dog while the old man reads his newspaper in the garden. "


def rows_of(html: str, counts: Counts | None = None, origin: Origin = ORIGIN) -> list[dict[str, Any]]:
    return candidates(html.encode(), origin, 200, 250, counts or Counts())


def test_a_row_has_everything() -> None:
    html = (
        f"<p>{PROSE}</p><figure><img src='i/a b.jpg' alt=' A red\n boat ' title=T width=300 height='50%'>"
        f"<figcaption>A red boat at sea</figcaption></figure><p>{PROSE}"
    )
    (row,) = rows_of(html)
    assert list(row) == list(CANDIDATES)
    assert pl.DataFrame([row], schema=CANDIDATES).rows(named=True) == [row]
    assert {name: row[name] for name in list(CANDIDATES) if name not in ("candidate_id", "record_digest")} == {
        "archive": "a.warc.gz",
        "record_offset": 17,
        "page_url": "http://www.x.example/p/",
        "page_date": "2024-01-01T00:00:00Z",
        "domain": "x.example",
        "language": "en",
        "dom_path": "html>body>figure[1]>img[1]",
        "image_url": "http://www.x.example/p/i/a%20b.jpg",
        "image_attribute": "src",
        "alt": "A red boat",
        "title": "T",
        "caption": "A red boat at sea",
        "width": 300,
        "height": None,
        "text_before": PROSE.strip(),
        "text_after": "\nA red boat at sea\n" + PROSE.strip(),
    }


def test_identities_tell_images_records_and_archives_apart() -> None:
    html = "<img src=a><img src=a>"
    others = [
        Origin("a.warc.gz", "e" * 64, 17, 0, ORIGIN.url, "", ""),
        Origin("a.warc.gz", "d" * 64, 18, 0, ORIGIN.url, "", ""),
        Origin("a.warc.gz", "d" * 64, 17, 1, ORIGIN.url, "", ""),
    ]
    identities = [row["candidate_id"] for origin in (ORIGIN, *others) for row in rows_of(html, origin=origin)]
    assert len(set(identities)) == 8
    assert identities[:2] == [row["candidate_id"] for row in rows_of(html)]
    assert {len(identity) for identity in identities} == {24}


def test_base_and_drops() -> None:
    counts = Counts()
    html = (
        "<base href='https://cdn.example/x/'><img src=a.png alt=''><img alt=none><img src='javascript:x'>"
        "<img data-src=b.png><noscript><img src=b.png><img src=c.png></noscript>"
    )
    rows = rows_of(html, counts)
    assert [(row["image_url"], row["image_attribute"], row["alt"]) for row in rows] == [
        ("https://cdn.example/x/a.png", "src", ""),
        ("https://cdn.example/x/b.png", "data-src", None),
        ("https://cdn.example/x/c.png", "src", None),
    ]
    assert +counts.drops == {"no_url": 1, "not_http": 1, "noscript_copy": 1}
    assert (counts.images, counts.images_in_noscript, counts.candidates) == (4, 2, 3)


def test_a_long_attribute_is_cut_and_counted() -> None:
    counts = Counts()
    (row,) = rows_of(f"<img src=a alt='{'x' * (ATTRIBUTE_AT_MOST + 1)}'>", counts)
    assert len(row["alt"]) == ATTRIBUTE_AT_MOST
    assert counts.cuts["attribute_too_long"] == 1


def test_alts_in_the_window_are_counted_as_labels_find_them() -> None:
    filler = "word " * 100
    counts = Counts()
    rows = rows_of(
        "<p>A red boat.</p><img src=a alt='the RED boat'><img src=b alt='...'><img src=c alt=''>"
        f"<p>{filler}</p><img src=d alt='red boat'><p>blue</p><img src=e alt='blue sky'><p>sky</p>",
        counts,
    )
    found = [any(find(row["alt"], row[side]) for side in ("text_before", "text_after")) for row in rows]
    assert found == [True, False, False, False, False]
    assert (counts.images_with_alt, counts.alts_in_window, counts.images_with_alt_of_3_words) == (4, 1, 1)


@pytest.mark.parametrize("html", ["", "<p>no image", "<body><noscript><img src=a></noscript>"])
def test_pages_without_image(html: str) -> None:
    counts = Counts()
    rows_of(html, counts)
    assert (counts.pages, counts.pages_without_image) == (1, 1)


@pytest.mark.parametrize("offset", range(0, 60, 3))
def test_windows_keep_within_bounds_and_whole_words(offset: int) -> None:
    text = "alpha beta\ngamma delta epsilon zeta eta theta iota kappa lambda"
    start, middle, end = window(text, offset, 20, 25)
    assert middle == offset
    assert offset - 20 <= start <= offset <= end <= offset + 25
    assert start in (0, offset) or text[start] in " \n" or text[start - 1] in " \n"
    assert end in (len(text), offset) or text[end] in " \n" or text[end - 1] in " \n"


def test_a_window_in_one_long_word_is_cut_anywhere() -> None:
    assert window("x" * 1000, 500, 200, 250) == (300, 500, 750)


def test_language() -> None:
    assert language_of(PROSE) == "en"
    assert (
        language_of("Der schnelle braune Fuchs springt über den faulen Hund, während der alte Mann liest. " * 2) == "de"
    )
    assert language_of("too short") == ""
    assert language_of("1 2 3 4 5 6 7 8 9 10 " * 10) == ""

"""Back to the archive, and what is still there."""

import gzip
import hashlib
from pathlib import Path

import polars as pl
import pytest

from tests.explain.project import HARBOUR, RECORDS, candidate, change
from tests.explain.project import page as page_record
from webpairs.archive.read import Record, read_record
from webpairs.explain import explain
from webpairs.explain.again import Again, again, element
from webpairs.explain.show import sheet
from webpairs.explain.tables import page_of
from webpairs.params import Params

ARCHIVE = Path("inputs/a.warc.gz")
FILE = Path("a.warc.gz-00000.parquet")


def of(ending: str, params: Params) -> Again:
    row = candidate(ending)
    return again(row, page_of(row, FILE), params.extract)


@pytest.mark.parametrize(
    ("ending", "html"),
    [
        ("/logo.png", '<img src="logo.png" alt="Our logo">'),
        (
            "/boat.jpg",
            '<picture><source srcset="big.webp 1600w">'
            '<img src="boat.jpg" alt="A red boat in the harbour" width="640" height="480">\n</picture>',
        ),
        ("/odd.jpg", '<img src="odd.jpg">'),
        ("/sea.jpg", '<div class="wide" style="background-image: url(/sea.jpg)">'),
        ("/go.gif", '<input type="image" src="go.gif" alt="Go">'),
        ("/quay.jpg", '<amp-img src="quay.jpg" alt="">'),
        ("/ship.jpg", '{"@type": "ImageObject", "url": "/ship.jpg", "caption": "A ship"}'),
    ],
)
def test_every_kind_of_element_is_found_again(ending: str, html: str, params: Params) -> None:
    found = of(ending, params)
    assert (found.path, found.state, found.cause, found.differs) == (str(ARCHIVE), "same", "", [])
    assert (found.element, found.element_characters) == (html, len(html))


def test_records_that_share_a_member_are_told_apart(params: Params) -> None:
    row = candidate("b%1B[1m.jpg")
    ARCHIVE.write_bytes(gzip.compress(b"".join(RECORDS)))
    page = page_of(row, FILE) | {"record_offset": 0, "record_number": 1}
    found = again(row, page, params.extract)
    assert (found.state, found.differs) == ("same", [])


def test_the_head_s_noscript_is_left_out_as_extraction_leaves_it_out() -> None:
    body = HARBOUR.replace(b"<meta name=robots", b"<noscript><img src=t.gif></noscript><meta name=robots")
    head = read_record(ARCHIVE, 0).head
    path = "html>body>nav:nth-child(1)>img:nth-child(3)"
    assert element(Record(head, body), path) == '<img src="logo.png" alt="Our logo">'


@pytest.mark.parametrize(
    "path", ["html>body>nav:nth-child(9)>img:nth-child(3)", "html>head>script:nth-child(5)#/a/image", "html>x>y"]
)
def test_an_element_that_is_not_there_is_none(path: str) -> None:
    assert element(read_record(ARCHIVE, 0), path) is None


def test_names_of_elements_may_hold_signs_of_selectors() -> None:
    head = read_record(ARCHIVE, 0).head
    page = b"<html><body><a#b:nth-child(2)><img src=a.jpg></a#b:nth-child(2)>"
    path = "html>body>a#b:nth-child(2):nth-child(1)>img:nth-child(1)"
    assert element(Record(head, page), path) == '<img src="a.jpg">'


def test_json_that_is_none_has_no_element() -> None:
    head = read_record(ARCHIVE, 0).head
    page = b"<html><head><script type=application/ld+json>{</script>"
    assert element(Record(head, page), "html>head>script:nth-child(1)#/image") is None


def test_long_elements_are_cut(params: Params) -> None:
    row = candidate("/logo.png")
    page = page_of(row, FILE)
    body = HARBOUR.replace(b"src=logo.png", b"src=logo.png title=" + b"x" * 20_000)
    ARCHIVE.write_bytes(gzip.compress(page_record(page["page_url"], body)))
    page["record_digest"] = hashlib.sha256(body).hexdigest()
    found = again(row, page, params.extract)
    assert found.element is not None
    assert found.element_characters is not None
    assert len(found.element) == 10_000
    assert found.element_characters > 20_000


def test_a_record_that_changed_is_told(params: Params) -> None:
    page = page_of(candidate("/boat.jpg"), FILE)
    ARCHIVE.write_bytes(gzip.compress(page_record(page["page_url"], HARBOUR + b" ")))
    found = of("/boat.jpg", params)
    assert (found.state, found.element, found.differs) == ("changed", None, None)
    assert found.digest not in (None, page["record_digest"])


@pytest.mark.parametrize("content", [b"", b"no archive any more", b"\x1f\x8b" + bytes(100)])
def test_an_archive_that_can_not_be_read_any_more_is_told(content: bytes, params: Params) -> None:
    ARCHIVE.write_bytes(content)
    found = of("/boat.jpg", params)
    assert (found.state, found.element) == ("unreadable", None)
    assert "no readable record" in found.cause


def test_an_archive_that_is_gone_is_told(params: Params) -> None:
    ARCHIVE.unlink()
    assert of("/boat.jpg", params) == Again(str(ARCHIVE), "gone", "No such file or directory")
    manifest = Path("data/archive/manifest.parquet")
    pl.read_parquet(manifest).clear().write_parquet(manifest)
    assert of("/boat.jpg", params) == Again(None, "gone", "the manifest doesn't list it any more")


def test_a_wat_describes_pages_that_it_does_not_hold(params: Params) -> None:
    boat = candidate("/boat.jpg")
    change("data/pages", pl.col("page_id") == boat["page_id"], charset_named_by="wat")
    assert of("/boat.jpg", params) == Again(str(ARCHIVE), "described")
    assert "A WAT describes the page" in sheet(explain(boat["candidate_id"], params), bold=False)
    ARCHIVE.unlink()
    assert of("/boat.jpg", params) == Again(str(ARCHIVE), "gone", "No such file or directory")


def test_what_extraction_would_tell_otherwise_is_named(params: Params) -> None:
    boat = candidate("/boat.jpg")
    change("data/candidates", pl.col("candidate_id") == boat["candidate_id"], alt="A blue boat", occurrences=7)
    change("data/pages", pl.col("page_id") == boat["page_id"], text="Another text.")
    assert of("/boat.jpg", params).differs == ["occurrences", "alt", "page text"]
    narrow = params.model_copy(update={"extract": params.extract.model_copy(update={"characters_before": 5})})
    assert of("/sea.jpg", narrow).differs == ["window_start", "page text"]


def test_a_candidate_that_extraction_would_not_find_is_told(params: Params) -> None:
    boat = candidate("/boat.jpg")
    change("data/candidates", pl.col("candidate_id") == boat["candidate_id"], dom_path="html>body>nav:nth-child(1)")
    found = of("/boat.jpg", params)
    assert (found.state, found.element, found.differs) == ("same", "<nav>", None)

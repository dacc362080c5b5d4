"""Candidates of WAT files, beside those of the WARC files that they describe."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from selectolax.lexbor import LexborHTMLParser

from stages import extract as stage
from tests.archive.responses import http, record
from tests.archive.test_wat import INFO, OF_REQUEST, envelope, told
from webpairs import metrics, shards
from webpairs.archive.read import Tally
from webpairs.archive.wat import described
from webpairs.page import extract, links
from webpairs.page.around import windowed
from webpairs.page.candidates import Extract, Origin
from webpairs.page.counts import Counts
from webpairs.page.tables import candidates_table, pages_table
from webpairs.params import Params, load
from webpairs.records import CANDIDATES, MANIFEST, PAGES
from webpairs.span.silver import example_of

ROOT = Path(__file__).parents[2]
URL = "http://www.x.example/p/page"
HEADERS = {"X-Robots-Tag": "noimageai", "Link": "</cc>; rel=license"}

BODIES = [
    """<head><title>Boats &amp; more</title><base href=/pictures/><meta name=robots content="noai, noindex">
    <meta property=og:image content=boat.jpg><meta property=og:image:alt content="A boat &quot;by night&quot;">
    <meta property=og:description content="All about boats"><meta name=twitter:image content=card.png>
    <link rel=icon href=icon.png><link rel=image_src href=//cdn.example/s.png><link rel=license href=/by></head>
    <p>A red boat. <img src=boat.jpg alt="A  red boat" title=Boat srcset="boat-2.jpg 2x">
    <img src="../up/a b.png" alt=""><img src=boat.jpg alt="The same boat"><video poster=film.jpg></video>
    <a rel="nofollow license" href=/cc-by>CC</a><a href=https://creativecommons.org/licenses/by/4.0/>by</a>
    <img src=c.png><img src=c.png alt="A blue boat">""",
    "<p>Nothing <a href=/>here</a>",
    "<img src=lazy.gif><img src='ftp://x/y' alt='three words here'><img src=only,with,commas.png alt=Été>",
]


@pytest.fixture
def params() -> Params:
    return load(ROOT / "params.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")
    return tmp_path


def html_metadata(html: str) -> dict[str, Any]:
    """What Common Crawl's WATs tell of a page."""
    tree = LexborHTMLParser(html)
    found = [
        {"path": f"{str(node.tag).upper()}@/{name}", "url": url}
        | {other: value for other in ("alt", "title", "rel") if (value := node.attributes.get(other)) is not None}
        for node in tree.css("img,a,video")
        for name in ("src", "href", "poster")
        if (url := node.attributes.get(name))
    ]
    linked = [
        {"path": "LINK@/href", "url": node.attributes["href"], "rel": node.attributes["rel"]}
        for node in tree.css("link")
    ]
    metas = [dict(node.attributes) for node in tree.css("meta")]
    base, title = tree.css_first("base"), tree.css_first("title")
    head = {"Metas": metas, "Link": linked} if metas else {}
    head |= {"Base": base.attributes["href"]} if base else {}
    head |= {"Title": title.text()} if title else {}
    return {"Head": head, "Links": found}


def page(url: str, html: str | None, **about: Any) -> bytes:
    return told(envelope(url, None if html is None else html_metadata(html), **about))


def archives(**contents: list[bytes]) -> None:
    """Writes archives of these records, and the manifest of all."""
    rows = []
    for name, records in contents.items():
        path = Path(f"{name}.gz")
        path.write_bytes(b"".join(gzip.compress(one, mtime=0) for one in records))
        about = {"name": path.name, "source": str(path), "path": str(path), "format": "warc.gz"}
        rows.append(about | {"bytes": path.stat().st_size, "sha256": shards.sha256(path)})
    shards.write_parquet(stage.ARCHIVES, pl.DataFrame(rows, schema=MANIFEST), MANIFEST, ["name"])


def outputs() -> tuple[pl.DataFrame, pl.DataFrame]:
    return shards.read_parquet(Path("data/pages"), PAGES), shards.read_parquet(Path("data/candidates"), CANDIDATES)


def extracted(html: dict[str, Any], counts: Counts | None = None, url: str = URL) -> Extract | None:
    path = Path("one.warc.wat")
    path.write_bytes(told(envelope(url, html)))
    ([one], origin) = (list(described(path, lambda *_: True, Tally())), Origin("a", "d" * 64, 17, 0, url, "", ""))
    return links.extract(one, origin, counts or Counts())


def images(*urls: str) -> list[dict[str, str]]:
    return [{"path": "IMG@/src", "url": url} for url in urls]


def test_a_wat_tells_of_the_same_pages_and_of_no_other_images(params: Params) -> None:
    urls = [f"http://x.example/{number}" for number in range(len(BODIES))]
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    responses = [
        record(url, http(body.encode(), "Content-Type: text/html; charset=utf-8", *lines))
        for url, body in zip(urls, BODIES, strict=True)
    ]
    told_of = [page(url, body, headers=HEADERS) for url, body in zip(urls, BODIES, strict=True)]
    archives(warc=responses)
    stage.run(params)
    (pages, candidates), full = outputs(), metrics.read_metrics(Path("metrics/extract.json"))
    archives(wat=[INFO, OF_REQUEST, *told_of])
    stage.run(params)
    (wat_pages, wat_candidates), found = outputs(), metrics.read_metrics(Path("metrics/extract.json"))

    said = ["page_url", "page_date", "domain", "title", "descriptions", "opt_outs", "licences"]
    assert wat_pages.select(said).equals(pages.select(said))
    assert wat_pages["page_url"].to_list() == [urls[0], urls[2]]
    assert wat_pages["opt_outs"][0].to_list() == [
        {"where": "header x-robots-tag", "value": "noimageai"},
        {"where": "meta robots", "value": "noai, noindex"},
    ]
    known = ["element", "image_url", "alt", "occurrences"]
    assert wat_candidates.select(known).equals(candidates.select(known))
    assert wat_candidates.select(known).rows()[:4] == [
        ("img", "http://x.example/pictures/boat.jpg", "A red boat", 2),
        ("img", "http://x.example/up/a%20b.png", "", 1),
        ("poster", "http://x.example/pictures/film.jpg", None, 1),
        ("img", "http://x.example/pictures/c.png", "A blue boat", 2),
    ]
    for texts, all_texts in zip(wat_candidates["texts"], candidates["texts"], strict=True):
        assert {text["text"] for text in texts} <= {text["text"] for text in all_texts}
    assert wat_candidates["dom_path"].to_list()[:6] == [
        "wat#/Links/0",
        "wat#/Links/1",
        "wat#/Links/3",
        "wat#/Links/6",
        "wat#/Head/Link/1",
        "wat#/Head/Metas/4",
    ]
    assert wat_candidates["candidate_id"].n_unique() == wat_candidates.height
    alike = ["pages", "pages_without_image", "images", "images_with_alt", "images_with_alt_of_3_words", "images_found"]
    alike += ["candidates", "images_repeated_on_page", "pages_with_opt_out", "urls_unresolved"]
    assert {name: found[name] for name in alike} == {name: full[name] for name in alike}
    assert found["drops"] == full["drops"] == {"records": {}, "images": {"copy": 1, "not_http": 1}}
    assert (full["pages_without_text"], found["pages_without_text"], found["alts_in_window"]) == (0, 3, 0)
    assert (found["charset_named_by"], found["languages"]) == ({"wat": 3}, {"unknown": 3})
    assert found["pages_known_by"] == {"wat": 3}
    assert found["records"] == {"metadata": 4, "warcinfo": 1}
    assert found["other_records"] == {"describes_no_response": 1}


def test_of_lazy_images_a_wat_knows_the_placeholder() -> None:
    found = extracted(html_metadata("<img src=blank.gif data-src=a.png alt=A><img src=blank.gif data-src=b.png alt=B>"))
    assert found is not None
    [one] = found.candidates
    assert (one.urls[0].url, one.alt, one.occurrences) == ("http://www.x.example/p/blank.gif", "A", 2)
    assert [text.text for text in one.texts] == ["A", "B"]


def test_pages_lead_back_to_the_records_of_the_wat(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    archives(wat=[INFO, *(page(f"{URL}{number}", f"<img src={number}.png><img src=b.png>") for number in range(4))])
    stage.run(params)
    whole = outputs()
    content = Path("wat.gz").read_bytes()
    for row in whole[0].to_dicts():
        start = row["record_offset"]
        member = gzip.decompress(content[start : start + row["record_length"]])
        about = json.loads(member.partition(b"\r\n\r\n")[2])["Envelope"]["WARC-Header-Metadata"]
        assert about["WARC-Target-URI"] == row["page_url"]
    monkeypatch.setattr(extract, "CANDIDATES_TOGETHER", 2)
    (archive,) = extract.extract_all([extract.job("wat.gz", "wat.gz", "other", 9, 9)])
    assert archive.counted["parts"] == 4
    lengths = [row for part in archive.parts for row in pl.read_parquet(archive.job.pages(part))["record_length"]]
    assert lengths == whole[0]["record_length"].to_list()


def test_what_is_no_page_is_counted(params: Params) -> None:
    image = {"Content-Type": "image/png"}
    archives(
        warc=[record("http://y.example/", http(b"<img src=a.png>"))],
        wat=[
            INFO,
            page(URL, "<img src=a.png>"),
            page(f"{URL}1", "<img src=a.png>", status="404"),
            page(f"{URL}2", None, headers=image),
            page(f"{URL}3", None),
            page(f"{URL}4", "<img src=a.png>", headers={}),
            told({}),
        ],
    )
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["pages"], found["pages_without_text"], found["candidates"]) == (3, 2, 3)
    assert found["other_records"] == {"not_html": 1, "not_success": 1}
    assert found["drops"]["records"] == {"no_envelope": 1, "no_html_metadata": 1}
    assert found["images_in_archives"] == {"images": 0, "reached": 0}
    rows = metrics.read_tsv(Path("metrics/extract/per_archive.tsv"))
    assert [(row["archive"], row["pages"], row["pages_without_text"]) for row in rows] == [
        ("warc.gz", "1", "0"),
        ("wat.gz", "2", "2"),
    ]


def test_later_stages_see_no_text_around_the_images(params: Params) -> None:
    found = extracted({"Links": [{"path": "IMG@/src", "url": "a.png", "alt": "a red boat in the harbour"}]})
    assert found is not None
    candidates, pages = candidates_table([found]), pages_table([found], {(17, 0): 9})
    (row,) = windowed(candidates, pages).to_dicts()
    assert [row[name] for name in ("offset", "window_start", "window_end", "text_before", "text_after")] == [None] * 5
    assert (pages["text"][0], pages["charset"][0], pages["charset_named_by"][0]) == ("", "", "wat")
    read = row | {"language": params.label.language}
    assert [example_of(one, params.label)[1]["alt"] for one in (row, read)] == ["other_language", "not_in_text"]


def test_every_image_is_a_candidate_a_repeat_or_a_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "IMAGES_AT_MOST", 5)
    counts = Counts()
    metas = [{"property": "og:image", "content": url} for url in ("a.png", "o.png", "javascript:x")]
    shown = [*images("a.png", "a.png", "", "mailto:x"), {"path": "IMG@/src"}, *images("e.png", "f.png")]
    others = [{"path": "STYLE/#text", "href": "s.png"}, {"path": "INPUT@/src", "url": "i.png"}, {"url": "n.png"}]
    found = extracted({"Head": {"Metas": metas}, "Links": [*others, *shown]}, counts)
    assert found is not None
    assert [one.urls[0].url for one in found.candidates] == [f"http://www.x.example/p/{name}.png" for name in "ao"]
    assert counts.drops == {"beyond_images_at_most": 2, "no_url": 2, "not_http": 2, "copy": 1}
    assert (counts.images, counts.repeats, counts.candidates) == (7, 1, 2)
    assert counts.images_found == counts.candidates + counts.repeats + counts.drops.total() == 10


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "TAGS_AT_MOST", 3)
    monkeypatch.setattr(links, "TEXTS_AT_MOST", 4)
    counts = Counts()
    metas = [{"property": "og:image", "content": f"{number}.png"} for number in range(5)]
    shown = [{"path": "IMG@/src", "url": "a.png", "alt": str(number), "title": "x" * 10_001} for number in range(9)]
    found = extracted({"Head": {"Metas": metas, "Base": "http://["}, "Links": shown}, counts)
    assert found is not None
    assert [one.urls[0].url[-5:] for one in found.candidates] == ["a.png", "0.png", "1.png", "2.png"]
    assert [(text.source, len(text.text)) for text in found.candidates[0].texts] == [
        ("alt", 1),
        ("title", 10_000),
        ("alt", 1),
        ("alt", 1),
    ]
    assert counts.cuts == {"head_too_long": 1, "attribute_too_long": 9, "bad_base": 1}


def test_markup_in_a_wat_stays_text() -> None:
    meta = {"name": 'x"><img src=y.png>', "property": "og:image", "content": "a.png\"'><meta name=robots content=noai>"}
    found = extracted({"Head": {"Title": "<b>T</b>", "Metas": [meta]}, "Links": images("b.png")})
    assert found is not None
    assert [one.element for one in found.candidates] == ["img", "og:image"]
    assert (found.metadata.title, found.metadata.opt_outs) == ("<b>T</b>", [])


@pytest.mark.parametrize("html", [{}, {"Links": []}, {"Head": {"Title": "T"}}])
def test_a_page_without_images_has_no_row(html: dict[str, Any]) -> None:
    counts = Counts()
    assert extracted(html, counts) is None
    assert (counts.pages, counts.pages_without_image, counts.candidates) == (1, 1, 0)


def test_a_defect_costs_the_page(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(one: Any, *others: Any) -> Any:
        if one.head.url.endswith("1"):
            raise ValueError("what a defect says")
        return real(one, *others)

    real = links.extract
    monkeypatch.setattr(links, "extract", fail)
    archives(wat=[page(f"{URL}{number}", "<img src=a.png>") for number in range(3)])
    stage.run(params)
    found = metrics.read_metrics(Path("metrics/extract.json"))
    assert (found["candidates"], found["drops"]["records"]) == (2, {"defect": 1})

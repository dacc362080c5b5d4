"""Extracts as tables, and candidates with the text around them."""

from typing import Any

import polars as pl

from webpairs.page.around import windowed
from webpairs.page.candidates import Extract, Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.tables import candidates_table, pages_table
from webpairs.records import CANDIDATES, PAGES, WINDOWED

HTML = """<title>Boats</title><meta name=robots content=noai><meta property=og:image content=o.png>
<nav><a href=/>Home</a></nav><p>Before it.</p>
<figure><a href=large.jpg><img src=a.png srcset="b.png 900w" alt="A red boat" width=300></a>
<figcaption>A red boat at sea</figcaption></figure><p>After it.</p><a rel=license href=/by>BY</a>"""


def extracted(*pages: str) -> list[Extract]:
    found = []
    for number, html in enumerate(pages):
        origin = Origin("a.warc", "d" * 64, number, 0, f"http://x.example/{number}", "2024", "text/html; charset=utf-8")
        one = extract(html.encode(), origin, 2000, 2500, Counts())
        assert one is not None
        found.append(one)
    return found


def test_a_page_and_its_candidates_as_rows() -> None:
    extracts = extracted(HTML)
    (page,) = pages_table(extracts, {(0, 0): 99}).to_dicts()
    assert list(page) == list(PAGES)
    assert (page["record_length"], page["title"], page["licences"]) == (99, "Boats", ["/by"])
    assert page["opt_outs"] == [{"where": "meta robots", "value": "noai"}]
    assert page["text"] == "Home\nBefore it.\nA red boat at sea\nAfter it.\nBY"
    assert page["boilerplate"] == [{"start": 0, "end": 4}]
    shown, named = candidates_table(extracts).to_dicts()
    assert list(shown) == list(CANDIDATES)
    assert [(url["url"], url["source"], url["width"]) for url in shown["urls"]] == [
        ("http://x.example/a.png", "src", None),
        ("http://x.example/b.png", "srcset", 900),
        ("http://x.example/large.jpg", "link", None),
    ]
    assert shown["texts"] == [
        {"source": "alt", "text": "A red boat", "start": 16, "end": 26},
        {"source": "figcaption", "text": "A red boat at sea", "start": 16, "end": 33},
    ]
    assert (named["element"], named["offset"], named["texts"]) == ("og:image", None, [])
    assert shown["page_id"] == named["page_id"] == page["page_id"]


def test_lists_stay_with_their_rows() -> None:
    pages = [f"<img src=a{number}.png>{'<img src=b.png alt=text>' * (number % 2)}" for number in range(5)]
    extracts = extracted(*pages)
    rows = candidates_table(extracts).to_dicts()
    assert [len(row["texts"]) for row in rows] == [0, 0, 1, 0, 0, 1, 0]
    assert [row["urls"][0]["url"] for row in rows] == [row["image_url"] for row in rows]


def test_no_pages_make_empty_tables() -> None:
    assert pages_table([], {}).schema == pl.Schema(PAGES)
    assert candidates_table([]).schema == pl.Schema(CANDIDATES)


def test_windows_are_cut_from_the_page() -> None:
    extracts = extracted(HTML, "<p>Über Boote 🛶 hier.<img src=c.png> Danach.")
    found = windowed(candidates_table(extracts), pages_table(extracts, {(0, 0): 1, (1, 0): 1}))
    assert found.schema == pl.Schema(WINDOWED)
    sides: list[tuple[Any, Any]] = found.select("text_before", "text_after").rows()
    assert sides == [
        ("Home\nBefore it.", "\nA red boat at sea\nAfter it.\nBY"),
        (None, None),
        ("Über Boote 🛶 hier.", " Danach."),
    ]

"""Counts on real archives, beside an independent count of the same files.

`python -m tests.page.test_real_archives` writes the table of docs/decisions/0003-extraction-counts.md anew.
"""

import csv
from functools import cache
from pathlib import Path

import pytest

from webpairs.archive.read import Head, Tally, records
from webpairs.page import charset, markup, walk
from webpairs.page.candidates import Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.normalise import Searchable, words
from webpairs.page.text import tidy

ROOT = Path(__file__).parents[2]
WARCS = ROOT.parent / "shared" / "warc"
DECISION = ROOT / "docs" / "decisions" / "0003-extraction-counts.md"
BEGIN, END = "<!-- generated: counts -->\n", "<!-- end: counts -->"

# Of the independent count, and what they are called here.
COLUMNS = {
    "html_pages": "pages",
    "img_tags": "images",
    "img_alt_nonempty": "images with alt",
    "img_alt_ge3words": "alts of 3 words",
    "alt_found_in_text": "of these in the page's text",
}

# Differences of more than 2 %, each with its reason in the decision.
EXPLAINED = {
    ("real/webrecorder+warcio__example-bad-non-chunked.warc.gz", "html_pages"),
    ("real/harvard-lil+warcbench__example.com.wacz", "html_pages"),
    ("sites/real-pages-a.warc.gz", "alt_found_in_text"),
    ("real/chatnoir-eu+chatnoir-resiliparse__warcfile.warc.gz", "alt_found_in_text"),
}

pytestmark = pytest.mark.skipif(not WARCS.exists(), reason="no real archives beside the repository")


@cache
def theirs() -> dict[str, dict[str, str]]:
    """The independent count's rows by file."""
    with (WARCS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}


@cache
def ours(name: str) -> dict[str, int]:
    """Our count of one file, in the independent count's columns."""
    counts, found = Counts(), 0
    for record in records(WARCS / name, is_page, Tally()):
        head = record.head
        origin = Origin(name, "", head.offset, head.nth, head.url, head.date, head.content_type)
        extract(record.body, origin, 2000, 2500, counts)
        html, _ = markup.bounded(charset.decode(record.body, head.content_type).markup)
        found += found_in_page(walk.read(markup.without_head_noscript(html)[0]))
    values = (counts.pages, counts.images, counts.images_with_alt, counts.images_with_alt_of_3_words, found)
    return dict(zip(COLUMNS, values, strict=True))


def is_page(head: Head) -> bool:
    return head.is_success and head.media_type in ("text/html", "application/xhtml+xml")


def found_in_page(page: walk.Page) -> int:
    """How many alts of three words or more stand anywhere in the page's text."""
    text = Searchable(page.text, [0])
    shown = [image for image in page.images if image.element == "img" and not image.in_noscript]
    alts = [tidy(image.attributes.get("alt") or "") for image in shown]
    three = [alt for alt in alts if len("".join(c if c.isalnum() else " " for c in alt).split()) >= 3]
    return sum(text.has(words(alt), 0, len(page.text)) for alt in three)


def differs(name: str, column: str) -> bool:
    expected, counted = int(theirs()[name][column]), ours(name)[column]
    return abs(counted - expected) > 0.02 * expected


def table() -> str:
    """Figures of all files, ours after theirs where these differ."""
    lines = ["| file | " + " | ".join(COLUMNS.values()) + " |", "|---|" + "--:|" * len(COLUMNS)]
    for name in theirs():
        cells = []
        for column in COLUMNS:
            expected, counted = int(theirs()[name][column]), ours(name)[column]
            cells.append(str(counted) if counted == expected else f"{expected} → {counted}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("column", COLUMNS)
def test_counts_agree_within_two_percent_or_are_explained(column: str) -> None:
    different = {(name, column) for name in theirs() if differs(name, column)}
    assert different == {pair for pair in EXPLAINED if pair[1] == column}


def test_the_decision_shows_these_counts() -> None:
    text = DECISION.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == table()


def test_all_bodies_of_a_file_with_false_labels_are_read() -> None:
    tally = Tally()
    assert sum(1 for _ in records(WARCS / "sites/real-pages-a.warc.gz", is_page, tally)) == 340
    assert (tally.drops, tally.breaks) == ({}, [])


if __name__ == "__main__":
    before, _, rest = DECISION.read_text(encoding="utf-8").partition(BEGIN)
    DECISION.write_text(before + BEGIN + table() + END + rest.partition(END)[2], encoding="utf-8")

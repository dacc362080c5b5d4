"""What a label is made of: the text that describes an image, by the kind of its source, or that nothing does."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from webpairs.page.normalise import find
from webpairs.span import credits
from webpairs.span.paraphrases import PARAPHRASED, closest, stems
from webpairs.span.words import is_descriptive

ALT = "alt"
PARAPHRASE = "paraphrase"
# Where a text that describes an image may come from, and what extraction calls it.
SOURCES = {
    ALT: ALT,
    "figcaption": "figcaption",
    "caption": "caption",
    "aria_describedby": "aria-describedby",
    "json_ld_caption": "json_ld_caption",
    PARAPHRASE: ALT,  # in other words
}
# Why there is taken to be no description.
DECORATIONS = ICON, REPEATED = "icon", "repeated"
NOT_IN_TEXT = "not_in_text"

_ICON_SIDE = 64  # pixels, declared; at most on both sides
_PAGES_REPEATED = 5  # of a domain on which an image stands that decorates them
_ICON_NAMES = re.compile(
    r"(?<![a-z])(?:icons?|favicon|logos?|sprites?|spacer|pixel|bullets?|arrow|button|btn|badge|banner|counter"
    # What is for machines to read, or for people to copy, differs from page to page and is never described.
    r"|qr[ _-]?codes?|barcodes?|captcha)(?![a-z])"
)
_DESCRIPTIVE_STEMS = 3
# Of the alt text's words, how much more a sentence has that says the same than any other sentence, and what no sentence
# has where none does.
_CLEARLY, _UNRELATED = 0.1, 0.3
# Texts that say something of the page or of where the image leads, and not necessarily of the image.
_OF_OTHERS = ("heading", "link", "link_title", "link_aria-label")

_ARTICLE = re.compile(r"\W*(an?|the)\s", re.IGNORECASE)
_ARTICLE_AT_MOST = 8  # characters, with the white space after it

Row = Mapping[str, Any]
Span = tuple[int, int]


class Described(NamedTuple):
    """A text that describes an image, and the spans of the window where it stands, the nearest to the image first."""

    text: str
    spans: list[Span]


def described(row: Row, kind: str) -> Described | None:
    """The first text of this kind that a candidate (records.WINDOWED) has; None where it has none.

    It stands where extraction found it, or, like the alt text, wherever the window has its words. Of captions without
    what says only where a picture is from; what is left is empty where they say nothing else.
    """
    if kind == ALT:
        text = (row["alt"] or "").strip()
        return Described(text, places(row, text)) if text else None
    if kind == PARAPHRASE:
        return _paraphrased(row)
    found = next((one for one in row["texts"] or () if one["source"] == SOURCES[kind]), None)
    if found is None:
        return None
    first, last = credits.description(found["text"])
    text = found["text"][first:last]
    if found["start"] is None or row["window_start"] is None or not text:
        return Described(text, places(row, text))
    start = found["start"] - row["window_start"] + first
    end = start + len(text)
    image, stop = len(row["text_before"] or ""), len(row["text_before"] or "") + len(row["text_after"] or "")
    is_whole = 0 <= start < end <= image or image <= start < end <= stop
    return Described(text, [(start, end)] if is_whole else [])


def places(row: Row, text: str) -> list[Span]:
    """Where the window has the words of a text, whole before or whole after the image, the nearest to it first.

    Of two as near, the one before the image is first.
    """
    before, after = row["text_before"] or "", row["text_after"] or ""
    image = len(before)
    spans = [*reversed(_find(text, before)), *((image + start, image + end) for start, end in _find(text, after))]
    return sorted(spans, key=lambda span: distance(span, image))


def distance(span: Span, image: int) -> int:
    """Characters between a span of the window and the image."""
    start, end = span
    return image - end if end <= image else start - image


def undescribed(row: Row, pages: int) -> str | None:
    """ICON, REPEATED or NOT_IN_TEXT for a candidate without any description in its window; None where that can't be
    told.

    `pages` are those of its domain on which its image stands.
    """
    if (decoration := decorates(row, pages)) is not None:
        return decoration
    alt = (row["alt"] or "").strip()
    others = [one for one in row["texts"] or () if one["source"] not in _OF_OTHERS]
    if not is_descriptive(alt) or any(one["start"] is not None or places(row, one["text"]) for one in others):
        return None
    best, _ = closest(alt, row["text_before"] or "", row["text_after"] or "")
    return NOT_IN_TEXT if best is None or best.share < _UNRELATED else None


def decorates(row: Row, pages: int) -> str | None:
    """ICON for a candidate that its size, file or alt text calls one, or a code for machines; REPEATED for one on many
    pages; else None.

    `pages` are those of its domain on which its image stands.
    """
    sides = row["width"], row["height"]
    name = row["image_url"].lower() if not row["image_url"].startswith("data:") else ""
    own = f"{name.rpartition('/')[2]} {(row['alt'] or '').lower()}"
    if (None not in sides and max(sides) <= _ICON_SIDE) or _ICON_NAMES.search(own):
        return ICON
    return REPEATED if pages >= _PAGES_REPEATED else None


def _paraphrased(row: Row) -> Described | None:
    """The sentence that says what the alt text says, where that doesn't stand in the window itself."""
    alt = (row["alt"] or "").strip()
    if not is_descriptive(alt) or len(stems(alt)) < _DESCRIPTIVE_STEMS or places(row, alt):
        return None
    before, after = row["text_before"] or "", row["text_after"] or ""
    best, second = closest(alt, before, after)
    if best is None or best.share < PARAPHRASED or best.share - second < _CLEARLY:
        return None
    return Described((before + after)[best.start : best.end], [(best.start, best.end)])


def _find(wanted: str, text: str) -> list[Span]:
    """Where the text occurs, with the article that both begin with: comparing drops it, a description wants it."""
    own = _ARTICLE.match(wanted)
    found = find(wanted, text)
    if own is None:
        return found
    article = re.compile(rf"\b{own[1]}\s+$", re.IGNORECASE)
    leading = (article.search(text, max(0, start - _ARTICLE_AT_MOST), start) for start, _ in found)
    return [(match.start() if match else start, end) for match, (start, end) in zip(leading, found, strict=True)]

"""Text as a reader sees it, and the windows of it around an image."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from unicodedata import is_normalized, normalize

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.lang import detect_fast

BREAK = "\0"  # between blocks, in raw text; no parsed page has it in its text
LANGUAGE_TEXT_AT_LEAST = 60  # characters that a guess at the language takes
LANGUAGE_TEXT_AT_MOST = 10_000
CUT_WITHIN = 40  # characters that a window gives up to begin or end with a whole word

# What takes no place on the screen: soft hyphens, zero width spaces, marks of direction, control characters. Joiners
# stay: Persian words and many emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)

_BLOCK = re.compile(rf"[^\s{BREAK}][^{BREAK}]*")

Span = tuple[int, int]
Integers = NDArray[np.int_]


def tidy(raw: str) -> str:
    """The text in NFC, every run of white space as one space, none at the ends, nothing invisible."""
    text = " ".join(raw.split())
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = " ".join(_INVISIBLE.sub("", text).split())
    return text if is_normalized("NFC", text) else normalize("NFC", text)


class Reading:
    """The raw text of a page made into what a reader sees, and from places in the one to places in the other.

    `parts` are the page's text nodes in order, with BREAK as a part of its own at each edge of a block. In `text`,
    blocks are apart by "\\n" and words by " ". A place in the raw text is a number of parts.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        raw = "".join(parts)
        self._raw = raw
        self._lengths = list(accumulate(map(len, parts), initial=0))
        begins: list[int] = []  # where in `raw` each block begins that has text
        blocks: list[Span] = []  # where in `text`
        same: list[bool] = []  # whether they are in `text` as they are in `raw`
        length = 0
        texts: list[str] = []
        for match in _BLOCK.finditer(raw):
            text = match.group()
            # Splitting is slower than looking whether there is anything to split.
            unchanged = text.isascii() and text.isprintable() and "  " not in text
            if not unchanged:
                text = tidy(text)
            elif text[-1] == " ":
                text = text[:-1]
            if text:
                same.append(unchanged)
                begins.append(match.start())
                blocks.append((length, length + len(text)))
                texts.append(text)
                length += len(text) + 1
        self._begins, self._blocks, self._same = begins, blocks, same
        self.text = "\n".join(texts)

    @property
    def blocks(self) -> Sequence[Span]:
        """Where the blocks stand in the text."""
        return self._blocks

    def inside(self, places: Sequence[Span]) -> tuple[Integers, Integers, Integers]:
        """For pairs of places: the blocks of the first and of the second ones, and the raw characters between them.

        A place between blocks has the number of the block before it, one before all of them -1.
        """
        lengths = np.array([self._lengths[place] for pair in places for place in pair])
        blocks = np.searchsorted(np.array(self._begins), lengths, side="right") - 1
        return blocks[::2], blocks[1::2], lengths[1::2] - lengths[::2]

    def at(self, place: int) -> int:
        """How much of the text a reader has met at this place, without the white space that follows it."""
        at = self._lengths[place]
        block = bisect_right(self._begins, at) - 1
        if block < 0:
            return 0
        start, end = self._blocks[block]
        if self._same[block] and at > self._begins[block]:
            return min(start + len(self._raw[self._begins[block] : at].rstrip(f" {BREAK}")), end)
        before = tidy(self._raw[self._begins[block] : at].partition(BREAK)[0])
        if not before:
            return max(0, start - 1)
        return min(start + len(before), end)

    def span(self, start: int, end: int) -> Span | None:
        """Where in the text stands what is between two places; None where that is no text."""
        first, last = self.at(start), self.at(end)
        while first < last and self.text[first] in " \n":
            first += 1
        return (first, last) if first < last else None


def language_of(text: str) -> str:
    """ISO 639-1 code of the language that the text looks like; "" where it is too short or like none."""
    if len(text) < LANGUAGE_TEXT_AT_LEAST:
        return ""
    language, _ = detect_fast(text[:LANGUAGE_TEXT_AT_MOST])
    return "" if language == "unknown" else language


def window(text: str, offset: int, before: int, after: int) -> tuple[int, int, int]:
    """Where the window around an offset begins, that offset, and where the window ends.

    It has at most `before` and `after` characters, and begins and ends with a whole word where one is near. In `text`,
    white space is " " or "\n".
    """
    start, end = max(0, offset - before), min(len(text), offset + after)
    if start and text[start - 1] not in " \n":
        nearby = min(start + CUT_WITHIN, offset)
        start = min(
            (at for at in (text.find(" ", start, nearby), text.find("\n", start, nearby)) if at >= 0), default=start
        )
    if end < len(text) and text[end] not in " \n":
        nearby = max(end - CUT_WITHIN, offset)
        end = max(text.rfind(" ", nearby, end), text.rfind("\n", nearby, end)) + 1 or end
    return start, offset, end

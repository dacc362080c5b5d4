"""Text as a reader sees it, and the windows of it around an image."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from unicodedata import is_normalized, normalize

import numpy as np
from numpy.typing import NDArray
from resiliparse.parse.lang import detect_fast

BREAK = "\0"  # between blocks, in raw text; no parsed page has it in its text
LANGUAGE_TEXT_AT_LEAST = 60  # characters that a guess at the language takes
LANGUAGE_TEXT_AT_MOST = 10_000
CUT_WITHIN = 40  # characters that a window gives up to begin or end with a whole word

# What takes no place on the screen: soft hyphens, zero width spaces, marks of direction, control characters. Joiners
# stay, but for those that join nothing: Persian words and many emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_JOINERS = "\u200c\u200d"

_BLOCKS = re.compile(rf"([^\s{BREAK}][^{BREAK}]*)")

Span = tuple[int, int]
Integers = NDArray[np.int_]


def tidy(raw: str) -> str:
    """The text in NFC, every run of white space as one space, none at the ends, nothing invisible."""
    text = raw.strip()
    # Splitting is slower than looking whether there is anything to split.
    if text.isprintable() and "  " not in text and (text.isascii() or is_normalized("NFC", text)):
        return text
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join(word for word in _INVISIBLE.sub("", text).split() if word.strip(_JOINERS))
    return text if is_normalized("NFC", text) else normalize("NFC", text)


class Reading:
    """The raw text of a page made into what a reader sees, and from places in the one to places in the other.

    `parts` are the page's text nodes in order, with BREAK as a part of its own at each edge of a block. In `text`,
    blocks are apart by "\\n" and words by " ". A place in the raw text is a number of parts.
    """

    def __init__(self, parts: Sequence[str]) -> None:
        raw = "".join(parts)
        self._raw = raw
        self._lengths = np.fromiter(chain((0,), map(len, parts)), np.int_, len(parts) + 1).cumsum()
        pieces = _BLOCKS.split(raw)  # what is between blocks, and blocks, in turns
        begins, blocks = list(accumulate(map(len, pieces)))[:-1:2], pieces[1::2]
        texts = list(map(tidy, blocks))
        if "" in texts:
            kept = [number for number, text in enumerate(texts) if text]
            begins, blocks = [begins[number] for number in kept], [blocks[number] for number in kept]
            texts = [texts[number] for number in kept]
        self._begins: list[int] = begins  # where in `raw` each block begins
        self._blocks: list[str] = blocks  # as they are there
        self._texts: list[str] = texts  # and as a reader sees them
        self._ends = list(accumulate(map(len, texts), initial=0))  # of the blocks before, without what is between them
        self.text = "\n".join(texts)

    @property
    def starts(self) -> Integers:
        """Where in the text each block starts, and as the last item where one more would."""
        return np.array(self._ends) + np.arange(len(self._ends))

    def inside(self, places: Sequence[int]) -> tuple[Integers, Integers]:
        """For places: how much raw text is before them, and the blocks that they are in.

        A place between blocks has the number of the block before it, one before all of them -1.
        """
        before = self._lengths[np.array(places, np.int_)]
        return before, np.searchsorted(np.array(self._begins), before, side="right") - 1

    def within(self, start: int, end: int) -> slice:
        """The numbers of the blocks that begin between two places."""
        first, last = int(self._lengths[start]), int(self._lengths[end])
        return slice(bisect_left(self._begins, first), bisect_left(self._begins, last))

    def lengths(self, begins: Integers, ends: Integers) -> Integers:
        """How many characters of text are between places of the raw text, each run of white space as one."""
        pairs = zip(begins.tolist(), ends.tolist(), strict=True)
        texts = [self._raw[begin:end].strip() for begin, end in pairs]
        return np.array([len(text if text.isprintable() else _words(text)) for text in texts], np.int_)

    def at(self, place: int) -> int:
        """How much of the text a reader has met at this place, without the white space that follows it."""
        at = int(self._lengths[place])
        block = bisect_right(self._begins, at) - 1
        if block < 0:
            return 0
        begin, text, start = self._begins[block], self._texts[block], self._ends[block] + block
        length = at - begin
        if length >= len(self._blocks[block]):
            return start + len(text)
        if self._raw.startswith(text, begin):
            met = min(length - (length > 0 and self._raw[at - 1] == " "), len(text))
        else:
            met = min(len(tidy(self._raw[begin:at])), len(text))
        return start + met if met else max(0, start - 1)

    def span(self, start: int, end: int) -> Span | None:
        """Where in the text stands what is between two places; None where that is no text."""
        first, last = self.at(start), self.at(end)
        while first < last and self.text[first] in " \n":
            first += 1
        return (first, last) if first < last else None


def _words(raw: str) -> str:
    return " ".join(raw.replace(BREAK, " ").split())


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

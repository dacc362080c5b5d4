"""Text as a reader sees it, and the windows of it around an image."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from unicodedata import combining, is_normalized, normalize

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
_LONG = 2000  # characters of a word, from which on its marks are counted
_MARKS_AT_MOST = 30  # on a letter, as in UAX #15
# How far apart the places of a block are, in raw text, whose place in the text is known.
_MARKED_EVERY = 1000
# Raw text that is read again for the sake of places within it; then a place is told by its share of the block.
_READ_AGAIN_AT_MOST = 20_000_000

_SPACE = re.compile(r"\s+")
_BLOCKS = re.compile(rf"([^\s{BREAK}][^{BREAK}]*)")

Span = tuple[int, int]
Integers = NDArray[np.int_]


def tidy(raw: str) -> str:
    """The text in NFC, every run of white space as one space, none at the ends, nothing invisible."""
    text = raw.strip()
    # Splitting is slower than looking whether there is anything to split.
    is_short = len(text) <= _LONG
    if text.isprintable() and "  " not in text and (text.isascii() or (is_short and is_normalized("NFC", text))):
        return text
    text = " ".join(text.split())
    if not text.isprintable():
        text = " ".join(word for word in _INVISIBLE.sub("", text).split() if word.strip(_JOINERS))
    if len(text) > _LONG and not text.isascii():
        text = " ".join(word if len(word) <= _LONG else _with_fewer_marks(word) for word in text.split(" "))
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _with_fewer_marks(word: str) -> str:
    """A long word with no more marks on a letter than stream-safe text has: normalising takes their square."""
    marks = 0
    kept = []
    for character in word:
        marks = marks + 1 if combining(character) else 0
        if marks <= _MARKS_AT_MOST:
            kept.append(character)
    return "".join(kept)


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
        self._marks: dict[int, tuple[list[int], list[int]]] = {}  # by the number of a block
        self._read_again = 0

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
            met = min(self._met(block, length), len(text))
        return start + met if met else max(0, start - 1)

    def _met(self, block: int, length: int) -> int:
        """How long the text of a block's beginning is."""
        raw = self._blocks[block]
        if length <= _MARKED_EVERY:
            return len(tidy(raw[:length]))
        if block not in self._marks:
            self._marks[block] = _marks(raw)
        places, lengths = self._marks[block]
        nearest = bisect_right(places, length) - 1
        self._read_again += length - places[nearest]
        if self._read_again > _READ_AGAIN_AT_MOST:
            return len(self._texts[block]) * length // len(raw)
        rest = len(tidy(raw[places[nearest] : length]))
        return lengths[nearest] + rest if rest else max(0, lengths[nearest] - 1)

    def span(self, start: int, end: int) -> Span | None:
        """Where in the text stands what is between two places; None where that is no text."""
        first, last = self.at(start), self.at(end)
        while first < last and self.text[first] in " \n":
            first += 1
        return (first, last) if first < last else None


def _marks(raw: str) -> tuple[list[int], list[int]]:
    """Places in a block behind white space, and how long the text before each is, with a space behind it."""
    places, lengths = [0], [0]
    for space in _SPACE.finditer(raw):
        if space.end() - places[-1] >= _MARKED_EVERY:
            part = len(tidy(raw[places[-1] : space.end()]))
            places.append(space.end())
            lengths.append(lengths[-1] + part + (part > 0))
    return places, lengths


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

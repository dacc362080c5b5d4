"""The sentence around an image that says, in other words, what a text says."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from webpairs.page.normalise import words

# A sentence ends at these with white space behind, and at a block's end; not after an initial or before a number.
_BETWEEN = re.compile(r"\n+|(?<=[.!?…])(?<![ .][A-Z]\.)[\"'”’)]*\s+(?!\d)")
PARAPHRASED = 0.6  # of a text's words, what a sentence has at least that says the same
_STEM = 5  # letters: boat and boats, paint and painted are the same
_LETTERS = 4  # shorter words are mostly in any sentence; colours and animals have three
_SHORT = frozenset(
    [
        "red",
        "sky",
        "sea",
        "sun",
        "man",
        "boy",
        "cat",
        "dog",
        "cow",
        "pig",
        "car",
        "bus",
        "van",
        "cup",
        "hat",
        "map",
        "oak",
        "egg",
        "pen",
        "key",
    ]
)
_STOP = frozenset(
    [
        "this",
        "that",
        "these",
        "those",
        "with",
        "from",
        "into",
        "over",
        "under",
        "their",
        "there",
        "where",
        "which",
        "while",
        "when",
        "what",
        "were",
        "have",
        "been",
        "they",
        "them",
        "then",
        "than",
        "your",
        "about",
        "after",
        "before",
        "photo",
        "photograph",
        "picture",
        "image",
        "illustration",
        "figure",
        "shows",
        "showing",
    ]
)


class Sentence(NamedTuple):
    """A span [start, end) of the window, and what share of the text's words it has."""

    start: int
    end: int
    share: float


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that say something."""
    return frozenset(found for word in words(text).split() if (found := stem(word)))


def stem(word: str) -> str:
    """The beginning of a word in lower case that says something; "" of another."""
    says = word in _SHORT or (len(word) >= _LETTERS and word not in _STOP)
    return word.removesuffix("s")[:_STEM] if says else ""


def sentences(before: str, after: str) -> Iterator[tuple[int, int]]:
    """The spans of the sentences on both sides of an image in before + after."""
    for text, offset in ((before, 0), (after, len(before))):
        start = 0
        for between in [*_BETWEEN.finditer(text), None]:
            end = between.start() if between else len(text)
            if between and between.group()[:1] != "\n":
                # Closing quotes and brackets belong to the sentence.
                end += len(between.group().rstrip())
            own = text[start:end]
            if own.strip():
                first = start + len(own) - len(own.lstrip())
                yield offset + first, offset + first + len(own.strip())
            start = between.end() if between else len(text)


def closest(text: str, before: str, after: str) -> tuple[Sentence | None, float]:
    """The sentence that has most of the text's words, and the share that the next best one has."""
    wanted = stems(text)
    best, second = None, 0.0
    window = before + after
    for start, end in sentences(before, after):
        share = len(wanted & stems(window[start:end])) / max(1, len(wanted))
        if best is None or share > best.share:
            best, second = Sentence(start, end, share), best.share if best else 0.0
        else:
            second = max(second, share)
    return best, second

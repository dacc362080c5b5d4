"""Comparable text: how an alt text is looked for in the text around its image.

As in the thesis: lower case, punctuation and articles dropped. What is left are words apart by single spaces.
"""

import re
from collections.abc import Iterable

# Letters and digits, with apostrophes inside a word: "don't" is one word, and equals "dont". No English article.
_WORD = re.compile(r"(?<![^\W_])(?!(?:an?|the)(?![^\W_]|['’][^\W_]))[^\W_]+(?:['’][^\W_]+)*")

# Scripts that write no spaces between words: there a find may begin and end inside a run of letters.
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff]")

Span = tuple[int, int]


def normalise(text: str) -> tuple[str, list[int]]:
    """The text's words in lower case, apart by single spaces, without punctuation and English articles.

    The second value has, for each character of the first, its index in `text`; a space has that of the character after
    the word before it. Text is compared as it stands, so it should be in NFC, as the texts of candidates are.
    """
    offsets: list[int] = []
    for match in _WORD.finditer(_lower(text)):
        start, end = match.span()
        if offsets:
            offsets.append(offsets[-1] + 1)
        word = match.group()
        if word.isalnum():
            offsets.extend(range(start, end))
        else:
            offsets.extend(start + index for index, character in enumerate(word) if character.isalnum())
    return words(text), offsets


def words(text: str) -> str:
    """The first value of `normalise` alone, in a fraction of its time."""
    return " ".join(_WORD.findall(_lower(text))).replace("'", "").replace("’", "")


def find(needle: str, window: str) -> list[Span]:
    """Where the needle occurs in the window, compared by `normalise`: spans [start, end) of the window as given.

    Occurrences are whole words, don't overlap, and stand in order. None for a needle that normalises to nothing.
    """
    text, offsets = normalise(window)
    return [(offsets[start], offsets[end - 1] + 1) for start, end in _occurrences(words(needle), text, 0, len(text))]


class Searchable:
    """A long text made ready for asking often whether something stands between two of a few places in it."""

    def __init__(self, text: str, places: Iterable[int]) -> None:
        parts: list[str] = []
        self._index: dict[int, int] = {}  # of the places in `words`
        last = length = 0
        for place in sorted({*places, len(text)}):
            part = words(text[last:place])
            if part:
                parts.append(part)
                length += len(part) + 1
            self._index[place] = length
            last = place
        self.words = " ".join(parts)

    def has(self, wanted: str, start: int, end: int) -> bool:
        """Whether `wanted`, normalised, occurs in text[start:end]; both must be among the places."""
        return bool(_occurrences(wanted, self.words, self._index[start], self._index[end]))


def _occurrences(wanted: str, text: str, low: int, high: int) -> list[Span]:
    """Spans of `wanted` within text[low:high], both normalised, that begin and end with whole words."""
    found: list[Span] = []
    start = text.find(wanted, low, high) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        if _is_boundary(text, start) and _is_boundary(text, end):
            found.append((start, end))
            start = text.find(wanted, end, high)
        else:
            start = text.find(wanted, start + 1, high)
    return found


def _lower(text: str) -> str:
    # İ is the one character whose lower case is longer than itself; lengths must not change.
    return text.replace("İ", "i").lower()


def _is_boundary(text: str, index: int) -> bool:
    """Whether a word may begin or end between text[index - 1] and text[index]."""
    if index == 0 or index == len(text) or text[index] == " " or text[index - 1] == " ":
        return True
    return bool(_UNSPACED.match(text[index]) or _UNSPACED.match(text[index - 1]))

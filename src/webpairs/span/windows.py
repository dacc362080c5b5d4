"""Windows: the text around an image as the encoder's input, and the way back from its tokens to characters."""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int32]

NEITHER, BEFORE, AFTER = 0, 1, 2

BLOCK_END = "\n"

_LETTERS = re.compile(r"[^\W\d_]+")

# What a token's word, or its sentence, may match, as bits.
MATCHES = {"alt": 1, "file_name": 2, "sentence": 4}
# What a token may begin, and what it may end, as bits.
BEGINS = {"word": 1, "sentence": 2, "block": 4}
ENDS = {"word": 8, "sentence": 16, "block": 32}


class Texts(NamedTuple):
    """What is known of an image: the text before and after it, its alt text and its file's name; "" for none."""

    before: str
    after: str
    alt: str
    file_name: str = ""

    def without_hints(self) -> "Texts":
        """The same, were there no alt text, and a file name that says nothing."""
        return self._replace(alt="", file_name="")


def texts_of(rows: pl.DataFrame) -> list[Texts]:
    """What the model looks at, for candidates (records.WINDOWED) or examples (records.EXAMPLES)."""
    columns = (rows[name].fill_null("").to_list() for name in ("text_before", "text_after", "alt", "image_url"))
    return [Texts(before, after, alt, file_name(url)) for before, after, alt, url in zip(*columns, strict=True)]


def file_name(url: str) -> str:
    """The words of the name of a URL's file, without what isn't letters; "" of a data: URI."""
    if url[:5].lower() == "data:":
        return ""
    return letters(unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]))


def letters(name: str) -> str:
    """The words of a file's name, without its ending and what isn't letters."""
    return " ".join(_LETTERS.findall(name.rpartition(".")[0] or name))


@dataclass(frozen=True)
class Window:
    """One input of the encoder; all arrays have one entry a token.

    `start` and `end` are character offsets in before + after. `side` is BEFORE or AFTER for tokens of the text, which
    spans may hold, and NEITHER for special tokens and the alt text, which they may not. `block` counts the blocks of
    text on a side. `matched` has the bits of MATCHES for tokens of words that are in the alt text or the file's name,
    `edges` those of BEGINS and ENDS.
    """

    ids: Integers
    start: Integers
    end: Integers
    side: Integers
    block: Integers
    matched: Integers
    edges: Integers

    def __len__(self) -> int:
        return len(self.ids)

    def has_text(self) -> bool:
        """Whether there is anything that a span could hold."""
        return bool(self.side.any())

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """First and last token of the characters [start, end); None where the window doesn't hold all of them."""
        touched = np.flatnonzero((self.side != NEITHER) & (self.end > start) & (self.start < end))
        if not touched.size:
            return None
        first, last = int(touched[0]), int(touched[-1])
        whole = self.start[first] <= start and self.end[last] >= end and self.side[first] == self.side[last]
        return (first, last) if whole else None

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """The characters [start, end) of the tokens from `first` to `last`."""
        return int(self.start[first]), int(self.end[last])

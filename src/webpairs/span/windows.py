"""Windows: the text around an image as the encoder's input, and the way back from its tokens to characters.

A window is [CLS] text before [IMG] text after [SEP], or, where the model sees the alt text,
[CLS] text before [IMG] alt [SEP] text after [SEP]. The tokens nearest to the image are kept, as many as fit. Of each
token it is known whether the alt text, or the name of the image's file, has its word, and whether it stands in a
sentence that has most of the alt text's words; and of the whole text, whether any sentence says what the alt text says.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.span.paraphrases import PARAPHRASED, sentences, stem, stems
from webpairs.span.words import is_descriptive, words

Integers = NDArray[np.int32]

NEITHER, BEFORE, AFTER = 0, 1, 2

_BLOCK_END = re.compile("\n")
_LETTERS = re.compile(r"[^\W\d_]+")


# What a token's word, or its sentence, may match, as bits.
MATCHES = {"alt": 1, "file_name": 2, "sentence": 4}
_OF_ALT = ("alt", "sentence")
_SENTENCE_WORDS = 2  # the alt text has at least for a sentence to match it
_SAID = 0.5  # of the alt text's words, what a sentence has at least that may say the same


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
    name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    return " ".join(_LETTERS.findall(name.rpartition(".")[0] or name))


@dataclass(frozen=True)
class Window:
    """One input of the encoder; all arrays have one entry a token.

    `start` and `end` are character offsets in before + after. `side` is BEFORE or AFTER for tokens of the text, which
    spans may hold, and NEITHER for special tokens and the alt text, which they may not. `block` counts the blocks of
    text on a side. `matched` has the bits of MATCHES for tokens of words that are in the alt text or the file's name.
    `is_alt_unsaid` where the alt text is descriptive, and no sentence says it, even of the text that didn't fit: then
    most likely nothing describes the image.
    """

    ids: Integers
    start: Integers
    end: Integers
    side: Integers
    block: Integers
    matched: Integers
    is_alt_unsaid: bool

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


class Fitter:
    """Makes windows of at most `max_tokens` tokens with a fast tokenizer that knows [IMG] as one token."""

    def __init__(
        self,
        tokenizer: Any,
        image_id: int,
        max_tokens: int,
        alt_in_input: Literal["never", "always", "dropped"],
        matches: Collection[str] = (),
    ) -> None:
        self._tokenizer = tokenizer
        self._image_id = image_id
        self._max_tokens = max_tokens
        self._with_alt = alt_in_input != "never"
        self._matches = [name for name in matches if name not in _OF_ALT or self._with_alt]

    def looked_at(self, text: Texts) -> Texts:
        """The text without what doesn't matter to its window."""
        alt = text.alt if self._with_alt else ""
        return text._replace(alt=alt, file_name=text.file_name if "file_name" in self._matches else "")

    def fit(self, texts: Sequence[Texts], at_once: int = 256) -> Iterator[Window]:
        """Yields the window of each, in order."""
        for first in range(0, len(texts), at_once):
            part = texts[first : first + at_once]
            befores = self._tokens([text.before for text in part])
            afters = self._tokens([text.after for text in part])
            alts = self._tokens([text.alt for text in part]) if self._with_alt else [_NOTHING] * len(part)
            for text, before, after, alt in zip(part, befores, afters, alts, strict=True):
                hints = _Hints.of(text, self._matches, self._with_alt)
                sides = [side.matching(own, hints) for side, own in ((before, text.before), (after, text.after))]
                said = max(share for _, share in sides)
                is_unsaid = said < _SAID and bool(hints.alt) and is_descriptive(text.alt)
                yield self._window(sides[0][0], sides[1][0].moved(len(text.before)), alt, is_unsaid)

    def _tokens(self, texts: list[str]) -> list["_Tokens"]:
        """Pages may contain "[SEP]" or "[IMG]" themselves: split_special_tokens keeps these ordinary text."""
        found = self._tokenizer(
            texts,
            add_special_tokens=False,
            split_special_tokens=True,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        parts = zip(found["input_ids"], found["offset_mapping"], texts, strict=True)
        return [_Tokens.of(*part) for part in parts]

    def _window(self, before: "_Tokens", after: "_Tokens", alt: "_Tokens", is_alt_unsaid: bool) -> Window:
        """Half of the room goes to each side; what one side doesn't need goes to the other."""
        alt = alt.part(0, self._max_tokens // 4)
        separators = 4 if self._with_alt else 3
        room = self._max_tokens - separators - len(alt.ids)
        of_before = min(len(before.ids), max(room - room // 2, room - len(after.ids)))
        before = before.part(len(before.ids) - of_before, len(before.ids))
        after = after.part(0, room - of_before)
        cls, sep = _Tokens.special(self._tokenizer.cls_token_id), _Tokens.special(self._tokenizer.sep_token_id)
        middle = [alt, sep] if self._with_alt else []
        parts = [cls, before, _Tokens.special(self._image_id), *middle, after, sep]
        side = np.zeros(sum(len(part.ids) for part in parts), np.int32)
        side[1 : 1 + of_before] = BEFORE
        side[len(side) - 1 - len(after.ids) : len(side) - 1] = AFTER
        start = np.concatenate([part.start for part in parts])
        end = np.concatenate([part.end for part in parts])
        side[start >= end] = NEITHER
        block = np.concatenate([part.block for part in parts])
        matched = np.concatenate([part.matched for part in parts])
        ids = np.concatenate([part.ids for part in parts])
        return Window(ids, start, end, side, block, matched, is_alt_unsaid)


class _Hints(NamedTuple):
    """Stems that words of the text are compared with, by the bit of what has them, and those that sentences are."""

    words: list[tuple[int, frozenset[str]]]
    alt: frozenset[str]  # none where there are too few to tell
    marks_sentences: bool

    @classmethod
    def of(cls, text: Texts, matches: Collection[str], with_alt: bool) -> "_Hints":
        of_words = {name: stems(getattr(text, name)) for name in matches if name != "sentence"}
        of_alt = stems(text.alt) if with_alt else frozenset()
        found = [(MATCHES[name], own) for name, own in of_words.items() if own]
        return cls(found, of_alt if len(of_alt) >= _SENTENCE_WORDS else frozenset(), "sentence" in matches)


class _Tokens(NamedTuple):
    ids: Integers
    start: Integers
    end: Integers
    block: Integers
    matched: Integers

    @classmethod
    def of(cls, ids: list[int], offsets: list[tuple[int, int]], text: str) -> "_Tokens":
        start, end = _without_space(np.array(offsets, np.int32).reshape(-1, 2), text)
        ends = np.array([match.start() for match in _BLOCK_END.finditer(text)], np.int32)
        block = np.searchsorted(ends, start).astype(np.int32)
        return cls(np.array(ids, np.int32), start, end, block, np.zeros_like(block))

    @classmethod
    def special(cls, token: int) -> "_Tokens":
        return cls(np.array([token], np.int32), *np.zeros((4, 1), np.int32))

    def matching(self, text: str, hints: "_Hints") -> tuple["_Tokens", float]:
        """The same, with the bits of what a token's word and its sentence match; and what share of the alt text's words
        the sentence has that has most of them.
        """
        if not hints.words and not hints.alt:
            return self, 0.0
        said = 0.0
        places = words(text)
        starts = [start for start, _ in places]
        own = [stem(text[start:end].lower()) for start, end in places]
        # One more at the end, for tokens before the first word.
        bits = np.array([*(sum(bit for bit, found in hints.words if one in found) for one in own), 0], np.int32)
        for start, end in sentences(text, "") if hints.alt else ():
            first, last = bisect_left(starts, start), bisect_left(starts, end)
            share = len(hints.alt.intersection(own[first:last])) / len(hints.alt)
            said = max(said, share)
            if share >= PARAPHRASED and hints.marks_sentences:
                bits[first:last] |= MATCHES["sentence"]
        word = np.searchsorted(starts, self.start, side="right") - 1
        ends = np.array([*(end for _, end in places), 0], np.int32)
        return self._replace(matched=np.where(self.start < ends[word], bits[word], 0).astype(np.int32)), said

    def part(self, first: int, last: int) -> "_Tokens":
        return _Tokens(*(part[first:last] for part in self))

    def moved(self, by: int) -> "_Tokens":
        return self._replace(start=self.start + np.int32(by), end=self.end + np.int32(by))


def _without_space(spans: Integers, text: str) -> tuple[Integers, Integers]:
    """Starts and ends of spans, [tokens, 2], without white space around; of nothing but white space, where it ends.

    Byte pairs and sentence pieces hold the space before their word, and a span must not.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    solid = np.flatnonzero(~_IS_SPACE[np.minimum(codes, len(_IS_SPACE) - 1)])
    start = np.minimum(np.append(solid, len(text))[np.searchsorted(solid, spans[:, 0])], spans[:, 1])
    end = np.maximum(np.append(0, solid + 1)[np.searchsorted(solid, spans[:, 1])], start)
    return start.astype(np.int32), end.astype(np.int32)


_IS_SPACE = np.array([chr(code).isspace() for code in range(0x3002)])  # beyond there is none
_NOTHING = _Tokens.of([], [], "")

"""Fitting the text around an image into a window of the encoder.

A window is [CLS] text before [IMG] text after [SEP], or, where the model sees the alt text,
[CLS] text before [IMG] alt [SEP] text after [SEP]. The tokens nearest to the image are kept, as many as fit. Of each
token it is known whether the alt text, or the name of the image's file, has its word, whether it stands in a sentence
that has most of the alt text's words, and whether it begins or ends a word, a sentence or a block.

The images of a page have much of their texts in common, so texts are taken apart into blocks, and each block is
tokenised once.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any, Literal, NamedTuple

import numpy as np

from webpairs.span.paraphrases import PARAPHRASED, sentences, stem, stems
from webpairs.span.windows import (
    AFTER,
    BEFORE,
    BEGINS,
    BLOCK_END,
    ENDS,
    MATCHES,
    NEITHER,
    Integers,
    Texts,
    Window,
    letters,
)
from webpairs.span.words import is_file_name, words

_OF_ALT = ("alt", "sentence")
_SENTENCE_WORDS = 2  # the alt text has at least for a sentence to match it


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
        self._drops_alt = alt_in_input == "dropped"
        self._matches = [name for name in matches if name not in _OF_ALT or self._with_alt]

    def looked_at(self, text: Texts) -> Texts:
        """The text without what doesn't matter to its window.

        A model that has learnt without alt texts, too, gets none where there is but the name of a file.
        """
        alt, name = text.alt if self._with_alt else "", text.file_name
        if self._drops_alt and is_file_name(alt):
            alt, name = "", f"{name} {letters(alt)}".strip()
        return text._replace(alt=alt, file_name=name if "file_name" in self._matches else "")

    def fit(self, texts: Sequence[Texts], at_once: int = 512) -> Iterator[Window]:
        """Yields the window of each, in order. Blocks that stand in more than one of so many texts at once are
        tokenised once: those of one page had better be together.
        """
        for first in range(0, len(texts), at_once):
            part = [self.looked_at(text) for text in texts[first : first + at_once]]
            lines = chain.from_iterable((*_lines(text.before), *_lines(text.after)) for text in part)
            blocks = {line: _Block.of(line, *tokens) for line, tokens in self._tokens(lines)}
            alts = {alt: ids[: self._max_tokens // 4] for alt, (ids, _) in self._tokens(text.alt for text in part)}
            for text in part:
                yield self._window(text, blocks, alts[text.alt])

    def _tokens(self, texts: Iterable[str]) -> Iterator[tuple[str, tuple[list[int], list[tuple[int, int]]]]]:
        """Each of the texts, once, with the ids of its tokens and the characters they stand for. Pages may contain
        "[SEP]" or "[IMG]" themselves: split_special_tokens keeps these ordinary text.
        """
        different = list(dict.fromkeys(texts))
        found = self._tokenizer(
            different,
            add_special_tokens=False,
            split_special_tokens=True,
            return_offsets_mapping=True,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        yield from zip(different, zip(found["input_ids"], found["offset_mapping"], strict=True), strict=True)

    def _window(self, text: Texts, blocks: Mapping[str, "_Block"], ids_of_alt: list[int]) -> Window:
        """Half of the room goes to each side; what one side doesn't need goes to the other."""
        hints = _Hints.of(text, self._matches)
        before, after = _Side.of(text.before, blocks, 0), _Side.of(text.after, blocks, len(text.before))
        separators = 4 if self._with_alt else 3
        room = self._max_tokens - separators - len(ids_of_alt)
        of_before = min(before.tokens, max(room - room // 2, room - after.tokens))
        cls, image, sep = (
            _special([token]) for token in (self._tokenizer.cls_token_id, self._image_id, self._tokenizer.sep_token_id)
        )
        middle = [_special(ids_of_alt), sep] if self._with_alt else []
        parts = [cls, before.last(of_before, hints), image, *middle, after.first(room - of_before, hints), sep]
        side = np.repeat(
            np.array([NEITHER, BEFORE, *(NEITHER for _ in parts[2:-2]), AFTER, NEITHER], np.int32),
            [part.shape[1] for part in parts],
        )
        ids, start, end, edges, block, matched = np.concatenate(parts, axis=1)
        side[start >= end] = NEITHER
        return Window(ids, start, end, side, block, matched, edges)


class _Hints(NamedTuple):
    """Stems that words of the text are compared with, each with the bits of what has it; and those of the alt
    text that sentences are compared with, none where they are too few to tell, or sentences aren't marked.
    """

    words: Mapping[str, int]
    alt: frozenset[str]

    @classmethod
    def of(cls, text: Texts, matches: Collection[str]) -> "_Hints":
        bits: dict[str, int] = defaultdict(int)
        for name in matches:
            for one in stems(getattr(text, name)) if name != "sentence" else ():
                bits[one] |= MATCHES[name]
        of_alt = stems(text.alt) if "sentence" in matches else frozenset()
        return cls(bits, of_alt if len(of_alt) >= _SENTENCE_WORDS else frozenset())


class _Sentence(NamedTuple):
    """The words from `first` to before `last` of a block, and the stems among them."""

    first: int
    last: int
    stems: frozenset[str]


class _Block(NamedTuple):
    """A block of text: its tokens, [4, tokens], rows of ids, of the characters [start, end) that each stands for, and
    of the edges; the number of each token's word, and the count of words where it has none; the words of each stem; the
    sentences.
    """

    tokens: Integers
    word: Integers
    words: int
    of_stem: Mapping[str, list[int]]
    sentences: list[_Sentence]

    @classmethod
    def of(cls, text: str, ids: list[int], offsets: list[tuple[int, int]]) -> "_Block":
        start, end = _without_space(np.array(offsets, np.int32).reshape(-1, 2), text)
        places = words(text)
        starts = [first for first, _ in places]
        own = [stem(text[first:last].lower()) for first, last in places]
        of_stem: dict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(own):
            if one:
                of_stem[one].append(number)
        told = list(sentences(text, ""))
        bounds = ((bisect_left(starts, first), bisect_left(starts, last)) for first, last in told)
        spoken = [_Sentence(first, last, frozenset(own[first:last])) for first, last in bounds]
        # One more end, for tokens before the first word.
        ends = np.array([*(last for _, last in places), 0], np.int32)
        word = (np.searchsorted(np.array(starts, np.int32), start, side="right") - 1).astype(np.int32)
        word[start >= ends[word]] = len(places)
        edges = _edges(start, word, len(places), told)
        tokens = np.stack([np.array(ids, np.int32), start, end, edges])
        return cls(tokens, word, len(places), of_stem, spoken)

    def matched(self, hints: _Hints) -> Integers:
        """The bits of what each token's word, and its sentence, match."""
        found = hints.words.keys() & self.of_stem.keys()
        sentences = [] if hints.alt.isdisjoint(self.of_stem) else self.sentences
        if not found and not sentences:
            return np.zeros_like(self.word)
        bits = np.zeros(self.words + 1, np.int32)
        for one in found:
            bits[self.of_stem[one]] |= hints.words[one]
        for sentence in sentences:
            if len(hints.alt & sentence.stems) / len(hints.alt) >= PARAPHRASED:
                bits[sentence.first : sentence.last] |= MATCHES["sentence"]
        return bits[self.word]


class _Side(NamedTuple):
    """The text on one side of an image: its blocks, where each begins in before + after, how many tokens each has."""

    blocks: list[_Block]
    offsets: list[int]
    lengths: list[int]

    @classmethod
    def of(cls, text: str, blocks: Mapping[str, _Block], offset: int) -> "_Side":
        lines = _lines(text)
        offsets = list(accumulate((len(line) + len(BLOCK_END) for line in lines[:-1]), initial=offset))
        own = [blocks[line] for line in lines]
        return cls(own, offsets, [len(block.word) for block in own])

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    def last(self, count: int, hints: _Hints) -> Integers:
        """The last tokens, as many as there are up to `count`: rows of ids, starts, ends, edges, blocks and matches."""
        first, tokens = len(self.blocks), 0
        while first and tokens < count:
            first -= 1
            tokens += self.lengths[first]
        return self._part(first, len(self.blocks), hints)[:, max(0, tokens - count) :]

    def first(self, count: int, hints: _Hints) -> Integers:
        """The first tokens, as `last` has them."""
        last, tokens = 0, 0
        while last < len(self.blocks) and tokens < count:
            tokens += self.lengths[last]
            last += 1
        return self._part(0, last, hints)[:, :count]

    def _part(self, first: int, last: int, hints: _Hints) -> Integers:
        """The tokens of the blocks from `first` to before `last`."""
        if first == last:
            return np.zeros((6, 0), np.int32)
        part = slice(first, last)
        tokens = np.concatenate([block.tokens for block in self.blocks[part]], axis=1)
        tokens[1:3] += np.repeat(np.array(self.offsets[part], np.int32), self.lengths[part])
        number = np.repeat(np.arange(first, last, dtype=np.int32), self.lengths[part])
        matched = np.concatenate([block.matched(hints) for block in self.blocks[part]])
        return np.concatenate([tokens, number[None], matched[None]])


def _lines(text: str) -> list[str]:
    return text.split(BLOCK_END)


def _special(ids: Collection[int]) -> Integers:
    """Tokens that stand for no text."""
    return np.stack([np.array(ids, np.int32), *np.zeros((5, len(ids)), np.int32)])


def _edges(start: Integers, word: Integers, words: int, sentences: Sequence[tuple[int, int]]) -> Integers:
    """The bits of what each token of a block begins and ends.

    `start` is where each begins, `word` the number of its word, `words` where it has none: a punctuation mark is a word
    of its own. Marks before the first word of a sentence begin it as the word does, those behind its last word end it.
    """
    edges = np.zeros_like(word)
    if not len(word):
        return edges
    has_word = word < words
    same = (word[1:] == word[:-1]) & has_word[1:]
    edges[np.append(True, ~same)] |= BEGINS["word"]
    edges[np.append(~same, True)] |= ENDS["word"]
    parts = [("sentence", *np.searchsorted(start, bounds).tolist()) for bounds in sentences]
    for name, first, last in [*parts, ("block", 0, len(word))]:
        solid = np.flatnonzero(has_word[first:last])
        if not len(solid):
            continue
        begun = edges[first : first + solid[0] + 1]
        ended = edges[first + solid[-1] : last]
        begun |= np.where(begun & BEGINS["word"], BEGINS[name], 0).astype(np.int32)
        ended |= np.where(ended & ENDS["word"], ENDS[name], 0).astype(np.int32)
    return edges


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

"""A CLIP tokenizer with a small vocabulary, learnt from what is said about scenes.

CLIP's own vocabulary has 49,408 tokens, whose embeddings alone would be larger than all of the stand-ins. Every byte
is a token here too, so that any text can be read.
"""

import json
import random
from typing import Any

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

from webpairs.foundation.grow.pictures import say
from webpairs.foundation.grow.recipe import CONTEXT
from webpairs.scenes import sample_scene

_MERGES_AT_MOST = 1000
_SENTENCES = 6000
_END_OF_WORD = "</w>"
_SPECIAL = ("<|startoftext|>", "<|endoftext|>")


def grow_tokenizer(seed: int) -> CLIPTokenizer:
    """A tokenizer for texts of at most CONTEXT tokens; `<|endoftext|>`, also the padding, has the highest id.

    CLIP's text towers read a text's embedding off at its first token of the highest id.
    """
    letters = [letter + end for end in ("", _END_OF_WORD) for letter in sorted(ByteLevel.alphabet())]
    merges = _merges(letters, seed)
    return _tokenizer(letters, merges)


def _tokenizer(letters: list[str], merges: list[Any]) -> CLIPTokenizer:
    tokens = dict.fromkeys([*letters, *(left + right for left, right in merges), *_SPECIAL])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    # Without model_max_length nothing is cut, and a long text overflows the position embeddings.
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=CONTEXT)


def _merges(letters: list[str], seed: int) -> list[tuple[str, str]]:
    """Byte pairs in the order in which they were found to be frequent."""
    reader = _tokenizer(letters, [])
    rng = random.Random(seed)
    sentences = [say(sample_scene(rng), rng) for _ in range(_SENTENCES)]
    learner = Tokenizer(BPE(end_of_word_suffix=_END_OF_WORD))
    learner.normalizer = reader.backend_tokenizer.normalizer
    learner.pre_tokenizer = reader.backend_tokenizer.pre_tokenizer
    # Letters that end words would else be numbered as they come out of a hash table, and equally frequent pairs are
    # ordered by these numbers: another tokenizer every time.
    trainer = BpeTrainer(
        vocab_size=len(letters) + _MERGES_AT_MOST,
        special_tokens=letters,
        end_of_word_suffix=_END_OF_WORD,
        show_progress=False,
    )
    learner.train_from_iterator(sentences, trainer)
    return [tuple(merge) for merge in json.loads(learner.to_str())["model"]["merges"]]

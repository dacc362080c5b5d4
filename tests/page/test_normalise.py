"""The normaliser: what is compared, and that its offsets lead back to the text."""

from random import Random

import pytest

from webpairs.page.normalise import Searchable, find, normalise, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Cat, on a  MAT!", "cat on mat"),
        ("an the a", ""),
        ("theory of anatomy", "theory of anatomy"),
        ("Don't — DON’T", "dont dont"),
        ("the’s", "thes"),
        ("well-known (U.S.) snake_case", "well known u s snake case"),
        ("İstanbul ǅ", "istanbul ǆ"),
        ("Größe: 5 m²", "größe 5 m²"),
        ("  \n", ""),
    ],
)
def test_normalised(text: str, expected: str) -> None:
    assert normalise(text)[0] == words(text) == expected


def test_offsets_lead_back_to_the_same_characters() -> None:
    random = Random(1)
    alphabet = "aAbtheTHE İß²'’.,_- \n図ÉзЖ9"
    for _ in range(300):
        text = "".join(random.choices(alphabet, k=60))
        normalised, offsets = normalise(text)
        assert len(normalised) == len(offsets)
        assert offsets == sorted(set(offsets))
        for character, offset in zip(normalised, offsets, strict=True):
            assert character == " " or character == text[offset].replace("İ", "i").lower()


@pytest.mark.parametrize(
    ("needle", "window", "expected"),
    [
        ("a red boat", "Here: the RED   boat. Red-boat", ["RED   boat", "Red-boat"]),
        ("cat", "concatenate cats cat", ["cat"]),
        ("cats hat", "The cat’s hat", ["cat’s hat"]),
        ("...", "anything...", []),
        ("", "", []),
        ("图书馆", "这是图书馆内", ["图书馆"]),
        ("aa aa", "aa aa aa", ["aa aa"]),
    ],
)
def test_find(needle: str, window: str, expected: list[str]) -> None:
    assert [window[start:end] for start, end in find(needle, window)] == expected


def test_searchable_agrees_with_find() -> None:
    random = Random(2)
    for _ in range(200):
        text = " ".join(random.choices(["red", "boat", "the", "a", "Boat,", "\n", "it's"], k=30))
        spaces = [0, *(index for index, character in enumerate(text) if character == " "), len(text)]
        start, end = sorted(random.sample(spaces, 2))
        needle = " ".join(random.choices(["red", "boat", "its"], k=2))
        searchable = Searchable(text, [start, end])
        assert searchable.has(words(needle), start, end) == bool(find(needle, text[start:end]))

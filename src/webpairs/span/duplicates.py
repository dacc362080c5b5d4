"""Near-duplicates among texts, by MinHash."""

from collections.abc import Iterable, Sequence

from datasketch import MinHash, MinHashLSH

from webpairs.page.normalise import words

PERMUTATIONS = 128
_LETTERS = 4  # a shingle of a short text
_WORDS = 5  # a shingle of a long text


def letters(text: str) -> set[bytes]:
    """Shingles of a short text: all runs of four letters of its normalised words."""
    plain = words(text)
    return {plain[at : at + _LETTERS].encode() for at in range(max(1, len(plain) - _LETTERS + 1))}


def runs(text: str) -> set[bytes]:
    """Shingles of a long text: all runs of five of its normalised words."""
    parts = words(text).split(" ")
    return {" ".join(parts[at : at + _WORDS]).encode() for at in range(max(1, len(parts) - _WORDS + 1))}


def groups(shingles: Iterable[set[bytes]], threshold: float) -> list[int]:
    """For each text the index of the first one that it is a near-duplicate of, directly or by others; else its own.

    Near-duplicates share at least `threshold` of all their shingles (Jaccard), as MinHash estimates it.
    """
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    hashes: list[MinHash] = []
    first: list[int] = []
    for number, own in enumerate(shingles):
        hashed = MinHash(num_perm=PERMUTATIONS)
        hashed.update_batch(sorted(own))
        found = [_root(first, other) for other in index.query(hashed) if hashed.jaccard(hashes[other]) >= threshold]
        root = min(found, default=number)
        for other in found:
            first[other] = root
        first.append(root)
        hashes.append(hashed)
        index.insert(number, hashed)
    return [_root(first, number) for number in range(len(first))]


def _root(first: Sequence[int], number: int) -> int:
    while first[number] != number:
        number = first[number]
    return number


def jaccard(one: set[bytes], other: set[bytes]) -> float:
    """The true share of common shingles, 0 to 1."""
    return len(one & other) / max(1, len(one | other))

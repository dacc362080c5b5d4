"""Near-duplicates."""

from random import Random

from webpairs.span.duplicates import groups, jaccard, letters, runs

WORDS = [f"word{number}" for number in range(300)]


def text(seed: int, words: int = 120) -> str:
    return " ".join(Random(seed).choices(WORDS, k=words))


def test_texts_are_grouped_with_the_first_that_is_nearly_the_same() -> None:
    whole = text(1)
    changed = whole.replace(whole.split()[60], "other", 1)
    texts = [whole, text(2), changed, text(2).upper() + "!", text(3)]
    assert jaccard(runs(whole), runs(changed)) > 0.9
    assert groups(map(runs, texts), 0.8) == [0, 1, 0, 1, 4]


def test_groups_join_by_others() -> None:
    parts = text(1, 400).split()
    chain = [" ".join(parts[start : start + 200]) for start in (0, 20, 40)]
    assert jaccard(runs(chain[0]), runs(chain[2])) < 0.7 < jaccard(runs(chain[0]), runs(chain[1]))
    assert groups([runs(chain[0]), runs(chain[2]), runs(chain[1])], 0.7) == [0, 0, 0]


def test_short_texts() -> None:
    assert groups(map(letters, ["A red boat", "the red boat", "a red coat", "", "boat"]), 0.8) == [0, 0, 2, 3, 4]


def test_most_near_duplicates_are_found() -> None:
    pairs = []
    for seed in range(40):
        one = text(seed, 200).split()
        other = list(one)
        other[seed] = "other"
        pairs += [" ".join(one), " ".join(other)]
    assert min(jaccard(runs(pairs[at]), runs(pairs[at + 1])) for at in range(0, 80, 2)) > 0.9
    found = groups(map(runs, pairs), 0.8)
    assert found == [at - at % 2 for at in range(80)]

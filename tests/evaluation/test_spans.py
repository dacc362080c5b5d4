"""Numbers about spans."""

import pytest

from webpairs.evaluation.spans import distribution, distributions, f1, overlap, summary, text_iou, token_f1, word_iou

TEXT = "One two, three (four) five."


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


@pytest.mark.parametrize(
    ("predicted", "true", "iou"),
    [
        ("two, three", "two, three", 1.0),
        ("two, three (", "two, three", 1.0),  # punctuation is no word
        ("wo, thre", "two, three", 1.0),  # part of a word is that word
        ("two", "two, three", 0.5),
        ("One two, three (four) five.", "three", 0.2),
        ("One two", "two, three", 1 / 3),
        ("One", "five", 0.0),
        ("(", "five", 0.0),
    ],
)
def test_word_iou(predicted: str, true: str, iou: float) -> None:
    assert word_iou(TEXT, span(predicted), span(true)) == pytest.approx(iou)


def test_no_prediction_has_no_iou() -> None:
    assert word_iou(TEXT, (-1, -1), span("two")) == 0


def test_summary() -> None:
    assert summary([1, 1, 0.96, 0.5, 0.05, 0]) == {
        "n": 6,
        "exact_match": pytest.approx(2 / 6),
        "iou": pytest.approx(3.51 / 6),
        "iou_le_5": pytest.approx(2 / 6),
        "iou_ge_95": pytest.approx(3 / 6),
    }
    assert summary([])["iou"] is None


def test_distribution_has_twenty_bins_that_sum_to_one() -> None:
    rows = distribution([0, 0.01, 0.5, 0.97, 1])
    assert [row["bin"] for row in rows] == list(range(0, 100, 5))
    assert {row["bin"]: row["share"] for row in rows if row["share"]} == {0: 0.4, 50: 0.2, 95: 0.4}
    assert sum(row["share"] for row in distribution([])) == 0


def test_distributions_are_of_all_and_of_each_category_that_has_examples() -> None:
    rows = distributions([1, 0, 1, 0.5], ["deep", "name", "name", "deep"], ["name", "near_after", "deep"])
    assert list(dict.fromkeys(row["category"] for row in rows)) == ["any", "name", "deep"]
    assert len(rows) == 3 * 20
    found = {(row["category"], row["bin"]): row["share"] for row in rows if row["share"]}
    assert found == {
        ("any", 0): 0.25,
        ("any", 50): 0.25,
        ("any", 95): 0.5,
        ("name", 0): 0.5,
        ("name", 95): 0.5,
        ("deep", 50): 0.5,
        ("deep", 95): 0.5,
    }
    assert distributions([], [], ["name"]) == []


def test_text_iou_is_of_bags_of_words() -> None:
    assert text_iou("A red cat!", "the red CAT") == 1
    assert text_iou("red cat", "red red dog") == 0.25
    assert text_iou("one two three", "one two three four five six") == 0.5
    assert text_iou("", "cat") == text_iou("cat", "") == text_iou("", "") == 0


def test_overlap_is_of_bags_of_words_without_articles() -> None:
    assert overlap("A red cat!", "the red, red CAT") == (1.0, pytest.approx(2 / 3))
    assert overlap("dog", "cat") == overlap("", "cat") == overlap("cat", "") == overlap("the", "the") == (0.0, 0.0)
    assert token_f1("red cat", "red dog") == 0.5
    assert f1(0, 0) == 0

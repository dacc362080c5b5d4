"""Systems against the truth."""

import polars as pl
import pytest

from tests.span.conftest import candidate
from webpairs.evaluation.places import (
    BASELINES,
    MODEL,
    PLACES,
    Scores,
    baselines,
    evaluate_places,
    join_truth,
    nearest_paragraph,
    truth_metrics,
)
from webpairs.records import TRUTH, WINDOWED


def truth(number: int, place: str, description: str, role: str = "content") -> dict[str, object]:
    image = f"http://a.example/{number}.png"
    row: dict[str, object] = dict.fromkeys(TRUTH, "")
    row |= {"page_url": f"http://a.example/{number // 2}", "position": number, "image_url": image}
    return row | {"urls": [f"{image}?w=2", image], "place": place, "description": description, "role": role}


def example(number: int, **values: object) -> dict[str, object]:
    own = {"page_url": f"http://a.example/{number // 2}", "image_url": f"http://a.example/{number}.png"}
    return candidate(number, **(own | values))


CAPTION = {"source": "figcaption", "text": "A white dog", "start": 0, "end": 11}
CANDIDATE_ROWS = [
    example(0, alt="red cat", text_before="Far away is nothing.\n", text_after="A red cat sleeps here.\nMore text."),
    example(1, alt="IMG_1.jpg", texts=[CAPTION], text_after="A white dog\nOur shop sells many things."),
    example(2, alt="blue owl", text_before="Nothing is here at all."),
    example(3, alt="", text_before="We sell many things here."),
    example(4, alt="icon", text_before="We sell many things here."),
    # The first image once more, by another of its URLs, and one of a domain that isn't asked about.
    example(0, image_url="http://a.example/0.png?w=2", alt="twice"),
    candidate(5, domain="train.example", page_url="http://a.example/2", alt="fox"),
]
TRUTH_ROWS = [
    truth(0, "just_after", "A red cat sleeps here."),
    truth(1, "figcaption", "A white dog"),
    truth(2, "alt_only", "blue owl"),
    truth(3, "nowhere", ""),
    truth(4, "", "", role="icon"),
    truth(5, "deep", "A fox"),
]


@pytest.fixture
def joined() -> pl.DataFrame:
    frames = pl.DataFrame(CANDIDATE_ROWS, schema=WINDOWED), pl.DataFrame(TRUTH_ROWS, schema=TRUTH)
    return join_truth(*frames, ["a.example"])


def test_images_of_these_domains_are_asked_about(joined: pl.DataFrame) -> None:
    assert joined["image_url"].to_list() == [f"http://a.example/{number}.png" for number in range(5)]
    assert joined["true"].to_list() == [["A red cat sleeps here."], ["A white dog"], ["blue owl"], [], []]
    assert joined["place"].to_list() == ["just_after", "figcaption", "alt_only", "nowhere", "decoration"]


def test_baselines(joined: pl.DataFrame) -> None:
    assert baselines(joined) == {
        "alt_text": ["red cat", "IMG_1.jpg", "blue owl", "", "icon"],
        "nearest_paragraph": [
            "A red cat sleeps here.",
            "Our shop sells many things.",
            "Nothing is here at all.",
            "We sell many things here.",
            "We sell many things here.",
        ],
        "longest_sentence": [
            "A red cat sleeps here.",
            "Our shop sells many things.",
            "Nothing is here at all.",
            "We sell many things here.",
            "We sell many things here.",
        ],
        "figcaption": [None, "A white dog", None, None, None],
    }


def test_the_nearest_paragraph_has_some_words() -> None:
    assert nearest_paragraph("one two three four\nMenu\n", "a b c d e\nlater") == "a b c d e"
    assert nearest_paragraph("one two three four\n", "\na b c d e") == "one two three four"
    assert nearest_paragraph("Menu\n", "Home") is None


def test_figures_by_hand(joined: pl.DataFrame) -> None:
    answers = {MODEL: ["red cat", "A white dog", "wrong", "wrong", "wrong"], **baselines(joined)}
    by_place, by_scope = evaluate_places(joined, answers, resamples=200, seed=1)
    assert all(tuple(row) == PLACES for row in by_place)
    assert all(tuple(row) == BASELINES for row in by_scope)
    place = {(row["system"], row["place"]): row for row in by_place}
    assert place[MODEL, "just_after"]["recall"] == 0.5  # "A" is an article: red cat, of red cat sleeps here
    assert place[MODEL, "nowhere"] == {
        "system": MODEL,
        "place": "nowhere",
        "n": 1,
        "precision": 0.0,
        "recall": None,
        "f1": 0.0,
        "exact_match": None,
        "iou": None,
    }
    assert place["figcaption", "nowhere"]["precision"] is None
    assert (place[MODEL, "decoration"]["n"], place[MODEL, "decoration"]["precision"]) == (1, 0.0)  # and in no scope
    scope = {(row["scope"], row["system"]): row for row in by_scope}
    text = scope["text", MODEL]
    assert (text["n"], text["precision"], text["recall"]) == (2, 1.0, 0.75)
    assert text["f1"] == pytest.approx(2 * 0.75 / 1.75)
    assert (text["exact_match"], text["iou"]) == (0.5, 0.75)  # the whole caption, and two words of four
    overall = scope["overall", MODEL]
    assert (overall["n"], overall["precision"], overall["recall"]) == (4, 0.5, 0.5)
    assert (overall["exact_match"], overall["iou"]) == (pytest.approx(1 / 3), 0.5)  # of three that are described
    alt = scope["overall", "alt_text"]
    assert alt["precision"] == pytest.approx(2 / 3)  # red cat and blue owl right, the file name wrong, one not given
    assert alt["difference"] == pytest.approx(overall["f1"] - alt["f1"])
    assert alt["difference_low"] <= alt["difference"] <= alt["difference_high"]
    assert overall["difference"] is None
    # What the alt attribute alone says is no answer from the page: red cat is right, three others are wrong.
    page = scope["page", "alt_text"]
    assert (page["n"], page["precision"], page["recall"]) == (4, pytest.approx(1 / 3), 0.25)
    metrics = truth_metrics(by_scope)
    assert metrics["text"]["figcaption"]["recall"] == 0.5


def test_intervals_are_over_pages_and_the_same_each_time(joined: pl.DataFrame) -> None:
    right = [texts[0] if texts else "wrong" for texts in joined["true"].to_list()]
    answers = {MODEL: right, "same": right}
    _, rows = evaluate_places(joined, answers, resamples=100, seed=1)
    assert rows == evaluate_places(joined, answers, resamples=100, seed=1)[1]
    same = next(row for row in rows if row["system"] == "same" and row["scope"] == "overall")
    assert same["difference"] == same["difference_low"] == same["difference_high"] == 0
    # Two pages: a resample holds the first twice, the second twice, or both.
    assert same["f1_low"] == pytest.approx(2 * 0.5 / 1.5) and same["f1_high"] == 1


def test_without_any_truth_there_are_no_figures() -> None:
    joined = join_truth(pl.DataFrame(CANDIDATE_ROWS, schema=WINDOWED), pl.DataFrame(schema=TRUTH), ["a.example"])
    by_place, by_scope = evaluate_places(joined, {MODEL: []}, resamples=10, seed=1)
    assert by_place == []
    assert [row["f1"] for row in by_scope] == [None, None, None]


def test_of_several_right_answers_the_closest_counts() -> None:
    truths = [["A red cat sleeps.", "The cat"], ["A red cat sleeps.", "The cat"], []]
    marks = Scores.of(["the cat", "red cat sleeps", "wrong", None], [*truths, ["A cat"]]).marks
    assert marks.tolist() == [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 1, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0]]


def test_of_sites_each_counts_the_same() -> None:
    # Of a.example three answers are right and one is missing, of b.example the only one is wrong.
    scores = Scores.of(
        ["a cat", "a dog", "an owl", None, "a car"], [["a cat"], ["a dog"], ["an owl"], ["a fox"], ["b"]]
    )
    recall, precision = 0.75 / 2, 0.75 / (0.75 + 1)
    found = scores.f1_of_sites(["a.example"] * 4 + ["b.example"])
    assert found == pytest.approx(2 * recall * precision / (recall + precision))
    assert Scores.of([], []).f1_of_sites([]) is None
